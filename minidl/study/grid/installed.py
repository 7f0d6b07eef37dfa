"""Components of installed packages: what their entry points ``minidl.components`` register.

    [project.entry-points."minidl.components"]
    anything = "my_package.parts"

The module is imported, and the decorators in it do the rest.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from minidl.registry import KINDS
from minidl.study.errors import InputError
from minidl.study.grid.blame import told
from minidl.study.grid.origins import ORIGINS, Origin

GROUP = "minidl.components"


@cache
def load_installed() -> None:
    """Import every module that an installed package names, once.

    Raises InputError, which names the package, when one cannot be imported.
    """
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        load_point(point)


def packages() -> dict[str, str]:
    """Return the packages that provide components, with their versions; none is imported."""
    points = entry_points(group=GROUP)
    return {point.dist.name: point.dist.version for point in points if point.dist}


def load_point(point: EntryPoint) -> None:
    """Import one module, and remember whose components are new."""
    before = {kind: set(known) for kind, known in KINDS.items()}
    package, version = (point.dist.name, point.dist.version) if point.dist else (point.value, "?")
    try:
        point.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever it raises, sys.exit included
        raise InputError(
            f"package {package} {version}: its components in {point.value} cannot be loaded: "
            f"{told(error)}"
        ) from None
    for kind, known in KINDS.items():
        for name in known.keys() - before[kind]:
            ORIGINS[kind, name] = Origin(package, version)
