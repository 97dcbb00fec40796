"""32-bit words on their way in and out: what the hot paths read of requests, and append to a client's events.

`struct` makes an object of each word, and for each event one that is copied and thrown away. Where the
compiled modules were built (`compositor.native`), words are read and written in place; this module has the
same in Python.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any

ROW = Struct("=IIIiiIIiiiiIIIII")
"""Attach, damage_buffer, frame, commit: object and header of each, with its arguments."""
_row = ROW.unpack_from
_two = Struct("=II").pack
_three = Struct("=III").pack
_six = Struct("=IIIIII").pack


Row = tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int]


class _Rows:
    """Reads the four requests of ordinary frames.

    Args:
        data: bytes as they were received.
    """

    __slots__ = ("_data",)

    def __init__(self, data: memoryview) -> None:
        self._data = data

    def row(self, position: int) -> Row:
        """Return the words at a byte of the data, as `ROW` has them.

        Raises:
            ValueError, struct.error: if they are not all there.
        """
        words: Any = _row(self._data, position)
        return words  # type: ignore[no-any-return]


def _put2(out: bytearray, a: int, b: int) -> None:
    """Append two words."""
    out += _two(a, b)


def _put3(out: bytearray, a: int, b: int, c: int) -> None:
    """Append three words."""
    out += _three(a, b, c)


def _put6(out: bytearray, a: int, b: int, c: int, d: int, e: int, f: int) -> None:
    """Append six words."""
    out += _six(a, b, c, d, e, f)


if TYPE_CHECKING:
    Rows, put2, put3, put6 = _Rows, _put2, _put3, _put6
else:
    try:
        from compositor.native.words import Rows, put2, put3, put6
    except ImportError:
        Rows, put2, put3, put6 = _Rows, _put2, _put3, _put6

__all__ = ["ROW", "Row", "Rows", "put2", "put3", "put6"]
