"""A component of one's own, of every kind there is: a good one works, and whatever is wrong with
one is a line before anything is trained.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers.in_process import minidl, refused

from minidl.registry import KINDS
from minidl.study.grid.component_files import LOADED, forget

HEAD = """import torch
from minidl import *
from minidl import Metric, Optimizer, Schedule, register
from minidl.losses import Loss

"""
SMALL = """name: own
components: [own.py]
data: {name: disk, train: 20, test: 20}
model: {hidden: [4], output: sigmoid}
epochs: 3
evaluate_every: 1
"""


class Own(NamedTuple):
    """A component that works, the line of a grid file that uses it, and what may be wrong with it:
    what to write in place of what, and what is said of it, which may be a regular expression.
    """

    text: str
    use: str
    faults: dict[tuple[str, str], str]


OWN = {
    "activation": Own(
        """
@register("activation", "mine")
class Mine(Module):
    def forward(self, x):
        self.x = x
        return x.atan()

    def backward(self, gradient):
        return gradient / (1 + self.x * self.x)
""",
        "activation: mine",
        {
            ("return x.atan()", "return x.atn()"): "11: AttributeError: .*atn",
            ("return x.atan()", "return None"): "7: .*forward.* must be a tensor, got None",
            ("return x.atan()", "return x.sum()"): r"7: .* must have the shape \(5, 3\), got \(\)",
            ("return x.atan()", "return x - x.mean()"): "7: .*a stack other numbers than alone",
            (
                "return gradient /",
                "return gradient[0] /",
            ): "7: .*backward gives a network in a stack other",
            ("def backward", "def backwards"): r"7: activation 'mine' has no backward\(\)",
            ("(self, gradient)", "(self)"): r"7: .*backward\(self\) cannot be called with 1",
            ("(Module)", ""): "7: .* must be a class made from Module",
            (
                "    def forward",
                "    range = (1, 0)\n\n    def forward",
            ): "7: .*range must be a tuple",
        },
    ),
    "layer": Own(
        """
@register("layer", "mine")
class Mine(Module):
    def __init__(self, d, generator):
        self.gain = torch.ones(1, d)
        self.slope = torch.zeros(1, d)

    def forward(self, x):
        self.x = x
        return x * self.gain

    def backward(self, gradient):
        self.slope.copy_((gradient * self.x).sum(dim=-2, keepdim=True))
        return gradient * self.gain

    def param(self):
        return [(self.gain, self.slope)]
""",
        "model: {layers: [{linear: 4}, mine, tanh, linear, sigmoid]}",
        {
            ("ones(1, d)", "ones(1, e)"): "10: NameError: name 'e'",
            ("return x * self.gain", "return x[:, :2]"): "7: .*forward.* must have the shape",
            ("return gradient * self.gain", "pass"): "7: .*backward.* must be a tensor, got None",
            ("self, d, generator", "self, d"): r"7: .* must take \(d, generator\), got \(d\)",
            ("def forward", "def ahead"): r"7: layer 'mine' has no forward\(\)",
            (
                "ones(1, d)",
                "ones(d)",
            ): r"7: .*value of a parameter must be a tensor of two .*\(3,\)",
        },
    ),
    "loss": Own(
        """
@register("loss", "mine")
class Mine(Loss):
    def forward(self, prediction, target):
        return (prediction - target).pow(5).mean(dim=(-2, -1))

    def backward(self, prediction, target):
        return 4 * (prediction - target).pow(4) / prediction.shape[-2]
""",
        "loss: mine",
        {
            ("dim=(-2, -1)", ""): r"7: .*forward.* must have the shape \(2,\), got \(\)",
            (".pow(5)", ".pow(four)"): "10: NameError: name 'four'",
            ("return 4 *", "4 *"): "7: .*backward.* must be a tensor, got None",
            ("/ prediction.shape[-2]", "/ prediction.sum()"): "7: .*stack other numbers than alone",
            (
                "(self, prediction, target):\n        return 4",
                "(self, x):\n        return 4",
            ): "7: .*backward.* cannot be called with 2",
            (
                "    def forward",
                "    tasks = 'binary'\n\n    def forward",
            ): "7: .*tasks must be a tup",
        },
    ),
    "optimizer": Own(
        """
@register("optimizer", "mine")
class Mine(Optimizer):
    def __init__(self, param, lr: float = 0.01):
        super().__init__(param, lr)

    def step(self):
        for value, gradient in self.param:
            value.sub_(self.lr.to(value.dtype) * gradient.sign())
""",
        "optimizer: mine",
        {
            ("gradient.sign()", "gradients.sign()"): "14: NameError: name 'gradients'",
            ("value.sub_(", "value.add_(2).resize_("): "7|14: .*",
            ("super().__init__(param, lr)", "pass"): "7|13: .*",
            ("def step", "def steps"): r"7: optimizer 'mine' has no step\(\)",
            ("self, param, lr: float = 0.01", "self, lr: float = 0.01"): "7: .* must take|10: .*",
            ("lr: float = 0.01", "lr: float = {1}"): "7: .*default of lr must be plain data",
        },
    ),
    "schedule": Own(
        """
@register("schedule", "mine")
class Mine(Schedule):
    def rate(self, lr, progress):
        return lr / (1 + progress.epoch)
""",
        "schedule: mine",
        {
            ("progress.epoch", "progress.round"): "10: AttributeError: .*round",
            ("return lr /", "return -lr /"): "7: .*rate must return a number of at least 0, got -",
            ("return lr /", "lr /"): "7: .*rate must return a number of at least 0, got None",
            ("lr / (1", "lr / float('nan') * (1"): "7: .*rate must return a number.*got nan",
            ("lr, progress)", "lr)"): r"7: .*rate\(self, lr\) cannot be called with 2",
            ("def rate", "def rates"): r"7: schedule 'mine' has no rate\(\)",
            (
                "    def rate",
                "    monitor = 5\n\n    def rate",
            ): "7: .*monitor must be train_ or validation_ and a score, got 5",
            (
                "    def rate",
                "    monitor = 'test_loss'\n\n    def rate",
            ): "7: .*monitor must .*test_loss",
        },
    ),
    "init": Own(
        """
@register("init", "mine")
def mine(d_in, d_out, generator):
    return torch.rand(d_in, d_out, generator=generator) - 0.5, torch.zeros(1, d_out)
""",
        "init: mine",
        {
            (", torch.zeros(1, d_out)", ""): r"7: .* must return \(weight, bias\), got tensor",
            ("zeros(1, d_out)", "zeros(d_out)"): r"7: .*bias.* must have the shape \(1, 3\)",
            ("rand(d_in, d_out", "rand(d_out, d_in"): r"7: .*weight.* must have the shape \(4, 3\)",
            ("torch.rand(", "torch.rnd("): "9: AttributeError: .*rnd",
            ("d_out, generator)", "d_out)"): r"7: .* must take \(d_in, d_out, generator\)",
            ("- 0.5", "- float('nan')"): "7: .*weight.* must be finite float32",
        },
    ),
    "data": Own(
        """
@register("data", "mine")
class Mine(DataSource):
    d_in, d_out, task = 2, 1, "binary"

    def draw(self, n, generator):
        x = torch.rand(n, 2, generator=generator)
        return Dataset(x, (x.sum(dim=-1, keepdim=True) < 1).float())
""",
        "data: {name: mine, train: 20, test: 20}",
        {
            ("torch.rand(n, 2", "torch.rand(n, 3"): r"7: .*x of 8 points must have the shape",
            (".float())", ")"): "7: .*y must be finite float32, got torch.bool",
            ("return Dataset(x,", "return (x,"): "7: .*draw must return a Dataset, got",
            ("x.sum(", "y.sum("): "(12|13): (NameError|UnboundLocalError): .*'y'",
            ('"binary"', '"binry"'): "7: .*task must be one of binary, classes, regression, got",
            ("d_in, d_out, task = 2, 1", "d_in, d_out, task = 2.0, 1"): "7: .*d_in must be a whole",
            ("def draw", "def draws"): r"7: data 'mine' has no draw\(\)",
            (
                "    def draw",
                "    def __init__(self, train=1):\n        pass\n\n    def draw",
            ): "7: .*no argument can be called 'train'",
            (
                "(x.sum(dim=-1, keepdim=True) < 1).float()",
                "x[:, :1]",
            ): "7: .*y must be 0 or 1, as the task is binary",
        },
    ),
    "metric": Own(
        """
@register("metric", "mine")
class Mine(Metric):
    title, better, digits, margin, tasks = "Mine", "lower", 3, 0.01, ("binary",)

    def constant(self, target):
        return target.double().var(dim=-2, correction=0).mean(dim=-1)

    def totals(self, output, target):
        return ((output.double() - target.double()).square().mean(dim=-1).sum(dim=-1),)

    def score(self, n, *totals):
        return totals[0] / n
""",
        "loss: mse",
        {
            ("title, better", "titel, better"): "7: .*title must be text, got None",
            ('"lower"', '"down"'): "7: .*better must be higher or lower, got 'down'",
            ('"mine")', '"top-3")'): "7: metric 'top-3': its name must be .*letters, digits or '_'",
            ('"mine")', '"mean.error")'): "7: metric 'mean.error': its name must be ",
            ('"mine")', '"loss")'): "7: metric 'loss': its name must be .* not loss",
            ("title, better", 'unit = "standard deviations of y"\n    title, better'): (
                "7: metric 'mine': unit must be text of at most 20 bytes, got 'standard deviations"
            ),
            ('("binary",)', '("binary")'): "7: .*tasks must be a tuple of binary",
            ("return totals[0] / n", "return totals / n"): "18: TypeError: .*",
            ("(dim=-1).sum(dim=-1),)", "(dim=-1).sum(dim=-1))"): "7: .*totals must return a tuple",
            ("sum(dim=-1),)", "sum(),)"): "7: .* must have the shape .*|7: .*stack other numbers",
            ("def constant", "def constants"): r"7: metric 'mine' has no constant\(\)",
            ("var(dim=-2", "var(dim=-3"): "7: .*constant must have the shape .*|12: .*",
        },
    ),
}
FAULTS = [(kind, *fault, said) for kind, own in OWN.items() for fault, said in own.faults.items()]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    for path in list(LOADED):
        forget(path)


def write(text: str, use: str) -> None:
    """Write a study that uses a component, and its file."""
    Path("own.py").write_text(HEAD + text)
    key = use.partition(":")[0]
    settings = re.sub(rf"^{key}:.*\n", "", SMALL, flags=re.MULTILINE)
    Path("grid.yaml").write_text(f"{settings}{use}\ngrid: {{}}\n")


def test_every_kind_is_here():
    assert OWN.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_one_works(kind):
    write(OWN[kind].text, OWN[kind].use)
    done = minidl(*("run", "--grid", "grid.yaml", "--out", "out", "--jobs", "1", "--json", "-q"))
    (row,) = json.loads(done.stdout)["runs"]
    assert row["status"] == "done"
    assert (row["test_mine"] >= 0) if kind == "metric" else "test_mine" not in row
    shown = json.loads(minidl("show", "out", row["id"], "--json").stdout)
    assert shown["environment"]["components"].keys() == {"own.py"}


@pytest.mark.parametrize(("kind", "old", "new", "said"), FAULTS)
def test_what_is_wrong_is_a_line_before_anything_is_trained(kind, old, new, said):
    assert OWN[kind].text.count(old) >= 1
    write(OWN[kind].text.replace(old, new), OWN[kind].use)
    line = refused("run", "--grid", "grid.yaml", "--out", "out", "--jobs", "1")
    assert re.fullmatch(rf"own\.py:(?:{said}).*", line), line


WITH_ARGUMENTS = {
    "activation": (
        ("x.atan()", "x.atan() if self.steep < 2 else x.sum()"),
        (
            "    def forward",
            "    def __init__(self, steep: float):\n        self.steep = steep\n\n",
        ),
        "activation: {name: mine, steep: STEEP}",
    ),
    "layer": (
        ("x * self.gain", "x * self.gain if self.steep < 2 else x.sum()"),
        ("d, generator):", "d, generator, steep: float):\n        self.steep = steep"),
        "model: {layers: [{linear: 4}, {mine: STEEP}, tanh, linear, sigmoid]}",
    ),
    "schedule": (
        ("progress.epoch)", "progress.epoch) * (1 if self.steep < 2 else -1)"),
        ("    def rate", "    def __init__(self, steep: float):\n        self.steep = steep\n\n"),
        "schedule: {name: mine, steep: STEEP}",
    ),
    "data": (
        (".float())", ".float() * (1 if self.steep < 2 else 7))"),
        ("    def draw", "    def __init__(self, steep: float):\n        self.steep = steep\n\n"),
        "data: {name: mine, train: 20, test: 20, steep: STEEP}",
    ),
}


@pytest.mark.parametrize("kind", WITH_ARGUMENTS)
def test_one_is_tried_with_the_arguments_that_a_study_gives_it(kind):
    (old, new), (method, start), use = WITH_ARGUMENTS[kind]
    text = OWN[kind].text.replace(old, new)
    method_too = "" if method.endswith(":") else method
    write(text.replace(method, start + method_too), use.replace("STEEP", "1.0"))
    minidl("validate", "grid.yaml")
    assert "mine" in minidl("list", "--components", "own.py").stdout
    study = Path("grid.yaml")
    study.write_text(study.read_text().replace("1.0", "3.0"))
    line = refused("run", "--grid", "grid.yaml", "--out", "out", "--jobs", "1")
    assert re.fullmatch(rf"own\.py:7: {kind} 'mine': .* (must|in a stack) .*", line), line
