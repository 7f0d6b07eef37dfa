"""What each floor of the house may import and call, read from the source and not from its word.

The engine stands on torch and the standard library and knows nothing of the framework above it;
studies stand on the framework, reports on studies, and the command line on all. Within the reports
deciding knows nothing of telling. Nothing but the command line prints or exits.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DECIDING = [
    path
    for room in ("reference", "statistics", "verdicts")
    for path in sorted(ROOT.glob(f"minidl/report/{room}/**/*.py"))
]
ROOMS = ("engine", "study", "report")
DOOR = (
    ROOT / "minidl/__init__.py"
)  # what one imports: it loads any floor, at the first use of a name
COMMAND = ROOT / "minidl/__main__.py"  # `python -m minidl`: nothing imports it
CORE = [
    path
    for path in sorted(ROOT.glob("minidl/**/*.py"))
    if path.relative_to(ROOT / "minidl").parts[0] not in ROOMS and path not in (DOOR, COMMAND)
]
FLOORS = {
    "engine": sorted(ROOT.glob("minidl/engine/**/*.py")),
    "core": CORE,
    "command": [COMMAND],
    "study": sorted(ROOT.glob("minidl/study/**/*.py")),
    "deciding": DECIDING,
    "report": sorted(set(ROOT.glob("minidl/report/**/*.py")).difference(DECIDING)),
    "door": [DOOR],
}
MAY_NOT_IMPORT = {
    "engine": ("minidl.study", "minidl.report", "minidl_cli"),
    "core": ("minidl.study", "minidl.report", "minidl_cli", "minidl.__main__"),
    "command": ("minidl",),
    "study": ("minidl.report", "minidl_cli"),
    "deciding": (
        "minidl.report.pages",
        "minidl.report.tables",
        "minidl.report.figures",
        "minidl_cli",
    ),
    "report": ("minidl_cli",),
    "door": ("minidl_cli",),
}
BANNED = {
    "torch.nn",
    "torch.autograd",
    "torch.optim",
    "torch.func",
    "torch.manual_seed",  # randomness comes from explicit generators
    "torch.seed",
    "torch.default_generator",
    "random.seed",
    "numpy.random.seed",
    "pickle",
    "torch.load",  # unpickles
    "torch.save",
    "importlib.import_module",  # an import that cannot be read here
    "__import__",
    "print",
    "exit",
    "quit",
    "SystemExit",
    "sys.exit",
    "sys.stdout",
    "sys.stderr",
    "os._exit",
}
EXCEPTIONS = {
    # A worker whose parent process is gone ends itself: nobody is left to raise an error to.
    "minidl/study/jobs/processes.py": {"os._exit"},
}
BANNED_ATTRIBUTES = {"requires_grad", "requires_grad_"}
DRAWS = {
    f"torch.{name}" for name in ("rand", "randn", "randint", "randperm", "normal", "bernoulli")
}


def within(name: str, prefixes: Iterable[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def imports(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Yield the local name, the full name and the line of everything that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name, alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                yield alias.asname or alias.name, f"{module}.{alias.name}", node.lineno


def dotted(node: ast.AST, known: dict[str, str]) -> str:
    """Return what a name or an attribute means: ``nn.Linear`` after ``from torch import nn``."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value, known)}.{node.attr}"
    return known.get(node.id, node.id) if isinstance(node, ast.Name) else "?"


def allowed(name: str, floor: str) -> bool:
    """Say whether a floor may import this."""
    top = name.split(".")[0]
    if name.startswith(".") or within(name, MAY_NOT_IMPORT[floor]):
        return False
    if floor == "engine" and top == "minidl":
        return within(name, ("minidl.engine",))
    if floor == "command":
        return within(name, ("minidl_cli.main",)) or top in sys.stdlib_module_names
    return floor not in ("engine", "core") or top in {"torch", "minidl", *sys.stdlib_module_names}


def complaints(source: str, floor: str, excepted: Iterable[str] = ()) -> list[str]:
    """Return what a source file does that its floor may not do, each with its line."""
    banned = BANNED.difference(excepted)
    tree = ast.parse(source)
    found = [
        f"{line}: imports {name}"
        for _, name, line in imports(tree)
        if not allowed(name, floor) or within(name, banned)
    ]
    known = {local: name for local, name, _ in imports(tree)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and within(dotted(node, known), banned):
            found.append(f"{node.lineno}: {dotted(node, known)}")
        if isinstance(node, ast.Attribute) and node.attr in BANNED_ATTRIBUTES:
            found.append(f"{node.lineno}: {node.attr}")
        if isinstance(node, ast.Call):
            found += call_complaints(node, dotted(node.func, known))
    return found


def call_complaints(call: ast.Call, name: str) -> list[str]:
    keywords = {keyword.arg for keyword in call.keywords}
    wrong = {
        "requires_grad": "requires_grad" in keywords,
        "a tensor's backward()": name.endswith(".backward") and not call.args,
        f"{name} without a generator": name in DRAWS and "generator" not in keywords,
    }
    return [f"{call.lineno}: {what}" for what, is_wrong in wrong.items() if is_wrong]


@pytest.mark.parametrize(
    ("floor", "path"),
    [(floor, path) for floor, paths in FLOORS.items() for path in paths],
    ids=lambda value: value if isinstance(value, str) else str(value.relative_to(ROOT)),
)
def test_a_file_keeps_to_its_floor(floor: str, path: Path):
    excepted = EXCEPTIONS.get(str(path.relative_to(ROOT)), ())
    assert complaints(path.read_text(encoding="utf-8"), floor, excepted) == []


def test_every_floor_is_read():
    assert all(FLOORS.values())
    every = set(ROOT.glob("minidl/**/*.py"))
    assert {path for paths in FLOORS.values() for path in paths} == every


@pytest.mark.parametrize(
    ("floor", "source"),
    [
        ("engine", "import numpy"),
        ("engine", "from minidl.module import Module"),
        ("engine", "from minidl.optimizers import Optimizer"),
        ("engine", "from minidl import Linear"),
        ("engine", "def f():\n    import minidl.replicas"),
        ("core", "import numpy"),
        ("core", "from minidl.study import grid"),
        ("core", "from minidl import study"),
        ("core", "from . import study"),
        ("core", "def f():\n    import minidl.report.tables"),
        ("core", "import minidl_cli"),
        ("core", "import minidl.__main__"),
        ("command", "import typer"),
        ("command", "from minidl import Linear"),
        ("study", "from minidl.report.tables import write"),
        ("study", "from minidl import report"),
        ("deciding", "from minidl.report.pages.sentences import explain_claim"),
        ("deciding", "from minidl.report import tables"),
        ("deciding", "def f():\n    import minidl.report.figures"),
        ("report", "import minidl_cli.main"),
        ("report", "import pickle"),
        ("study", "from pickle import loads"),
        ("core", "import torch.nn"),
        ("core", "import torch.nn.functional as F"),
        ("core", "from torch import nn"),
        ("core", "from torch.optim import Adam"),
        ("core", "from torch import autograd as a"),
        ("core", "import torch\ntorch.nn.functional.relu(x)"),
        ("core", "import torch as t\nt.func.grad(f)"),
        ("core", "import torch\ngrad = torch.autograd.grad"),
        ("core", "loss.backward()"),
        ("core", "loss.forward(x, y).backward(retain_graph=True)"),
        ("core", "import torch\ntorch.zeros(2, requires_grad=True)"),
        ("core", "x.requires_grad_()"),
        ("core", "x.requires_grad = True"),
        ("core", "import torch\ntorch.manual_seed(0)"),
        ("core", "from torch import manual_seed"),
        ("study", "import random\nrandom.seed(0)"),
        ("report", "import numpy as np\nnp.random.seed(0)"),
        ("core", "import torch\ntorch.rand(2)"),
        ("core", "import torch\ntorch.load(path)"),
        ("report", "print('done')"),
        ("study", "import sys\nsys.exit(1)"),
        ("study", "raise SystemExit(2)"),
        ("study", "import sys\nsys.stdout.write('done')"),
        ("study", "import os\nos._exit(1)"),
        ("core", "import importlib\nimportlib.import_module('minidl.study')"),
    ],
)
def test_the_reading_sees_what_is_forbidden(floor: str, source: str):
    assert complaints(source, floor) != []


@pytest.mark.parametrize(
    ("floor", "source"),
    [
        ("engine", "import os, torch\nfrom minidl.engine.recorder import Recorder"),
        ("core", "from minidl.engine.product import product"),
        ("core", "import math, torch\nfrom minidl.module import Module\nfrom minidl import Linear"),
        ("core", "g = self.module.backward(g)\nimport torch\ntorch.rand(2, generator=g)"),
        ("core", "import torch\ntorch.Generator().manual_seed(0)"),
        ("study", "import numpy, yaml\nfrom minidl import train"),
        ("report", "from minidl.study.store import Store\nimport scipy.stats"),
        ("report", "from minidl.report.tables.table import Table"),
        ("deciding", "from minidl.report.results import Results"),
        ("core", '"""Like torch.nn.Linear; print nothing."""'),
    ],
)
def test_the_reading_allows_the_rest(floor: str, source: str):
    assert complaints(source, floor) == []
