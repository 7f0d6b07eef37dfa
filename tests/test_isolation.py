"""Python files in the folder that one stands in are never run by the workers."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from helpers.driving import MINIDL
from helpers.studies import TINY, contents, undisturbed, write

# Whatever may be imported: of the standard library, of what minidl needs, and minidl itself.
LIBRARIES = (
    *("torch", "numpy", "scipy", "yaml", "typer", "rich", "pydantic", "filelock", "safetensors"),
    *("sympy", "packaging", "typing_extensions", "minidl", "minidl_cli"),
)
EVERY = (*sys.stdlib_module_names, *LIBRARIES, "sitecustomize", "usercustomize")
# A script's own folder is searched last of all, so what is nowhere else may be found there.
HERE = tuple(name for name in (*sys.stdlib_module_names, *LIBRARIES) if find_spec(name))
CANARY = "import pathlib; pathlib.Path(__file__).with_name('CANARY').open('a').write(__name__)"

# It has loaded what it needs before the files are there: only its workers can still fall for them.
SCRIPT = f"""
import pathlib
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study
from minidl.study.run import run_study

if __name__ == "__main__":
    study = load_study("grid.yaml")
    run_study(study, [], pathlib.Path("warm"))
    for name in {HERE!r}:
        pathlib.Path(f"{{name}}.py").write_text({CANARY!r})
    run_study(study, expand(study), pathlib.Path("out"), jobs=2)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, TINY)
    return tmp_path


def trains_untouched(folder: Path, *command: object, **options: object) -> None:
    """Run a command in a folder: everything is trained, and no file of the folder's is run."""
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stderr
    assert not (folder / "CANARY").exists(), (folder / "CANARY").read_text()
    assert contents(folder / "out") == undisturbed(TINY)


def test_the_command(folder):
    for name in EVERY:
        (folder / f"{name}.py").write_text(CANARY)
    trains_untouched(
        folder, MINIDL, "run", "--grid", "grid.yaml", "--out", "out", "--no-figures", "--jobs", 2
    )


def test_python_m_minidl(folder):
    """But for the modules that ``python -m`` needs to find it, which it looks for there."""
    (folder / "probe.py").write_text("import minidl, sys; print(*sys.modules)")
    probe = [sys.executable, "-m", "probe"]
    done = subprocess.run(probe, cwd=folder, capture_output=True, text=True, check=True)
    for name in set(HERE) - {"minidl", *(name.split(".")[0] for name in done.stdout.split())}:
        (folder / f"{name}.py").write_text(CANARY)
    words = ("run", "--grid", "grid.yaml", "--out", "out", "--no-figures", "--jobs", 2)
    trains_untouched(folder, sys.executable, "-m", "minidl", *words)


def test_a_script_on_standard_input(folder):
    trains_untouched(folder, sys.executable, "-", input=SCRIPT)


@pytest.mark.soak
def test_a_command_line_or_notebook(folder):
    trains_untouched(folder, sys.executable, "-c", SCRIPT)


@pytest.mark.parametrize(
    "options", [("script.py",), pytest.param(("-m", "script"), marks=pytest.mark.soak)], ids=str
)
def test_a_script_finds_what_lies_beside_it(folder, options):
    """Its workers import it again, and the component that it imports."""
    (folder / "beside.py").write_text(
        "from minidl import Tanh, register\n"
        "@register('activation', 'mine')\n"
        "class Mine(Tanh):\n    pass\n"
    )
    (folder / "script.py").write_text(f"import beside\n{SCRIPT}")
    trains_untouched(folder, sys.executable, *options)


def test_the_environment_is_as_it_was(monkeypatch, tmp_path):
    from minidl.study.jobs.isolation import current_folder_last

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    before, path = dict(os.environ), list(sys.path)
    with current_folder_last():
        assert sys.path == [*path[1:], ""]
    assert (dict(os.environ), sys.path) == (before, path)
