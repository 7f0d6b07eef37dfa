"""Axes whose values are drawn or spaced, written out as the lists that they stand for.

::

    optimizer.lr: {log_uniform: [1e-4, 1], samples: 20, seed: 0}
    optimizer.momentum: {uniform: [0, 0.99], samples: 20}
    batch_size: {integers: [1, 64], samples: 5}
    data.noise: {linspace: [0, 0.4, 5]}
    optimizer.lr: {logspace: [1e-3, 1, 4]}
    epochs: {range: [10, 60, 10]}

The same text gives the same numbers on every machine: draws are those of Python's Mersenne twister,
and logarithms are decimal. Numbers are rounded, so that their labels are short: to three digits, or
as many more as tell all of them apart.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from minidl.study.errors import InputError
from minidl.study.files.complaints import shown, unknown
from minidl.study.files.yaml_file import Places

MOST = 100_000  # values of one axis
DIGITS = 15  # that a float64 certainly has
TOO_NEAR = "the bounds are too near each other for so many different numbers"
Number = int | float
Fraction = Callable[[], Decimal]


def stands_for_list(value: Any) -> bool:
    """Whether something is one of the mappings above."""
    return isinstance(value, dict) and any(key in value for key in (*DRAWN, *SPACED))


def write_out_grid(data: dict[str, Any], places: Places) -> None:
    """Write out every axis of a study's plain data, and its seeds, in place."""
    if isinstance(data.get("seeds"), dict):
        data["seeds"] = write_out("seeds", data["seeds"], places.get(("seeds",), places[()]))
    found = data.get("grid")
    grid = found if isinstance(found, dict) else {}
    for axis, value in grid.items():
        grid[axis] = write_out(axis, value, places.get(("grid", axis), places[()]))


def write_out(axis: str, value: Any, place: str) -> Any:
    """Return the list that an axis stands for; any other value than a mapping as it is.

    Raises InputError when the mapping is none of those above.
    """
    if not isinstance(value, dict):
        return value
    known = [*DRAWN, *SPACED]
    ways = [key for key in value if key in known]
    keys = [*known, "samples", "seed"]
    if extra := [key for key in value if key not in keys]:
        raise InputError(f"{place}: {unknown(f'key of axis {axis!r}', extra[0], keys)}")
    if len(ways) != 1:
        raise InputError(
            f"{place}: axis {axis!r} needs one of {', '.join(known)}, got {shown(value)}"
        )
    try:
        return draw(axis, ways[0], value) if ways[0] in DRAWN else space(ways[0], value)
    except ArithmeticError:
        raise InputError(f"{place}: axis {axis!r}: {TOO_NEAR}") from None
    except ValueError as error:
        raise InputError(f"{place}: axis {axis!r}: {error}") from None


def draw(axis: str, way: str, value: dict[str, Any]) -> list[Number]:
    """Return the values of an axis that is drawn: its seed and its name say which."""
    low, high = bounds(way, value[way])
    samples, seed = (
        whole("samples", value.get("samples"), 1),
        whole("seed", value.get("seed", 0), 0, 2**63 - 1),
    )
    dice = random.Random(f"{seed} {axis}")
    return DRAWN[way](low, high, samples, lambda: Decimal(dice.random()))


def space(way: str, value: dict[str, Any]) -> list[Number]:
    """Return the values of an axis that is spaced."""
    if more := [key for key in value if key != way]:
        raise ValueError(f"{more[0]} does not fit {way}")
    return SPACED[way](value[way])


def bounds(way: str, pair: Any) -> tuple[Number, Number]:
    """Return a low and a high bound."""
    if not (isinstance(pair, list) and len(pair) == 2 and all(map(is_number, pair))):
        raise ValueError(f"{way} must be [low, high], got {shown(pair)}")
    if not pair[0] < pair[1]:
        raise ValueError(f"{way}: low must be below high, got {shown(pair)}")
    if way == "log_uniform" and pair[0] <= 0:
        raise ValueError(f"{way}: low must be above 0, got {pair[0]}")
    if way == "integers" and not all(isinstance(bound, int) for bound in pair):
        raise ValueError(f"{way} must be between whole numbers, got {shown(pair)}")
    return pair[0], pair[1]


def is_number(value: Any) -> bool:
    """Whether something is a finite number, of at most 1e300."""
    return type(value) in (int, float) and abs(value) <= 1e300


def whole(what: str, value: Any, least: int, most: int = MOST) -> int:
    """Return a whole number within its limits."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(
            f"{what} must be a whole number from {least} to {most:,}, got {shown(value)}"
        )
    return value


def exact(number: Number) -> Decimal:
    """Return a number as it is written."""
    return Decimal(str(number))


def log_uniform(low: Number, high: Number, samples: int, fraction: Fraction) -> list[Number]:
    """Draw numbers whose logarithms are uniform."""
    start, end = exact(low).log10(), exact(high).log10()
    drawn = [10 ** (start + fraction() * (end - start)) for _ in range(samples)]
    return told_apart(drawn, lambda x, digits: clip(significant(x, digits), low, high))


def uniform(low: Number, high: Number, samples: int, fraction: Fraction) -> list[Number]:
    """Draw numbers that lie anywhere between two with equal chance."""
    start, width = exact(low), exact(high) - exact(low)
    drawn = [start + fraction() * width for _ in range(samples)]
    places = -width.adjusted()
    return told_apart(drawn, lambda x, digits: clip(round(x, digits + places), low, high))


def integers(low: Number, high: Number, samples: int, fraction: Fraction) -> list[Number]:
    """Draw different whole numbers, both bounds included."""
    size = int(high) - int(low) + 1
    if samples > size:
        raise ValueError(f"samples: there are only {size} whole numbers from {low} to {high}")
    found: dict[Number, None] = {}
    while len(found) < samples:
        found[int(low) + int(fraction() * size)] = None
    return list(found)


def linspace(given: Any) -> list[Number]:
    """Return evenly spaced numbers, both ends included."""
    low, high, size = ends("linspace", given)
    step = (high - low) / max(size - 1, 1)
    inner = [low + i * step for i in range(size)]
    return told_apart(inner, lambda x, digits: round(x, digits + 2 - step.adjusted()), given)


def logspace(given: Any) -> list[Number]:
    """Return numbers with even ratios, both ends included: ``[0.01, 1, 3]`` is 0.01, 0.1, 1."""
    low, high, size = ends("logspace", given)
    if low <= 0 or high <= 0:
        raise ValueError(f"logspace: both ends must be above 0, got {shown(given)}")
    start, end = low.log10(), high.log10()
    inner = [10 ** (start + i * (end - start) / max(size - 1, 1)) for i in range(size)]
    return told_apart(inner, significant, given)


def steps(given: Any) -> list[Number]:
    """Return the numbers from a start to before a stop, as Python's ``range`` does."""
    if not (isinstance(given, list) and len(given) in (2, 3) and all(map(is_number, given))):
        raise ValueError(f"range must be [start, stop] or [start, stop, step], got {shown(given)}")
    start, stop, step = map(exact, [*given, 1][:3])
    if step == 0 or (stop - start) / step <= 0:
        raise ValueError(f"range holds no number, got {shown(given)}")
    if (stop - start) / step > MOST:
        raise ValueError(f"range must hold at most {MOST:,} numbers, got {shown(given)}")
    kind = int if all(isinstance(number, int) for number in given) else float
    return [kind(start + i * step) for i in range(math.ceil((stop - start) / step))]


def ends(way: str, given: Any) -> tuple[Decimal, Decimal, int]:
    """Return both ends, and how many numbers there are."""
    if not (isinstance(given, list) and len(given) == 3 and all(map(is_number, given))):
        raise ValueError(f"{way} must be [first, last, how many], got {shown(given)}")
    if given[0] == given[1]:
        raise ValueError(f"{way}: first and last must differ, got {shown(given)}")
    return exact(given[0]), exact(given[1]), whole("how many", given[2], 2)


def significant(number: Decimal, digits: int) -> Decimal:
    """Round to so many significant digits."""
    return Decimal(f"{number:.{digits}g}")


def clip(number: Decimal, low: Number, high: Number) -> Decimal:
    """Return a number within bounds that rounding may have left."""
    return min(max(number, exact(low)), exact(high))


def told_apart(
    numbers: Sequence[Decimal], rounded: Callable[[Decimal, int], Decimal], given: Any = None
) -> list[Number]:
    """Return numbers with three digits, or as many more as keep all of them different.

    Where both ends are whole numbers, whole ones stay so. Raises ValueError when they are too near.
    """
    for digits in range(3, DIGITS + 1):
        short = [rounded(number, digits) for number in numbers]
        if given is not None:  # the ends are as they are written
            short[0], short[-1] = exact(given[0]), exact(given[1])
        values = [float(number) for number in short]
        if len(set(values)) == len(values):
            whole_ends = given is not None and all(isinstance(end, int) for end in given[:2])
            return [int(v) if whole_ends and v.is_integer() else v for v in values]
    raise ValueError(TOO_NEAR)


DRAWN = {"log_uniform": log_uniform, "uniform": uniform, "integers": integers}
SPACED = {"logspace": logspace, "linspace": linspace, "range": steps}
