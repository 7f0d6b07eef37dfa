"""A CSV file as data: what is read of it, and what makes it another run."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from helpers.studies import contents, minidl, rows_of

from minidl import seeded_generator
from minidl.data.csv_file import CSV
from minidl.study.grid.data import resolve_data, settled, source_of
from minidl.study.run_spec import RunSpec
from minidl.study.stacks.build import build_data

TABLE = """length,width,colour,kind
1,2.5,red,b
2,3,blue,a
3,1,red,b
4,-5e0,green,a
5,1,red,c
6,0,blue,c
7,1,red,a
8,2,green,b
"""
SAYS = {"name": "csv", "path": "t.csv", "target": "kind", "one_hot": ["colour"], "test": 0.25}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path


def loaded(folder: Path, text: str = TABLE, **arguments) -> CSV:
    (folder / "t.csv").write_text(text)
    source = CSV(**{"path": "t.csv", "target": "kind", "folder": str(folder), **arguments})
    source.load()
    return source


def study(folder: Path, name: str = "grid.yaml", **settings) -> Path:
    text = {
        "name": "s",
        "data": SAYS,
        "model": {"hidden": [3]},
        "epochs": 2,
        "batch_size": 3,
        "grid": {"activation": ["tanh"]},
        **settings,
    }
    (folder / name).write_text(json.dumps(text))
    return folder / name


def ids(grid: Path) -> list[str]:
    done = minidl("run", "--grid", grid, "--dry-run", "--json")
    return [row["id"] for row in json.loads(done.stdout)["runs"]]


def test_columns_become_inputs_and_targets(folder: Path):
    source = loaded(folder, one_hot=["colour"])
    x, y = source.table()
    assert x[:3].tolist() == [[1, 2.5, 0, 0, 1], [2, 3, 1, 0, 0], [3, 1, 0, 0, 1]]
    assert x[3].tolist() == [4, -5, 0, 1, 0]  # blue, green, red
    assert y[:3].tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
    assert (source.task, source.classes, source.size) == ("classes", ("a", "b", "c"), 8)


def test_features_choose_the_inputs_and_their_order(folder: Path):
    source = loaded(folder, features=["width", "length"])
    assert source.table().x[:2].tolist() == [[2.5, 1], [3, 2]]


@pytest.mark.parametrize(
    ("cells", "task", "classes"),
    [
        (["no", "yes", "no"], "binary", ("no", "yes")),
        (["1", "0", "1"], "binary", ("0", "1")),
        (["10", "9", "2"], "classes", ("2", "9", "10")),
        (["1.5", "2", "3"], "regression", ()),
        (["1", "2", "x"], "classes", ("1", "2", "x")),
    ],
)
def test_the_target_shows_the_task(folder: Path, cells, task, classes):
    text = "a,kind\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    source = loaded(folder, text)
    assert (source.task, source.classes) == (task, classes)


def test_texts_may_look_like_one_number_among_others(folder: Path):
    source = loaded(folder, "a,kind\n1,01\n2,1\n3,x\n")
    assert source.classes == ("01", "1", "x")
    large = (f"{10**16}", f"{10**16 + 1}")  # one float, two numbers
    assert loaded(folder, f"a,kind\n1,{large[0]}\n2,{large[1]}\n").classes == large
    both = loaded(folder, "a,kind\n1,1\n2,1.0\n3,0.5\n")
    assert both.table().y.tolist() == [[1], [1], [0.5]]  # of a regression they are the same


def test_two_classes_have_one_output_and_the_later_name_is_one(folder: Path):
    source = loaded(folder, "a,kind\n1,yes\n2,no\n")
    assert source.table().y.tolist() == [[1], [0]]


def test_several_targets_are_a_regression(folder: Path):
    source = loaded(folder, "a,u,v\n1,2,3\n4,5,6\n", target=["v", "u"])
    assert (source.task, source.d_out) == ("regression", 2)
    assert source.table().y.tolist() == [[3, 2], [6, 5]]


def test_numbers_are_a_regression_when_told(folder: Path):
    source = loaded(folder, "a,kind\n1,2\n4,5\n", task="regression")
    assert source.table().y.tolist() == [[2], [5]]


def test_a_column_that_varies_by_rounding_alone_is_constant(folder: Path):
    source = loaded(folder, "a,b,kind\n1,0.3,x\n2,0.30000000000000004,y\n")
    assert source.table().x[:, 1].unique().numel() == 1


def test_quotes_spaces_marks_and_line_ends_are_read(folder: Path):
    text = '\ufeff"a, b", kind\r\n 1,"x ""y"""\r\n\r\n"2",z\r\n'
    source = loaded(folder, text)
    assert source.table().x.tolist() == [[1], [2]]
    assert source.classes == ('x "y"', "z")


def test_a_second_file_is_the_test_set(folder: Path):
    (folder / "u.csv").write_text("kind,colour,width,length\na,red,1,2\nb,blue,3,4\n")
    data = settled(resolve_data("data", {**SAYS, "test": "u.csv"}), folder)
    assert (data["train"], data["test"], data["test_path"]) == (8, 2, "u.csv")
    train, test = build_data(data, 0)
    assert test.x.tolist() == [[2, 1, 0, 0, 1], [4, 3, 1, 0, 0]]
    assert test.y.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert len(train.x) == 8
    fewer = settled(resolve_data("data", {**SAYS, "test": "u.csv", "train": 5}), folder)
    assert len(build_data(fewer, 0)[0].x) == 5


def test_a_stratified_split_of_a_file(folder: Path):
    rows = "".join(f"{i},{'a' if i % 4 else 'b'}\n" for i in range(40))
    (folder / "t.csv").write_text("n,kind\n" + rows)
    says = {"name": "csv", "path": "t.csv", "target": "kind", "test": 0.5, "stratify": True}
    for part in build_data(settled(resolve_data("data", says), folder), 1):
        assert part.y.sum().item() == 5


def test_the_id_is_of_the_content_and_not_of_the_place(folder: Path):
    here = study(folder)
    (folder / "deep").mkdir()
    shutil.copy(folder / "t.csv", folder / "deep" / "other.csv")
    there = study(folder / "deep", data={**SAYS, "path": "other.csv"})
    up = study(folder / "deep", "up.yaml", data={**SAYS, "path": "../t.csv"})
    assert ids(here) == ids(there) == ids(up)
    (folder / "t.csv").write_text(TABLE.replace("8,2", "8,3"))
    assert ids(here) == ids(up) != ids(there)


def test_the_columns_are_part_of_the_id(folder: Path):
    plain = ids(study(folder))
    for change in ({"features": ["width", "colour"]}, {"target": "colour", "one_hot": ["kind"]}):
        assert ids(study(folder, data={**SAYS, **change})) != plain


def test_paths_begin_at_the_grid_file_wherever_one_stands(folder: Path, monkeypatch):
    grid = study(folder, seeds=4)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    minidl("run", "--grid", grid, "--out", "r", "--jobs", 2, "--no-figures")
    run_id = next(iter(contents(elsewhere / "r")))
    predicted = rows_of(minidl("predict", "r", run_id).stdout)
    assert [point["decision"] for point in predicted] != []


def test_a_study_as_resolved_finds_its_file_from_anywhere(folder: Path, monkeypatch):
    grid = study(folder)
    from minidl.study.grid.load import load_study

    (folder / "again").mkdir()
    again = folder / "again" / "study.yaml"
    again.write_text(load_study(str(grid)).to_yaml())
    monkeypatch.chdir(folder / "again")
    assert ids(again) == ids(grid)


def test_a_set_value_begins_at_the_grid_file_too(folder: Path, monkeypatch):
    (folder / "u.csv").write_text(TABLE.replace("8,2", "8,3"))
    grid = study(folder)
    (folder / "x").mkdir()
    monkeypatch.chdir(folder / "x")
    words = ("--grid", grid, "--dry-run", "--json")
    changed = json.loads(minidl("run", *words, "--set", "data.path=u.csv").stdout)["runs"]
    assert changed[0]["id"] != ids(grid)[0]


def test_files_on_an_axis_are_called_by_what_differs(folder: Path):
    (folder / "u.csv").write_text(TABLE.replace("8,2", "8,3"))

    def labels(*levels: dict | str) -> list[str]:
        data = [{**SAYS, **level} if isinstance(level, dict) else level for level in levels]
        grid = study(folder, grid={"data": data})
        rows = json.loads(minidl("run", "--grid", grid, "--dry-run", "--json").stdout)["runs"]
        return [row["data"] for row in rows]

    assert labels({}, {"path": "u.csv"}) == ["csv(path=t.csv)", "csv(path=u.csv)"]
    assert labels({}, "iris") == ["csv(path=t.csv)", "iris"]
    assert labels({}, {"stratify": True}) == ["csv", "csv(stratify=True)"]
    assert labels({"test": 2}, {"path": "u.csv", "test": 3}, "iris") == [
        "csv(path=t.csv, test=2)",
        "csv(path=u.csv, test=3)",
        "iris",
    ]


def test_files_are_an_axis(folder: Path):
    (folder / "u.csv").write_text(TABLE.replace("8,2", "8,3"))
    grid = study(folder, grid={"data.path": ["t.csv", "u.csv"]})
    rows = json.loads(minidl("run", "--grid", grid, "--dry-run", "--json").stdout)["runs"]
    assert [row["data.path"] for row in rows] == ["t.csv", "u.csv"]


@pytest.mark.parametrize("what", ["changed", "gone"])
def test_points_of_another_file_are_never_shown(folder: Path, what: str):
    grid = study(folder)
    minidl("run", "--grid", grid, "--out", folder / "r", "--jobs", 1, "--no-figures")
    (run_id,) = contents(folder / "r")
    if what == "changed":
        (folder / "t.csv").write_text(TABLE.replace("8,2", "8,3"))
    else:
        (folder / "t.csv").unlink()
    said = minidl("predict", folder / "r", run_id, code=2).stderr
    place = folder / "t.csv"
    if what == "gone":
        assert f"data 'csv': {place}: cannot be read: No such file or directory" in said
    else:
        assert f"data 'csv': {place} is not what it was" in said
    for command in ("status", "tables", "export"):  # what needs no points reads on
        minidl(command, folder / "r")
    minidl("show", folder / "r", run_id)


def test_a_changed_file_is_another_run(folder: Path):
    grid = study(folder)
    minidl("run", "--grid", grid, "--out", folder / "r", "--jobs", 1, "--no-figures")
    (folder / "t.csv").write_text(TABLE.replace("8,2", "8,3"))
    done = minidl("run", "--grid", grid, "--out", folder / "r", "--jobs", 1, "--no-figures")
    assert "trained 1 runs" in done.stderr
    assert len(contents(folder / "r")) == 2


def test_a_store_read_where_the_file_lies_again(folder: Path, monkeypatch):
    """Moved with its file: the content says that it is the same."""
    grid = study(folder)
    minidl("run", "--grid", grid, "--out", folder / "r", "--jobs", 1, "--no-figures")
    (run_id,) = contents(folder / "r")
    moved = folder / "moved"
    moved.mkdir()
    shutil.move(folder / "r", moved / "r")
    shutil.move(folder / "t.csv", moved / "t.csv")
    monkeypatch.chdir(moved)
    assert rows_of(minidl("predict", "r", run_id).stdout)


def test_the_id_of_a_run_needs_no_file():
    data = {"name": "csv", "path": "t.csv", "folder": "/a", "target": "k", "sha256": "0"}
    other = {**data, "path": "u.csv", "folder": "/b"}
    assert RunSpec({"data": data}, 0).id == RunSpec({"data": other}, 0).id
    assert RunSpec({"data": {**data, "sha256": "1"}}, 0).id != RunSpec({"data": data}, 0).id


def test_a_file_is_read_again_when_it_changes(folder: Path):
    data = settled(resolve_data("data", SAYS), folder)
    first = source_of(data).table().x
    assert source_of(data).table().x is first
    (folder / "t.csv").write_text(TABLE.replace("8,2", "8,3"))
    fresh = settled(resolve_data("data", SAYS), folder)
    assert not torch.equal(source_of(fresh).table().x, first)


def test_a_split_is_its_seeds(folder: Path):
    data = settled(resolve_data("data", SAYS), folder)
    order = torch.randperm(8, generator=seeded_generator(2, "data"))
    assert torch.equal(build_data(data, 2)[0].x, source_of(data).table().x[order[:6]])


def test_a_table_beside_a_test_file_that_is_used_whole_keeps_its_order(folder):
    """Whatever the seed: only initial weights and batches are its own."""
    (folder / "other.csv").write_text(TABLE)
    source = loaded(
        folder, target="length", features=["width"], test_path="other.csv", task="regression"
    )
    for seed in (0, 1):
        train, test = source.parts(8, 5, torch.Generator().manual_seed(seed))
        assert train.y.flatten().tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
        assert test.y.flatten().tolist() == [1, 2, 3, 4, 5]


WIDE = [f"a_long_column_name_{i}" for i in range(7000)]


@pytest.mark.parametrize(
    ("grid", "features", "said"),
    [
        ({"data.features": [WIDE[:700], WIDE[:3]]}, WIDE[:3], "level 1 0 'data.features': label"),
        ({"activation": ["tanh"]}, WIDE, "cell 1: settings"),
    ],
)
def test_a_study_too_wide_for_a_store_is_refused_before_it_trains(
    grid, features, said, folder, tmp_path
):
    """And the store stays as it was: it could not be read after such a study."""
    rows = [[*WIDE, "y"], *([[str(i % 3)] * len(WIDE) + ["ab"[i % 2]] for i in range(8)])]
    (folder / "t.csv").write_text("\n".join(",".join(row) for row in rows))
    says = {"name": "csv", "path": "t.csv", "target": "y", "test": 0.25}
    small = study(folder, "small.yaml", data={**says, "features": WIDE[:3]})
    out = ("--out", tmp_path / "out", "--jobs", 1, "--quiet", "--no-figures", "--no-report")
    minidl("run", "--grid", small, *out)
    before = (tmp_path / "out" / "study.sqlite").read_bytes()
    wide = study(folder, "wide.yaml", data={**says, "features": features}, grid=grid)
    line = minidl("run", "--grid", wide, *out, code=2).stderr
    assert line.count("\n") == 1
    assert f"study.sqlite: cannot hold this: {said} must be text of at most 10" in line
    assert (tmp_path / "out" / "study.sqlite").read_bytes() == before
