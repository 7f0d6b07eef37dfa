"""Real tables: those that come with scikit-learn, vendored in ``minidl/data/tables/``."""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources

import torch

from minidl.data.columns import read_columns
from minidl.data.finite import Finite
from minidl.data.labels import targets
from minidl.data.source import Dataset
from minidl.registry import register


class Real(Finite):
    """A table that comes with minidl; its last column is the target."""

    name: str
    task = "classes"

    def __init__(self, stratify: bool = False):
        if stratify and self.task == "regression":
            raise ValueError("stratify is for classes, and this is a regression")
        self.stratify = stratify

    def table(self) -> Dataset:
        return vendored(self.name, self.task != "regression")


@register("data", "iris")
class Iris(Real):
    """150 irises: four lengths and widths in cm, three species (Fisher 1936)."""

    name, size, d_in, d_out = "iris", 150, 4, 3
    classes = ("setosa", "versicolor", "virginica")


@register("data", "wine")
class Wine(Real):
    """178 wines: 13 chemical measurements, three cultivars (UCI)."""

    name, size, d_in, d_out = "wine", 178, 13, 3
    classes = ("class_0", "class_1", "class_2")


@register("data", "breast_cancer")
class BreastCancer(Real):
    """569 tumours: 30 measurements of cell nuclei; benign is 1 and malignant 0 (UCI, Wisconsin
    Diagnostic).
    """

    name, size, d_in, d_out, task = "breast_cancer", 569, 30, 1, "binary"
    classes = ("malignant", "benign")


@register("data", "digits")
class Digits(Real):
    """1,797 handwritten digits of 8 by 8 pixels, each from 0 to 16 (UCI)."""

    name, size, d_in, d_out = "digits", 1797, 64, 10
    classes = tuple("0123456789")


@register("data", "diabetes")
class Diabetes(Real):
    """442 patients: ten measurements, unscaled, and how far the disease progressed in a year, from
    25 to 346 (Efron et al. 2004).
    """

    name, size, d_in, d_out, task = "diabetes", 442, 10, 1, "regression"


@cache
def vendored(name: str, labels: bool) -> Dataset:
    """Return a table that comes with minidl."""
    packed = (resources.files("minidl.data") / "tables" / f"{name}.csv.gz").read_bytes()
    columns = read_columns(gzip.decompress(packed).decode(), name)
    *features, target = columns.cells
    x = torch.cat([columns.numbers(feature) for feature in features], dim=-1)
    y = columns.numbers(target)
    if labels:
        y = targets(y.squeeze(-1).long(), int(y.max()) + 1)
    return Dataset(x, y)
