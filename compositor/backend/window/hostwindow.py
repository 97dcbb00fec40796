"""A window on the host's desktop, whoever draws into it: title, icon, cursor, pointer grab.

`glwindow` and `plainwindow` make such windows; the backend steers them. Sizes are pixels.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.backend.window.x11 import XA_ATOM, XA_CARDINAL, Connection
from compositor.geometry import Region
from compositor.logs import Log

log = Log(__name__)

_NORTH_WEST = 1
_MOST_UNHEARD = 3
_REVERT_TO_POINTER = 1


class HostWindow:
    """What both kinds of window can do.

    Args:
        connection: to the X server.
        outer: the window that the window manager knows.
        inner: the one that is drawn into; the same, or a child that covers it.

    Attributes:
        width, height: pixels, as the server last said.
        shown_event: type of the event that tells that a frame has been shown; 0 if nothing tells.
        awaiting_shown: whether a frame is on its way, of which that event will tell.
        keeps_pace: whether that event comes with the host's refresh, so that frames need no other clock.
    """

    shown_event = 0
    awaiting_shown = False
    keeps_pace = False

    def __init__(self, connection: Connection, outer: int, inner: int, width: int, height: int) -> None:
        self.connection = connection
        self.outer = outer
        self.inner = inner
        self.width = width
        self.height = height
        self.closed = False
        self._empty_cursor = 0
        # Frames that no event told of; -1 once there was one.
        self._unheard = 0
        # What the server would paint into parts that are new is black; nothing is better. What was there
        # stays.
        x = connection.x
        attributes = x.XSetWindowAttributes()
        attributes.background_pixmap = 0
        attributes.bit_gravity = _NORTH_WEST
        for window in {outer, inner}:
            x.XChangeWindowAttributes(
                connection.display, window, x.CWBackPixmap | x.CWBitGravity, ctypes.byref(attributes)
            )

    # What differs

    def resized(self, width: int, height: int) -> None:
        """The server says that the window has another size."""
        self.width = width
        self.height = height

    def forwarded(self, event: Any) -> None:
        """An event that concerns the window itself, not input."""

    def shown(self) -> None:
        """The event has come that tells of a frame."""
        self.awaiting_shown = False
        self._unheard = -1

    def not_shown(self) -> None:
        """The event is not waited for any longer. If it never comes at all, it is not waited for again."""
        self.awaiting_shown = False
        if self._unheard < 0:
            # It has come before: the screen is switched off, or another desktop is shown.
            return
        self._unheard += 1
        if self._unheard >= _MOST_UNHEARD:
            log.warning("the host does not tell when frames are shown: a timer sets the pace")
            self.unpaced()

    def unpaced(self) -> None:
        """Have frames paced by a timer from now on."""
        self.shown_event = 0
        self.keeps_pace = False

    def show(self, pixels: npt.NDArray[np.uint32], region: Region) -> None:
        """Show a part of a frame that lies in memory.

        Args:
            pixels: (height, width) XRGB8888, of the window's size.
            region: window pixels.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Destroy the window. Harmless when repeated."""
        raise NotImplementedError

    # What is the same

    def set_title(self, title: str) -> None:
        """Set the title and the name the window goes by on task bars."""
        connection = self.connection
        data = title.encode()
        for name in ("_NET_WM_NAME", "_NET_WM_ICON_NAME"):
            connection.set_property(self.outer, name, connection.atom("UTF8_STRING"), data)
        connection.set_property(self.outer, "WM_NAME", 31, title.encode("latin-1", "replace"))

    def set_class(self, name: str) -> None:
        """Set the name that window managers group by, and the process it belongs to."""
        import os

        data = f"{name.lower()}\0{name}\0".encode()
        self.connection.set_property(self.outer, "WM_CLASS", 31, data)
        self.connection.set_longs(self.outer, "_NET_WM_PID", XA_CARDINAL, [os.getpid()])

    def set_protocols(self, names: tuple[str, ...]) -> None:
        """Say which messages of the window manager are understood."""
        atoms = [self.connection.atom(name) for name in names]
        self.connection.set_longs(self.outer, "WM_PROTOCOLS", XA_ATOM, atoms)

    def set_icon(self, images: list[npt.NDArray[np.uint32]]) -> None:
        """Set the icon in several sizes: (height, width) uint32 ARGB8888 with straight alpha each."""
        values: list[int] = []
        for image in images:
            height, width = image.shape
            values += [width, height, *image.ravel().tolist()]
        self.connection.set_longs(self.outer, "_NET_WM_ICON", XA_CARDINAL, values)

    def take_free_keyboard(self) -> None:
        """Have the keyboard where there is no window manager that would give it to a window."""
        connection = self.connection
        x, display = connection.x, connection.display
        attributes, focus, revert = x.XWindowAttributes(), x.Window(), ctypes.c_int()
        x.XGetWindowAttributes(display, connection.root, ctypes.byref(attributes))
        if attributes.all_event_masks & x.SubstructureRedirectMask:
            return
        x.XGetInputFocus(display, ctypes.byref(focus), ctypes.byref(revert))
        if focus.value in (0, x.PointerRoot):
            x.XSetInputFocus(display, self.outer, _REVERT_TO_POINTER, x.CurrentTime)

    def set_cursor(self, cursor: int) -> None:
        """Show a cursor of the server's; 0 is the desktop's own arrow."""
        x, display = self.connection.x, self.connection.display
        if cursor:
            x.XDefineCursor(display, self.inner, cursor)
        else:
            x.XUndefineCursor(display, self.inner)

    def hide_cursor(self) -> None:
        """Show no cursor."""
        x, display = self.connection.x, self.connection.display
        if not self._empty_cursor:
            black = x.XColor()
            bitmap = x.XCreateBitmapFromData(display, self.outer, bytes(8), 8, 8)
            self._empty_cursor = x.XCreatePixmapCursor(
                display, bitmap, bitmap, ctypes.byref(black), ctypes.byref(black), 0, 0
            )
            x.XFreePixmap(display, bitmap)
        x.XDefineCursor(display, self.inner, self._empty_cursor)

    def confine(self) -> bool:
        """Keep the host's pointer within the window; False if the host refuses."""
        x = self.connection.x
        mask = x.PointerMotionMask | x.ButtonPressMask | x.ButtonReleaseMask
        # By the root window: another would have the server tell of each way twice.
        status = x.XGrabPointer(
            self.connection.display,
            self.connection.root,
            True,
            mask,
            x.GrabModeAsync,
            x.GrabModeAsync,
            self.inner,
            0,
            x.CurrentTime,
        )
        return not status

    def release(self) -> None:
        """Let the host's pointer go."""
        self.connection.x.XUngrabPointer(self.connection.display, self.connection.x.CurrentTime)

    def warp(self, x: int, y: int) -> None:
        """Put the host's pointer at a point of the window."""
        self.connection.x.XWarpPointer(self.connection.display, 0, self.inner, 0, 0, 0, 0, x, y)
