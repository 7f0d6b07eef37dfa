"""What the page carries: plain data, and long rows of numbers beside it, deflated as one."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np

LARGEST = 32767  # of sixteen bits with a sign
NO_NUMBER = -32768  # stands for NaN, as in weights.js


class Numbers:
    """Long rows of numbers as bytes; the plain data says where in them each row begins."""

    def __init__(self) -> None:
        self.bytes = bytearray()

    def floats(self, values: np.ndarray) -> list[int]:
        """Take numbers in single precision; return where they begin, and how many there are."""
        flat = np.ascontiguousarray(values, dtype="<f4").ravel()
        return [self.keep(flat.tobytes()), flat.size]

    def course(self, rows: np.ndarray, sizes: list[int]) -> dict[str, Any]:
        """Take the numbers ``(epochs, n)`` of a network over its epochs, to sixteen bits.

        They are cut into pieces of so many numbers, a tensor each, with a scale of its own. Kept
        are the changes from row to row, first the low bytes of all, then the high ones, most of
        which are alike: so they deflate well. NaN stays what it is, infinity becomes the largest
        number of its piece.
        """
        pieces = np.split(rows.astype(float), np.cumsum(sizes)[:-1], axis=1)
        tops = [float(np.abs(p).max(initial=0.0, where=np.isfinite(p))) for p in pieces]
        scales = [top / LARGEST or 1.0 for top in tops]
        whole = [np.round(piece / s) for piece, s in zip(pieces, scales, strict=True)]
        numbers = np.concatenate(whole, axis=1)
        known = np.nan_to_num(numbers, nan=NO_NUMBER, posinf=LARGEST, neginf=-LARGEST)
        table = known.astype(np.int64)
        changes = np.diff(table, axis=0, prepend=0).ravel() & 0xFFFF
        at = self.keep(np.concatenate([changes & 0xFF, changes >> 8]).astype(np.uint8).tobytes())
        return {"at": at, "rows": len(rows), "sizes": sizes, "scales": scales}

    def keep(self, data: bytes) -> int:
        """Append bytes, from the next multiple of four on; return where they begin."""
        self.bytes += bytes(-len(self.bytes) % 4)
        self.bytes += data
        return len(self.bytes) - len(data)


def packed(data: Any, numbers: Numbers) -> str:
    """Return data and numbers as one text: the length of the data, the data as JSON, padded to a
    multiple of four bytes, and the numbers; deflated, in base 64.
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    whole = len(text).to_bytes(4, "little") + text + numbers.bytes
    return base64.b64encode(zlib.compress(whole)).decode()
