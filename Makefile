# make install minidl into .venv
# make paper   the whole study of the paper: 180 networks, tables, figures and verdicts
# make test    every test
# make check   format, lint, types and tests
# make soak    the long sweeps; make bench   how fast, beside its peers
# make docs    the site, build/site/index.html
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install paper smoke test lint check format soak bench docs clean

install: .venv/run

paper: .venv/run
	$(BIN)/minidl run --grid configs/paper.yaml

smoke: .venv/run
	$(BIN)/minidl run --grid configs/smoke.yaml

test: .venv/test
	$(BIN)/python -m pytest -n auto

lint: .venv/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

check: lint test

format: .venv/test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

soak: .venv/test
	$(BIN)/python -m pytest -m soak

bench: .venv/bench
	$(BIN)/python -m benchmarks

docs: .venv/docs
	$(BIN)/python docs/fill.py
	$(BIN)/python docs/site.py
	$(BIN)/zensical build --strict --config-file mkdocs.yml

clean:
	rm -rf .venv dist build

.venv/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	touch $@

.venv/run: .venv/python pyproject.toml constraints.txt
	@echo "installing minidl into .venv: torch, scipy, matplotlib and what they need, about 1 GB, and several more with a CUDA build of torch"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/test: .venv/run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

.venv/bench: .venv/test
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,bench]'
	touch $@

.venv/docs: .venv/run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
	touch $@
