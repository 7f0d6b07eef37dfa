"""The grid: which runs a study has, what each is called, and what runs of one seed share."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minidl.data import batches
from minidl.random import seeded_generator
from minidl.study.errors import InputError
from minidl.study.files.complaints import shown
from minidl.study.files.shipped import shipped_configs
from minidl.study.grid.change import Change
from minidl.study.grid.expand import expand
from minidl.study.grid.load import load_study, parse_study
from minidl.study.grid.select import select
from minidl.study.grid.spec import StudySpec
from minidl.study.run_spec import RunSpec, describe
from minidl.study.stacks.build import build

ACTIVATIONS = ("tanh", "relu", "leaky_relu")
LOSSES = ("mse", "bce")
OPTIMIZERS = ("sgd", "adam", "none")


def study(text: str) -> StudySpec:
    return parse_study(f"name: s\n{text}", "grid.yaml")


def cells(text: str) -> list[str]:
    return [describe(run) for run in expand(study(text))]


def changed(text: str, *changes: str) -> list[RunSpec]:
    path = Path("grid.yaml")
    path.write_text(f"name: s\n{text}")
    return expand(load_study(str(path), changes=changes))


@pytest.fixture(scope="module")
def paper() -> list[RunSpec]:
    return expand(load_study("paper"))


# --- crossing


def test_the_paper_has_18_cells_of_10_seeds(paper):
    found = [
        (
            r.settings["activation"]["name"],
            r.settings["loss"]["name"],
            r.settings["optimizer"]["name"],
        )
        for r in paper
    ]
    wanted = [(a, loss, o) for a in ACTIVATIONS for loss in LOSSES for o in OPTIMIZERS]
    assert found == [cell for cell in wanted for _ in range(10)]
    assert [run.seed for run in paper] == list(range(10)) * 18
    assert len({run.id for run in paper}) == 180


def test_the_paper_trains_adam_for_150_epochs_and_the_others_for_300(paper):
    epochs = {(r.settings["optimizer"]["name"], r.settings["epochs"]) for r in paper}
    assert epochs == {("sgd", 300), ("none", 300), ("adam", 150)}


@pytest.mark.parametrize("seeds", [1, 3, 25])
def test_seeds_from_outside_replace_those_of_the_file(paper, seeds):
    runs = expand(load_study("paper", seeds=seeds))
    assert len(runs) == 18 * seeds
    assert [run.seed for run in runs[:seeds]] == list(range(seeds))
    both = min(seeds, 10)
    assert [r.id for r in runs if r.seed < both] == [r.id for r in paper if r.seed < both]


def test_seeds_may_be_listed():
    assert [run.seed for run in expand(study("grid: {}\nseeds: [7, 0, 3]"))] == [7, 0, 3]
    ranged = study("grid: {}\nseeds: {range: [100, 103]}")
    assert [run.seed for run in expand(ranged)] == ranged.seeds == [100, 101, 102]
    (given,) = {run.seed for run in expand(load_study("paper", changes=["seeds={range: [9, 10]}"]))}
    assert given == 9


def test_no_axis_is_one_cell():
    (run,) = expand(study("grid: {}"))
    assert run.cell == {}
    assert run.settings["activation"] == {"name": "relu"}


@given(
    sizes=st.lists(st.integers(1, 4), max_size=4),
    seeds=st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=3, unique=True),
)
@settings(deadline=None, max_examples=40, derandomize=True)
def test_every_combination_is_there_once(sizes, seeds):
    axes = ("epochs", "batch_size", "evaluate_every", "data.train")
    grid = {axis: list(range(2, 2 + size)) for axis, size in zip(axes, sizes, strict=False)}
    runs = expand(study(f"grid: {json.dumps(grid)}\nseeds: {seeds}"))
    number = len(seeds)
    for values in grid.values():
        number *= len(values)
    assert len(runs) == number
    assert len({run.id for run in runs}) == number
    combinations = {(run.seed, *run.cell.values()) for run in runs}
    assert len(combinations) == number
    for run in runs:
        assert list(run.cell) == list(grid)
        assert all(run.cell[axis] in grid[axis] for axis in grid)


# --- dotted axes


def test_a_dotted_axis_sets_a_part_and_leaves_the_rest():
    runs = expand(study("optimizer: {name: adam, beta1: 0.5}\ngrid: {optimizer.lr: [0.1, 0.2]}"))
    assert [run.settings["optimizer"]["lr"] for run in runs] == [0.1, 0.2]
    assert {run.settings["optimizer"]["beta1"] for run in runs} == {0.5}
    assert {run.settings["optimizer"]["beta2"] for run in runs} == {0.999}


@pytest.mark.parametrize(
    "order", ["optimizer: [adam], optimizer.lr: [7]", "optimizer.lr: [7], optimizer: [adam]"]
)
def test_a_dotted_axis_refines_a_component_axis_in_either_order(order):
    (run,) = expand(study(f"grid: {{{order}}}"))
    expected = {"name": "adam", "lr": 7.0, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    assert expected.items() <= run.settings["optimizer"].items()


def test_dotted_axes_reach_data_and_model():
    text = "grid: {data.normalize: [none, own], model.hidden: [[], [4, 3]], model.output: [tanh]}"
    runs = expand(study(text))
    assert [run.settings["data"]["normalize"] for run in runs] == ["none", "none", "own", "own"]
    assert [run.settings["model"]["hidden"] for run in runs] == [[], [4, 3]] * 2
    assert {run.settings["model"]["output"]["name"] for run in runs} == {"tanh"}
    assert describe(runs[3]) == "data.normalize=own, model.hidden=4-3, model.output=tanh"


# --- include and exclude, as in GitHub Actions' matrix

# The example of GitHub's documentation, "Running variations of jobs in a workflow", with
# fruit -> activation (apple tanh, pear relu, banana sigmoid), animal -> loss (cat mse, dog bce),
# color -> epochs (green 2, pink 3), shape -> batch_size (circle 4).
GITHUB = """
grid: {activation: [tanh, relu], loss: [mse, bce]}
include:
  - {epochs: 2}
  - {epochs: 3, loss: mse}
  - {activation: tanh, batch_size: 4}
  - {activation: sigmoid}
  - {activation: sigmoid, loss: bce}
"""


def test_include_does_what_github_documents():
    assert cells(GITHUB) == [
        "activation=tanh, loss=mse, epochs=3, batch_size=4",
        "activation=tanh, loss=bce, epochs=2, batch_size=4",
        "activation=relu, loss=mse, epochs=3",
        "activation=relu, loss=bce, epochs=2",
        "activation=sigmoid",
        "activation=sigmoid, loss=bce",
    ]
    runs = expand(study(GITHUB))
    assert [run.settings["epochs"] for run in runs] == [3, 2, 3, 2, 300, 300]
    assert [run.settings["batch_size"] for run in runs] == [4, 4, 5, 5, 5, 5]


def test_include_never_changes_a_value_of_an_axis():
    found = cells("grid: {activation: [tanh]}\ninclude: [{activation: relu, epochs: 2}]")
    assert found == ["activation=tanh", "activation=relu, epochs=2"]
    text = "grid: {optimizer: [{name: sgd, lr: 0.2}]}\ninclude: [{optimizer: sgd, epochs: 2}]"
    (joined,) = expand(study(text))
    expected = {"name": "sgd", "lr": 0.2, "momentum": 0.9}
    assert expected.items() <= joined.settings["optimizer"].items()
    assert joined.settings["epochs"] == 2


def test_without_axes_every_include_is_a_cell():
    assert cells("grid: {}\ninclude: [{epochs: 2}, {epochs: 3}]") == ["epochs=2", "epochs=3"]


def test_an_exclude_of_a_part_takes_every_cell_that_has_it():
    text = "grid: {activation: [tanh, relu], loss: [mse, bce]}\nexclude: [{loss: bce}]"
    assert cells(text) == ["activation=tanh, loss=mse", "activation=relu, loss=mse"]


def test_an_exclude_of_two_values_takes_the_cell_that_has_both():
    text = "grid: {activation: [tanh, relu], loss: [mse, bce]}\n"
    found = cells(text + "exclude: [{loss: bce, activation: relu}]")
    assert found == [
        "activation=tanh, loss=mse",
        "activation=tanh, loss=bce",
        "activation=relu, loss=mse",
    ]


def test_an_include_comes_after_the_excludes():
    text = "grid: {activation: [tanh, relu]}\nexclude: [{activation: tanh}]\n"
    assert cells(text + "include: [{activation: tanh}]") == ["activation=relu", "activation=tanh"]


def test_rules_speak_of_a_component_by_its_name_or_by_some_arguments():
    axes = "grid: {optimizer: [{name: sgd, lr: 0.1}, {name: sgd, lr: 0.2}, adam]}\n"
    assert len(cells(axes + "exclude: [{optimizer: sgd}]")) == 1
    assert len(cells(axes + "exclude: [{optimizer: {lr: 0.1}}]")) == 2
    assert len(cells(axes + "exclude: [{optimizer: {name: sgd, lr: 0.2}}]")) == 2


# --- overrides


def test_overrides_are_applied_in_order_and_see_each_others_values():
    text = """
grid: {activation: [tanh, relu]}
overrides:
  - {when: {activation: relu}, set: {epochs: 7}}
  - {when: {epochs: 7}, set: {batch_size: 3, optimizer.lr: 0.5}}
  - {when: {}, set: {evaluate_every: 2}}
  - {when: {activation: relu}, set: {epochs: 8}}
"""
    tanh, relu = (run.settings for run in expand(study(text)))
    assert (tanh["epochs"], tanh["batch_size"], tanh["optimizer"]["lr"]) == (300, 5, 0.01)
    assert (relu["epochs"], relu["batch_size"], relu["optimizer"]["lr"]) == (8, 3, 0.5)
    assert tanh["evaluate_every"] == relu["evaluate_every"] == 2


def test_an_override_may_ask_for_defaults_and_parts():
    when = "{optimizer.momentum: 0.9, data.train: 1000, loss: mse}"
    (run,) = expand(study(f"grid: {{}}\noverrides: [{{when: {when}, set: {{epochs: 2}}}}]"))
    assert run.settings["epochs"] == 2


def test_an_override_may_ask_for_a_components_defaults():
    text = """
grid:
  optimizer: [adam, {name: adam, lr: 0.001, beta1: 0.5}, {name: adam, lr: 0.1}]
overrides: [{when: {RULE}, set: {epochs: 7}}]
"""
    for rule in ("optimizer.lr: 0.001", "optimizer: {name: adam, lr: 0.001}"):
        runs = expand(study(text.replace("RULE", rule)))
        assert [run.settings["epochs"] for run in runs] == [7, 7, 300]
        only = select(runs, [rule.replace(": ", "=", 1)])
        assert only == runs[:2]


def test_an_override_sees_the_defaults_of_a_component_that_another_has_set():
    text = """
grid: {optimizer: [sgd, none]}
overrides:
  - {when: {optimizer: sgd}, set: {optimizer: adam}}
  - {when: {optimizer.beta2: 0.999}, set: {epochs: 7}}
"""
    assert [run.settings["epochs"] for run in expand(study(text))] == [7, 300]


def test_excludes_and_includes_see_defaults_too():
    axes = "grid: {optimizer: [sgd, adam], loss: [mse]}\n"
    assert cells(axes + "exclude: [{optimizer.lr: 0.001}]") == ["optimizer=sgd, loss=mse"]
    assert len(cells(axes + "exclude: [{optimizer: {name: sgd, momentum: 0.9}}]")) == 1
    assert cells(axes + "include: [{optimizer: {name: sgd, lr: 0.01}, epochs: 2}]") == [
        "optimizer=sgd, loss=mse, epochs=2",
        "optimizer=adam, loss=mse",
    ]
    rates = "grid: {optimizer: [sgd], optimizer.lr: [0.1, 0.01]}\n"
    found = cells(rates + "exclude: [{optimizer: {name: sgd, lr: 0.1}}]")
    assert found == ["optimizer=sgd, optimizer.lr=0.01"]


# --- labels say what trained


def test_a_cell_is_called_by_what_an_override_has_put_in_its_place():
    text = "grid: {activation: [tanh, relu], epochs: [5]}\n"
    runs = expand(study(text + "overrides: [{when: {activation: relu}, set: {epochs: 9}}]"))
    assert [run.settings["epochs"] for run in runs] == [5, 9]
    assert [run.cell["epochs"] for run in runs] == [5, 9]
    assert [run.labels["epochs"] for run in runs] == ["5", "9"]


@pytest.mark.parametrize(
    ("axis", "override", "label"),
    [
        ("sgd", "{}", "sgd"),
        ("{name: sgd, lr: 0.2}", "{}", "sgd(lr=0.2)"),
        ("{name: sgd, lr: 0.2}", "{optimizer.lr: 0.5}", "sgd(lr=0.5)"),
        ("{name: sgd, lr: 0.2}", "{optimizer.lr: 1}", "sgd(lr=1.0)"),
        ("{name: sgd, lr: 1}", "{optimizer.lr: 1.0}", "sgd(lr=1)"),
        ("{name: sgd, lr: 0.2}", "{optimizer.momentum: 0.5}", "sgd(lr=0.2)"),
        ("sgd", "{optimizer.momentum: 0.5}", "sgd"),
        ("sgd", "{optimizer: adam}", "adam"),
        ("{name: sgd, lr: 0.2}", "{optimizer: {name: adam, lr: 0.3}}", "adam(lr=0.3)"),
    ],
)
def test_a_component_is_called_by_the_named_arguments_with_which_it_trained(axis, override, label):
    rule = f"[{{when: {{}}, set: {override}}}]" if override != "{}" else "[]"
    (run,) = expand(study(f"grid: {{optimizer: [{axis}]}}\noverrides: {rule}"))
    assert run.labels == {"optimizer": label}


@pytest.mark.parametrize(
    ("levels", "labels"),
    [
        ("{name: sgd, lr: 0.2}, {name: adam, lr: 0.1}", ["sgd", "adam(lr=0.1)"]),
        ("{name: sgd, lr: 0.2, momentum: 0.5}", ["sgd(momentum=0.5)"]),
        ("{name: sgd, lr: 0.2}, sgd", ["sgd (written sgd(lr=0.2))", "sgd"]),
        (
            "{name: sgd, lr: 0.2}, {name: sgd, lr: 0.2, nesterov: true}",
            ["sgd", "sgd(nesterov=True)"],
        ),
    ],
)
def test_a_level_of_which_an_override_changes_a_part_in_some_cells_stays_one(levels, labels):
    runs = expand(
        study(f"""
grid: {{activation: [tanh, relu], optimizer: [{levels}]}}
overrides: [{{when: {{activation: relu, optimizer.lr: 0.2}}, set: {{optimizer.lr: 0.05}}}}]
""")
    )
    tanh = [run for run in runs if run.labels["activation"] == "tanh"]
    relu = [run for run in runs if run.labels["activation"] == "relu"]
    assert [run.labels["optimizer"] for run in tanh] == labels
    for one, other in zip(tanh, relu, strict=False):  # they are compared with each other
        assert one.labels["optimizer"] == other.labels["optimizer"]
        assert one.place["optimizer"] == other.place["optimizer"]
    assert [run.settings["optimizer"]["lr"] for run in (tanh[0], relu[0])] == [0.2, 0.05]


def test_a_network_of_which_an_override_changes_a_part_stays_one_level():
    runs = expand(
        study("""
grid: {activation: [tanh, relu], model: [{hidden: [5], dropout: 0.1}, {hidden: [5, 7]}]}
overrides: [{when: {activation: relu, model: {hidden: [5]}}, set: {model.dropout: 0.2}}]
""")
    )
    labels = [run.labels["model"] for run in runs]
    assert labels == ["hidden=5", "hidden=5-7", "hidden=5", "hidden=5-7"]
    assert runs[0].place["model"] == runs[2].place["model"]
    assert [run.settings["model"]["dropout"] for run in runs] == [0.1, 0.0, 0.2, 0.0]


def test_equal_values_have_one_label_however_they_are_spelled():
    text = """
grid: {}
include:
  - {optimizer: {name: sgd, lr: 0.1, momentum: 0.5}, loss: mse}
  - {optimizer: {name: sgd, momentum: 0.5, lr: 0.1}, loss: bce}
  - {loss: mse, optimizer: adam}
  - {loss: bce, optimizer: {name: adam, lr: 0.001}}
"""
    first, second, third, fourth = expand(study(text))
    assert first.labels["optimizer"] == second.labels["optimizer"] == "sgd(lr=0.1, momentum=0.5)"
    assert third.labels["optimizer"] == fourth.labels["optimizer"] == "adam"


def test_two_cells_that_an_override_gives_one_value_are_told_apart_by_what_was_written():
    text = """
grid: {epochs: [5, 9]}
overrides: [{when: {epochs: 5}, set: {epochs: 9, batch_size: 3}}]
"""
    assert cells(text) == ["epochs=9 (written 5)", "epochs=9"]


@pytest.mark.parametrize(
    "values",
    [
        "[adam, {name: adam, lr: 0.001}]",
        "[{name: sgd, lr: 1, momentum: 0.5}, {momentum: 0.5, name: sgd, lr: 1.0}]",
    ],
)
def test_an_axis_that_has_a_value_in_two_spellings_is_refused(values):
    with pytest.raises(InputError, match=r"^grid.yaml:2: axis 'optimizer' has the value .* twice"):
        expand(study(f"grid: {{optimizer: {values}}}"))


# --- --set and --only


@pytest.fixture
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


AXES = "grid: {activation: [tanh, relu], optimizer: [sgd, adam]}\n"
ADAM = "overrides: [{when: {optimizer: adam}, set: {epochs: 150}}]\n"


@pytest.mark.usefixtures("_here")
def test_set_beats_file_axis_and_override():
    runs = changed(AXES + ADAM, "epochs=20", "optimizer.lr=0.5")
    assert {run.settings["epochs"] for run in runs} == {20}
    assert {run.settings["optimizer"]["lr"] for run in runs} == {0.5}


@pytest.mark.usefixtures("_here")
def test_set_of_an_axis_replaces_its_values():
    one = changed(AXES, "activation=sigmoid")
    assert {run.settings["activation"]["name"] for run in one} == {"sigmoid"}
    assert len(one) == 2
    assert len(changed(AXES, "activation=[tanh, sigmoid, identity]")) == 6
    (widths, *_) = changed("grid: {model.hidden: [[2], [3]]}", "model.hidden=[4, 5]")
    assert widths.settings["model"]["hidden"] == [4, 5]


@pytest.mark.usefixtures("_here")
def test_an_axis_without_adam_needs_no_override_for_adam():
    runs = changed(AXES + ADAM, "optimizer=sgd")
    assert {run.settings["epochs"] for run in runs} == {300}
    assert {run.settings["epochs"] for run in changed(AXES + ADAM, "optimizer=adam")} == {150}


@pytest.mark.usefixtures("_here")
def test_set_of_a_key_of_the_study():
    assert len(changed(AXES, "seeds=[4, 5]")) == 8
    assert len(changed(AXES, "exclude=[{activation: tanh}]")) == 2
    assert len(changed(AXES, "grid={}")) == 1


@pytest.mark.usefixtures("_here")
def test_the_last_set_wins():
    assert changed("grid: {}", "epochs=2", "epochs=3")[0].settings["epochs"] == 3


@pytest.mark.usefixtures("_here")
def test_several_values_from_outside_replace_what_an_override_sets_be_it_nothing():
    rule = "overrides: [{when: {optimizer: sgd}, set: {validation: null}}]\n"
    runs = changed(AXES + rule, "validation=0.1,0.2")
    assert [run.settings["validation"] for run in runs] == [0.1, 0.2] * 4


@pytest.mark.usefixtures("_here")
def test_a_change_names_itself_when_it_is_wrong():
    path = Path("grid.yaml")
    path.write_text("name: s\n" + AXES)
    with pytest.raises(InputError, match=r"^--act tahn: activation 'tahn' is unknown"):
        expand(load_study(str(path), changes=[Change("activation", "tahn", "--act tahn")]))


@pytest.mark.usefixtures("_here")
def test_set_replaces_an_axis_of_lists():
    axis = "grid: {model.hidden: [[4], [5, 5]]}"
    for text, widths in (("[[3], [6, 6]]", [[3], [6, 6]]), ("[3]", [[3]]), ("[]", [[]])):
        runs = changed(axis, f"model.hidden={text}")
        assert [run.settings["model"]["hidden"] for run in runs] == widths


@pytest.mark.usefixtures("_here")
def test_rules_that_speak_of_a_value_that_an_axis_no_longer_has_go_with_it():
    rules = (
        "exclude: [{activation: relu, optimizer.lr: 0.001}, {activation: tanh, optimizer: sgd}]\n"
        "include: [{optimizer: {beta1: 0.9}, epochs: 2}, {activation: relu, batch_size: 7}]\n"
    )
    runs = changed(AXES + rules + ADAM, "optimizer=[sgd, none]")
    assert [run.labels for run in runs] == [
        {"activation": "tanh", "optimizer": "none"},
        {"activation": "relu", "optimizer": "sgd", "batch_size": "7"},
        {"activation": "relu", "optimizer": "none", "batch_size": "7"},
    ]
    assert {run.settings["epochs"] for run in runs} == {300}
    assert len(expand(load_study("test_gap", changes=["init=[uniform, xavier]"], seeds=1))) == 108


@pytest.mark.usefixtures("_here")
def test_set_keeps_a_rule_that_never_had_a_value_for_the_error_that_it_is():
    with pytest.raises(InputError, match=r"^grid.yaml:3: exclude matches no cell"):
        changed(AXES + "exclude: [{activation: identity}]", "activation=tanh")


@pytest.mark.usefixtures("_here")
def test_set_of_a_whole_list_loses_no_other_set():
    for changes in (["epochs=7", "overrides=[]"], ["overrides=[]", "epochs=7"]):
        assert {run.settings["epochs"] for run in changed(AXES + ADAM, *changes)} == {7}


def test_only_takes_one_of_each_keys_values_for_every_key(paper):
    chosen = select(paper, ["optimizer=sgd", "optimizer=adam", "activation=tanh", "seed=3"])
    assert len(chosen) == 2 * 2
    assert {run.settings["optimizer"]["name"] for run in chosen} == {"sgd", "adam"}
    assert {(run.settings["activation"]["name"], run.seed) for run in chosen} == {("tanh", 3)}
    assert [run.id for run in chosen] == [run.id for run in paper if run in chosen]


@pytest.mark.parametrize(
    ("only", "number"),
    [
        ([], 180),
        (["epochs=150"], 60),
        (["optimizer.lr=0.001"], 60),
        (["optimizer.lr=1e-3"], 60),
        (["model.hidden=[25, 25, 25]"], 180),
        (["data={train: 1000}"], 180),
        (["seed=0", "seed=9"], 36),
    ],
)
def test_only_knows_every_setting(paper, only, number):
    assert len(select(paper, only)) == number


@given(
    wanted=st.lists(
        st.sampled_from(["activation=tanh", "loss=mse", "loss=bce", "optimizer=none", "seed=4"]),
        unique=True,
    )
)
@settings(
    deadline=None,
    max_examples=30,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_only_is_a_subset_in_order_and_asking_twice_changes_nothing(paper, wanted):
    once = select(paper, wanted)
    assert [run.id for run in once] == [run.id for run in paper if run in once]
    assert select(once, wanted) == once
    keys = [text.split("=")[0] for text in wanted]
    parts = {"activation": 3, "loss": 2, "optimizer": 3, "seed": 10}
    expected = 180
    for key in set(keys):
        expected = expected * keys.count(key) // parts[key]
    assert len(once) == expected


# --- ids


def test_ids_are_those_of_every_other_machine(paper):
    assert paper[0].id == "88a8cbfa4f5c783d"  # tanh, mse, sgd, seed 0
    assert paper[1].id == "549f8e4182408a0d"
    (default,) = expand(study("grid: {}"))
    assert default.id == "7932088434b63682"
    smoke = expand(load_study("smoke"))
    assert [smoke[0].id, smoke[-1].id] == ["bf9df54a98472bdd", "0fd2b3a2fc274936"]


def test_ids_do_not_depend_on_the_process():
    code = "from minidl.study.grid.expand import expand\n"
    code += "from minidl.study.grid.load import load_study\n"
    code += "print(expand(load_study('paper'))[0].id)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "7"}, capture_output=True, check=True
    )
    assert done.stdout == b"88a8cbfa4f5c783d\n"


SAME = [
    ("grid: {}", "grid: {activation: [relu]}"),
    ("grid: {}", "grid: {epochs: [300], batch_size: [5]}"),
    ("grid: {}\nactivation: relu", "activation: {name: relu}\ngrid: {}"),
    ("grid: {optimizer: [sgd]}", "grid: {optimizer: [{momentum: 0.9, name: sgd, lr: 1e-2}]}"),
    ("grid: {optimizer.lr: [1]}", "grid: {optimizer.lr: [1.0]}"),
    ("grid: {}\nepochs: 7", "grid: {}\noverrides: [{when: {}, set: {epochs: 7}}]"),
    ("grid: {}", "grid: {}\nreference: paper"),
    ("grid: {}\ndata: disk", "grid: {}\ndata: {train: 1000, name: disk, normalize: none}"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_settings_have_the_same_id_however_they_are_said(one, other):
    assert [run.id for run in expand(study(one))] == [run.id for run in expand(study(other))]


def test_the_studys_name_is_no_part_of_a_runs_id():
    first = expand(parse_study("name: a\ngrid: {}", "a"))
    assert [run.id for run in first] == [
        r.id for r in expand(parse_study("name: b\ngrid: {}", "b"))
    ]


LEAVES = [
    ("seed", 1),
    ("epochs", 301),
    ("updates", 1000),
    ("shuffle", "never"),
    ("validation", 0.2),
    ("early_stopping", {"monitor": None, "patience": 3, "min_delta": 0.0}),
    ("batch_size", 6),
    ("evaluate_every", 11),
    ("activation", {"name": "tanh"}),
    ("loss", {"name": "bce"}),
    ("loss.reduction", "sum"),
    ("optimizer.lr", 0.02),
    ("optimizer.momentum", 0.8),
    ("optimizer.dampening", 0.0),
    ("optimizer.nesterov", True),
    ("optimizer.weight_decay", 0.1),
    ("optimizer.l1", 0.1),
    ("optimizer.decay", "all"),
    ("optimizer.clip_norm", 1.0),
    ("schedule", {"name": "cosine", "T_max": None, "eta_min": 0.0}),
    ("init", {"name": "he"}),
    ("init.bound", 0.5),
    ("init.bias", "zeros"),
    ("data.train", 999),
    ("data.test", 999),
    ("data.normalize", "own"),
    ("data.normalize_targets", "standard"),
    ("data.seed", 0),
    ("data.outputs", 2),
    ("data.neg_label", -1),
    ("model.hidden", [25, 25]),
    ("model.output", {"name": "identity"}),
    ("model.threshold", 0.4),
    ("model.dropout", 0.1),
    ("model.layer_norm", True),
    ("model.layers", [{"name": "linear"}]),
]


@pytest.mark.parametrize(("key", "value"), LEAVES)
def test_every_setting_is_part_of_the_id(key, value):
    (run,) = expand(study("grid: {}"))
    settings_of = copy.deepcopy(run.settings)
    if key == "seed":
        assert RunSpec(settings_of, value, {}).id != run.id
        return
    *parents, last = key.split(".")
    target = settings_of
    for parent in parents:
        target = target[parent]
    assert target[last] != value
    target[last] = value
    assert RunSpec(settings_of, run.seed, {}).id != run.id


def leaves(value: object, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {path.removesuffix(".name")}
    return set().union(*(leaves(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()))


def test_the_list_of_settings_above_is_complete():
    (run,) = expand(study("grid: {}"))
    assert leaves(run.settings) - {"data", "optimizer"} == {key for key, _ in LEAVES} - {"seed"}


def test_cells_are_no_part_of_the_id(paper):
    assert RunSpec(paper[0].settings, paper[0].seed, {}).id == paper[0].id


# --- written and read again


STUDIES = sorted(path.stem for path in shipped_configs().glob("*.yaml"))


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_written_and_read_again_has_the_same_runs(name):
    first = load_study(name)
    text = first.to_yaml()
    again = parse_study(text, "study.yaml")
    assert [(run.id, run.cell) for run in expand(again)] == [
        (run.id, run.cell) for run in expand(first)
    ]
    assert again.to_yaml() == text


@pytest.mark.usefixtures("_here")
def test_a_changed_study_written_and_read_again_has_the_same_runs():
    Path("grid.yaml").write_text(
        f"name: '1e3'\n{GITHUB}exclude: [{{loss: bce, activation: relu}}]\n{ADAM}"
    )
    first = load_study("grid.yaml", changes=["include=[{optimizer: adam}]", "epochs=20"], seeds=3)
    again = parse_study(first.to_yaml(), "study.yaml")
    assert [(run.id, run.cell) for run in expand(again)] == [
        (run.id, run.cell) for run in expand(first)
    ]
    assert again.name == "1e3"


# --- what runs of one seed share


def test_one_seed_is_one_data_set_one_start_and_one_order_in_all_18_cells(paper):
    runs = [run for run in paper if run.seed == 3]
    assert len(runs) == 18
    built = [build(run) for run in runs]
    for other in built[1:]:
        for part in ("train", "test"):
            assert torch.equal(getattr(other, part).x, getattr(built[0], part).x)
            assert torch.equal(getattr(other, part).y, getattr(built[0], part).y)
        pairs = zip(other.model.param(), built[0].model.param(), strict=True)
        assert all(torch.equal(one, two) for (one, _), (two, _) in pairs)
    orders = [batch_order(run, data.train) for run, data in zip(runs, built, strict=True)]
    assert all(torch.equal(order, orders[0]) for order in orders)


def batch_order(run: RunSpec, data) -> torch.Tensor:
    generator = seeded_generator(run.seed, "batches")
    return torch.cat([b.x for b in batches(data, run.settings["batch_size"], generator)])


def test_two_seeds_share_nothing(paper):
    one, two = build(paper[0]), build(paper[1])
    assert not torch.equal(one.train.x, two.train.x)
    assert not torch.equal(one.model.param()[0][0], two.model.param()[0][0])
    assert not torch.equal(batch_order(paper[0], one.train), batch_order(paper[1], one.train))


def test_training_and_test_points_differ(paper):
    built = build(paper[0])
    points = torch.cat([built.train.x, built.test.x])
    assert len(points.unique(dim=0)) > 1990


# --- limits


def test_a_large_grid_is_refused_before_it_is_built_and_may_be_allowed():
    large = study(f"grid: {{epochs: {list(range(1, 51))}}}\nseeds: 20")
    with pytest.raises(InputError, match=r"^grid.yaml:2: the grid has 1,000 runs; allowed: 999 "):
        expand(large, max_runs=999)
    assert len(expand(large, max_runs=1000)) == 1000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (False, "false"),
        (1, "1"),
        ("a", "'a'"),
        ([1], "[1]"),
        ("a" * 58, f"'{'a' * 58}'"),
        ("a" * 59, f"'{'a' * 56}..."),
    ],
)
def test_a_message_shows_a_value_in_yamls_words_and_cut_short(value, text):
    assert shown(value) == text
