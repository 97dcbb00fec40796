"""A pyglet window with an OpenGL context, and the context that the renderer draws with.

Every window has a context of its own; they share textures with the renderer's, which belongs to a window
that is never shown and so outlives them all. The backend makes them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from typing import Any

import numpy as np
import numpy.typing as npt
import pyglet

from compositor.backend.window.hostwindow import HostWindow
from compositor.backend.window.sharedimage import SharedMemory, share_image
from compositor.backend.window.x11 import Connection, NoDisplay
from compositor.geometry import Rect, Region
from compositor.logs import Log
from compositor.render.colours import Colours
from compositor.render.gl.api import GL, GlError, check
from compositor.render.gl.canvas import Canvas
from compositor.render.gl.context import describe, is_software, require_version
from compositor.render.gl.output import OutputPass
from compositor.render.gl.renderer import GlRenderer

log = Log(__name__)

_SWAP_COMPLETE_MASK = 0x0400_0000
_SWAP_COMPLETE = 1
# More parts than this are sent as their bound: each is a request to the server.
_MAX_COPIES = 4


class _PygletWindow(pyglet.window.Window):  # type: ignore[misc]
    """pyglet's window without its own events: ours come from the connection."""

    def dispatch_event(self, *args: Any) -> None:
        """Drop it. (pyglet would keep them for ever, as nobody asks for them.)"""


def _new_pyglet_window(width: int, height: int) -> Any:
    """Make a window that is not shown.

    Raises:
        GlError: there is no OpenGL 3.3 for windows here.
    """
    try:
        window = _PygletWindow(
            width, height, caption="weddell: OpenGL", resizable=True, visible=False, vsync=False
        )
        require_version(window.context)
    except GlError:
        raise
    except Exception as error:
        # Whatever pyglet meets on its way: no GLX, no configuration, no context, missing functions.
        raise GlError(f"no window with OpenGL 3.3: {error or type(error).__name__}") from None
    return window


def _address(pointer: Any) -> int | None:
    return ctypes.cast(pointer, ctypes.c_void_p).value


def _abandon(window: Any) -> None:
    """Keep pyglet from closing a window of a server that has gone, even when the object goes.

    Nothing empties the buffer of requests then, and Xlib writes to nowhere once it is full: SIGSEGV.
    """
    window._window = None


class HiddenContext:
    """The renderer's context (compositor.render.gl.context.Context).

    Raises:
        GlError: there is no OpenGL 3.3 for windows here.
    """

    def __init__(self, connection: Connection) -> None:
        from pyglet.gl import glx

        self._connection = connection
        self._window: Any = _new_pyglet_window(1, 1)
        self._current: Any = glx.glXGetCurrentContext

    @property
    def description(self) -> str:
        return describe(self._window.context)

    def make_current(self) -> None:
        if self._window is None:
            raise GlError("the context is closed")
        if self._connection.broken:
            raise GlError("the X server is gone")
        context = self._window.context
        if GL.current_context is not context:
            self._window.switch_to()
        if _address(self._current()) != _address(context.glx_context):
            # Without one OpenGL's functions do nothing, and say nothing.
            raise GlError("the context is lost")

    def close(self) -> None:
        window, self._window = self._window, None
        if window is None:
            return
        if self._connection.broken:
            _abandon(window)
            return
        with contextlib.suppress(Exception):
            window.close()


def connect() -> Connection:
    """Return a connection on pyglet's display.

    Raises:
        NoDisplay: the X server does not answer.
        GlError: pyglet cannot be used.
    """
    try:
        if not os.environ.get("DISPLAY"):
            raise NoDisplay("DISPLAY is not set, so there is no desktop to show a window on")
        display = pyglet.display.get_display()
    except NoDisplay:
        raise
    except Exception:
        name = os.environ.get("DISPLAY")
        raise NoDisplay(f"the X server {name} does not answer or does not let us in") from None
    return Connection(display._display)


def _copy_sub_buffer() -> Any:
    """Return glXCopySubBufferMESA, or None."""
    try:
        from pyglet.gl.lib_glx import link_GLX
    except ImportError:
        return None
    arguments = [ctypes.c_void_p, ctypes.c_ulong, *[ctypes.c_int] * 4]
    return link_GLX("glXCopySubBufferMESA", None, arguments)


class GlWindow(HostWindow):
    """A window that shows canvases.

    Attributes:
        canvas: the frame, kept; None before the first.

    Args:
        memory: what the server shares memory with, if it does. A driver that draws on the CPU would copy a
            frame twice, and all of it, on its way to the server: it is asked for what has changed instead.

    Raises:
        GlError: there is no OpenGL 3.3 for windows here.
    """

    def __init__(
        self,
        connection: Connection,
        renderer: GlRenderer,
        width: int,
        height: int,
        memory: SharedMemory | None = None,
    ) -> None:
        renderer.context.make_current()
        window: Any = _new_pyglet_window(width, height)
        self._window: Any = window
        self.renderer = renderer
        self.canvas: Canvas | None = None
        self._pass = OutputPass()
        self._resized = False
        super().__init__(connection, int(window._window), int(window._view), width, height)
        window.set_visible(True)
        self.width, self.height = window._width, window._height
        info = window.context.config.glx_info
        software = is_software(renderer.name)
        self._copy: Any = None
        self._shared = share_image(connection, memory, self.inner) if software else None
        self._image: npt.NDArray[np.uint32] | None = None
        self._coloured: Canvas | None = None
        self._canvas_pass: OutputPass | None = None
        if self._shared is not None:
            self.shown_event = self._shared.completion
        elif software and info.have_extension("GLX_MESA_copy_sub_buffer"):
            # Swapping sends the whole window to the server; copying sends what has changed.
            self._copy = _copy_sub_buffer()
        if not software and info.have_extension("GLX_INTEL_swap_event"):
            self._ask_for_swap_events()

    def _ask_for_swap_events(self) -> None:
        """Swap with the screen's refresh, and be told when; else frames are paced by a timer."""
        from pyglet.gl import glx

        error_base, event_base = ctypes.c_int(), ctypes.c_int()
        display, context = self.connection.display, self._window.context
        if glx.glXQueryExtension(display, error_base, event_base):
            glx.glXSelectEvent(display, context.glx_window, _SWAP_COMPLETE_MASK)
            self.shown_event = event_base.value + _SWAP_COMPLETE
            self.keeps_pace = True
            self._window.set_vsync(True)

    def forwarded(self, event: Any) -> None:
        window = self._window
        if window is None:
            return
        if event.xany.window == self.outer:
            window.dispatch_platform_event(event)
        elif event.xany.window == self.inner:
            window.dispatch_platform_event_view(event)

    def resized(self, width: int, height: int) -> None:
        super().resized(width, height)
        self._resized = True
        if self.canvas is not None and (self.canvas.width, self.canvas.height) != (width, height):
            self._drop_canvases()

    def _drop_canvases(self) -> None:
        for canvas in (self.canvas, self._coloured):
            if canvas is not None:
                self.renderer.delete_canvas(canvas)
        self.canvas = self._coloured = None

    def shown(self) -> None:
        super().shown()
        if self._shared is not None:
            self._shared.pending = False

    def unpaced(self) -> None:
        super().unpaced()
        if self._shared is None:
            # Swaps must not wait for the screen then.
            self._window.set_vsync(False)

    def target(self) -> tuple[Canvas, bool]:
        """Return the canvas for the window's size, and whether it is new, its pixels undefined.

        Raises:
            GlError: it is too large.
        """
        if self.canvas is not None:
            return self.canvas, False
        self.canvas = self.renderer.new_canvas(self.width, self.height)
        return self.canvas, True

    def present(self, region: Region, colours: Colours) -> None:
        """Show what the canvas has in a region, window pixels.

        Raises:
            GlError: OpenGL has failed.
        """
        canvas = self.canvas
        if canvas is None or self.closed:
            return
        if self._shared is not None:
            self._present_shared(canvas, region.rects, colours)
            return
        window = self._window
        rects = region.rects if len(region.rects) <= _MAX_COPIES else (region.bounds,)
        if self._copy is None:
            rects = (Rect(0, 0, self.width, self.height),)
        GL.glFlush()
        window.switch_to()
        if self._resized and self._copy is not None:
            # Mesa looks at the window's size again after a swap, and not after a copy. What this shows is
            # what was shown before.
            window.flip()
        self._resized = False
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, 0)
        self._pass.put(canvas, rects, self.height, colours)
        check("showing a frame")
        if self._copy is None:
            window.flip()
            self.awaiting_shown = bool(self.shown_event)
            return
        GL.glFlush()
        drawable = window.context.glx_window
        for x, y, w, h in rects:
            self._copy(self.connection.display, drawable, x, self.height - y - h, w, h)
        window._sync_resize()

    def _present_shared(self, canvas: Canvas, rects: tuple[Rect, ...], colours: Colours) -> None:
        """Read what has changed into memory that the server reads."""
        shared = self._shared
        assert shared is not None
        self.renderer.context.make_current()
        try:
            image = shared.pixels(self.width, self.height)
        except OSError as error:
            raise GlError(f"showing a frame: {error}") from None
        whole = (Rect(0, 0, self.width, self.height),)
        if image is not self._image:
            self._image = image
            rects = whole
        if colours.plain:
            if self._coloured is not None:
                self.renderer.delete_canvas(self._coloured)
                self._coloured = None
        else:
            if self._coloured is None:
                self._coloured = self.renderer.new_canvas(self.width, self.height)
            if self._canvas_pass is None:
                self._canvas_pass = OutputPass()
            self._coloured.bind()
            self._canvas_pass.put(canvas, rects, self.height, colours, for_window=False)
            canvas = self._coloured
        canvas.read(rects, image, opaque=False)
        check("showing a frame")
        shared.show(rects)
        self.awaiting_shown = bool(self.shown_event)
        self._window._sync_resize()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self._drop_canvases()
        if self._shared is not None:
            self._shared.close()
        window, self._window = self._window, None
        if self.connection.broken:
            _abandon(window)
            return
        window.switch_to()
        self._pass.delete()
        if self._canvas_pass is not None:
            # What went with the renderer's context is gone.
            with contextlib.suppress(GlError):
                self.renderer.context.make_current()
                self._canvas_pass.delete()
        window.close()
