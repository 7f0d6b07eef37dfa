"""Trained networks for the page: their weights over the epochs, and what it takes to draw them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from minidl.report.cell_results import CellResults
from minidl.report.html.pack import Numbers
from minidl.report.html.points import points_data
from minidl.report.results import Results
from minidl.report.words import counted
from minidl.study.errors import InputError
from minidl.study.run_spec import RunSpec
from minidl.study.store.store import Store

if TYPE_CHECKING:
    from minidl.report.networks.again import Again

ROOM = 1_900_000, 3_600_000  # bytes after which no other seed is taken: at least, at most
EACH = 2_000  # bytes of it that every run of a study adds
STEPS = 32  # points along each side at which a network is asked here that the page cannot ask
LINE = 120  # and along one input
FORMS = re.compile(r"^  (\w+): \(", re.MULTILINE)  # the activations in forms.js


def networks_data(
    results: Results, store: Store, numbers: Numbers, again: Again | None = None
) -> dict[str, Any]:
    """Return the networks of as many seeds as there is room for, first seeds first.

    Data with two inputs and classes, or a regression of one input on one target, can be shown;
    ``notes`` say what is not, and why. ``again`` are networks that were trained once more.
    """
    made = Networks(results, store, numbers, again)
    for seed in results.study.seeds:
        if len(numbers.bytes) < made.room:
            made.take(seed)
        elif made.cells:
            made.left_out.append(seed)
    return made.data()


class Networks:
    """What has been gathered so far."""

    def __init__(self, results: Results, store: Store, numbers: Numbers, again: Again | None):
        self.results, self.store, self.numbers = results, store, numbers
        self.snapshots = {} if again is None else again.snapshots
        least, most = ROOM
        self.room = min(most, max(least, EACH * len(results.study.runs)))
        self.cells: dict[int, dict[str, Any]] = {}
        self.states: dict[str, dict[str, Any]] = {}
        self.points: dict[str, Any] = {}
        self.seeds: list[int] = []
        self.left_out: list[int] = []
        self.diverged: set[int] = set()
        self.cut = False  # whether a network's answers over its epochs found no room
        self.notes: list[str] = [] if again is None else list(again.notes)

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        if lost := len(self.diverged - self.cells.keys()):
            self.notes.append(f"{counted(lost, 'configuration')} diverged and have no picture.")
        if self.left_out:
            shown, every = len(self.seeds), len(self.seeds) + len(self.left_out)
            self.notes.append(
                f"The networks of the first {shown} of {every} seeds are in this page."
            )
        if self.cut:
            self.notes.append(
                "Of networks that this page cannot compute it holds answers; where those of all "
                "epochs take too much room, it holds those in the end."
            )
        return {
            "cells": self.cells,
            "cut": self.cut,
            "states": self.states,
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
                if len(self.numbers.bytes) > 2 * self.room:
                    self.notes.append("Not every configuration's network found room in this page.")
                    break
                try:
                    found |= self.take_run(number, cell, run)
                except (InputError, ValueError) as error:
                    self.notes.append(f"Not shown: {error}")
        if found:
            self.seeds.append(seed)

    def take_run(self, number: int, cell: CellResults, run: RunSpec) -> bool:
        """Gather one network; return whether it can be shown."""
        from minidl.report.networks.points import has_plane, is_curve
        from minidl.report.networks.stored import network_of
        from minidl.study.grid.data import source_of
        from minidl.study.stacks.weights import up_to_end

        source, stored = source_of(run.settings["data"]), self.store.weights(run.id)
        if stored is None or not (has_plane(source) or is_curve(source)):
            return False
        record = cell.records[run.seed]
        if record.status == "diverged":
            self.diverged.add(number)
            return False
        last = network_of(run, stored)
        if number not in self.cells:
            self.cells[number] = described(run.settings, source, last)
        network = self.cells[number]
        key = f"{network['data']}/{run.seed}"
        if key not in self.points:
            self.points[key] = points_data(run, self.numbers)
        taken = self.store.snapshots(run.id) | self.snapshots.get(run.id, {})
        weights = up_to_end(record.settings, record.best_at, stored, taken)
        epochs = list(weights)
        if network["scripted"]:
            rows, sizes = weights_of(run, last, weights)
        else:
            rows, sizes = answers_of(run, weights, self.points[key])
            if rows.size > self.room // 8:  # answers to many points
                rows, epochs = rows[-1:], epochs[-1:]
                self.cut = True
        self.states[run.id] = {"epochs": epochs, **self.numbers.course(rows, sizes)}
        return True


def described(settings: dict[str, Any], source: Any, model: Any) -> dict[str, Any]:
    """Return what a cell's networks have in common."""
    import json

    from minidl.report.networks.points import class_names, is_curve
    from minidl.report.networks.surface import Surface
    from minidl.study.grid.network import LINEAR, kind_of, parts_of

    surface, parts = Surface(settings, model), []
    for part in parts_of(settings):
        if kind_of(part) == LINEAR:
            parts.append({"name": LINEAR, "width": part.get("width", source.d_out)})
        elif part["name"] != "dropout":  # which drops nothing any more
            parts.append(part)
    return {
        "kind": "curve" if is_curve(source) else "plane",
        "inputs": source.d_in,
        "outputs": source.d_out,
        "parts": parts,
        "scripted": {part["name"] for part in parts} <= scripted(),
        "range": [surface.low, surface.high] if surface.bounded else None,
        "threshold": surface.threshold,
        "classes": list(map(str, class_names(source))),
        "data": json.dumps([settings["data"], settings.get("validation")], sort_keys=True),
    }


def scripted() -> set[str]:
    """Return the parts of networks that the page can compute itself."""
    text = (Path(__file__).parent / "face" / "forms.js").read_text(encoding="utf-8")
    return {"linear", "layer_norm", *FORMS.findall(text)}


def weights_of(run: RunSpec, model: Any, weights: dict[int, bytes]) -> tuple[np.ndarray, list[int]]:
    """Return the weights of a run by its epochs, a row for each, and how many each tensor has."""
    from minidl.report.networks.stored import named
    from minidl.study.stacks.weights import course, named_param

    with named(run):
        states = course(weights)
    tensors = [states[name].flatten(1).numpy() for name in named_param(model)]
    return np.concatenate(tensors, axis=1), [tensor.shape[1] for tensor in tensors]


def answers_of(
    run: RunSpec, weights: dict[int, bytes], points: dict[str, Any]
) -> tuple[np.ndarray, list[int]]:
    """Return what a run's network answers by its epochs, a row for each, and how long one is."""
    from minidl.report.networks.stored import network_of

    rows = np.stack([asked(network_of(run, data), points).ravel() for data in weights.values()])
    return rows, [rows.shape[1]]


def asked(model: Any, points: dict[str, Any]) -> np.ndarray:
    """Return what a network answers on a grid over its axes, row by row from the lowest."""
    import torch

    count = LINE if len(points["low"]) == 1 else STEPS
    sides = [
        np.linspace(low, high, count)
        for low, high in zip(points["low"], points["high"], strict=True)
    ]
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, len(sides)).astype(np.float32)
    return model.forward(torch.from_numpy(grid)).numpy()
