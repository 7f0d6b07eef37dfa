"""Finding a YAML file: the user's own, or one of those that ship with minidl, by its name."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from minidl.study.errors import InputError
from minidl.study.files.complaints import unknown


def find_file(source: str, folder: Path, what: str) -> Path:
    """Return the path of a file, or of the one of that name in a folder of shipped ones.

    A file with the name of a shipped one needs a ``/`` or ``.yaml`` in it. Raises InputError when
    there is neither; whether the file can be read shows when it is.
    """
    path = Path(source)
    if path.suffix in (".yaml", ".yml") or "/" in source:
        return path
    known = [file.stem for file in folder.glob("*.yaml")]
    if source in known:
        return folder / f"{source}.yaml"
    try:
        exists = source != "" and path.exists()
    except OSError:  # the name is too long for a file
        exists = False
    if not exists:
        raise InputError(f"no such file, and {unknown(what, source, known)}")
    return path


def shipped_configs() -> Path:
    """Return the folder of the studies that ship with minidl: in the wheel, or in the checkout."""
    installed = Path(str(resources.files("minidl.study") / "configs"))
    return installed if installed.is_dir() else Path(__file__).parents[3] / "configs"
