"""Installed from its wheel, away from the checkout, minidl finds its studies and runs them."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def build(what: str, out: Path, source: Path = ROOT) -> Path:
    """Build a ``wheel`` or an ``sdist`` and return where it lies."""
    program = (
        f"from hatchling.build import build_{what}; import sys; print(build_{what}(sys.argv[1]))"
    )
    return out / run(sys.executable, "-c", program, out, cwd=source).split()[-1]


def test_sdist_is_small_and_makes_the_same_wheel(tmp_path):
    sdist = build("sdist", tmp_path)
    assert sdist.stat().st_size < 1_000_000
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert contents(build("wheel", tmp_path, source)) == contents(build("wheel", tmp_path))


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_page_on_pypi_is_the_readme_without_links_that_lead_nowhere_there(tmp_path):
    with zipfile.ZipFile(build("wheel", tmp_path)) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        page = archive.read(metadata).decode().partition("\n\n")[2]
    assert page.startswith("# minidl\n")
    assert "make paper" in page
    assert all(target.startswith("https://") for target in re.findall(r"\]\(([^)]*)", page))
    assert not re.search("<img|<sub|!\\[", page)


def test_wheel_runs_the_smoke_study_in_a_fresh_environment(tmp_path):
    name = build("wheel", tmp_path).name

    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    site = home / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    target = f"--target={site}"
    run(sys.executable, "-m", "pip", "install", "--no-deps", target, tmp_path / name, cwd=tmp_path)
    # Its dependencies are the ones of the tests; minidl itself is not among them, because an
    # editable install is found through a .pth file, and those work in no second folder.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))

    program = "import minidl, minidl_cli; print(minidl.__file__, minidl_cli.__file__)"
    where = run(home / "bin" / "python", "-c", program, cwd=tmp_path)
    assert where.count(str(site)) == 2
    for package in ("minidl", "minidl_cli"):
        assert (site / package / "py.typed").exists()  # type checkers may look inside

    start = "from minidl_cli.main import main; main()"
    arguments = ["run", "--grid", "smoke", "--set", "epochs=2", "--json", "--jobs", "2"]
    study = json.loads(run(home / "bin" / "python", "-c", start, *arguments, cwd=tmp_path))
    assert len(study["runs"]) == 36
    assert (tmp_path / "results" / "smoke" / "tables.md").exists()
    table = ["train", "--set", "data=iris", "--set", "epochs=1", "--json"]
    trained = json.loads(run(home / "bin" / "python", "-c", start, *table, cwd=tmp_path))
    assert trained["settings"]["data"]["train"] == 112  # the tables lie in the wheel
    assert (tmp_path / "results" / "smoke" / "report.html").exists()
    own = ["train", "--components", ROOT / "docs" / "my_parts.py", "--act", "bent", "--epochs", "1"]
    run(home / "bin" / "python", "-c", start, *own, cwd=tmp_path)
    listed = run(home / "bin" / "python", "-c", start, "validate", "paper", cwd=tmp_path)
    assert "180 runs" in listed
