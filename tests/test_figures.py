import os
import struct
import subprocess
import sys
import warnings

import matplotlib as mpl
import pytest
from helpers.figure_store import FLAT, draw, write
from matplotlib.figure import Figure

from minidl.report.drawn import PICTURES as NAMES
from minidl.report.figures import PICTURES, draw_figures
from minidl.report.figures.accuracies import accuracies
from minidl.report.figures.decisions import decisions
from minidl.report.figures.learning import learning_curves
from minidl.report.figures.material import read_material
from minidl.report.figures.reached import reached
from minidl.report.figures.style import LOOKS, looks, own_settings
from minidl.study.errors import InputError
from minidl.study.store.store import Store

ABSENT = ("fits", "sweeps", "shares")  # in the study FLAT


def test_every_picture_is_known_to_those_who_look_after_files():
    assert set(PICTURES) == set(NAMES)


def test_levels_differ_by_more_than_colour():
    for part in zip(*LOOKS, strict=True):
        assert len(set(part)) == len(LOOKS)


def test_levels_whose_colour_comes_again_have_other_lines_and_markers():
    look = looks([str(i) for i in range(49)])
    assert list(look.values())[:7] == LOOKS
    assert len({(each.color, str(each.linestyle)) for each in look.values()}) == 49
    assert len({(each.color, each.marker) for each in look.values()}) == 49


def test_figures_need_no_display_and_no_pyplot(tmp_path):
    script = (
        "import sys; from pathlib import Path; from minidl.report.figures import draw_figures\n"
        "paths = draw_figures(Path(sys.argv[1]), Path(sys.argv[2]), format='svg')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "print(*(path.name for path in paths), sep='\\n')"
    )
    folder = write(tmp_path / "store", FLAT, lambda run: {1: 90.0 + run.seed})
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, folder, tmp_path / "out"],
        env=environment | {"MPLBACKEND": "TkAgg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    drawn = [f"{picture}.svg" for picture in PICTURES if picture not in ABSENT]
    assert done.stdout.split() == drawn
    assert sorted(done.stdout.split()) == sorted(p.name for p in (tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("format", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_the_same_study_gives_the_same_files(tmp_path, monkeypatch, format, start):
    monkeypatch.setattr("minidl.report.figures.PICTURES", {"reached": reached})
    folder = write(tmp_path, FLAT, lambda run: {1: 90.0 + run.seed})
    (first,) = draw_figures(folder, tmp_path / "first", format=format)
    (second,) = draw_figures(folder, tmp_path / "second", format=format)
    assert first.name == f"reached.{format}"
    assert first.read_bytes().startswith(start)
    assert first.read_bytes() == second.read_bytes()
    assert b"Date" not in first.read_bytes()


DRAW = """
import sys; from pathlib import Path; from minidl.report.figures import draw_figures
for path in draw_figures(Path(sys.argv[1]), Path(sys.argv[2])): print(path.name)
import matplotlib; print(matplotlib.rcParams["axes.facecolor"])
"""


@pytest.fixture(scope="module")
def drawn_undisturbed(tmp_path_factory):
    """A store and its figures' bytes, drawn in this process."""
    root = tmp_path_factory.mktemp("undisturbed")
    folder = write(root / "store", FLAT, lambda run: {1: 90.0 + run.seed})
    draw_figures(folder, root / "out")
    return folder, {p.name: p.read_bytes() for p in (root / "out").iterdir()}


@pytest.mark.parametrize(
    ("settings", "place", "users_own"),
    [
        (b"text.usetex: True\naxes.facecolor: black\nno: key\n", "current folder", "black"),
        (b"axes.facecolor: black \xff\n", "MATPLOTLIBRC", "white"),
        (None, "current folder", "white"),  # a pipe that nobody writes to
    ],
)
def test_the_environment_has_no_say_in_figures(
    tmp_path, drawn_undisturbed, settings, place, users_own
):
    folder, expected = drawn_undisturbed
    if settings is None:
        os.mkfifo(tmp_path / "matplotlibrc")
    else:
        (tmp_path / "matplotlibrc").write_bytes(settings)
    here = place == "current folder"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", DRAW, folder, tmp_path / "out"],
        cwd=tmp_path if here else None,
        env={**os.environ, "MPLBACKEND": "module://no.such.backend"}
        | ({} if here else {"MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == expected
    assert done.stdout.split()[-1] == users_own  # a program's own plots keep its user's settings


def test_what_a_program_has_set_up_does_not_show_in_figures(tmp_path, drawn_undisturbed):
    folder, expected = drawn_undisturbed
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 20, "savefig.bbox": "tight"}):
        draw_figures(folder, tmp_path)
        assert mpl.rcParams["font.size"] == 20
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == expected


def test_a_figure_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    folder = write(tmp_path / "store", FLAT, lambda _: {1: 90.0})
    out = tmp_path / "figures"
    out.mkdir()
    (out / "forest.png").write_bytes(b"the old one")

    def break_off(_, path, **__):
        path.write(b"half a pic")
        raise OSError("disk full")

    monkeypatch.setattr(Figure, "savefig", break_off)
    with pytest.raises(InputError, match=r"forest\.png: cannot be written: disk full"):
        draw_figures(folder, out)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == {"forest.png": b"the old one"}


def test_what_cannot_be_drawn_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("minidl.report.figures.PICTURES", {"decisions": decisions})
    notes = []
    draw_figures(write(tmp_path, FLAT, lambda _: {1: 90.0}), tmp_path / "out", on_note=notes.append)
    assert notes == [f"networks: tanh, {loss}, seed 0 is missing" for loss in ("mse", "bce")]


def test_a_wrong_seed_and_a_wrong_format_are_input_errors(tmp_path):
    folder, out = write(tmp_path / "store", FLAT, lambda _: {1: 90.0}), tmp_path / "out"
    with pytest.raises(InputError, match=r"--seed 9: .*0, 1, 2"):
        draw_figures(folder, out, seed=9)
    with pytest.raises(InputError, match="png"):
        draw_figures(folder, out, format="gif")
    assert not out.exists() or not list(out.iterdir())


@pytest.mark.parametrize(
    ("grid", "pages"),
    [
        ("{}", [""]),
        ("{model.hidden: [[4], []]}", [""]),
        ("{optimizer: [sgd, adam], loss: [mse, bce]}", [""]),
        (
            "{optimizer.lr: [0.1, 0.2], data.normalize: [none, own], init: [he]}",
            ["lr=0.1", "lr=0.2"],
        ),
    ],
)
def test_any_grid_can_be_drawn(tmp_path, grid, pages):
    text = f"{{name: any, seeds: 2, data: {{name: disk, train: 20, test: 20}}, grid: {grid}}}"
    write(tmp_path, text, lambda run: {1: 90.0 + run.seed})
    for name, picture in PICTURES.items():
        figures, _ = draw(picture, tmp_path)
        found = list(figures)
        assert found in ([""], pages, ["normalize=none", "normalize=own"]) or (
            not found
            and name in ("forest", "paired", "shares", "gaps", "fits", "sweeps")  # of others
        )


MANY = (
    "{name: many, seeds: 2, data: {name: disk, train: 10, test: 10}, model: {hidden: [2]}, "
    "grid: {optimizer: [sgd], optimizer.lr: RATES}}"
)


def test_many_cells_are_dealt_out_on_sheets_that_are_counted_and_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("minidl.report.figures.PICTURES", {"learning_curves": learning_curves})
    text = MANY.replace("RATES", str([round(0.001 * i, 3) for i in range(1, 31)]))
    folder = write(tmp_path / "store", text, lambda run: {1: 90.0 + run.seed, 2: 91.0})
    notes, counted = [], []
    paths = draw_figures(
        folder,
        tmp_path / "out",
        limit=3,
        on_note=notes.append,
        on_progress=lambda *count: counted.append(count),
    )
    assert [path.name for path in paths] == [f"learning_curves-{i}-of-8.png" for i in (1, 2, 3)]
    assert counted == [(1, 3), (2, 3), (3, 3)]
    left_out = "5 of 8 figures left out; `minidl figures --all` draws them"
    assert notes == [f"learning_curves: {left_out}"]
    assert all(max(png_size(path)) < 5000 for path in paths)


def png_size(path):
    return struct.unpack(">II", path.read_bytes()[16:24])


@pytest.mark.parametrize("picture", [accuracies, learning_curves, reached])
def test_long_names_and_many_levels_fit_and_are_cut_in_sight(tmp_path, picture):
    text = MANY.replace("{optimizer: [sgd], ", "{optimizer: [sgd, adam], ").replace(
        "optimizer.lr: RATES", f"activation: [tanh], loss: {['mse', 'bce']}"
    )
    folder = write(tmp_path, text, lambda run: {1: 90.0 + run.seed, 2: 91.0})
    with Store(folder) as store, own_settings(), warnings.catch_warnings():
        warnings.simplefilter("error")
        material = read_material(store, folder, None)
        long = {f"{'long name ' * 30}{i}": list(material.cells) for i in range(60)}
        material.levels = lambda: long
        material.name = lambda *_, **__: "a very long name " * 20
        material.level = lambda _: next(iter(long))
        for _, draw_sheet in picture(material):
            figure = draw_sheet()
            figure.savefig(tmp_path / "x.png")
            check_legend(figure)
            texts = [text.get_text() for text in figure.legends[0].get_texts()]
            assert picture is not reached or texts[-1] == "… and 39 more"


def test_learning_curves_of_many_levels_do_not_hide_each_other(tmp_path):
    """A panel has as many curves as look different, and each level is in one of the legends."""
    rates = [round(0.001 * i, 3) for i in range(1, 31)]
    text = (
        "{name: many, seeds: 2, data: {name: disk, train: 10, test: 10}, model: {hidden: [2]}, "
        f"grid: {{optimizer: {[{'name': 'sgd', 'lr': rate} for rate in rates]}}}}}"
    )
    folder = write(tmp_path, text, lambda run: {1: 90.0 + run.seed, 2: 91.0})
    sheets, _ = draw(learning_curves, folder)
    named = []
    for figure in sheets.values():
        named += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
        assert all(len(axes.get_lines()) <= 7 for axes in figure.axes)
    assert len(named) == len(set(named)) == 30


def check_legend(figure):
    """Every legend is inside its figure and beside the axes, so it covers no data."""
    for legend in [*figure.legends, *filter(None, (a.get_legend() for a in figure.axes))]:
        box = legend.get_window_extent()
        assert min(box.min) >= 0
        assert (box.max <= figure.bbox.max).all()
        assert not any(box.overlaps(axes.get_window_extent()) for axes in figure.axes)


def test_every_legend_is_inside_its_figure_and_covers_no_data(tmp_path):
    rates = [{"name": "sgd", "lr": 0.1 * i, "momentum": 0.9} for i in range(1, 7)]
    text = (
        "{name: legends, reference: paper, seeds: 2, data: {name: disk, train: 20, test: 20}, "
        f"grid: {{activation: [tanh, relu], loss: [mse, bce], optimizer: {[*rates, 'adam']}}}}}"
    )
    folder = write(tmp_path, text, lambda run: {1: 90.0 + run.seed, 2: 96.0})
    for picture in PICTURES.values():
        for figure in draw(picture, folder)[0].values():
            with own_settings():
                figure.savefig(tmp_path / "x.png")
            check_legend(figure)


def test_parts_with_like_names_get_files_of_their_own(tmp_path, monkeypatch):
    def twins(_):
        yield "a b", Figure
        yield "a/b", Figure

    monkeypatch.setattr("minidl.report.figures.PICTURES", {"twins": twins})
    paths = draw_figures(write(tmp_path, FLAT, lambda _: {1: 90.0}), tmp_path / "out")
    assert [path.name for path in paths] == ["twins-a-b.png", "twins-a-b-2.png"]
