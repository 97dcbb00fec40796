"""The first frame of a window, painted by whoever started the program and inherited as sealed memory.

Nothing is drawn before the window shows: the memory goes to the compositor as it came. It is let go when
the compositor releases it, and the program draws by itself from then on.
"""

from __future__ import annotations

import os
from typing import Any

from compositor.memory import Inherited, InheritError, import_buffer, inherited

from .connection import Connection
from .errors import ClientError


class NoFirstFrame(ClientError):
    """The program was told to show a buffer that it did not inherit."""


class FirstFrame:
    """One buffer, for one frame.

    Args:
        name: under which it was attached (`compositor.memory.StartAttributes.attach`), or ``env:VARIABLE``
            for the variable that holds the string it was exported as.
        width, height: buffer pixels; the memory must hold exactly these, 32 bits each.

    Raises:
        NoFirstFrame: there is none of that name, or it has another size.
    """

    def __init__(self, connection: Connection, name: str, width: int, height: int, format: int) -> None:
        self.width = width
        self.height = height
        self.shown = False
        try:
            _, is_variable, variable = name.partition("env:")
            memory = import_buffer(os.environ.pop(variable, "")) if is_variable else inherited(name)
        except InheritError as error:
            raise NoFirstFrame(str(error)) from None
        self._make(connection, name, memory, format)

    def _make(self, connection: Connection, name: str, memory: Inherited, format: int) -> None:
        size = self.width * self.height * 4
        with memory:
            if memory.size != size:
                stated = f"{self.width}x{self.height} is {size}"
                raise NoFirstFrame(f"the buffer {name!r} has {memory.size} bytes, {stated}")
            pool = connection.shm.create_pool(memory.fileno(), size)
            self.buffer: Any = pool.create_buffer(0, self.width, self.height, self.width * 4, format)
            self.buffer.dispatcher["release"] = self._on_release
            pool.destroy()
            # libwayland passes a duplicate on, so that this one may be closed before anything is sent.

    def _on_release(self, buffer: Any) -> None:
        buffer.destroy()
