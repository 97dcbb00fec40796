"""Copies of objects, slot by slot: for what comes and goes with every frame, and is like the one before.

Nothing is called to make them, and what stays the same is not computed anew. Where the compiled modules were
built (`compositor.native`) words are copied; this module has the same in Python. For hot paths: a copy knows
nothing of what its class promises, so whoever makes one sets what must differ.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Generic, TypeVar

T = TypeVar("T")


class _Alike(Generic[T]):
    """Makes objects like others of one class.

    Args:
        cls: a class whose objects have slots, and nothing else.

    Raises:
        TypeError: if they have more than that.
    """

    def __init__(self, cls: type[T]) -> None:
        names = [name for above in cls.__mro__ for name in above.__dict__.get("__slots__", ())]
        if "__weakref__" in names or object.__basicsize__ + _WORD * len(names) != cls.__basicsize__:
            raise TypeError(f"objects of {cls.__qualname__} have more than slots")
        self._cls = cls
        self._names = names

    def make(self, one: T) -> T:
        """Return a new object whose slots hold what those of `one` hold.

        Raises:
            TypeError: if `one` is of another class.
        """
        if type(one) is not self._cls:
            raise TypeError(f"{one!r} is no {self._cls.__qualname__}")
        made: T = object.__new__(self._cls)
        for name in self._names:
            if hasattr(one, name):
                setattr(made, name, getattr(one, name))
        return made


_WORD = struct.calcsize("P")
"""Bytes of a slot."""

if TYPE_CHECKING:
    Alike = _Alike
else:
    try:
        from compositor.native.alike import Alike
    except ImportError:
        Alike = _Alike

__all__ = ["Alike"]
