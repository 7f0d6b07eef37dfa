"""Bad input: where it is, what is allowed, what came; exit code 2, and nothing written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.in_process import fits, minidl, refused

from minidl.registry import KINDS
from minidl.study.grid.component_files import LOADED, forget
from minidl.study.grid.components import components
from minidl_cli.main import main

MINIDL = Path(sys.executable).with_name("minidl")
NAME = "name: s\n"
STUDY = "name: s\ngrid: {activation: [tanh]}\n"  # line 3 is where the mistakes below begin
MUST_BE_A_NAME = "name must be up to 100 letters, digits, '.', '_' or '-', and begin with one of "
MUST_BE_A_NAME += "the first two, got "
MUST_BE_SEEDS = "seeds must be a count from 1 to 1,000,000, or a list of different whole numbers "
MUST_BE_SEEDS += "from 0 to 2^63 - 1, got "
MUST_BE_SHARE = "validation must be a share above 0 and below 1, or a count of at least 1, got "
MUST_BE_RATES = "model.dropout must be a number from 0 to below 1, or one for each of the "
ACTIVATIONS = f"known: {', '.join(sorted(components('activation')))}"
SETTINGS = "known: activation, batch_size, data, ..."
LONG = "1" + "0" * 400  # more than a float holds
PLAIN = "is not allowed; allowed: text, numbers, true, false, null, lists and mappings"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    for path in list(LOADED):
        forget(path)


# The whole message after the file's name; ... stands for any text.
FILES = {
    # not a study at all
    "empty": ("", ": a study must be a mapping with 'name' and 'grid', got nothing"),
    "only a comment": ("# later\n", ": a study must be a mapping ..., got nothing"),
    "a list": ("- name\n", ":1: a study must be a mapping ..., got ['name']"),
    "a text": ("\n\nhello\n", ":3: a study must be a mapping ..., got 'hello'"),
    "no name": ("grid: {}\n", ":1: name is missing"),
    "no grid": ("name: s\n", ":1: grid is missing"),
    "two documents": (STUDY + "---\n" + STUDY, ":3: cannot be read as YAML: ...another document"),
    # unknown names
    "key": (STUDY + "epoch: 3\n", ":3: key 'epoch' is unknown; ...; did you mean 'epochs'?"),
    "key, nothing like it": (STUDY + "xyz: 3\n", ":3: key 'xyz' is unknown; known: ..., seeds..."),
    "key in the model": (
        STUDY + "model:\n  output: sigmoid\n  hiden: [3]\n",
        ":5: key of model 'hiden' is unknown; known: dropout, hidden, ...; did you mean 'hidden'?",
    ),
    "key in an override": (
        STUDY + "overrides:\n  - when: {}\n    sett: {epochs: 2}\n",
        ":5: key of overrides.0 'sett' is unknown; known: set, when; did you mean 'set'?",
    ),
    "axis": (
        NAME + "grid: {activaton: [tanh]}\n",
        f":2: setting 'activaton' is unknown; {SETTINGS}; did you mean 'activation'?",
    ),
    "axis that is not a setting": (
        NAME + "grid: {seeds: [1]}\n",
        ":2: setting 'seeds' is unknown; ...",
    ),
    "axis without a name": (NAME + "grid: {'': [1]}\n", ":2: setting '' is unknown; ..."),
    "dotted axis": (
        NAME + "grid: {optimizer.lrr: [1]}\n",
        ":2: argument of optimizer 'sgd' 'lrr' is unknown; ...; did you mean 'lr'?",
    ),
    "axis with no such part": (
        NAME + "grid: {epochs.x: [1]}\n",
        ":2: setting 'epochs.x' has no part 'x'",
    ),
    "activation": (
        NAME + "grid:\n  activation:\n    - tanh\n    - relo\n",
        f":5: activation 'relo' is unknown; {ACTIVATIONS}; did you mean 'relu'?",
    ),
    "activation, nothing like it": (
        NAME + "grid: {activation: [zzz]}\n",
        f":2: activation 'zzz' is unknown; {ACTIVATIONS}",
    ),
    "activation without a name": (NAME + "grid: {activation: ['']}\n", ":2: activation '' is ..."),
    "activation of enormous length": (
        NAME + f"grid: {{activation: [{'z' * 5000}]}}\n",
        f":2: activation '{'z' * 56}... is unknown; {ACTIVATIONS}",
    ),
    "loss": (STUDY + "loss: tanh\n", ":3: loss 'tanh' is unknown; known: bce, ..., mse, ..."),
    "data": (STUDY + "data: diks\n", ":3: data 'diks' is unknown; ...; did you mean 'disk'?"),
    "output": (
        STUDY + "model: {output: sigmod}\n",
        f":3: activation 'sigmod' is unknown; {ACTIVATIONS}; did you mean 'sigmoid'?",
    ),
    "argument": (
        STUDY + "optimizer: {name: adam, betta1: 0.5}\n",
        ":3: argument of optimizer 'adam' 'betta1' is unknown; known: beta1, beta2, ...; "
        "did you mean 'beta1'?",
    ),
    "argument of what has none": (
        STUDY + "loss: {name: mse, a: 1}\n",
        ":3: argument of loss 'mse' 'a' is unknown; known: reduction",
    ),
    "argument that only the framework gives": (
        STUDY + "optimizer: {name: sgd, param: []}\n",
        ":3: argument of optimizer 'sgd' 'param' is unknown; known: ...momentum...",
    ),
    "argument of a data set": (
        STUDY + "data: {name: disk, tran: 3}\n",
        ":3: argument of data 'disk' 'tran' is unknown; known: neg_label, normalize, "
        "normalize_targets, outputs, seed, test, train; "
        "did you mean 'train'?",
    ),
    # wrong types
    "name is a number": ("name: 3\ngrid: {}\n", ":1: name must be text, got 3"),
    "name is true": ("name: true\ngrid: {}\n", ":1: name must be text, got true"),
    "grid is a list": (NAME + "grid: [tanh]\n", ":2: grid must be a mapping, got ['tanh']"),
    "grid is a list below its key": (NAME + "grid:\n  - tanh\n", ":2: grid must be a mapping, ..."),
    "grid is nothing": (NAME + "grid:\n", ":2: grid must be a mapping, got nothing"),
    "axis is a text": (
        NAME + "grid:\n  loss: [mse]\n  activation: tanh\n",
        ":4: grid.activation must be a list, got 'tanh'",
    ),
    "axis is nothing": (NAME + "grid: {loss: }\n", ":2: grid.loss must be a list, got nothing"),
    "model is a text": (STUDY + "model: mlp\n", ":3: model must be a mapping, got 'mlp'"),
    "component is a number": (
        STUDY + "optimizer: 1\n",
        ":3: optimizer must be a name or a mapping with a name, got 1",
    ),
    "component is nothing": (STUDY + "loss:\n", ":3: loss must be a name ..., got nothing"),
    "component is a list": (STUDY + "loss: [mse]\n", ":3: loss must be a name ..., got ['mse']"),
    "component without a name": (
        STUDY + "optimizer: {lr: 0.1}\n",
        ":3: optimizer must be a name or a mapping with a name, got {'lr': 0.1}",
    ),
    "sizes without a data set": (
        STUDY + "data: {train: 10}\n",
        ":3: data must be a name or a mapping with a name, got {'train': 10}",
    ),
    "batch size is a text": (
        STUDY + "batch_size: five\n",
        ":3: batch_size must be a whole number, got 'five'",
    ),
    "batch size is quoted": (STUDY + "batch_size: '5'\n", ":3: ... a whole number, got '5'"),
    "batch size is a fraction": (STUDY + "batch_size: 2.5\n", ":3: ... a whole number, got 2.5"),
    "batch size is true": (STUDY + "batch_size: true\n", ":3: ... a whole number, got true"),
    "batch size is nothing": (STUDY + "batch_size:\n", ":3: ... a whole number, got nothing"),
    "batch size is a list": (STUDY + "batch_size: [5]\n", ":3: ... a whole number, got [5]"),
    "widths are a text": (
        STUDY + "model: {hidden: '25,25'}\n",
        ":3: model.hidden must be a list, got '25,25'",
    ),
    "widths are a number": (
        NAME + "grid: {model.hidden: [25]}\n",
        ":2: model.hidden must be a list, got 25",
    ),
    "a width is a fraction": (
        STUDY + "model: {hidden: [25, 2.5]}\n",
        ":3: model.hidden.1 must be a whole number, got 2.5",
    ),
    "threshold is a text": (
        STUDY + "model: {threshold: half}\n",
        ":3: model.threshold must be a number, got 'half'",
    ),
    "lr is a text": (
        STUDY + "optimizer: {name: adam, lr: fast}\n",
        ":3: optimizer 'adam': lr must be a number, got 'fast'",
    ),
    "lr is true": (
        STUDY + "optimizer: {name: adam, lr: true}\n",
        ":3: optimizer 'adam': lr must be a number, got true",
    ),
    "lr is a date": (
        STUDY + "optimizer: {name: adam, lr: 2026-01-31}\n",
        ":3: optimizer 'adam': lr must be a number, got '2026-01-31'",
    ),
    "normalize": (
        STUDY + "data: {name: disk, normalize: trian}\n",
        ":3: data.normalize must be 'none', 'standard', 'minmax', 'train' or 'own', got 'trian'",
    ),
    "include is a mapping": (
        STUDY + "include: {activation: relu}\n",
        ":3: include must be a list, got {'activation': 'relu'}",
    ),
    "exclude holds a text": (STUDY + "exclude: [relu]\n", ":3: exclude.0 must be a mapping, ..."),
    "override is a text": (STUDY + "overrides: [adam]\n", ":3: overrides.0 must be a mapping, ..."),
    "override without set": (STUDY + "overrides: [{when: {}}]\n", ":3: overrides.0.set is missing"),
    "override without when": (
        STUDY + "overrides: [{set: {epochs: 1}}]\n",
        ":3: overrides.0.when is missing",
    ),
    "override sets nothing": (
        STUDY + "overrides: [{when: {}, set: {}}]\n",
        ":3: overrides.0.set must hold at least 1 value, got {}",
    ),
    # negative, zero and huge; NaN and infinity
    "batch size 0": (STUDY + "batch_size: 0\n", ":3: batch_size must be at least 1, got 0"),
    "batch size below 0": (STUDY + "batch_size: -5\n", ":3: batch_size must be at least 1, got -5"),
    "batch size huge": (
        STUDY + f"batch_size: 1{'0' * 30}\n",
        f":3: batch_size must be at most 1,000,000, got 1{'0' * 30}",
    ),
    "batch size of 5,000 digits": (
        STUDY + f"batch_size: {'9' * 5000}\n",
        ":3: batch_size must ...",
    ),
    "epochs 0": (STUDY + "epochs: 0\n", ":3: epochs must be at least 1, got 0"),
    "epochs and updates": (
        STUDY + "epochs: 300\nupdates: 7\n",
        ":4: epochs and updates cannot both be given, got 300 and 7",
    ),
    "epochs and updates as axes": (
        NAME + "grid:\n  epochs: [2]\n  updates: [7]\n",
        ":4: epochs and updates cannot both be given, got 2 and 7",
    ),
    "epochs are nothing": (STUDY + "epochs:\n", ":3: epochs must be a whole number, got nothing"),
    "updates 0": (STUDY + "updates: 0\n", ":3: updates must be at least 1, got 0"),
    "updates below 0": (STUDY + "updates: -7\n", ":3: updates must be at least 1, got -7"),
    "updates are a text": (STUDY + "updates: x\n", ":3: updates must be a whole number, got 'x'"),
    "updates are true": (STUDY + "updates: true\n", ":3: ... a whole number, got true"),
    "updates huge": (
        STUDY + "updates: 1000000001\n",
        ":3: updates must be at most 1,000,000,000, ...",
    ),
    "a wrong number of updates on an axis": (
        NAME + "grid: {updates: [5, 2.5]}\n",
        ":2: updates must be a whole number, got 2.5",
    ),
    "dropout 1": (STUDY + "model: {dropout: 1}\n", f":3: {MUST_BE_RATES}3 hidden layers, got 1"),
    "dropout below 0": (STUDY + "model: {dropout: -0.1}\n", f":3: {MUST_BE_RATES}..., got -0.1"),
    "dropout true": (STUDY + "model: {dropout: true}\n", f":3: {MUST_BE_RATES}..., got true"),
    "dropout a text": (STUDY + "model: {dropout: half}\n", f":3: {MUST_BE_RATES}..., got 'half'"),
    "dropout for other layers": (
        STUDY + "model: {hidden: [3, 4], dropout: [0, 0.1, 0]}\n",
        f":3: {MUST_BE_RATES}2 hidden layers, got [0, 0.1, 0]",
    ),
    "dropout of an axis": (
        NAME + "grid: {model.dropout: [0, [0.1]]}\n",
        f":2: {MUST_BE_RATES}3 hidden layers, got [0.1]",
    ),
    "layer norm is a number": (
        STUDY + "model: {layer_norm: 1}\n",
        ":3: model.layer_norm must be true or false, got 1",
    ),
    "layers are a text": (
        STUDY + "model: {layers: tanh}\n",
        ":3: model.layers must be a list, ...",
    ),
    "no layers": (
        STUDY + "model: {layers: []}\n",
        ":3: model.layers must hold at least 1 value...",
    ),
    "a layer is unknown": (
        STUDY + "model: {layers: [{linear: 3}, tahn, linear]}\n",
        ":3: layer 'tahn' is unknown; known: ..., linear, ...; did you mean 'tanh'?",
    ),
    "a layer in short is unknown": (
        STUDY + "model: {layers: [{lineer: 3}, linear]}\n",
        ":3: layer 'lineer' is unknown; ...; did you mean 'linear'?",
    ),
    "a layer is a number": (
        STUDY + "model: {layers: [3, linear]}\n",
        ":3: a layer must be a name, a mapping with a name, or a name with its first argument, "
        "got 3",
    ),
    "a layer of two keys": (
        STUDY + "model: {layers: [{linear: 3, dropout: 0.1}, linear]}\n",
        ":3: a layer must be a name, ..., got {'linear': 3, 'dropout': 0.1}",
    ),
    "a layer's argument": (
        STUDY + "model: {layers: [{name: dropout, q: 0.1}, linear]}\n",
        ":3: argument of layer 'dropout' 'q' is unknown; known: p",
    ),
    "an argument of linear": (
        STUDY + "model: {layers: [{name: linear, d_out: 3}, linear]}\n",
        ":3: argument of layer 'linear' 'd_out' is unknown; known: width",
    ),
    "a layer that has none": (
        STUDY + "model: {layers: [{linear: 3}, {tanh: 1}, linear]}\n",
        ":3: layer 'tanh' has no argument; write tanh",
    ),
    "a width of 0 in a list": (
        STUDY + "model: {layers: [{linear: 0}, linear]}\n",
        ":3: layer 'linear': width must be a whole number from 1 to 10,000, got 0",
    ),
    "a width in a list that is a text": (
        STUDY + "model:\n  layers:\n    - {linear: wide}\n    - linear\n",
        ":5: layer 'linear': width must be a whole number from 1 to 10,000, got 'wide'",
    ),
    "dropout 1 in a list": (
        STUDY + "model: {layers: [{dropout: 1.0}, linear]}\n",
        ":3: layer 'dropout': p must be at least 0 and below 1, got 1.0",
    ),
    "no linear layer": (
        STUDY + "model: {layers: [tanh]}\n",
        ":3: the layers must hold at least one linear",
    ),
    "a wrong last width": (
        STUDY + "model: {layers: [{linear: 3}, sigmoid]}\n",
        ":3: the last linear layer has width 3, but the data needs 1; write linear alone",
    ),
    "dropout behind the last linear": (
        STUDY + "model: {layers: [linear, {dropout: 0.1}, sigmoid]}\n",
        ":3: layer 'dropout' must come before the last linear",
    ),
    "layers and widths": (
        "name: s\ngrid: {}\nmodel:\n  hidden: [3]\n  layers: [linear]\n",
        ":4: model.hidden has no effect beside model.layers; leave out one of the two",
    ),
    "layers and an activation": (
        STUDY + "model: {layers: [linear]}\n",
        ":2: activation has no effect beside model.layers; leave out one of the two",
    ),
    "layers whose output does not fit": (
        "name: s\ngrid: {loss: [bce]}\nmodel: {layers: [{linear: 2}, relu, linear]}\n",
        ":3: loss 'bce' needs outputs from 0 to 1, which output 'identity' may leave; ...",
    ),
    "validation 0": (STUDY + "validation: 0\n", f":3: {MUST_BE_SHARE}0"),
    "validation 1.0": (STUDY + "validation: 1.0\n", f":3: {MUST_BE_SHARE}1.0"),
    "validation below 0": (STUDY + "validation: -0.2\n", f":3: {MUST_BE_SHARE}-0.2"),
    "validation true": (STUDY + "validation: true\n", f":3: {MUST_BE_SHARE}true"),
    "validation a text": (STUDY + "validation: some\n", f":3: {MUST_BE_SHARE}'some'"),
    "validation of everything": (
        STUDY + "validation: 1000\n",
        ":3: validation of 1000 takes 1,000 of 1,000 training points; some must be left on both "
        "sides",
    ),
    "validation of nothing": (
        NAME + "data: {name: disk, train: 4}\ngrid: {validation: [0.5, 0.01]}\n",
        ":3: validation of 0.01 takes 0 of 4 training points; some must be left on both sides",
    ),
    "early stopping by the test set": (
        STUDY + "early_stopping: {monitor: test_loss}\n",
        ":3: early_stopping.monitor must not be 'test_loss': the test set chooses nothing; known: "
        "train_loss, train_accuracy",
    ),
    "early stopping by what there is not": (
        STUDY + "early_stopping: {monitor: validation_loss}\n",
        ":3: early_stopping.monitor 'validation_loss' is unknown; known: train_accuracy, "
        "train_loss...",
    ),
    "early stopping by a metric of another task": (
        STUDY + "validation: 10\nearly_stopping: {monitor: validation_r2}\n",
        ":4: early_stopping.monitor 'validation_r2' is unknown; known: ..., validation_loss...",
    ),
    "early stopping is true": (
        STUDY + "early_stopping: true\n",
        ":3: early_stopping must be a mapping, got true",
    ),
    "patience 0": (
        STUDY + "early_stopping: {patience: 0}\n",
        ":3: early_stopping.patience must be at least 1, got 0",
    ),
    "patience on an axis": (
        NAME + "grid: {early_stopping.patience: [3, 2.5]}\n",
        ":2: early_stopping.patience must be a whole number, got 2.5",
    ),
    "min_delta below 0": (
        STUDY + "early_stopping: {min_delta: -1}\n",
        ":3: early_stopping.min_delta must be at least 0.0, got -1",
    ),
    "min_delta NaN": (STUDY + "early_stopping: {min_delta: .nan}\n", ":3: ... finite, got nan"),
    "key of early stopping": (
        STUDY + "early_stopping:\n  patiense: 3\n",
        ":4: key of early_stopping 'patiense' is unknown; known: min_delta, monitor, patience; "
        "did you mean 'patience'?",
    ),
    "shuffle": (
        STUDY + "shuffle: always\n",
        ":3: shuffle must be 'epoch', 'never' or 'replacement', got 'always'",
    ),
    "shuffle is true": (STUDY + "shuffle: true\n", ":3: shuffle must be 'epoch', ..., got true"),
    "evaluate every 0": (
        STUDY + "evaluate_every: 0\n",
        ":3: evaluate_every must be at least 1, ...",
    ),
    "width 0": (
        NAME + "grid: {model.hidden: [[3], [3, 0]]}\n",
        ":2: model.hidden.1 must be at least 1, got 0",
    ),
    "width huge": (
        STUDY + "model: {hidden: [10001]}\n",
        ":3: model.hidden.0 must be at most 10,000, got 10001",
    ),
    "51 layers": (
        STUDY + f"model: {{hidden: {[2] * 51}}}\n",
        ":3: model.hidden must hold at most 50 values, got [2, 2, ...",
    ),
    "one point": (
        STUDY + "data: {name: disk, train: 1}\n",
        ":3: data.train must be at least 2, got 1",
    ),
    "one point, said over several lines": (
        STUDY + "data:\n  name: disk\n  train: 1\n",
        ":5: data.train must be at least 2, got 1",
    ),
    "points below 0": (
        NAME + "grid: {data.test: [5, -5]}\n",
        ":2: data.test must be at least 0, got -5",
    ),
    "points huge": (
        STUDY + "data: {name: disk, train: 10000000000}\n",
        ":3: data.train must be at most 1,000,000, got 10000000000",
    ),
    "lr 0": (
        NAME + "grid: {optimizer.lr: [1, 0]}\n",
        ":2: optimizer 'sgd': lr must be above 0 and finite, got 0.0",
    ),
    "lr below 0": (STUDY + "optimizer: {name: adam, lr: -1}\n", ":3: ...lr must be above 0 ..."),
    "lr NaN": (
        STUDY + "optimizer: {name: adam, lr: .nan}\n",
        ":3: optimizer 'adam': lr must be finite, got nan",
    ),
    "lr infinite": (STUDY + "optimizer: {name: adam, lr: .inf}\n", ":3: ... be finite, got inf"),
    "lr beyond float64": (
        STUDY + "optimizer: {name: adam, lr: 1e999}\n",
        ":3: ... finite, got inf",
    ),
    "lr of 400 digits": (
        STUDY + f"optimizer: {{name: adam, lr: 1{'0' * 400}}}\n",
        ":3: optimizer 'adam': lr must be a number, got 1000...",
    ),
    "momentum 1": (
        STUDY + "optimizer: {name: sgd, momentum: 1}\n",
        ":3: optimizer 'sgd': momentum must be at least 0 and below 1, got 1.0",
    ),
    "slope": (
        STUDY + "activation: {name: leaky_relu, negative_slope: 2}\n",
        ":3: activation 'leaky_relu': negative_slope must be between 0 and 1, got 2.0",
    ),
    "reduction": (
        STUDY + "loss: {name: mse, reduction: total}\n",
        ":3: loss 'mse': reduction must be 'mean' or 'sum', got 'total'",
    ),
    "reduction of what is printed": (
        STUDY + "loss: {name: mse_as_printed, reduction: sum}\n",
        ":3: argument of loss 'mse_as_printed' 'reduction' is unknown; known: (none)",
    ),
    "delta 0": (
        STUDY + "loss: {name: huber, delta: 0}\n",
        ":3: loss 'huber': delta must be above 0, got 0.0",
    ),
    "delta is a text": (
        STUDY + "loss: {name: huber, delta: small}\n",
        ":3: loss 'huber': delta must be a number, got 'small'",
    ),
    "alpha below 0": (
        STUDY + "activation: {name: elu, alpha: -1}\n",
        ":3: activation 'elu': alpha must be at least 0, got -1.0",
    ),
    "alpha of selu": (
        STUDY + "activation: {name: selu, alpha: 1}\n",
        ":3: argument of activation 'selu' 'alpha' is unknown; known: (none)",
    ),
    "beta 0": (
        STUDY + "activation: {name: softplus, beta: 0}\n",
        ":3: activation 'softplus': beta must be above 0, got 0.0",
    ),
    "an approximation": (
        STUDY + "activation: {name: gelu, approximate: erf}\n",
        ":3: activation 'gelu': approximate must be 'none' or 'tanh', got 'erf'",
    ),
    "an approximation is true": (
        STUDY + "activation: {name: gelu, approximate: true}\n",
        ":3: activation 'gelu': approximate must be 'none' or 'tanh', got true",
    ),
    "a range from high to low": (
        STUDY + "activation: {name: hardtanh, min_val: 2}\n",
        ":3: activation 'hardtanh': min_val must be below max_val, got 2.0 and 1.0",
    ),
    "a cut outside the range": (
        STUDY + "loss: hinge\nmodel: {output: {name: hardtanh, min_val: 0}}\n",
        ":4: loss 'hinge' needs outputs on both sides of 0, where output 'hardtanh' stays on one; "
        "fitting: ...",
    ),
    "a range wider than the domain": (
        STUDY + "loss: bce\nmodel: {output: hardtanh}\n",
        ":4: loss 'bce' needs outputs from 0 to 1, which output 'hardtanh' may leave; "
        "fitting: sigmoid",
    ),
    "softmax in between": (
        NAME + "grid: {activation: [tanh, softmax]}\n",
        ":2: activation 'softmax' is for model.output, not for hidden layers",
    ),
    "softmax of one output": (
        STUDY + "model: {output: softmax}\n",
        ":3: output 'softmax' needs several outputs, and data 'disk' has one; fitting: ...",
    ),
    "classes for two": (
        STUDY + "loss: cross_entropy\n",
        ":3: loss 'cross_entropy' does not fit data 'disk', which has two classes; fitting: ...; "
        "'cross_entropy' fits with data.outputs: 2",
    ),
    "gain": (
        STUDY + "init: {name: xavier, gain: reluu}\n",
        ":3: init 'xavier': gain must be a number, or be 'linear', ... or 'selu', got 'reluu'",
    ),
    "gain below 0": (
        NAME + "grid: {init.gain: [1, -2]}\ninit: he\n",
        ":2: init 'he': gain must be at least 0, got -2.0",
    ),
    "gain NaN": (
        STUDY + "init: {name: he, gain: .nan}\n",
        ":3: init 'he': gain must be finite, ...",
    ),
    "gain of what has none": (
        STUDY + "init: {name: lecun, gain: 2}\n",
        ":3: argument of init 'lecun' 'gain' is unknown; known: bias, distribution",
    ),
    "mode": (
        STUDY + "init: {name: he, mode: fan_on}\n",
        ":3: init 'he': mode must be 'fan_in' or 'fan_out', got 'fan_on'",
    ),
    "distribution": (
        STUDY + "init: {name: xavier, distribution: gauss}\n",
        ":3: init 'xavier': distribution must be 'uniform' or 'normal', got 'gauss'",
    ),
    "bias": (
        STUDY + "init: {name: orthogonal, bias: ones}\n",
        ":3: ... bias must be a number, or be 'zeros', 'uniform' or 'normal', got 'ones'",
    ),
    "bias is nothing": (
        STUDY + "init: {name: zeros, bias: }\n",
        ":3: init 'zeros': bias must be a number, or be 'zeros', ..., got nothing",
    ),
    "bound below 0": (
        STUDY + "init: {name: uniform, bound: -0.5}\n",
        ":3: init 'uniform': bound must be at least 0, got -0.5",
    ),
    "threshold infinite": (STUDY + "model: {threshold: -.inf}\n", ":3: ... be finite, got -inf"),
    # seeds
    "seeds 0": (STUDY + "seeds: 0\n", f":3: {MUST_BE_SEEDS}0"),
    "seeds below 0": (STUDY + "seeds: -1\n", f":3: {MUST_BE_SEEDS}-1"),
    "seeds beyond a million": (STUDY + "seeds: 1000001\n", f":3: {MUST_BE_SEEDS}1000001"),
    "seeds true": (STUDY + "seeds: true\n", f":3: {MUST_BE_SEEDS}true"),
    "seeds a fraction": (STUDY + "seeds: 1.5\n", f":3: {MUST_BE_SEEDS}1.5"),
    "seeds a text": (STUDY + "seeds: ten\n", f":3: {MUST_BE_SEEDS}'ten'"),
    "seeds a mapping": (
        STUDY + "seeds: {a: 1}\n",
        ":3: key of axis 'seeds' 'a' is unknown; known: integers, ..., seed, uniform",
    ),
    "no seeds": (STUDY + "seeds: []\n", f":3: {MUST_BE_SEEDS}[]"),
    "a seed twice": (STUDY + "seeds: [3, 1, 3]\n", f":3: {MUST_BE_SEEDS}[3, 1, 3]"),
    "a seed below 0": (STUDY + "seeds: [-1]\n", f":3: {MUST_BE_SEEDS}[-1]"),
    "a seed of 64 bits": (STUDY + f"seeds: [{2**63}]\n", f":3: {MUST_BE_SEEDS}[{2**63}]"),
    "a seed is true": (STUDY + "seeds: [true]\n", f":3: {MUST_BE_SEEDS}[True]"),
    "a seed is a float": (STUDY + "seeds: [1.0]\n", f":3: {MUST_BE_SEEDS}[1.0]"),
    # the grid
    "an empty axis": (
        NAME + "grid: {activation: []}\n",
        ":2: grid.activation must hold at least 1 value, got []",
    ),
    "a value twice": (
        NAME + "grid:\n  activation:\n    - tanh\n    - relu\n    - {name: tanh}\n",
        ":6: axis 'activation' has the value tanh twice",
    ),
    "a value twice, once with its default": (
        NAME + "grid:\n  optimizer:\n    - sgd\n    - {name: sgd, lr: 0.01}\n",
        ":5: axis 'optimizer' has the value sgd(lr=0.01) twice",
    ),
    "a value twice, as 1 and 1.0": (
        NAME + "grid: {optimizer.lr: [1, 1.0]}\n",
        ":2: axis 'optimizer.lr' has the value 1.0 twice",
    ),
    "an include that collides": (
        NAME + "grid: {activation: [tanh]}\ninclude:\n"
        "  - {activation: relu, loss: mse}\n  - {activation: relu}\n",
        ":5: two cells have the same settings: activation=relu, loss=mse and activation=relu",
    ),
    "an include with an unknown setting": (
        STUDY + "include:\n  - {activation: relu}\n  - {activaton: relu}\n",
        f":5: setting 'activaton' is unknown; {SETTINGS}; did you mean 'activation'?",
    ),
    "an include with an unknown value": (
        STUDY + "include: [{activation: relo}]\n",
        f":3: activation 'relo' is unknown; {ACTIVATIONS}; did you mean 'relu'?",
    ),
    "an include with a wrong value": (
        STUDY + "include:\n  - activation: relu\n    epochs: 0\n",
        ":5: epochs must be at least 1, got 0",
    ),
    "an exclude that matches nothing": (
        STUDY + "exclude: [{activation: relu}]\n",
        ":3: exclude matches no cell, got {'activation': 'relu'}; axes: activation",
    ),
    "an exclude of what is no axis": (
        STUDY + "exclude: [{loss: mse}]\n",
        ":3: exclude matches no cell, got {'loss': 'mse'}; axes: activation",
    ),
    "an exclude with an unknown setting": (
        STUDY + "exclude: [{activaton: tanh}]\n",
        f":3: setting 'activaton' is unknown; {SETTINGS}; did you mean 'activation'?",
    ),
    "excludes that leave nothing": (
        STUDY + "exclude: [{activation: tanh}]\n",
        ":3: the excludes leave no cell",
    ),
    "an override that matches nothing": (
        STUDY + "overrides:\n  - {when: {activation: tanh}, set: {epochs: 1}}\n"
        "  - {when: {activation: relu}, set: {epochs: 2}}\n",
        ":5: override matches no cell, got {'activation': 'relu'}",
    ),
    "an override of an unknown value": (
        STUDY + "overrides: [{when: {activation: than}, set: {epochs: 1}}]\n",
        f":3: activation 'than' is unknown; {ACTIVATIONS}; did you mean 'tanh'?",
    ),
    "an override of an unknown setting": (
        STUDY + "overrides: [{when: {activaton: tanh}, set: {epochs: 1}}]\n",
        ":3: setting 'activaton' is unknown; ...",
    ),
    "an override that sets what there is not": (
        STUDY + "overrides: [{when: {}, set: {epoch: 1}}]\n",
        f":3: setting 'epoch' is unknown; {SETTINGS}; did you mean 'epochs'?",
    ),
    "an override that sets a wrong value": (
        STUDY + "overrides:\n  - when: {activation: tanh}\n    set:\n      epochs: -1\n",
        ":6: epochs must be at least 1, got -1",
    ),
    "an override that makes cells equal": (
        NAME + "grid: {epochs: [1, 2]}\noverrides: [{when: {}, set: {epochs: 3}}]\n",
        ":2: two cells have the same settings: epochs=1 and epochs=2",
    ),
    "a million runs": (
        NAME + f"grid: {{epochs: {list(range(1, 1001))}}}\nseeds: 1000\n",
        ":2: the grid has 1,000,000 runs; allowed: 100,000 (`minidl run --yes` lifts the limit)",
    ),
    "2^200 runs": (
        NAME + f"grid: {{{', '.join(f'optimizer.a{i}: [1, 2]' for i in range(200))}}}\n",
        ":2: the grid has more than 10^15 runs; allowed: 100,000 (...)",
    ),
    # names of folders: nothing is ever written outside
    "name with a slash": ("name: a/b\ngrid: {}\n", f":1: {MUST_BE_A_NAME}'a/b'"),
    "name leads up": ("name: ..\ngrid: {}\n", f":1: {MUST_BE_A_NAME}'..'"),
    "name is absolute": ("name: /tmp/x\ngrid: {}\n", f":1: {MUST_BE_A_NAME}'/tmp/x'"),
    "name is hidden": ("name: .x\ngrid: {}\n", f":1: {MUST_BE_A_NAME}'.x'"),
    "name looks like an option": ("name: -x\ngrid: {}\n", f":1: {MUST_BE_A_NAME}'-x'"),
    "name is empty": ("name: ''\ngrid: {}\n", f":1: {MUST_BE_A_NAME}''"),
    "name has a line end": ('name: "a\\n"\ngrid: {}\n', f":1: {MUST_BE_A_NAME}'a\\n'"),
    "name has a zero": ('name: "a\\0"\ngrid: {}\n', f":1: {MUST_BE_A_NAME}'a\\x00'"),
    "name has half a character": ('name: "\\ud800"\ngrid: {}\n', f":1: {MUST_BE_A_NAME}'\\ud800'"),
    "name has letters of French": ("name: café\ngrid: {}\n", f":1: {MUST_BE_A_NAME}'café'"),
    "name is long": (f"name: {'a' * 101}\ngrid: {{}}\n", f":1: {MUST_BE_A_NAME}'{'a' * 56}..."),
    # YAML itself
    "a tab": (
        NAME + "grid:\n\tactivation: [tanh]\n",
        ":3: cannot be read as YAML: while scanning for the next token, found character '\\t' that "
        "cannot start any token",
    ),
    "a key twice": (
        STUDY + "epochs: 1\nloss: mse\nepochs: 2\n",
        ":5: key 'epochs' appears twice, first at grid.yaml:3",
    ),
    "an axis twice": (
        NAME + "grid:\n  loss: [mse]\n  loss: [bce]\n",
        ":4: key 'loss' appears twice, first at grid.yaml:3",
    ),
    "an open bracket": (
        NAME + "grid: {loss: [mse\n",
        ":3: cannot be read as YAML: while parsing ...",
    ),
    "an open quote": (
        'name: "s\n',
        ":2: cannot be read as YAML: while scanning a quoted scalar, ...",
    ),
    "a colon too many": ("name: a: b\n", ":1: cannot be read as YAML: mapping values are not ..."),
    "an alias": (
        NAME + "grid:\n  loss: &all [mse]\n  activation: *all\n",
        ":4: cannot be read as YAML: aliases are not allowed, got *all",
    ),
    "a billion laughs": (
        "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n"
        + "".join(f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 10)}]\n" for i in range(9)),
        ":2: cannot be read as YAML: aliases are not allowed, got *a0",
    ),
    "an alias of itself": ("name: &a [*a]\n", ":1: ...aliases are not allowed, got *a"),
    "a merge key": (
        STUDY + "model:\n  <<: {hidden: [3]}\n",
        ":4: key of model '<<' is unknown; ...",
    ),
    "a python object": (
        "name: !!python/object/apply:os.system [touch owned]\ngrid: {}\n",
        f":1: the tag 'tag:yaml.org,2002:python/object/apply:os.system' {PLAIN}",
    ),
    "a python name": ("name: !!python/name:os.system\n", f":1: the tag '...os.system' {PLAIN}"),
    "a set": (NAME + "grid: !!set {loss}\n", f":2: the tag 'tag:yaml.org,2002:set' {PLAIN}"),
    "bytes": ("name: !!binary aGVsbG8=\n", f":1: the tag 'tag:yaml.org,2002:binary' {PLAIN}"),
    "a date by its tag": (STUDY + "epochs: !!timestamp x\n", f":3: the tag '...timestamp' {PLAIN}"),
    "a boolean that is none": (STUDY + "epochs: !!bool x\n", ":3: 'x' is not a valid bool"),
    "a number that is none": (STUDY + "epochs: !!int x\n", ":3: 'x' is not a valid int"),
    "a tag on a mapping": (STUDY + "model: !mine {hidden: [3]}\n", f":3: the tag '!mine' {PLAIN}"),
    "a number for a key": (NAME + "grid: {1: [a]}\n", ":2: a key must be text, got '1'"),
    "nothing for a key": (STUDY + "~: 3\n", ":3: a key must be text, got '~'"),
    "a list for a key": (STUDY + "? [a]\n: 3\n", ":3: a key must be text, got a collection"),
    "nested deeply": (
        NAME + f"grid: {{loss: {'[' * 30}{']' * 30}}}\n",
        ":2: nested too deeply; allowed: 20 levels",
    ),
    "nested without end": ("name: " + "[" * 500, ": nested too deeply; allowed: 20 levels"),
    "a control character": (NAME + "# \x07\n", ":2: the character '\\x07' is not allowed"),
    "a zero byte": (NAME + "grid: \0\n", ":2: the character '\\x00' is not allowed"),
    "colours of a terminal": (
        NAME + 'grid: {activation: ["\\e[31mtanh"]}\n',
        f":2: activation '\\x1b[31mtanh' is unknown; {ACTIVATIONS}; did you mean 'tanh'?",
    ),
    "yes is no longer true": (
        NAME + "grid: {activation: [tanh, on]}\n",
        f":2: activation 'on' is unknown; {ACTIVATIONS}",
    ),
    "a time is no longer sixty times": (STUDY + "epochs: 1:30\n", ":3: ... number, got '1:30'"),
    # the reference
    "no such reference": (
        STUDY + "reference: papr\n",
        ":3: reference: no such file, and reference 'papr' is unknown; known: ...paper...; "
        "did you mean 'paper'?",
    ),
    "no such reference file": (
        STUDY + "reference: nowhere/x.yaml\n",
        ":3: reference: nowhere/x.yaml: cannot be read: No such file or directory",
    ),
    "reference is a number": (STUDY + "reference: 3\n", ":3: reference must be text, got 3"),
    "reference is no reference": (
        STUDY + "reference: grid.yaml\n",
        ":3: reference: .../grid.yaml:1: key 'name' is unknown; known: alpha, cells, claims, ...",
    ),
    # schedules
    "schedule": (
        STUDY + "schedule: cosin\n",
        ":3: schedule 'cosin' is unknown; known: constant, cosine, ...; did you mean 'cosine'?",
    ),
    "schedule is a number": (
        STUDY + "schedule: 3\n",
        ":3: schedule must be a name or a mapping with a name, got 3",
    ),
    "argument of a schedule": (
        STUDY + "schedule: {name: cosine, t_max: 3}\n",
        ":3: argument of schedule 'cosine' 't_max' is unknown; known: T_max, eta_min; "
        "did you mean 'T_max'?",
    ),
    "milestones is a number": (
        STUDY + "schedule: {name: multistep, milestones: 3}\n",
        ":3: schedule 'multistep': milestones must be a list, got 3",
    ),
    "milestones that fall": (
        STUDY + "schedule: {name: multistep, milestones: [5, 3]}\n",
        ":3: schedule 'multistep': milestones must be rising epochs from 1 on, got [5, 3]",
    ),
    "a milestone is a fraction": (
        STUDY + "schedule: {name: multistep, milestones: [2, 3.5]}\n",
        ":3: schedule 'multistep': milestones.1 must be a whole number, got 3.5",
    ),
    "gamma is a text": (
        STUDY + "schedule: {name: exponential, gamma: half}\n",
        ":3: schedule 'exponential': gamma must be a number, got 'half'",
    ),
    "gamma 0": (
        STUDY + "schedule: {name: step, gamma: 0}\n",
        ":3: schedule 'step': gamma must be above 0 and at most 1, got 0.0",
    ),
    "step_size is a fraction": (
        STUDY + "schedule: {name: step, step_size: 2.5}\n",
        ":3: schedule 'step': step_size must be a whole number, got 2.5",
    ),
    "T_max 0": (
        STUDY + "schedule: {name: cosine, T_max: 0}\n",
        ":3: schedule 'cosine': T_max must be at least 1 and finite, got 0",
    ),
    "factor 1": (
        STUDY + "schedule: {name: plateau, factor: 1}\n",
        ":3: schedule 'plateau': factor must be above 0 and below 1, got 1.0",
    ),
    "threshold_mode": (
        STUDY + "schedule: {name: plateau, threshold_mode: relative}\n",
        ":3: schedule 'plateau': threshold_mode must be 'rel' or 'abs', got 'relative'",
    ),
    "monitor that is none": (
        STUDY + "schedule: {name: plateau, monitor: loss}\n",
        ":3: schedule 'plateau': monitor must be one of train_accuracy, train_loss, ..., "
        "got 'loss'",
    ),
    "monitor on the test set": (
        STUDY + "schedule: {name: plateau, monitor: test_loss}\n",
        ":3: schedule 'plateau': monitor must be one of ..., got 'test_loss'",
    ),
    "monitor on a validation set that there is not": (
        STUDY + "schedule: {name: plateau, monitor: validation_loss}\n",
        ":3: monitor 'validation_loss' is not recorded for data 'disk', which has two classes; "
        "recorded: train_loss, train_accuracy",
    ),
    "monitor of another task": (
        STUDY + "schedule: {name: plateau, monitor: train_r2}\n",
        ":3: monitor 'train_r2' is not recorded for data 'disk', which has two classes; "
        "recorded: train_loss, train_accuracy",
    ),
    "two schedules that are one": (
        NAME + "grid:\n  schedule:\n    - step\n    - {name: step, gamma: 0.1}\n",
        ":5: axis 'schedule' has the value step(gamma=0.1) twice",
    ),
    "warm-up of no epochs, on an axis": (
        NAME + "grid:\n  schedule:\n    - constant\n    - {name: warmup, total_iters: 0}\n",
        ":5: schedule 'warmup': total_iters must be at least 1 and finite, got 0",
    ),
    # arguments of optimizers
    "weight_decay below 0": (
        STUDY + "optimizer: {name: adam, weight_decay: -0.1}\n",
        ":3: optimizer 'adam': weight_decay must be at least 0 and finite, got -0.1",
    ),
    "weight_decay is a text": (
        STUDY + "optimizer: {name: adamw, weight_decay: much}\n",
        ":3: optimizer 'adamw': weight_decay must be a number, got 'much'",
    ),
    "weight_decay misspelled": (
        STUDY + "optimizer: {name: rmsprop, weigth_decay: 0.1}\n",
        ":3: argument of optimizer 'rmsprop' 'weigth_decay' is unknown; ...; "
        "did you mean 'weight_decay'?",
    ),
    "l1 below 0": (
        STUDY + "optimizer: {name: none, l1: -1}\n",
        ":3: optimizer 'none': l1 must be at least 0 and finite, got -1.0",
    ),
    "decay of nothing that is known": (
        STUDY + "optimizer: {name: sgd, decay: biases}\n",
        ":3: optimizer 'sgd': decay must be 'weights' or 'all', got 'biases'",
    ),
    "decay is a number": (
        STUDY + "optimizer: {name: sgd, decay: 0.1}\n",
        ":3: optimizer 'sgd': decay must be 'weights' or 'all', got 0.1",
    ),
    "clip_norm 0": (
        STUDY + "optimizer: {name: sgd, clip_norm: 0}\n",
        ":3: optimizer 'sgd': clip_norm must be above 0 and finite, got 0.0",
    ),
    "clip_norm is a text": (
        STUDY + "optimizer: {name: sgd, clip_norm: one}\n",
        ":3: optimizer 'sgd': clip_norm...must be a number, got 'one'",
    ),
    "dampening above 1": (
        STUDY + "optimizer: {name: sgd, dampening: 1.5}\n",
        ":3: optimizer 'sgd': dampening must be at least 0 and at most 1, got 1.5",
    ),
    "dampening of what has none": (
        STUDY + "optimizer: {name: none, dampening: 0}\n",
        ":3: argument of optimizer 'none' 'dampening' is unknown; "
        "known: clip_norm, decay, l1, lr, weight_decay",
    ),
    "nesterov is a number": (
        STUDY + "optimizer: {name: sgd, nesterov: 1}\n",
        ":3: optimizer 'sgd': nesterov must be true or false, got 1",
    ),
    "nesterov with a dampening": (
        STUDY + "optimizer: {name: sgd, nesterov: true, dampening: 0.5}\n",
        ":3: optimizer 'sgd': nesterov needs dampening 0, or none given, got 0.5",
    ),
    "alpha 1": (
        STUDY + "optimizer: {name: rmsprop, alpha: 1}\n",
        ":3: optimizer 'rmsprop': alpha must be at least 0 and below 1, got 1.0",
    ),
    "rho above 1": (
        STUDY + "optimizer: {name: adadelta, rho: 2}\n",
        ":3: optimizer 'adadelta': rho must be at least 0 and below 1, got 2.0",
    ),
    "two optimizers that are one": (
        NAME + "grid:\n  optimizer:\n    - adamw\n    - {name: adamw, weight_decay: 0.01}\n",
        ":5: axis 'optimizer' has the value adamw(weight_decay=0.01) twice",
    ),
}


@pytest.mark.parametrize(("text", "message"), FILES.values(), ids=FILES)
def test_a_bad_grid_file(text, message):
    Path("grid.yaml").write_bytes(text.encode())
    said = refused("validate", "grid.yaml")
    assert fits(said, "grid.yaml" + message), said
    assert refused("run", "--grid", "grid.yaml", "--out", "out", "--jobs", "1") == said


def test_the_table_is_long():
    assert len(FILES) >= 100


def folder(path: Path) -> None:
    path.mkdir()


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


def circle(path: Path) -> None:
    path.symlink_to(path)


UNREADABLE = {
    "missing": (Path.exists, ": cannot be read: No such file or directory"),
    "a folder": (folder, ": cannot be read: Is a directory"),
    "a circle of links": (circle, ": cannot be read: Too many levels of symbolic links"),
    "100 MB": (sparse, ": the file is too large; allowed: 1,000,000 bytes"),
    "binary": (
        lambda path: path.write_bytes(b"\n\x89PNG\r\n\x1a\n"),
        ":2: must be UTF-8 text, got the byte 0x89",
    ),
    "UTF-16": (
        lambda path: path.write_bytes(STUDY.encode("utf-16")),
        ":1: must be UTF-8 text, got the byte 0xff",
    ),
    "UTF-16 without its mark": (
        lambda path: path.write_bytes(STUDY.encode("utf-16-le")),
        ":1: the character '\\x00' is not allowed",
    ),
    "Latin-1": (
        lambda path: path.write_bytes((STUDY + "# café\n").encode("latin-1")),
        ":3: must be UTF-8 text, got the byte 0xe9",
    ),
}


@pytest.mark.parametrize(("make", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read(make, message):
    make(Path("grid.yaml"))
    assert refused("validate", "grid.yaml") == f"grid.yaml{message}"
    assert refused("run", "--grid", "grid.yaml", "--out", "out") == f"grid.yaml{message}"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("papr", "no such file, and study 'papr' is unknown; known: ...; did you mean 'paper'?"),
        ("", "no such file, and study '' is unknown; known: ...paper..."),
        ("a" * 5000, "no such file, and study 'aaa... is unknown; known: ..."),
        ("a" * 5000 + ".yaml", "aaa....yaml: cannot be read: File name too long"),
        ("a\0b/c", "a\\x00b/c: cannot be read: ...embedded null ..."),
        ("a\nb.yaml", "a\\nb.yaml: cannot be read: No such file or directory"),
        ("\udcff.yaml", "\\udcff.yaml: cannot be read: No such file or directory"),
        ("/dev/zero", "/dev/zero: cannot be read: is not a regular file"),
    ],
)
def test_a_grid_that_is_not_there(source, message):
    said = refused("run", "--grid", source, "--out", "out")
    assert fits(said, message), said


RUN = [
    ("--set", "", "must be KEY=VALUE"),
    ("--set", "epochs", "must be KEY=VALUE"),
    ("--set", "=3", "must be KEY=VALUE"),
    ("--set", "epoch=3", f"setting 'epoch' is unknown; {SETTINGS}; did you mean 'epochs'?"),
    ("--set", "a.b.c=3", f"setting 'a.b.c' is unknown; {SETTINGS}"),
    ("--set", "init.std=3", "argument of init 'uniform' 'std' is unknown; known: bias, bound"),
    ("--set", "epochs=", "epochs must be a whole number, got nothing"),
    ("--set", "epochs=0", "epochs must be at least 1, got 0"),
    ("--set", "epochs=[1", "cannot be read as YAML: while parsing a flow sequence, ..."),
    ("--set", "epochs=*a", "cannot be read as YAML: aliases are not allowed, got *a"),
    ("--set", "epochs=!!python/name:os.system", f"the tag '...' {PLAIN}"),
    ("--set", "optimizer.lr=1e-320", "'1e-320' is too small; allowed: 0 or from ..."),
    ("--set", "optimizer.lr=.nan", "optimizer 'sgd': lr must be finite, got nan"),
    ("--set", "optimizer.lr=nan", "optimizer 'sgd': lr must be a number, got 'nan'"),
    *(
        (
            "--set",
            f"schedule={{name: {name}, {key}: {LONG}}}",
            f"schedule '{name}': {key} must be...",
        )
        for name, key in (("step", "step_size"), ("cosine", "T_max"), ("plateau", "patience"))
    ),
    ("--set", "init={name: he, gain: 1e300}", "init 'he': OverflowError: ..."),
    (
        "--set",
        "init={name: he, bias: 1e300}",
        "init 'he': RuntimeError: value cannot be converted...",
    ),
    ("--set", "activation=[]", "grid.activation must hold at least 1 value, got []"),
    ("--set", "activation=[relu, relu]", "axis 'activation' has the value relu twice"),
    ("--set", "activation=[relu, tahn]", f"activation 'tahn' is unknown; {ACTIVATIONS}; ..."),
    ("--set", "model.hidden=25", "model.hidden must be a list, got 25"),
    ("--set", "name=../x", f"{MUST_BE_A_NAME}'../x'"),
    ("--set", "grid=3", "grid must be a mapping, got 3"),
    ("--set", "overrides=3", "overrides must be a list, got 3"),
    ("--set", "exclude=[{activation: relu}]", "exclude matches no cell, ...; axes: activation"),
    ("--set", "reference=papr", "reference: no such file, and reference 'papr' is unknown; ..."),
    ("--only", "activation", "must be KEY=VALUE"),
    ("--only", "activaton=tanh", f"setting 'activaton' is unknown; {SETTINGS}; ..."),
    ("--only", "activation=tahn", f"activation 'tahn' is unknown; {ACTIVATIONS}; ..."),
    ("--only", "activation=relu", "no run has this; activation is tanh"),
    ("--only", "seed=9", "no run has this; seed is 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, ..."),
    ("--only", "epochs=[", "cannot be read as YAML: while parsing a flow node, ..."),
    ("--seeds", "0", f"{MUST_BE_SEEDS}0"),
    ("--seeds", "-3", f"{MUST_BE_SEEDS}-3"),
    ("--seeds", "9" * 30, f"{MUST_BE_SEEDS}{'9' * 30}"),
]


@pytest.mark.parametrize(("option", "value", "message"), RUN)
def test_a_bad_option_of_run(option, value, message):
    seeds = [seed for seed in range(20) if seed != 9]
    Path("grid.yaml").write_text(f"{STUDY}seeds: {seeds}\n")
    said = refused("run", "--grid", "grid.yaml", "--out", "out", option, value)
    assert fits(said, f"{option} {value}: {message}"), said


def test_only_that_no_run_has_all_of():
    Path("grid.yaml").write_text(
        "name: s\ngrid: {activation: [tanh, relu]}\ninclude:\n  - loss: bce\n"
    )
    only = ("--only", "activation=tanh", "--only", "loss=bce", "--only", "seed=0")
    minidl("run", "--grid", "grid.yaml", "--dry-run", *only)
    Path("grid.yaml").write_text(
        "name: s\ngrid: {activation: [tanh, relu]}\ninclude:\n  - {activation: relu, loss: bce}\n"
    )
    said = refused("run", "--grid", "grid.yaml", "--out", "out", *only[:4])
    assert said == "--only activation=tanh --only loss=bce: no run has all of these"


TRAIN = [
    ("--act", "tahn", f"activation 'tahn' is unknown; {ACTIVATIONS}; did you mean 'tanh'?"),
    ("--act", "", "activation must be a name or a mapping with a name, got nothing"),
    ("--act", "[tanh, relu]", "makes 2 networks; allowed: one"),
    ("--act", "tanh: x", "activation must be a name ..., got {'tanh': 'x'}"),
    ("--act", "\x1b[31m", "the character '\\x1b' is not allowed"),
    ("--loss", "tanh", "loss 'tanh' is unknown; known: bce, ..."),
    ("--opt", "adma", "optimizer 'adma' is unknown; ...; did you mean 'adam'?"),
    ("--lr", "0", "optimizer 'adam': lr must be above 0 and finite, got 0.0"),
    ("--lr", "-1", "optimizer 'adam': lr must be above 0 and finite, got -1.0"),
    ("--lr", "fast", "optimizer 'adam': lr must be a number, got 'fast'"),
    ("--lr", "1e400", "optimizer 'adam': lr must be finite, got inf"),
    ("--hidden", "0", "model.hidden.0 must be at least 1, got 0"),
    ("--hidden", "25,x", "model.hidden.1 must be a whole number, got 'x'"),
    ("--hidden", "25,,25", "cannot be read as YAML: while parsing a flow node, ..."),
    ("--hidden", "25]", "cannot be read as YAML: ..."),
    ("--batch-size", "0", "batch_size must be at least 1, got 0"),
    ("--batch-size", "1e3", "batch_size must be a whole number, got 1000.0"),
    ("--batch-size", "1000001", "batch_size must be at most 1,000,000, got 1000001"),
    ("--epochs", "0", "epochs must be at least 1, got 0"),
    ("--epochs", "many", "epochs must be a whole number, got 'many'"),
    ("--seed", "-1", f"{MUST_BE_SEEDS}[-1]"),
    ("--seed", str(2**63), f"{MUST_BE_SEEDS}[{2**63}]"),
    ("--set", "seeds=3", "makes 3 networks; allowed: one"),
    ("--set", "include=[{loss: bce, activation: relu}]", "makes 2 networks; ..."),
    ("--set", "rl=3", f"setting 'rl' is unknown; {SETTINGS}"),
]


@pytest.mark.parametrize(("option", "value", "message"), TRAIN)
def test_a_bad_option_of_train(option, value, message):
    said = refused("train", option, value)
    shown = value.replace("\x1b", "\\x1b")
    assert fits(said, f"{option} {shown}: {message}"), said


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (".", ".: is a folder; ..."),
        ("", "--save: must not be empty; expected a path"),
        ("nowhere/x.safetensors", "nowhere/x.safetensors: the folder nowhere does not exist ..."),
        ("file/x.safetensors", "file/x.safetensors: the folder file does not exist ..."),
    ],
)
def test_weights_that_could_not_be_saved_are_not_trained(path, message):
    Path("file").touch()
    said = refused("train", "--save", path)
    assert fits(said, message), said


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--grid", "smoke", "--jobs", "0"),
        ("run", "--grid", "smoke", "--jobs", "many"),
        ("run", "--grid", "smoke", "--jobs", "1.5"),
        ("run", "--grid", "smoke", "--seeds", "ten"),
        ("run", "--grid", "smoke", "--seed", "3"),
        ("run",),
        ("run", "--grid"),
        ("train", "--seed", "1.5"),
        ("train", "tanh"),
        ("validate",),
        ("validate", "a", "b"),
        ("tables", "out", "--format", "xml"),
        ("rnu",),
    ],
    ids=" ".join,
)
def test_a_bad_call_names_the_option_and_writes_nothing(arguments, monkeypatch):
    monkeypatch.setenv("COLUMNS", "500")
    result = minidl(*arguments, code=2)
    assert result.stdout == ""
    wrong = {"--jobs", "--seeds", "--seed", "--grid", "--format", "FILE", "(tanh)", "(b)", "'rnu'"}
    wrong |= {"name a grid file"}
    assert any(word in result.stderr for word in wrong)
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("file", "file: cannot be made: File exists"),
        ("file/out", "file/out: cannot be made: Not a directory"),
        ("a" * 300, "aaa...: cannot be made: File name too long"),
    ],
)
def test_a_folder_that_cannot_be_made(out, message):
    Path("file").touch()
    Path("grid.yaml").write_text(STUDY)
    said = refused("run", "--grid", "grid.yaml", "--out", out)
    assert fits(said, message), said


POINTS = {
    "empty": ("", ": holds no points"),
    "only a header": ("x,y\n", ": holds no points"),
    "a first row that is mistyped throughout": (
        "1.O,2.O\n0.1,0.2\n",
        ":1: not a row of numbers: ['1.O', '2.O']",
    ),
    "a mistyped first row": ("0.5,O.5\n0.1,0.2\n", ":1: not a row of numbers: ['0.5', 'O.5']"),
    "infinite as float32": ("1,2\n3.5e38,1\n", ":2: numbers must be finite, got ['3.5e38', '1']"),
    "one number": ("1\n", None),
    "three numbers": ("1,2,3\n", None),
    "rows of two lengths": ("0.1,0.2\n0.3\n", ":2: 1 numbers; expected 2"),
    "a word": ("x,y\n0.1,0.2\n0.1,up\n", ":3: not a row of numbers: ['0.1', 'up']"),
    "a gap": ("0.1,0.2\n0.3,\n", ":2: not a row of numbers: ['0.3', '']"),
    "NaN": ("0.1,0.2\nnan,0.2\n", ":2: numbers must be finite, got ['nan', '0.2']"),
    "infinity": ("0.1,-inf\n", ":1: numbers must be finite, got ['0.1', '-inf']"),
    "Latin-1": ("x,y\n0.1,caf\xe9\n", ":2: must be UTF-8 text, got the byte 0xe9"),
}


# What stands for an axis -> the whole message after the axis; ... stands for any text.
AXES = {
    "no way": ("{samples: 3}", " needs one of log_uniform, ..., range, got {'samples': 3}"),
    "two ways": ("{uniform: [0, 1], range: [0, 1]}", " needs one of log_uniform, ..."),
    "no mapping at all": ("{}", " needs one of log_uniform, ..., got {}"),
    "log of zero": (
        "{log_uniform: [0, 1], samples: 3}",
        ": log_uniform: low must be above 0, got 0",
    ),
    "log below zero": (
        "{log_uniform: [-1, 1], samples: 3}",
        ": log_uniform: low must be above 0, ...",
    ),
    "upside down": (
        "{uniform: [1, 0], samples: 3}",
        ": uniform: low must be below high, got [1, 0]",
    ),
    "nothing between": ("{uniform: [1, 1], samples: 3}", ": uniform: low must be below high, ..."),
    "one bound": ("{uniform: [1], samples: 3}", ": uniform must be [low, high], got [1]"),
    "three bounds": ("{uniform: [0, 1, 2], samples: 3}", ": uniform must be [low, high], ..."),
    "bounds of text": ("{uniform: [a, b], samples: 3}", ": uniform must be [low, high], ..."),
    "an infinite bound": ("{uniform: [0, .inf], samples: 3}", ": uniform must be [low, high], ..."),
    "a bound that is NaN": (
        "{uniform: [0, .nan], samples: 3}",
        ": uniform must be [low, high], ...",
    ),
    "a bound that is true": ("{uniform: [false, true], samples: 3}", ": uniform must be ..."),
    "bounds too near": (
        "{uniform: [1, 1.0000000000000002], samples: 3}",
        ": the bounds are too near each other for so many different numbers",
    ),
    "no samples": (
        "{uniform: [0, 1]}",
        ": samples must be a whole number from 1 to 100,000, got nothing",
    ),
    "samples 0": ("{uniform: [0, 1], samples: 0}", ": samples must be a whole number from 1 ..."),
    "samples huge": (
        "{uniform: [0, 1], samples: 1000000000}",
        ": samples must be a whole number ...",
    ),
    "samples true": ("{uniform: [0, 1], samples: true}", ": samples must be ..., got true"),
    "half a sample": ("{uniform: [0, 1], samples: 1.5}", ": samples must be ..., got 1.5"),
    "a seed below 0": (
        "{uniform: [0, 1], samples: 1, seed: -1}",
        ": seed must be a whole number ...",
    ),
    "a seed of text": ("{uniform: [0, 1], samples: 1, seed: a}", ": seed must be ..., got 'a'"),
    "too few integers": (
        "{integers: [1, 3], samples: 4}",
        ": samples: there are only 3 whole numbers from 1 to 3",
    ),
    "integers that are none": (
        "{integers: [0.5, 3], samples: 1}",
        ": integers must be between whole numbers, got [0.5, 3]",
    ),
    "a range of one": ("{range: [1]}", ": range must be [start, stop] or [start, stop, step], ..."),
    "an empty range": ("{range: [3, 1]}", ": range holds no number, got [3, 1]"),
    "a range that stands": ("{range: [0, 1, 0]}", ": range holds no number, got [0, 1, 0]"),
    "an enormous range": ("{range: [0, 1e9]}", ": range must hold at most 100,000 numbers, ..."),
    "logspace without a size": (
        "{logspace: [1, 2]}",
        ": logspace must be [first, last, how many], ...",
    ),
    "logspace through zero": (
        "{logspace: [-1, 1, 3]}",
        ": logspace: both ends must be above 0, ...",
    ),
    "linspace of one": ("{linspace: [0, 1, 1]}", ": how many must be a whole number from 2 ..."),
    "linspace of half": ("{linspace: [0, 1, 2.5]}", ": how many must be ..., got 2.5"),
    "linspace of nothing": ("{linspace: [1, 1, 3]}", ": linspace: first and last must differ, ..."),
    "spaced and sampled": ("{linspace: [0, 1, 3], samples: 3}", ": samples does not fit linspace"),
}


@pytest.mark.parametrize(("axis", "message"), AXES.values(), ids=AXES)
def test_bad_axes(axis, message):
    Path("grid.yaml").write_text(f"name: s\ngrid:\n  optimizer.lr: {axis}\n")
    said = refused("validate", "grid.yaml")
    assert fits(said, f"grid.yaml:3: axis 'optimizer.lr'{message}"), said


def test_a_misspelt_way_to_draw():
    Path("grid.yaml").write_text("name: s\ngrid:\n  optimizer.lr: {log_unifrom: [1, 2]}\n")
    said = refused("validate", "grid.yaml")
    assert fits(
        said,
        "grid.yaml:3: key of axis 'optimizer.lr' 'log_unifrom' is unknown; known: integers, ...; "
        "did you mean 'log_uniform'?",
    )


HEAD = "import torch\nfrom minidl import *\n"  # line 3 is where the mistakes below begin
ACT = "@register('activation', 'a')\nclass A(Module):\n"
FORWARD = "    def forward(self, x): return x\n"
BOTH = FORWARD + "    def backward(self, g): return g\n"
OPT = "@register('optimizer', 'o')\nclass O(Optimizer):\n"
DATA = "@register('data', 'd')\nclass D(DataSource):\n    d_in, d_out, task = 2, 1, 'binary'\n"
DRAW = "    def draw(self, n, generator):\n        "
SCHEDULE = "@register('schedule', 's')\nclass S(Schedule):\n"
LOSS = "@register('loss', 'l')\nclass L(Loss):\n"
METRIC = "@register('metric', 'm')\nclass M(Accuracy):\n"
# The whole message after the file's name; ... stands for any text.
PARTS = {
    # a file that cannot be run
    "a syntax error": ("def f(:\n", ":3: SyntaxError: ..."),
    "an indentation error": ("if True:\nx = 1\n", ":4: IndentationError: expected an ..."),
    "a zero byte": ("x = '\0'\n", ":...: ..."),
    "an unknown name": ("torch.tanhh\n", ":3: AttributeError: module 'torch' has no ..."),
    "an unknown module": ("import nowhere\n", ":3: ModuleNotFoundError: No module named 'nowhere'"),
    "a module beside it": ("import grid_beside\n", ":3: ModuleNotFoundError: ..."),
    "a relative import": (
        "from . import beside\n",
        ":3: ImportError: attempted relative import ...",
    ),
    "raises in a function": (
        "def f():\n    1 / 0\nf()\n",
        ":4: ZeroDivisionError: division by zero",
    ),
    "raises an error without words": ("raise KeyError\n", ":3: KeyError"),
    "raises an error of many lines": (
        "raise OSError('a\\nb\\x1b[1m')\n",
        ":3: OSError: a b\\x1b[1m",
    ),
    "raises an error of enormous length": (
        "raise OSError('z' * 9999)\n",
        f":3: OSError: {'z' * 297}...",
    ),
    "raises an error that cannot be told": (
        "class E(Exception):\n    def __str__(self): raise self\nraise E\n",
        ":5: E",
    ),
    "raises no exception": ("raise 3\n", ":3: TypeError: exceptions must derive from ..."),
    "ends the program": ("import sys\nsys.exit(0)\n", ":4: SystemExit: 0"),
    "ends the program without a word": ("raise SystemExit\n", ":3: SystemExit"),
    "recurses": ("def f(): f()\nf()\n", ":3: RecursionError: maximum recursion depth exceeded..."),
    "asks": ("input('name: ')\n", ":3: ..."),
    "prints without end": (
        "import itertools\nfor i in itertools.count():\n    print(i)\n",
        ":5: RuntimeError: prints more than 100,000 characters while it is loaded",
    ),
    "prints without end to stderr": (
        "import sys\nwhile True: print('no', file=sys.stderr)\n",
        ":4: RuntimeError: prints more than 100,000 characters while it is loaded",
    ),
    "prints and fails": ("print('hello')\nassert False, 'no'\n", ":4: AssertionError: no"),
    "registers nothing": (
        "class A(Module): pass\n",
        ": registers no component; expected a class or a function below @register(kind, name)",
    ),
    # what is registered
    "a kind that there is not": (
        "@register('activaton', 'a')\nclass A(Module):\n" + BOTH,
        ":3: kind 'activaton' is unknown; known: activation, layer, loss, ...",
    ),
    "a name of minidl's": (
        "\n@register('activation', 'tanh')\nclass A(Module):\n" + BOTH,
        ":4: activation 'tanh' is registered already: <class 'minidl.activations.bounded.Tanh'>",
    ),
    "a name twice": (
        ACT + BOTH + "register('activation', 'a')(Tanh)\n",
        ":7: activation 'a' is registered already: <class ...",
    ),
    "a name that is none": (
        "@register('activation', 'a b')\nclass A(Module):\n" + BOTH,
        ":3: activation 'a b': a name must be up to 64 letters, ..., and begin with a letter",
    ),
    "a name that is a number": (
        "@register('activation', 5)\nclass A(Module):\n" + BOTH,
        ":3: activation 5: a name must be ...",
    ),
    "a register without its brackets": (
        "@register\nclass A(Module):\n" + BOTH,
        ":3: TypeError: register() missing 1 required positional argument: 'name'",
    ),
    "no class": (
        "register('activation', 'a')(5)\n",
        ":1: activation 'a' must be a class made from Module, got 5",
    ),
    "a function": (
        "@register('activation', 'a')\ndef a(x): return x\n",
        ":3: activation 'a' must be a class made from Module, got <function a at ...",
    ),
    "a class of torch's": (
        "@register('activation', 'a')\nclass A(torch.nn.Module):\n" + BOTH,
        ":3: activation 'a' must be a class made from Module, got <class ...",
    ),
    # signatures
    "no backward": (ACT + FORWARD, ":3: activation 'a' has no backward()"),
    "forward of nothing": (
        ACT + "    def forward(self): return 1\n    def backward(self, g): return g\n",
        ":3: activation 'a': forward(self) cannot be called with 1 arguments: too many ...",
    ),
    "forward of two": (
        ACT + "    def forward(self, x, y): return x\n    def backward(self, g): return g\n",
        ":3: activation 'a': forward(self, x, y) cannot be called with 1 arguments: missing ...",
    ),
    "any arguments": (
        ACT + "    def __init__(self, **more): pass\n" + BOTH,
        ":3: activation 'a' takes **more; allowed: arguments with names",
    ),
    "an argument called name": (
        ACT + "    def __init__(self, name='a'): pass\n" + BOTH,
        ":3: activation 'a': no argument can be called 'name'",
    ),
    "an argument that every data set has": (
        DATA + "    def __init__(self, train=1): pass\n" + DRAW + "return 1\n",
        ":3: data 'd': no argument can be called 'train'",
    ),
    "a default that is no plain data": (
        ACT + "    def __init__(self, k=torch.zeros(2)): pass\n" + BOTH,
        ":3: activation 'a': the default of k must be plain data, got tensor([0., 0.])",
    ),
    "a default of another type": (
        ACT + "    def __init__(self, k: float = 'x'): pass\n" + BOTH,
        ":3: activation 'a': k must be a number, got 'x'",
    ),
    "an annotation that is no type": (
        ACT + "    def __init__(self, k: 'nothing' = 1): pass\n" + BOTH,
        ":3: NameError: name 'nothing' is not defined",
    ),
    "an optimizer without parameters": (
        OPT + "    def __init__(self): pass\n    def step(self): pass\n",
        ":3: optimizer 'o' must take (param), got ()",
    ),
    "an initialiser of nothing": (
        "@register('init', 'i')\ndef i(): return 1\n",
        ":3: init 'i' must take (d_in, d_out, generator), got ()",
    ),
    # what they do
    "raises when it is built": (
        ACT + "    def __init__(self): 1 / 0\n" + BOTH,
        ":5: ZeroDivisionError: division by zero",
    ),
    "refuses its own default": (
        ACT + "    def __init__(self, k: int = 1): raise ValueError('k must be 2')\n" + BOTH,
        ":3: activation 'a': k must be 2",
    ),
    "ends the program when it is built": (
        ACT + "    def __init__(self): raise SystemExit(0)\n" + BOTH,
        ":5: SystemExit: 0",
    ),
    "raises when it is tried": (
        ACT + "    def forward(self, x):\n        return x + torch.ones(7)\n"
        "    def backward(self, g): return g\n",
        ":6: RuntimeError: The size of tensor a (3) must match the size of tensor b (7) ...",
    ),
    "gives another shape": (
        ACT + "    def forward(self, x): return x.sum()\n    def backward(self, g): return g\n",
        ":3: activation 'a': forward of (5, 3) must have the shape (5, 3), got ()",
    ),
    "gives nothing": (
        ACT + FORWARD + "    def backward(self, g): g * 2\n",
        ":3: activation 'a': backward of (5, 3) must be a tensor, got None",
    ),
    "names dimensions from the front": (
        ACT + "    def forward(self, x): return x - x.mean(dim=0)\n"
        "    def backward(self, g): return g\n",
        ":3: activation 'a': forward gives a network in a stack other numbers than alone; ...",
    ),
    "a range that is none": (
        ACT + "    range = 1\n" + BOTH,
        ":3: activation 'a': range must be a tuple (low, high), got 1",
    ),
    "a loss of one number": (
        LOSS + "    def forward(self, p, t): return (p - t).sum()\n"
        "    def backward(self, p, t): return p - t\n",
        ":3: loss 'l': forward of a stack (2, 5, 1) must have the shape (2,), got ()",
    ),
    "a loss for a task that there is not": (
        LOSS + "    tasks = ('sums',)\n",
        ":3: loss 'l' has no forward()",
    ),
    "a step that changes the shape": (
        OPT + "    def __init__(self, param, lr=0.1): super().__init__(param, lr)\n"
        "    def step(self): self.param[0][0].resize_(1)\n",
        ":3: optimizer 'o': a parameter after a step must have the shape (5, 3), got (1,)",
    ),
    "an optimizer that forgets its parent": (
        OPT + "    def __init__(self, param, lr=0.1): pass\n    def step(self): pass\n",
        ":3: ...",
    ),
    "an optimizer that takes anything": (
        OPT + "    def __init__(self, param, *rates): pass\n    def step(self): pass\n",
        ":3: optimizer 'o' takes *rates; allowed: arguments with names",
    ),
    "a schedule that is a function": (
        "@register('schedule', 's')\ndef s(lr, progress): return lr\n",
        ":3: schedule 's' must be a class made from Schedule, got ...",
    ),
    "a schedule without a rate": (
        SCHEDULE + "    pass\n",
        ":3: schedule 's' has no rate()",
    ),
    "a schedule that is asked for too little": (
        SCHEDULE + "    def rate(self, lr): return lr\n",
        ":3: schedule 's': rate(self, lr) cannot be called with 2 arguments: ...",
    ),
    "a rate below 0": (
        SCHEDULE + "    def rate(self, lr, progress): return lr - progress.epoch\n",
        ":3: schedule 's': rate must return a number of at least 0, got -0.9",
    ),
    "no rate": (
        SCHEDULE + "    def rate(self, lr, progress): return\n",
        ":3: schedule 's': rate must return a number of at least 0, got None",
    ),
    "weights of another shape": (
        "@register('init', 'i')\ndef i(a, b, g): return torch.zeros(b, a), torch.zeros(1, b)\n",
        ":3: init 'i': the weight of 4 inputs and 3 outputs must have the shape (4, 3), got (3, 4)",
    ),
    "weights without biases": (
        "@register('init', 'i')\ndef i(a, b, g): return torch.zeros(a, b)\n",
        ":3: init 'i' must return (weight, bias), got tensor...",
    ),
    "data without a draw": (DATA, ":3: data 'd' has no draw()"),
    "data of no task": (
        DATA + "    task = 'guessing'\n" + DRAW + "return 1\n",
        ":3: data 'd': task must be one of binary, classes, regression, got 'guessing'",
    ),
    "data that is no data set": (
        DATA + DRAW + "return torch.zeros(n, 2), torch.zeros(n, 1)\n",
        ":3: data 'd': draw must return a Dataset, got (tensor(...",
    ),
    "data of another shape": (
        DATA + DRAW + "return Dataset(torch.zeros(n, 3), torch.zeros(n, 1))\n",
        ":3: data 'd': x of 8 points must have the shape (8, 2), got (8, 3)",
    ),
    "data that is NaN": (
        DATA + DRAW + "return Dataset(torch.full((n, 2), torch.nan), torch.zeros(n, 1))\n",
        ":3: data 'd': x must be finite float32, ...",
    ),
    "targets in whole numbers": (
        DATA + DRAW + "return Dataset(torch.zeros(n, 2), torch.zeros(n, 1).long())\n",
        ":3: data 'd': y must be finite float32, got torch.int64",
    ),
    "a metric without a title": (
        "@register('metric', 'm')\nclass M(Metric):\n    def totals(self, o, t): return ()\n"
        "    def score(self, n, *totals): return 1\n    def constant(self, t): return 1\n",
        ":3: metric 'm': title must be text, got None",
    ),
    "a metric that is better sideways": (
        METRIC + "    better = 'sideways'\n",
        ":3: metric 'm': better must be higher or lower, got 'sideways'",
    ),
    "a metric of another shape": (
        METRIC + "    def score(self, n, *totals): return totals[0].sum()\n",
        ":3: metric 'm': score of a stack (2, 5, 1) must have the shape (2,), got ()",
    ),
}


@pytest.mark.parametrize(("text", "message"), PARTS.values(), ids=PARTS)
def test_bad_components(text, message):
    Path("grid_beside.py").write_text("")
    Path("parts.py").write_text(HEAD + text)
    Path("grid.yaml").write_text("components: [parts.py]\n" + STUDY)
    before = {kind: dict(known) for kind, known in KINDS.items()}
    said = refused("validate", "grid.yaml")
    assert fits(said, f"parts.py{message}"), said
    assert before == KINDS


NAMED = {
    "a name": ("parts.py", ":1: components must be a list of Python files, got 'parts.py'"),
    "nothing": ("", ":1: components must be a list of Python files, got nothing"),
    "a number": ("[3]", ":1: components must be a list of Python files, got [3]"),
    "no file": ("[parts.py]", ":1: parts.py: cannot be read: No such file or directory"),
    "a folder": ("[.]", ":1: .: cannot be read: Is a directory"),
    "a second line": ("\n - ok.py\n - parts.py", ":3: parts.py: cannot be read: No such file ..."),
    "a device": ("[/dev/zero]", ":1: /dev/zero: cannot be read: is not a regular file"),
    "an address": ("['https://a.b/c.py']", ":1: https:/a.b/c.py: cannot be read: No such ..."),
    "a zero character": ('["a\\0b"]', ":1: ...: cannot be read: ...embedded null ..."),
}


@pytest.mark.parametrize(("written", "message"), NAMED.values(), ids=NAMED)
def test_components_that_are_no_files(written, message):
    Path("ok.py").write_text(HEAD + ACT + BOTH)
    Path("grid.yaml").write_text(f"components: {written}\n" + STUDY)
    for command in (("validate",), ("run", "--dry-run", "--grid")):
        said = refused(*command, "grid.yaml")
        assert fits(said, f"grid.yaml{message}"), said


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> tuple[str, str]:
    """The folder and the id of one small finished run."""
    folder = tmp_path_factory.mktemp("trained")
    grid = folder / "grid.yaml"
    grid.write_text(STUDY + "epochs: 2\ndata: {name: disk, train: 20, test: 20}\n")
    arguments = ("--grid", str(grid), "--out", str(folder / "out"), "--jobs", "1", "--no-figures")
    done = minidl("run", *arguments, "--json")
    return str(folder / "out"), json.loads(done.stdout)["runs"][0]["id"]


@pytest.mark.parametrize(("text", "message"), POINTS.values(), ids=POINTS)
def test_bad_points(trained, text, message):
    Path("points.csv").write_bytes(text.encode("latin-1"))
    said = refused("predict", *trained, "--points", "points.csv")
    if message is not None:
        assert said == f"points.csv{message}"
    assert "allowed: 2" in said or message


def test_points_with_a_byte_order_mark_are_all_read(trained):
    Path("points.csv").write_bytes(b"\xef\xbb\xbf0.5,0.5\n0.1,0.2\n")
    rows = minidl("predict", *trained, "--points", "points.csv").stdout.splitlines()
    assert len(rows) == 3


ACCEPTED = {
    "1e-3 is a number": ("optimizer: {name: sgd, lr: 1e-3}\n", "optimizer.lr", 0.001),
    "1E3 is a number": ("optimizer: {name: sgd, lr: 1E3}\n", "optimizer.lr", 1000.0),
    ".5 is a number": ("optimizer: {name: sgd, lr: .5}\n", "optimizer.lr", 0.5),
    "a whole number for a fraction": ("optimizer: {name: sgd, lr: 1}\n", "optimizer.lr", 1.0),
    "010 is ten": ("batch_size: 010\n", "batch_size", 10),
    "no hidden layer": ("model: {hidden: []}\n", "model.hidden", []),
    "a batch larger than the data": ("batch_size: 5000\n", "batch_size", 5000),
    "a mapping for a name": ("loss: {name: bce}\n", "loss.name", "bce"),
    "the largest seed": (f"seeds: [{2**63 - 1}]\n", "epochs", 300),
    "an anchor that nothing refers to": ("model: &m {hidden: [3]}\n", "model.hidden", [3]),
    "an explicit text": ("loss: !!str bce\n", "loss.name", "bce"),
    "a byte order mark": ("", "epochs", 300),
    "lines of Windows": ("epochs: 3\r\n", "epochs", 3),
}


@pytest.mark.parametrize(("text", "key", "value"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_not_bad(text, key, value):
    from minidl.study.grid.expand import expand
    from minidl.study.grid.load import load_study
    from minidl.study.grid.matching import look_up

    Path("grid.yaml").write_bytes(("\ufeff" + STUDY + text).encode())
    assert "fine: 1 cells" in minidl("validate", "grid.yaml").stdout
    (run,) = expand(load_study("grid.yaml"))
    found = run.settings[key] if key in run.settings else look_up(run.settings, key)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("name", ["on", "yes", "2026-01-31", "1e3x", "v1.0"])
def test_names_that_yaml_1_1_would_have_read_otherwise(name):
    Path("grid.yaml").write_text(f"name: {name}\ngrid: {{}}\n")
    planned = json.loads(minidl("run", "--grid", "grid.yaml", "--dry-run", "--json").stdout)
    assert planned["name"] == name


def test_json_is_strict_also_for_a_run_that_diverged():
    small = ("--epochs", "2", "--set", "data.train=20", "--set", "data.test=20")
    done = minidl("train", "--act", "relu", "--lr", "1e30", "--json", *small)
    found = json.loads(done.stdout, parse_constant=pytest.fail)
    assert found["diverged"] is True
    assert found["train_loss"] is None
    assert found["status"] == "diverged"


COMMANDS = {
    "bad": "run --grid grid.yaml",
    "ascii": "list",
    "full": "schema >/dev/full",
    "reader": "schema | head -c 1",
}
POOR = {"PYTHONIOENCODING": "ascii", "COLUMNS": "20", "PYTHONWARNINGS": "error", "PATH": "/bin"}


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """Real processes, all started at once, without a home, a language or a terminal."""
    folder = tmp_path_factory.mktemp("processes")
    (folder / "grid.yaml").write_text(STUDY + "epoch: 3\n")
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = {
        name: subprocess.Popen(f"{MINIDL} {command}", shell=True, cwd=folder, env=POOR, **pipe)
        for name, command in COMMANDS.items()
    }
    ended = {name: (*p.communicate(timeout=120), p.returncode) for name, p in started.items()}
    assert [path.name for path in folder.iterdir()] == ["grid.yaml"]
    return ended


def test_a_real_process_says_the_same(processes):
    out, err, code = processes["bad"]
    assert (out, code) == (b"", 2)
    assert err.startswith(b"minidl: grid.yaml:3: key 'epoch' is unknown; known: ")
    assert err.count(b"\n") == 1


def test_a_table_is_printed_where_only_ascii_can_be(processes):
    out, err, code = processes["ascii"]
    assert (err, code) == (b"", 0)
    assert b"leaky_relu" in out
    assert out.isascii()


def test_a_full_disk_behind_standard_output_is_one_line(processes):
    assert processes["full"] == (b"", b"minidl: [Errno 28] No space left on device\n", 2)


def test_standard_output_may_be_closed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", None)  # as Python starts when nobody gave it one
    monkeypatch.setattr(sys, "argv", ["minidl", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().err == ""


def test_a_reader_that_has_enough_is_nothing_to_speak_of(processes):
    assert processes["reader"][:2] == (b"{", b"")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--grid", "smoke", "--out", ""), "--out: must not be empty; expected a path"),
        (("run", "--grid", "smoke", "--out="), "--out: must not be empty; expected a path"),
        (("export", ".", "--out", ""), "--out: must not be empty; expected a path"),
        (("figures", ".", "--out="), "--out: must not be empty; expected a path"),
        (("train", "--save", ""), "--save: must not be empty; expected a path"),
        (("predict", ".", "0", "--points", ""), "--points: must not be empty; expected a path"),
        (("tables", ""), "an argument is empty; expected a folder or a run's id"),
        (("status", "--json", ""), "an argument is empty; expected a folder or a run's id"),
        (("import", ".", ""), "an argument is empty; expected a folder or a run's id"),
        (("run", "--grid", "smoke", "--set", ""), "--set : must be KEY=VALUE"),
        (
            ("run", "--grid", "smoke", "--out", "a" * 300),
            "a...: cannot be made: File name too long",
        ),
        (("status", "a" * 300), "a.../study.sqlite: cannot be read: File name too long"),
        (("tables", "a" * 300), "a...: cannot be read: File name too long"),
        (("train", "--save", "a" * 300), "a...: cannot be written: File name too long"),
        (("train", "--save", "/"), "/: is a folder; expected a file name"),
    ],
)
def test_a_path_that_cannot_be_used(words, said):
    assert fits(refused(*words), said)


@pytest.mark.parametrize("words", [("validate",), ("run", "--out", "out", "--grid")])
def test_a_grid_file_that_would_be_waited_for(words):
    os.mkfifo("grid.yaml")
    assert refused(*words, "grid.yaml") == "grid.yaml: cannot be read: is not a regular file"
    Path("grid2.yaml").write_text(STUDY + "reference: ./grid.yaml\n")
    assert refused(*words, "grid2.yaml").endswith(
        "grid.yaml: cannot be read: is not a regular file"
    )
    assert refused(*words, "/dev/zero/../tty0.yaml").startswith("/dev/zero/../tty0.yaml: cannot be")


def test_points_that_would_be_waited_for(trained):
    os.mkfifo("points.csv")
    said = refused("predict", *trained, "--points", "points.csv")
    assert said == "points.csv: cannot be read: is not a regular file"
    said = refused("predict", *trained, "--points", "/dev/zero")
    assert said == "/dev/zero: cannot be read: is not a regular file"


def test_points_may_come_out_of_a_pipe(trained):
    done = subprocess.run(
        [MINIDL, "predict", *trained, "--points", "/dev/stdin"],
        input="0.5,0.5\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout.splitlines()) == 2


def test_more_than_a_megabyte_of_points(trained):
    Path("points.csv").write_text("x1,x2\n" + f"0.5,0.25{'0' * 50}\n" * 20_000)
    rows = minidl("predict", *trained, "--points", "points.csv").stdout.splitlines()
    assert len(rows) == 20_001
    assert len(set(rows)) == 2


def test_a_study_that_could_not_be_read_back_is_not_run(monkeypatch):
    """It may be smaller as it came than with its defaults, line by line."""
    monkeypatch.setattr("minidl.study.store.place.MAX_BYTES", 300)
    Path("grid.yaml").write_text(STUDY)
    said = refused("run", "--grid", "grid.yaml", "--out", "out")
    assert said == "study s: the file as resolved is too large; allowed: 300 bytes"
    Path("reference.yaml").write_text(
        "title: a\nclaims: [{text: b, parts: [{factor: activation, levels: [tanh, relu]}]}]\n"
    )
    study = STUDY.replace("[tanh]", "[tanh, relu]")
    Path("grid.yaml").write_text(f"{study}reference: reference.yaml\n")
    planned = refused("plan", "--grid", "grid.yaml", "--out", "out")
    assert planned == said
