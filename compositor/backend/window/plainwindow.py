"""A window without OpenGL: frames from memory are sent to the X server.

For desktops where OpenGL is missing or has failed. The backend makes it.
"""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

from compositor.backend.window.hostwindow import HostWindow
from compositor.backend.window.x11 import Connection, NoDisplay
from compositor.geometry import Rect, Region

_Z_PIXMAP = 2
_INPUT_OUTPUT = 1
_NORTH_WEST = 1


class PlainWindow(HostWindow):
    """A window that shows frames with XPutImage.

    Raises:
        NoDisplay: the screen has no 24-bit colours.
    """

    def __init__(self, connection: Connection, width: int, height: int) -> None:
        x, display = connection.x, connection.display
        if x.XDefaultDepth(display, connection.screen) not in (24, 32):
            raise NoDisplay("the screen has no 24-bit colours")
        attributes = x.XSetWindowAttributes()
        attributes.bit_gravity = _NORTH_WEST
        mask = x.KeyPressMask | x.KeyReleaseMask | x.ButtonPressMask | x.ButtonReleaseMask
        mask |= x.PointerMotionMask | x.EnterWindowMask | x.LeaveWindowMask | x.FocusChangeMask
        mask |= x.StructureNotifyMask | x.ExposureMask | x.PropertyChangeMask
        attributes.event_mask = mask
        window = x.XCreateWindow(
            display,
            connection.root,
            *(0, 0, width, height, 0),
            x.CopyFromParent,
            _INPUT_OUTPUT,
            None,
            x.CWEventMask | x.CWBitGravity,
            ctypes.byref(attributes),
        )
        super().__init__(connection, int(window), int(window), width, height)
        self._visual = x.XDefaultVisual(display, connection.screen)
        self._depth = x.XDefaultDepth(display, connection.screen)
        self._context = x.XCreateGC(display, window, 0, None)
        x.XMapRaised(display, window)

    def show(self, pixels: npt.NDArray[np.uint32], region: Region) -> None:
        for rect in region.rects:
            self._put(pixels[rect.y : rect.y2, rect.x : rect.x2], rect)

    def _put(self, part: npt.NDArray[np.uint32], rect: Rect) -> None:
        x, display = self.connection.x, self.connection.display
        image = x.XCreateImage(
            display, self._visual, self._depth, _Z_PIXMAP, 0, None, rect.width, rect.height, 32, 0
        )
        data = np.zeros((rect.height, image.contents.bytes_per_line), np.uint8)
        channels = part.view(np.uint8).reshape(rect.height, -1, 4)[:, : rect.width]
        # Servers keep 24-bit colours in 4 bytes or, seldom, in 3.
        size = image.contents.bits_per_pixel // 8
        data[:, : rect.width * size].reshape(rect.height, rect.width, size)[:] = channels[..., :size]
        image.contents.data = ctypes.cast(data.ctypes.data, ctypes.c_char_p)
        try:
            x.XPutImage(
                display, self.inner, self._context, image, 0, 0, rect.x, rect.y, rect.width, rect.height
            )
        finally:
            # The pixels are not Xlib's to free.
            image.contents.data = None
            x.XFree(image)

    def fix_size(self) -> None:
        """Ask the window manager to leave the size as it is."""
        x = self.connection.x
        hints = x.XAllocSizeHints()
        hints.contents.flags = x.PMinSize | x.PMaxSize
        hints.contents.min_width = hints.contents.max_width = self.width
        hints.contents.min_height = hints.contents.max_height = self.height
        x.XSetWMNormalHints(self.connection.display, self.outer, hints)
        x.XFree(hints)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size, which stays fixed."""
        self.resized(width, height)
        self.fix_size()
        self.connection.x.XResizeWindow(self.connection.display, self.outer, width, height)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            if not self.connection.broken:
                self.connection.x.XFreeGC(self.connection.display, self._context)
                self.connection.x.XDestroyWindow(self.connection.display, self.outer)
