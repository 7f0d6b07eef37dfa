"""Trained networks for the page: their weights, their points, and what it takes to draw them."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from minidl.report.cell_results import CellResults
from minidl.report.results import Results
from minidl.study.errors import InputError
from minidl.study.run_spec import RunSpec
from minidl.study.store.store import Store

ROOM = 1_500_000  # characters that weights and points may take
SHOWN = 1000  # points of one data set that the page shows
STEPS = 48  # points along each side at which a network is asked here that the page cannot ask
FORMS = re.compile(r"^  (\w+): \(", re.MULTILINE)  # the activations in forward.js


def networks_data(results: Results, store: Store) -> dict[str, Any]:
    """Return the networks of as many seeds as there is room for, first seeds first.

    Data with two inputs and classes, or a regression of one input on one target, can be shown;
    ``notes`` say what is not, and why.
    """
    made = Networks(results, store)
    for seed in results.study.seeds:
        if made.room > 0:
            made.take(seed)
        elif made.cells:
            made.left_out.append(seed)
    return made.data()


class Networks:
    """What has been gathered so far."""

    def __init__(self, results: Results, store: Store):
        self.results, self.store, self.room = results, store, ROOM
        self.cells: dict[int, dict[str, Any]] = {}
        self.weights: dict[str, str] = {}
        self.asked: dict[str, Any] = {}
        self.points: dict[str, Any] = {}
        self.seeds: list[int] = []
        self.left_out: list[int] = []
        self.notes: list[str] = []

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        if self.left_out:
            shown, every = len(self.seeds), len(self.seeds) + len(self.left_out)
            self.notes.append(
                f"The networks of the first {shown} of {every} seeds are in this page."
            )
        return {
            "cells": self.cells,
            "weights": self.weights,
            "asked": self.asked,
            "points": self.points,
            "seeds": self.seeds,
            "notes": list(dict.fromkeys(self.notes)),
        }

    def take(self, seed: int) -> None:
        """Gather a seed's networks, as far as they can be shown."""
        found = False
        for number, cell in enumerate(self.results.cells):
            run = next((run for run in cell.runs if run.seed == seed), None)
            if run is not None and seed in cell.records:
                try:
                    found |= self.take_run(number, cell, run)
                except (InputError, ValueError) as error:
                    self.notes.append(f"Not shown: {error}")
        if found:
            self.seeds.append(seed)

    def take_run(self, number: int, cell: CellResults, run: RunSpec) -> bool:
        """Gather one network; return whether it can be shown."""
        from minidl.report.networks.points import has_plane, is_curve
        from minidl.study.grid.data import source_of
        from minidl.study.stacks.weights import named_param, restore

        source, stored = source_of(run.settings["data"]), self.store.weights(run.id)
        if stored is None or not (has_plane(source) or is_curve(source)):
            return False
        if cell.records[run.seed].status == "diverged":
            return False
        model = restore(run.settings, stored)
        if number not in self.cells:
            self.cells[number] = described(run.settings, source, model)
        key = f"{self.cells[number]['data']}/{run.seed}"
        if key not in self.points:
            self.points[key] = points_data(run)
            self.room -= len(json.dumps(self.points[key]))
        if self.cells[number]["scripted"]:
            values = [value.numpy().ravel() for value in named_param(model).values()]
            where, text = self.weights, packed(np.concatenate(values))
        else:
            where, text = self.asked, packed(asked(model, self.points[key]))
        where[run.id] = text
        self.room -= len(text)
        return True


def described(settings: dict[str, Any], source: Any, model: Any) -> dict[str, Any]:
    """Return what a cell's networks have in common."""
    from minidl.report.networks.points import class_names, is_curve
    from minidl.report.networks.surface import Surface
    from minidl.study.grid.network import output_of

    hidden, output, shape = settings["activation"], output_of(settings), settings["model"]
    surface = Surface(settings, model)
    plain = not shape.get("layers") and not shape.get("layer_norm")
    return {
        "kind": "curve" if is_curve(source) else "plane",
        "widths": [source.d_in, *settings["model"]["hidden"], source.d_out],
        "hidden": hidden,
        "output": output,
        "scripted": plain and {hidden["name"], output["name"]} <= scripted(),
        "range": [surface.low, surface.high] if surface.bounded else None,
        "threshold": surface.threshold,
        "classes": list(map(str, class_names(source))),
        "data": json.dumps([settings["data"], settings.get("validation")], sort_keys=True),
    }


def scripted() -> set[str]:
    """Return the activations that the page can compute itself."""
    text = (Path(__file__).parent / "face" / "forward.js").read_text(encoding="utf-8")
    return set(FORMS.findall(text))


def points_data(run: RunSpec) -> dict[str, Any]:
    """Return a run's points as the page shows them, with the ends of its axes and the truth."""
    from minidl.report.networks.points import (
        is_curve,
        labels_of,
        limits,
        points_of,
        true_boundary,
        truth_of,
    )
    from minidl.study.grid.data import source_of

    part, data = points_of(run)
    shown = {"part": part.lower(), "n": len(data.x), "x": packed(data.x.numpy()[:SHOWN])}
    if is_curve(source_of(run.settings["data"])):
        x = data.x.numpy()[:, 0]
        room = 0.03 * float(x.max() - x.min() or 1)
        ends = [float(x.min()) - room, float(x.max()) + room]
        truth = truth_of(run, np.linspace(ends[0], ends[1], 200))
        told = None if truth is None else packed(truth)
        return {**shown, "y": packed(data.y.numpy()[:SHOWN]), "low": ends[:1], "high": ends[1:]} | {
            "truth": told
        }
    low, high = limits(data)
    truth = true_boundary(run)
    return shown | {
        "y": labels_of(data)[:SHOWN].tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "truth": None if truth is None else packed(truth),
    }


def asked(model: Any, points: dict[str, Any]) -> np.ndarray:
    """Return what a network answers on a grid over its axes, row by row from the lowest."""
    import torch

    count = 200 if len(points["low"]) == 1 else STEPS
    sides = [
        np.linspace(low, high, count)
        for low, high in zip(points["low"], points["high"], strict=True)
    ]
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, len(sides)).astype(np.float32)
    return model.forward(torch.from_numpy(grid)).numpy()


def packed(numbers: np.ndarray) -> str:
    """Return numbers as single precision, little end first, in base 64."""
    return base64.b64encode(np.ascontiguousarray(numbers, dtype="<f4").tobytes()).decode()
