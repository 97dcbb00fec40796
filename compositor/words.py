"""32-bit words on their way out: what the hot paths append to a client's events.

`struct` makes a bytes object for each event, which is copied and thrown away. Where the compiled modules were
built (`compositor.native`), the words are written in place; this module has the same in Python.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

_two = Struct("=II").pack
_six = Struct("=IIIIII").pack


def _put2(out: bytearray, a: int, b: int) -> None:
    """Append two words."""
    out += _two(a, b)


def _put6(out: bytearray, a: int, b: int, c: int, d: int, e: int, f: int) -> None:
    """Append six words."""
    out += _six(a, b, c, d, e, f)


if TYPE_CHECKING:
    put2, put6 = _put2, _put6
else:
    try:
        from compositor.native.words import put2, put6
    except ImportError:
        put2, put6 = _put2, _put6

__all__ = ["put2", "put6"]
