"""What is recorded of the machine and the software that made a run."""

from __future__ import annotations

import os
import subprocess
import sys

import torch

from minidl.study.store.environment import commit, environment


def test_the_commit_is_minidls_own_whatever_git_is_told(tmp_path, monkeypatch):
    """In a hook git sets GIT_DIR, which names the repository of whoever commits."""
    plain = commit()
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q", tmp_path], check=True)
    subprocess.run([*git, "-C", tmp_path, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "/")
    assert commit() == plain


def test_what_decides_about_rounding_is_recorded(monkeypatch):
    """MKL reads its variable once: what is changed later is not what was used."""
    used = os.environ["MKL_CBWR"]
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    facts = environment()
    assert facts["MKL_CBWR"] == used
    assert facts["capability"] == torch.backends.cpu.get_cpu_capability()


def test_a_lower_capability_shows():
    script = "from minidl.study.store.environment import environment as e; print(e()['capability'])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "ATEN_CPU_CAPABILITY": "default"},
    )
    assert done.stdout == "DEFAULT\n"
