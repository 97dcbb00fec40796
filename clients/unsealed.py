"""A client whose memory cannot be sealed, as many real ones have it: it is served all the same, by copying.

The compositor must not map such a file, for it could be made shorter at any time. When somebody looks it
copies what is damaged and gives the buffer back at once, so that one buffer is enough; while nobody looks it
copies nothing, and holds the one that is shown. The picture says how many this window needed.
"""

from __future__ import annotations

import math
import mmap
import os
import sys
import tempfile

import numpy as np
from toolkit import Canvas, Connection, Window, palette
from toolkit.canvas import Pixels
from toolkit.program import Options, parser, run

from compositor.memory import get_seals

KINDS = {
    "memfd": "a memfd without MFD_ALLOW_SEALING",
    "shm": "a file in /dev/shm, as shm_open makes it",
    "disk": "a file on disk",
}


class UnsealedBuffer:
    """Growing shared memory without seals; what GrowableBuffer would be without them."""

    def __init__(self, kind: str, size: int, name: str) -> None:
        if kind == "memfd":
            self.fd = os.memfd_create(name, os.MFD_CLOEXEC)
        else:
            folder = "/dev/shm" if kind == "shm" else os.environ.get("XDG_CACHE_HOME", "/var/tmp")
            self.fd, path = tempfile.mkstemp(dir=folder)
            os.unlink(path)
        self.size = 0
        self.grow(size)

    def grow(self, size: int) -> None:
        """Make the file longer and map all of it; older views keep their mapping."""
        os.posix_fallocate(self.fd, self.size, size - self.size)
        self.size = size
        self.map = mmap.mmap(self.fd, size)

    def view(self, offset: int, height: int, stride: int, width: int, dtype: str) -> Pixels:
        """Return pixels (height, width) to draw into."""
        return np.ndarray((height, width), dtype, self.map, offset, (stride, np.dtype(dtype).itemsize))

    def close(self) -> None:
        """Close the file."""
        os.close(self.fd)


def seals_of(fd: int) -> str:
    """Return what F_GET_SEALS says of a file."""
    try:
        return get_seals(fd).name or "none"
    except OSError as error:
        return f"{os.strerror(error.errno or 0)} (not shared memory)"


class Unsealed(Window):
    """The window: a pendulum wave, and the facts."""

    def __init__(self, connection: Connection, options: Options) -> None:
        self.kind: str = options.kind
        self.allocate = lambda size, name: UnsealedBuffer(self.kind, size, name)
        super().__init__(connection, options.title or "Unsealed", *options.size, smallest=(300, 200))
        self.animated = True

    def draw(self, canvas: Canvas) -> None:
        canvas.clear(palette.NIGHT)
        room = self.width - 48
        canvas.text(24, 42, KINDS[self.kind], 18, palette.ICE, within=room)
        memory = self.swapchain.memory
        seals = f"F_GET_SEALS: {seals_of(memory.fd) if memory else ''}"
        canvas.text(24, 68, seals, 14, palette.SUN, within=room)
        count = self.swapchain.slots
        told = "copied as you look: one buffer is enough" if count == 1 else f"{count} buffers so far"
        canvas.text(24, self.height - 24, told, 14, palette.AURORA, within=room)
        time, middle, swing = self.time_ms / 1000, (self.height + 34) / 2, (self.height - 170) / 2
        for n in range(15):
            x = 40 + (self.width - 80) * n / 14
            y = middle + swing * math.cos(2 * math.pi * time * (17 + n) / 60)
            colour = palette.mix(palette.GLACIER, palette.DUSK, n / 14)
            canvas.line(x, middle, x, y, 1.5, palette.faded(colour, 0.35))
            canvas.disc(x, y, 8, colour)


def main() -> int:
    """Run the program."""
    options = parser(__doc__.split("\n")[0], "460x300", "--kind shm   # as grim, slurp and others do it")
    options.add_argument("--kind", choices=KINDS, default="memfd", help="where the memory comes from")
    return run(options.parse_args(), Unsealed)


if __name__ == "__main__":
    sys.exit(main())
