"""The host's cursor: shapes from its theme, clients' own pictures, or none.

A cursor of the X server's is made when first shown and freed when another is shown in its place. The
backend uses it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.backend.window.hostwindow import HostWindow
from compositor.backend.window.x11 import Connection
from compositor.geometry import Rect
from compositor.model.content import Content, SolidContent
from compositor.model.desktop import Desktop
from compositor.model.node import Node
from compositor.model.seat.cursor import CursorState
from compositor.render import capture
from compositor.render.cpu import CpuRenderer
from compositor.render.cursors import MAX_SIZE, cursor_image

_SIZE = 24
_MAX_SIDE = 512


class _XcursorImage(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("width", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("xhot", ctypes.c_uint32),
        ("yhot", ctypes.c_uint32),
        ("delay", ctypes.c_uint32),
        ("pixels", ctypes.POINTER(ctypes.c_uint32)),
    ]


def _library(connection: Connection) -> Any:
    """libXcursor, or None."""
    try:
        library = ctypes.CDLL("libXcursor.so.1")
    except OSError:
        return None
    display = type(connection.display)
    image = ctypes.POINTER(_XcursorImage)
    library.XcursorLibraryLoadCursor.argtypes = [display, ctypes.c_char_p]
    library.XcursorLibraryLoadCursor.restype = ctypes.c_ulong
    library.XcursorImageCreate.argtypes = [ctypes.c_int, ctypes.c_int]
    library.XcursorImageCreate.restype = image
    library.XcursorImageLoadCursor.argtypes = [display, image]
    library.XcursorImageLoadCursor.restype = ctypes.c_ulong
    library.XcursorImageDestroy.argtypes = [image]
    library.XcursorImageDestroy.restype = None
    library.XcursorSupportsARGB.argtypes = [display]
    return library


class HostCursor:
    """Shows the seat's cursor on the host.

    Args:
        windows: returns those it is to be seen over.
        scale: returns output pixels per layout pixel at the pointer.
    """

    def __init__(
        self,
        connection: Connection,
        desktop: Desktop,
        windows: Callable[[], Iterable[HostWindow]],
        scale: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._desktop = desktop
        self._windows = windows
        self._scale = scale
        self._library = _library(connection)
        self._shapes: dict[str, int] = {}
        self._own = 0
        self._renderer: CpuRenderer | None = None
        self._dirty = True
        self._locked = False
        desktop.seat.pointer.cursor.on_change.append(self._changed)

    def _changed(self) -> None:
        self._dirty = True

    def invalidate(self) -> None:
        """Show it anew: there is a new window, or another scale."""
        self._dirty = True

    def lock(self, locked: bool) -> None:
        """Show none while the host's pointer is held where ours is not."""
        self._locked = locked
        self._dirty = True
        self.update()

    def update(self) -> None:
        """Show what the seat wants, if that has changed."""
        if not self._dirty or self._connection.broken:
            return
        self._dirty = False
        state = self._desktop.seat.pointer.cursor.state
        empty = state.surface is not None and state.surface.content is None
        if self._locked or state.hidden or empty:
            for window in self._windows():
                window.hide_cursor()
            return
        cursor = self._shape(state.shape) if state.surface is None else self._picture(state)
        for window in self._windows():
            window.set_cursor(cursor)

    def _shape(self, name: str | None) -> int:
        """A cursor of the host's theme by its CSS name, or of our own making."""
        if name is None or self._library is None:
            return 0
        found = self._shapes.get(name)
        if found is None:
            found = int(self._library.XcursorLibraryLoadCursor(self._connection.display, name.encode()))
            if not found:
                size = min(round(_SIZE * self._scale()), MAX_SIZE)
                found = self._load(*cursor_image(name, size))
            self._shapes[name] = found
        return found

    def _picture(self, state: CursorState) -> int:
        """A cursor with a client's pixels, in output pixels."""
        surface = state.surface
        assert surface is not None
        content = surface.content
        assert content is not None
        scale = self._scale()
        width = min(max(1, round(surface.width * scale)), _MAX_SIDE)
        height = min(max(1, round(surface.height * scale)), _MAX_SIDE)
        node = Node(content, Rect(0, 0, width, height), None, surface.transform)
        if surface.source is not None and not isinstance(content, SolidContent):
            x, y, w, h = (value * surface.scale for value in surface.source)
            node.src = (x, y, w, h)
        if isinstance(content, Content) and content.width > 4 * _MAX_SIDE:
            return 0
        if self._renderer is None:
            self._renderer = CpuRenderer()
        pixels = capture.draw(self._renderer, [node], node.dst)
        old, self._own = self._own, 0
        self._own = self._load(pixels, round(state.hotspot_x * scale), round(state.hotspot_y * scale))
        if old:
            self._connection.x.XFreeCursor(self._connection.display, old)
        return self._own

    def _load(self, pixels: npt.NDArray[np.uint32], hot_x: int, hot_y: int) -> int:
        """Give the server a picture, premultiplied ARGB8888; returns the cursor, 0 if it has no such."""
        if self._library is None or not self._library.XcursorSupportsARGB(self._connection.display):
            return 0
        height, width = pixels.shape
        image = self._library.XcursorImageCreate(width, height)
        if not image:
            return 0
        image.contents.xhot = min(max(hot_x, 0), width - 1)
        image.contents.yhot = min(max(hot_y, 0), height - 1)
        data = np.ascontiguousarray(pixels)
        ctypes.memmove(image.contents.pixels, data.ctypes.data, data.nbytes)
        cursor = int(self._library.XcursorImageLoadCursor(self._connection.display, image))
        self._library.XcursorImageDestroy(image)
        return cursor

    def close(self) -> None:
        """Free the cursors."""
        if not self._connection.broken:
            for cursor in {*self._shapes.values(), self._own} - {0}:
                self._connection.x.XFreeCursor(self._connection.display, cursor)
        self._shapes.clear()
        self._own = 0
        if self._renderer is not None:
            self._renderer.close()
