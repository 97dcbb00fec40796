"""A window without OpenGL: the X server reads frames where they lie in memory, or is sent them.

For desktops where OpenGL is missing or has failed. The backend makes it.
"""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

from compositor.backend.window.hostwindow import HostWindow
from compositor.backend.window.sharedimage import SharedMemory, share_image
from compositor.backend.window.x11 import Connection, NoDisplay
from compositor.geometry import Rect, Region
from compositor.logs import Log

log = Log(__name__)

_Z_PIXMAP = 2
_INPUT_OUTPUT = 1


class PlainWindow(HostWindow):
    """A window that shows frames from memory.

    Args:
        memory: what the server shares memory with; frames are sent to it with XPutImage if None.

    Raises:
        NoDisplay: the screen has no 24-bit colours.
    """

    def __init__(
        self, connection: Connection, width: int, height: int, memory: SharedMemory | None = None
    ) -> None:
        x, display = connection.x, connection.display
        if x.XDefaultDepth(display, connection.screen) not in (24, 32):
            raise NoDisplay("the screen has no 24-bit colours")
        attributes = x.XSetWindowAttributes()
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
            x.CWEventMask,
            ctypes.byref(attributes),
        )
        super().__init__(connection, int(window), int(window), width, height)
        self._visual = x.XDefaultVisual(display, connection.screen)
        self._depth = x.XDefaultDepth(display, connection.screen)
        self._context = x.XCreateGC(display, window, 0, None)
        self._shared = share_image(connection, memory, self.inner)
        self._image: npt.NDArray[np.uint32] | None = None
        if self._shared is not None:
            self.shown_event = self._shared.completion
        x.XMapRaised(display, window)

    def show(self, pixels: npt.NDArray[np.uint32], region: Region) -> None:
        if not self._show_shared(pixels, region):
            for rect in region.rects:
                self._put(pixels[rect.y : rect.y2, rect.x : rect.x2], rect)

    def _show_shared(self, pixels: npt.NDArray[np.uint32], region: Region) -> bool:
        """Show it through shared memory; False if there is none."""
        if self._shared is None:
            return False
        try:
            image = self._shared.pixels(self.width, self.height)
        except OSError as error:
            log.warning("pixels are sent to the X server from now on: %s", error)
            self._shared.close()
            self._shared = None
            self.shown_event = 0
            self.awaiting_shown = False
            return False
        if image is not self._image:
            self._image = image
            region = Region.from_rect(Rect(0, 0, self.width, self.height))
        for x, y, width, height in region.rects:
            image[y : y + height, x : x + width] = pixels[y : y + height, x : x + width]
        self._shared.show(region.rects)
        self.awaiting_shown = bool(self.shown_event)
        return True

    def shown(self) -> None:
        super().shown()
        if self._shared is not None:
            self._shared.pending = False

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
            if self._shared is not None:
                self._shared.close()
            if not self.connection.broken:
                self.connection.x.XFreeGC(self.connection.display, self._context)
                self.connection.x.XDestroyWindow(self.connection.display, self.outer)
