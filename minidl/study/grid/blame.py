"""Which line of a person's own file an error came from, and what it says, in a line."""

from __future__ import annotations

from traceback import walk_tb

from minidl.study.files.printable import one_line

LONGEST = 300  # characters of an error's own words

# File of own components as tracebacks name it -> as messages name it.
OWN: dict[str, str] = {}


def own_line(error: BaseException) -> str | None:
    """Return ``file:line`` of the last line of an own file that an error passed, if it passed any.

    Of a file that cannot be compiled, it is the line that stopped the compiler.
    """
    if isinstance(error, SyntaxError) and error.filename in OWN:
        return f"{OWN[error.filename]}:{error.lineno or 1}"
    passed = ((frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__))
    own = [f"{OWN[name]}:{line}" for name, line in passed if name in OWN]
    return own[-1] if own else None


def told(error: BaseException) -> str:
    """Return what an error says, on one printable line, cut short: ``NameError: name ...``."""
    kind = type(error).__name__
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # an error of one's own may fail even at this
        text = ""
    text = one_line(text)
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
    return f"{kind}: {text}" if text else kind
