"""Pixels that the X server reads where they lie: the MIT-SHM extension, with a memfd passed to the server.

Nothing is written to the socket but the request, and the server tells when it has read. The memory is sealed
against shrinking, so it cannot fail the server either. Where the server is not on this machine, or any of the
libraries is missing, there is none of it and windows send their pixels.
Source: the MIT-SHM protocol, version 1.2; libxcb's shm.h; xcb_shm_attach_fd closes what it is given.
"""

from __future__ import annotations

import ctypes
import os

import numpy as np
import numpy.typing as npt

from compositor.backend.window.x11 import Connection
from compositor.geometry import Rect
from compositor.logs import Log
from compositor.memory import GrowableBuffer

log = Log(__name__)

_Z_PIXMAP = 2
_LEAST_VERSION = (1, 2)
# A window that grows is given room to grow on.
_ROOM = 1.25


class _Query(ctypes.Structure):
    _fields_ = [("sequence", ctypes.c_uint)]


class SharedMemory:
    """What the server has to share memory with.

    Attributes:
        completion: type of the event that tells that an image has been read; its drawable is the window.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shm = ctypes.CDLL("libxcb-shm.so.0")
        self._xcb = ctypes.CDLL("libxcb.so.1")
        convert = ctypes.CDLL("libX11-xcb.so.1").XGetXCBConnection
        extension = ctypes.CDLL("libXext.so.6")
        display = ctypes.cast(connection.display, ctypes.c_void_p)
        convert.argtypes, convert.restype = [ctypes.c_void_p], ctypes.c_void_p
        self._xcb_connection = convert(display)
        # Through libXext too: that is what makes Xlib pass the event on.
        major, minor, pixmaps = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        query = extension.XShmQueryVersion
        query.argtypes = [ctypes.c_void_p, *[ctypes.POINTER(ctypes.c_int)] * 3]
        if not query(display, major, minor, pixmaps):
            raise OSError("the X server has no MIT-SHM")
        if (major.value, minor.value) < _LEAST_VERSION:
            raise OSError(f"MIT-SHM {major.value}.{minor.value} cannot be given descriptors")
        base = extension.XShmGetEventBase
        base.argtypes = [ctypes.c_void_p]
        self.completion = int(base(display))
        words, longs = ctypes.c_uint32, ctypes.c_uint16
        self._attach = self._shm.xcb_shm_attach_fd_checked
        self._attach.argtypes = [ctypes.c_void_p, words, ctypes.c_int32, ctypes.c_uint8]
        self._attach.restype = _Query
        self._detach = self._shm.xcb_shm_detach
        self._detach.argtypes = [ctypes.c_void_p, words]
        self._put = self._shm.xcb_shm_put_image
        self._put.argtypes = [
            *(ctypes.c_void_p, words, words),
            *(longs, longs, longs, longs, longs, longs),
            *(ctypes.c_int16, ctypes.c_int16),
            *(ctypes.c_uint8, ctypes.c_uint8, ctypes.c_uint8, words, words),
        ]
        for name in ("xcb_generate_id", "xcb_flush"):
            getattr(self._xcb, name).argtypes = [ctypes.c_void_p]
        self._xcb.xcb_generate_id.restype = words
        self._check = self._xcb.xcb_request_check
        self._check.argtypes, self._check.restype = [ctypes.c_void_p, _Query], ctypes.c_void_p

    def attach(self, fd: int) -> int:
        """Have the server map a memfd, for reading alone; returns its name for it.

        Raises:
            OSError: it does not.
        """
        segment = int(self._xcb.xcb_generate_id(self._xcb_connection))
        failed = self._check(self._xcb_connection, self._attach(self._xcb_connection, segment, os.dup(fd), 1))
        if failed:
            ctypes.CDLL(None).free(ctypes.c_void_p(failed))
            raise OSError("the X server does not map the memory")
        return segment

    def detach(self, segment: int) -> None:
        """Have the server unmap it, once it has read what it was told to."""
        if not self._connection.broken:
            self._detach(self._xcb_connection, segment)

    def put(
        self,
        window: int,
        context: int,
        depth: int,
        segment: int,
        size: tuple[int, int],
        rect: Rect,
        tell: bool,
    ) -> None:
        """Have the server copy a rectangle of an image to the same place in a window.

        Args:
            context: XID of a graphics context.
            size: width and height of the image, which begins with the segment; rows without gaps.
            tell: whether it is to send an event when it has.
        """
        x, y, width, height = rect
        self._put(
            self._xcb_connection,
            *(window, context),
            *(*size, x, y, width, height, x, y),
            *(depth, _Z_PIXMAP, int(tell), segment, 0),
        )


def shared_memory(connection: Connection) -> SharedMemory | None:
    """Return what is needed to share memory with the server, or None where that cannot be."""
    if connection.broken:
        return None
    try:
        found = SharedMemory(connection)
        # A server elsewhere may have the extension, but cannot be passed a descriptor.
        with GrowableBuffer(4096, "weddell-try") as buffer:
            found.detach(found.attach(buffer.fd))
    except (OSError, AttributeError) as error:
        log.info("pixels are sent to the X server: %s", error)
        return None
    return found


class SharedImage:
    """The picture of one window, in memory that the server reads.

    Args:
        window: XID.
        depth: bits per pixel of the window that count, 24 or 32.

    Attributes:
        pending: whether the server has not said yet that it has read the last picture.
    """

    def __init__(self, connection: Connection, memory: SharedMemory, window: int, depth: int) -> None:
        self._connection = connection
        self._memory = memory
        self._window = window
        self._depth = depth
        x = connection.x
        self._context = x.XCreateGC(connection.display, window, 0, None)
        x._lib.XGContextFromGC.restype = ctypes.c_ulong
        self._gc = int(x._lib.XGContextFromGC(self._context))
        self._buffer: GrowableBuffer | None = None
        self._segment = 0
        self._pixels: npt.NDArray[np.uint32] | None = None
        self.pending = False

    @property
    def completion(self) -> int:
        """See `SharedMemory.completion`."""
        return self._memory.completion

    def pixels(self, width: int, height: int) -> npt.NDArray[np.uint32]:
        """Return the picture to draw into: (height, width) XRGB8888, rows without gaps.

        After a change of size its pixels are undefined.

        Raises:
            OSError: there is no room, or the server does not take it.
        """
        if self._pixels is not None and self._pixels.shape == (height, width):
            return self._pixels
        size = width * height * 4
        buffer = self._buffer
        # What the server has still to read stays as it is: other rows would make nonsense of it.
        if buffer is None or buffer.size < size or self.pending:
            room = size if buffer is None else int(size * _ROOM)
            buffer = GrowableBuffer(room, "weddell-window")
            try:
                segment = self._memory.attach(buffer.fd)
            except OSError:
                buffer.close()
                raise
            self._release()
            self._buffer, self._segment = buffer, segment
        self._pixels = buffer.view(0, height, width * 4, width, np.uint32)
        return self._pixels

    def show(self, rects: tuple[Rect, ...]) -> None:
        """Have the server show rectangles of the picture, window pixels."""
        if self._pixels is None or not rects:
            return
        height, width = self._pixels.shape
        if self._depth == 32:
            # A desktop that composites would take our unused byte for transparency.
            for x, y, w, h in rects:
                self._pixels[y : y + h, x : x + w] |= np.uint32(0xFF000000)
        for rect in rects:
            tell = rect is rects[-1]
            self._memory.put(self._window, self._gc, self._depth, self._segment, (width, height), rect, tell)
        self.pending = True

    def _release(self) -> None:
        if self._buffer is not None:
            self._memory.detach(self._segment)
            self._buffer.close()
            self._buffer = None
            self._pixels = None

    def close(self) -> None:
        """Give the memory back. Harmless when repeated."""
        if self._context is None:
            return
        self._release()
        if not self._connection.broken:
            self._connection.x.XFreeGC(self._connection.display, self._context)
        self._context = None


def share_image(connection: Connection, memory: SharedMemory | None, window: int) -> SharedImage | None:
    """Return a shared picture for a window, None where the server keeps pixels in another way than we do."""
    depth = connection.depth_of(window)
    if memory is None or depth not in (24, 32):
        return None
    x, display = connection.x, connection.display
    image = x.XCreateImage(
        display, x.XDefaultVisual(display, connection.screen), depth, _Z_PIXMAP, 0, None, 1, 1, 32, 0
    )
    if not image:
        return None
    usual = image.contents.bits_per_pixel == 32 and image.contents.byte_order == 0
    x.XFree(image)
    return SharedImage(connection, memory, window, depth) if usual else None
