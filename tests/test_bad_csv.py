"""Bad CSV files and what is said of them: file, line and column, what came, what is allowed."""

import os
from pathlib import Path

import pytest
from helpers.in_process import fits, refused

GRID = "name: s\ngrid: {}\ndata: {name: csv, path: t.csv, target: y, test: 0.25"
GOOD = "a,b,y\n1,2,p\n3,4,q\n5,6,p\n7,8,q\n"
HERE = "grid.yaml:3: "
CSV = f"{HERE}data 'csv': "
T = "/t.csv"

# What is added to the settings, the file, and the message; ... stands for any text.
ROWS = {
    # the file as a whole
    "empty": ("", "", "...t.csv: holds no points"),
    "only a header": ("", "a,b,y\n", "...t.csv: holds no points"),
    "only empty lines": ("", "\n\n\n", "...t.csv: holds no points"),
    "no header": ("", "1,2,3\n4,5,6\n", "...t.csv:1: the first row must name the columns, got ..."),
    "a column without a name": ("", "a,,y\n1,2,p\n", "...t.csv:1: column 2 has no name"),
    "a column twice": ("", "a,a,y\n1,2,p\n", "...t.csv:1: column 'a' appears twice"),
    "a short row": ("", "a,b,y\n1,2,p\n3,q\n", "...t.csv:3: 2 cells; expected 3"),
    "a long row": ("", "a,b,y\n1,2,p,\n", "...t.csv:2: 4 cells; expected 3"),
    "a row after a cell of two lines": (
        "",
        'a,b,y\n1,2,"p\np"\n3,q\n',
        "...t.csv:4: 2 cells; expected 3",
    ),
    "a quote that does not end": ("", 'a,b,y\n1,2,"p\n', "...t.csv:2: not CSV: ..."),
    "text after a quote": ("", 'a,b,y\n1,"2"x,p\n', "...t.csv:2: not CSV: ..."),
    "semicolons": ("", "a;b;y\n1;2;p\n", "...t.csv: has no column 'y'; its columns: a;b;y"),
    "not UTF-8": ("", b"a,b,y\n1,2,\xff\n", "...t.csv:2: must be UTF-8 text, got the byte 0xff"),
    "a NUL": ("", "a,b,y\n1,2,p\0\n", "...t.csv... column 'y' ..."),
    # columns
    "a target that is not there": (
        "",
        "a,b,z\n1,2,p\n",
        "...t.csv: has no column 'y'; its columns: a, b, z",
    ),
    "a feature that is not there": (
        ", features: [a, c]",
        GOOD,
        "...t.csv: has no column 'c'; its columns: a, b, y",
    ),
    "text that is not there": (", one_hot: [c]", GOOD, "...t.csv: has no column 'c'; ..."),
    "text that is no feature": (
        ", features: [a], one_hot: [b]",
        GOOD,
        "one_hot column 'b' is not among the features",
    ),
    "the target as a feature": (
        ", features: [a, y]",
        GOOD,
        "column 'y' cannot be target and input",
    ),
    "the target as text": (", one_hot: [y]", GOOD, "column 'y' cannot be target and input"),
    "no features": (", features: []", GOOD, "features must name at least one column"),
    "nothing beside the target": ("", "y\np\nq\n", "...t.csv: has no column beside the target"),
    # cells
    "a missing number": (
        "",
        "a,b,y\n1,2,p\n3,,q\n",
        "...t.csv:3: column 'b' has no value, got ''",
    ),
    "NA": ("", "a,b,y\nNA,2,p\n3,4,q\n", "...t.csv:2: column 'a' has no value, got 'NA'"),
    "nan": ("", "a,b,y\n1,nan,p\n3,4,q\n", "...t.csv:2: column 'b' has no value, got 'nan'"),
    "a question mark": ("", "a,b,y\n1,?,p\n3,4,q\n", "...:2: column 'b' has no value, got '?'"),
    "a missing label": ("", "a,b,y\n1,2,\n3,4,q\n", "...:2: column 'y' has no value, got ''"),
    "missing text": (
        ", one_hot: [a]",
        "a,b,y\nx,2,p\n,4,q\n",
        "...t.csv:3: column 'a' has no value, got ''",
    ),
    "text among numbers": (
        "",
        "a,b,y\n1,2,p\n3,big,q\n",
        "...t.csv:3: column 'b' must be a number, got 'big'; a column of text goes into one_hot",
    ),
    "a decimal comma": (
        "",
        'a,b,y\n1,"2,5",p\n3,4,q\n',
        "...:2: column 'b' must be a number, got '2,5'...",
    ),
    "a number with underscores": (
        "",
        "a,b,y\n1,2_0,p\n3,4,q\n",
        "...:2: column 'b' must be a number, got '2_0'...",
    ),
    "infinite": ("", "a,b,y\ninf,2,p\n3,4,q\n", "...:2: column 'a' must be finite, got 'inf'"),
    "too large": ("", "a,b,y\n1e99,2,p\n3,4,q\n", "...:2: column 'a' must be finite, got '1e99'"),
    "seconds since 1970": (
        "",
        "a,b,y\n1600000000,2,p\n1600000030,4,q\n",
        "...t.csv: column 'a' goes from 1600000000.0 to 1600000030.0, which is one number in "
        "single precision; subtract an offset or change the unit",
    ),
    "too small": (
        "",
        "a,b,y\n1e-50,2,p\n2e-50,4,q\n",
        "...t.csv: column 'a' goes from 1e-50 to 2e-50, which is one number in single ...",
    ),
    "targets that single precision cannot tell apart": (
        ", task: regression",
        "a,b,y\n1,2,100000000\n3,4,100000001\n",
        "...t.csv: column 'y' goes from 100000000.0 to 100000001.0, which is one number ...",
    ),
    # the target
    "one class": ("", "a,y\n1,p\n2,p\n", "...t.csv: column 'y' has one class only: 'p'"),
    "classes or a regression": (
        "",
        "a,y\n" + "".join(f"{i},{i}\n" for i in range(30)),
        "...t.csv: column 'y' has 30 whole numbers: say task: classes or task: regression",
    ),
    "one class in two spellings": (
        "",
        "a,y\n1,0\n2,1\n3,1.0\n4,0\n",
        "...t.csv: column 'y' has one number written in two ways, '1' and '1.0'; they would be ...",
    ),
    "one class with zeros in front": (
        ", task: classes",
        "a,y\n1,2\n2,1\n3,01\n4,0\n",
        "...t.csv: column 'y' has one number written in two ways, '01' and '1'; they would be ...",
    ),
    "one input in two spellings": (
        ", one_hot: [a]",
        "a,y\n1,p\n1.0,q\n3,p\n4,q\n",
        "...t.csv: column 'a' has one number written in two ways, '1' and '1.0'; they would be ...",
    ),
    "a regression of text": (
        ", task: regression",
        GOOD,
        "...t.csv:2: column 'y' must be a number, got 'p'...",
    ),
    "a stratified regression": (
        ", stratify: true",
        "a,y\n1,0.5\n2,0.25\n",
        "stratify is for classes, and this is a regression",
    ),
    "a stratified regression as said": (
        ", stratify: true, task: regression",
        GOOD,
        "stratify is for classes, and this is a regression",
    ),
    "a task that is none": (", task: binary", GOOD, "task must be 'classes' or 'regression', ..."),
    # sizes
    "more points than there are": (
        ", train: 4",
        GOOD,
        "data.train and test must be at most 4 points together, got 4 and 1",
    ),
    "one point to train on": ("", "a,y\n1,p\n2,q\n", "data.train must be at least 2 points, ..."),
    # arguments
    "a wrong argument": (
        ", targets: y",
        GOOD,
        "argument of data 'csv' 'targets' is unknown; known: ...; did you mean 'target'?",
    ),
    "a hash of something else": (
        f", sha256: '{'0' * 64}'",
        GOOD,
        "...t.csv is not what it was: its content has the SHA-256 ..., expected 000000000000...",
    ),
    "outputs for a regression": (
        ", outputs: 2",
        "a,y\n1,0.5\n2,0.25\n3,1\n4,1\n",
        "outputs and neg_label are for classes, and this is a regression",
    ),
    "two outputs for three classes": (
        ", outputs: 2",
        "a,y\n1,p\n2,q\n3,r\n4,q\n",
        "outputs must be 3 for these classes, got 2",
    ),
}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("more", "text", "message"), ROWS.values(), ids=ROWS)
def test_a_bad_file(more: str, text: str | bytes, message: str):
    Path("t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    Path("grid.yaml").write_text(f"{GRID}{more}}}\n")
    said = refused("validate", "grid.yaml")
    for start in (CSV, HERE):
        said_here = said.removeprefix(start)
        if said_here != said:
            break
    assert said != said_here
    assert fits(said_here, message), said


def test_the_table_is_long():
    assert len(ROWS) >= 40


SECOND = {
    "another column": ("a,c,y\n1,2,p\n", "...u.csv: has no column 'b'; its columns: a, c, y"),
    "a class that is new": (
        "a,b,y\n1,2,z\n",
        "...u.csv:2: column 'y' is 'z', which ...",
    ),
    "a missing value": ("a,b,y\n1,,p\n", "...u.csv:2: column 'b' has no value, got ''"),
    "empty": ("", "...u.csv: holds no points"),
}


@pytest.mark.parametrize(("text", "message"), SECOND.values(), ids=SECOND)
def test_a_bad_second_file(text: str, message: str):
    Path("t.csv").write_text(GOOD)
    Path("u.csv").write_text(text)
    Path("grid.yaml").write_text(f"{GRID}}}\n".replace("0.25", "u.csv"))
    assert fits(refused("validate", "grid.yaml"), CSV + message)


def test_a_second_file_that_is_too_short():
    Path("t.csv").write_text(GOOD)
    Path("grid.yaml").write_text(f"{GRID}, train: 9}}\n".replace("0.25", "t.csv"))
    said = refused("validate", "grid.yaml")
    assert said == f"{HERE}data.train and test must be at most 4 and 4 points, got 9 and 4"


@pytest.mark.parametrize("test", ["", ", test: 0.5"])
def test_a_part_of_a_second_file_is_none_unsaid(test: str):
    """By default it would be a quarter of the file, its first rows: one class, if it is sorted."""
    Path("t.csv").write_text(GOOD)
    Path("grid.yaml").write_text(GRID.replace(", test: 0.25", f", test_path: t.csv{test}}}\n"))
    said = refused("validate", "grid.yaml")
    assert said == f"{HERE}data.test must be the second file, test: 't.csv' in place of test_path"


def nothing(_: Path) -> None:
    pass


UNREADABLE = {
    "missing": (nothing, ": cannot be read: No such file or directory"),
    "a folder": (Path.mkdir, ": cannot be read: is not a regular file"),
    "a pipe": (os.mkfifo, ": cannot be read: is not a regular file"),
}


@pytest.mark.parametrize(("make", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read(make, message: str):
    make(Path("t.csv"))
    Path("grid.yaml").write_text(f"{GRID}}}\n")
    assert fits(refused("validate", "grid.yaml"), f"{CSV}...t.csv{message}")


def test_a_file_that_is_too_large():
    with Path("t.csv").open("wb") as file:
        file.truncate(100_000_001)
    Path("grid.yaml").write_text(f"{GRID}}}\n")
    assert fits(
        refused("validate", "grid.yaml"),
        f"{CSV}...t.csv: the file is too large; allowed: 100,000,000 bytes",
    )


SAYS = {
    "no path": ("{name: csv, target: y}", "data 'csv': path is missing"),
    "no target": ("{name: csv, path: t.csv}", "data 'csv': target is missing"),
    "an empty target": ("{name: csv, path: t.csv, target: ''}", "...target must name a column"),
    "no targets": ("{name: csv, path: t.csv, target: []}", "...target must name a column"),
    "several classes": (
        "{name: csv, path: t.csv, target: [y, z], task: classes}",
        "data 'csv': several target columns are a regression; classes have one",
    ),
    "a second file of moons": (
        "{name: moons, test: u.csv}",
        "data.test must be a count or a share, got 'u.csv'",
    ),
    "a share of moons": (
        "{name: moons, train: 0.5}",
        "data.train must be a count, since the points are drawn, got 0.5",
    ),
    "a share above one": (
        "{name: iris, test: 1.5}",
        "data.test must be a whole number, or a share between 0 and 1, got 1.5",
    ),
    "a whole share": ("{name: iris, test: 1.0}", "data.test must be a whole number, ..., got 1.0"),
    "a flag as a size": ("{name: iris, test: true}", "data.test must be a whole number, ..."),
    "more than a table has": (
        "{name: iris, train: 151}",
        "data.train and test must be at most 150 points together, got 151 and 0",
    ),
    "nothing to train on": (
        "{name: iris, test: 149}",
        "data.train must be at least 2 points, got 1 of 150",
    ),
    "a stratified diabetes": (
        "{name: diabetes, stratify: true}",
        "data 'diabetes': stratify is for classes, and this is a regression",
    ),
    "negative noise": ("{name: moons, noise: -1}", "data 'moons': noise must be at least 0, ..."),
    "all labels noise and more": (
        "{name: xor, label_noise: 2}",
        "...from 0 to 1, got 2...",
    ),
    "one blob": ("{name: blobs, centers: 1}", "...there must be at least 2 classes, got 1"),
    "a box with one side": ("{name: blobs, center_box: [1]}", "...must be [lowest, highest], ..."),
    "four features of friedman1": ("{name: friedman1, n_features: 4}", "...at least 5, got 4"),
    "a factor of one": ("{name: circles, factor: 1.0}", "...less than 1, got 1.0"),
    "one tile": ("{name: checkerboard, tiles: 1}", "...tiles must be at least 2, got 1"),
    "a small modulus": ("{name: modular, p: 2}", "...p must be from 3 to 1,000, got 2"),
    "a width of nothing": ("{name: teacher, hidden: [0]}", "...widths must be at least 1, ..."),
    "three outputs for two classes": (
        "{name: moons, outputs: 3}",
        "data.outputs must ...",
    ),
    "a label of two": ("{name: moons, neg_label: 2}", "data.neg_label must be 0 or -1, got 2"),
    "signs for a cross-entropy": (
        "{name: moons, neg_label: -1}\nloss: bce",
        "loss 'bce' needs targets 0 and 1, and data.neg_label is -1; fitting: hinge, huber, ...",
    ),
    "targets of two classes on another scale": (
        "{name: moons, normalize_targets: minmax}",
        "data.normalize_targets 'minmax' is for a regression; allowed for data 'moons', which has "
        "two classes: none",
    ),
    "targets of several classes on another scale": (
        "{name: iris, normalize_targets: standard}",
        "data.normalize_targets 'standard' is for a regression; allowed for data 'iris', ...: none",
    ),
    "a seed that is none": ("{name: moons, seed: -1}", "data.seed must be at least 0, got -1"),
}


@pytest.mark.parametrize(("text", "message"), SAYS.values(), ids=SAYS)
def test_bad_data_settings(text: str, message: str):
    Path("grid.yaml").write_text(f"name: s\ngrid: {{}}\ndata: {text}\n")
    said = refused("validate", "grid.yaml")
    assert fits(said, f"grid.yaml:...: {message}"), said
