"""Text from elsewhere on its way to a terminal or a page: what is not printable is spelled out."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return a text as one line, its control characters and line ends spelled as Python does."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def printable_lines(text: str) -> str:
    """Return a text with its line ends kept, and every line printable."""
    return "\n".join(map(printable, text.split("\n")))


def one_line(text: str) -> str:
    """Return a text as one printable line, its line ends and other white space as spaces."""
    return printable(" ".join(text.split()))
