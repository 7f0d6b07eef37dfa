"""The site can be built, and no link of it leads nowhere."""

import shutil
import subprocess
import sys
from pathlib import Path
from runpy import run_path

import pytest
import yaml
from typer.main import get_command

from minidl.study.grid.load import load_study

ROOT = Path(__file__).parents[1]
ZENSICAL = Path(sys.executable).with_name("zensical")

SITE = run_path(str(ROOT / "docs" / "site.py"))
gather, REPORTS = SITE["gather"], SITE["REPORTS"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Path:
    """The folder that the site is built in, with its pages gathered."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "tiny.yaml").write_text("name: tiny\ngrid: {activation: [relu]}\nepochs: 1")
    site = gather.__globals__
    site |= {"PAGES": folder / "build" / "pages", "STORES": folder / "build" / "studies"}
    site["REPORTS"] = {folder / "tiny.yaml": "docs/studies/ee559.md"}
    gather()
    shutil.copy(ROOT / "mkdocs.yml", folder)
    return folder


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [ZENSICAL, "build", "--strict", "--config-file", "mkdocs.yml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_it_is_built_and_a_broken_link_is_seen(pages):
    done = build(pages)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (pages / "build" / "site" / "docs" / "backward.html").exists()
    report = pages / "build" / "site" / "reports" / "tiny.html"
    assert "<!doctype html>" in report.read_text()[:50].lower()
    told = (pages / "build" / "site" / "docs" / "studies" / "ee559.html").read_text()
    assert 'href="../../reports/tiny.html"' in told
    assert 'href="docs/tour.html"' in (pages / "build" / "site" / "index.html").read_text()
    with (pages / "build" / "pages" / "docs" / "paper.md").open("a") as file:
        file.write("[nowhere](nowhere.md)")
    assert build(pages).returncode != 0


def test_every_page_is_in_its_contents(pages):
    named = set(leaves(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]))
    written = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")}
    assert written <= named
    assert all((pages / "build" / "pages" / page).exists() for page in named)


def test_each_report_is_of_a_study_that_there_is_beside_a_page_that_there_is():
    for grid, page in REPORTS.items():
        assert load_study(str(ROOT / grid)).name == Path(grid).stem
        assert (ROOT / page).read_text().startswith("# ")


def leaves(nav):
    for entry in nav:
        for value in entry.values():
            yield from [value] if isinstance(value, str) else leaves(value)


def test_the_reference_names_every_component_command_and_key(pages):
    from minidl.study.grid.catalogue import catalogue
    from minidl.study.grid.spec import StudySpec
    from minidl_cli.app import app

    reference = pages / "build" / "pages" / "docs" / "reference"
    components, commands, settings = (
        (reference / f"{name}.md").read_text() for name in ("components", "commands", "settings")
    )
    assert all(f"| `{row['name']}` |" in components for row in catalogue())
    assert all(f"## `minidl {name}`" in commands for name in get_command(app).commands)
    assert all(f"| `{key}` |" in settings for key in StudySpec.model_fields)
