"""WindowBackend: outputs in windows, paced by a timer or by the host's screen, steered by the host's input.

What it adds to the headless backend: windows, their events, and frames that are shown. The server makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from compositor.backend.headless import HeadlessBackend
from compositor.backend.window.clipboard import HostClipboard
from compositor.backend.window.cursors import HostCursor
from compositor.backend.window.effects import Fades, Rounding
from compositor.backend.window.hostwindow import HostWindow
from compositor.backend.window.input import HostInput
from compositor.backend.window.inspector import Flashes, Inspector
from compositor.backend.window.keys import host_keymap, without_repeats
from compositor.backend.window.plainwindow import PlainWindow
from compositor.backend.window.screen import WindowScreen
from compositor.backend.window.sharedimage import shared_memory
from compositor.backend.window.shortcuts import Shortcuts
from compositor.backend.window.x11 import Connection
from compositor.locate import assets_dir
from compositor.logs import Log
from compositor.model.desktop import Desktop
from compositor.model.output import Output
from compositor.render.base import Renderer
from compositor.render.colours import Colours
from compositor.render.cpu import CpuRenderer
from compositor.render.gl.errors import GlError

if TYPE_CHECKING:
    from compositor.timers import Timer, TimerQueue

log = Log(__name__)

_MIN_SIDE = 16
_SHOWN_TIMEOUT_NS = 100_000_000
"""A screen that is switched off never tells that a frame was shown."""
_ICON_SIZES = (16, 32, 48, 128)


class Loop(Protocol):
    """What is needed of the event loop."""

    at_end: list[Callable[[], None]]
    timers: TimerQueue

    def add_reader(self, fd: int, callback: Callable[[], None]) -> None:
        """Call `callback` whenever `fd` can be read."""

    def add_writer(self, fd: int, callback: Callable[[], None]) -> None:
        """Call `callback` whenever `fd` can be written."""

    def remove_writer(self, fd: int) -> None:
        """Stop waiting until `fd` can be written."""

    def remove(self, fd: int) -> None:
        """Forget a descriptor."""


class WindowBackend(HeadlessBackend):
    """Shows each output in a window of its own.

    Args:
        wanted: `gl` demands OpenGL, `cpu` does without, `auto` takes it where a GPU does it.
        use_host_layout: whether the keyboard's layout is to be the host's.

    Attributes:
        launch: starts a program for the launcher; set by whoever can.
        shortcuts: what keys do.
        on_closed: called with an exit status when the last window was closed (0), or the X server has gone.

    Raises:
        compositor.backend.window.x11.NoDisplay: there is no X server.
        GlError: OpenGL is demanded and cannot be had.
    """

    name = "window"

    def __init__(
        self, desktop: Desktop, loop: Loop, wanted: str = "auto", use_host_layout: bool = True
    ) -> None:
        self._loop = loop
        self.on_closed: list[Callable[[int], None]] = []
        self._awaited: dict[Output, Timer] = {}
        renderer, self.connection = _open(wanted)
        super().__init__(desktop, renderer, on_demand=False)
        self._gl: Any = renderer if not isinstance(renderer, CpuRenderer) else None
        self._memory = shared_memory(self.connection)
        self._fades: Fades | None = None
        if self._gl is not None:
            desktop.scene.track_changes = True
            desktop.scene.style = Rounding(desktop)
            self._fades = Fades(desktop)
        self.connection.any_event = None
        self.input = HostInput(self.connection, desktop, self._find)
        self.cursor = HostCursor(self.connection, desktop, self.windows, self._pointer_scale)
        self.clipboard = HostClipboard(self.connection, desktop, loop)
        self.input.on_focus.append(self.clipboard.focus_changed)
        self.input.on_lock.append(self.cursor.lock)
        self._resized: dict[Output, tuple[int, int]] = {}
        without_repeats(self.connection)
        if use_host_layout:
            keymap = host_keymap(self.connection)
            if keymap is not None:
                desktop.seat.keyboard.set_keymap(keymap)
        self.launch: Callable[[Sequence[str]], Any] = lambda argv: None
        self.shortcuts = Shortcuts(
            desktop, lambda argv: self.launch(argv), self.set_colours, self._set_inspector
        )
        loop.add_reader(self.connection.fd, self._readable)
        loop.at_end.append(self._end_of_turn)

    # Outputs

    def next_name(self) -> str:
        """Return a name for a new output."""
        number = 1
        while any(output.name == f"WINDOW-{number}" for output in self.desktop.outputs):
            number += 1
        return f"WINDOW-{number}"

    def add_output(self, output: Output, place: bool = True) -> None:
        """Open a window for an output, of the size of its mode."""
        output.model = "window"
        if output.scale == 1:
            output.scale = max(1.0, round(self.connection.dots_per_inch() / 96 * 4) / 4)
        window = self._open_window(output.width, output.height)
        self._dress(window, output)
        output.width, output.height = window.width, window.height
        self.screens[output] = WindowScreen(
            output, self.desktop.scene, self.renderer, window, self._without_gl
        )
        self._screen(output).colours = self.shortcuts.colours
        if self._fades is not None:
            self._screen(output).overlays.append(self._fades)
        output.request_frame = self._request_frame
        self.cursor.invalidate()
        self.desktop.add_output(output, place)

    def _open_window(self, width: int, height: int) -> HostWindow:
        if self._gl is not None:
            from compositor.backend.window.glwindow import GlWindow

            try:
                return GlWindow(self.connection, self._gl, width, height, self._memory)
            except GlError as error:
                self._without_gl(error)
        return PlainWindow(self.connection, width, height, self._memory)

    def _dress(self, window: HostWindow, output: Output) -> None:
        """Give a window its title and icon, and have its events."""
        window.set_title(f"Weddell — {output.name}")
        window.set_class("Weddell")
        window.set_protocols(
            ("WM_DELETE_WINDOW", "_NET_WM_SYNC_REQUEST") if self._gl else ("WM_DELETE_WINDOW",)
        )
        window.set_icon(_icons())
        for xid in {window.outer, window.inner}:
            self.connection.handlers[xid] = self._event
        self.input.watch(window)

    def remove_output(self, output: Output) -> None:
        """Take an output away, and close its window."""
        screen = self.screens[output]
        assert isinstance(screen, WindowScreen)
        self._undress(screen.window)
        timer = self._awaited.pop(output, None)
        if timer is not None:
            timer.cancel()
        self._resized.pop(output, None)
        super().remove_output(output)

    def _undress(self, window: HostWindow) -> None:
        for xid in {window.outer, window.inner}:
            self.connection.handlers.pop(xid, None)

    def windows(self) -> list[HostWindow]:
        """Return the windows, in the order of the outputs."""
        return [screen.window for screen in self.screens.values() if isinstance(screen, WindowScreen)]

    def _find(self, xid: int) -> tuple[Output, HostWindow] | None:
        for output, screen in self.screens.items():
            if isinstance(screen, WindowScreen) and xid in (screen.window.outer, screen.window.inner):
                return output, screen.window
        return None

    def _pointer_scale(self) -> float:
        pointer = self.desktop.seat.pointer
        output = self.desktop.output_at(pointer.x, pointer.y)
        return output.scale if output is not None else 1.0

    # Events

    def _readable(self) -> None:
        self.connection.pump()

    def _end_of_turn(self) -> None:
        connection = self.connection
        while connection.queued and connection.pump():
            # Drawing makes Xlib read events that its descriptor then says nothing of.
            pass
        if connection.broken:
            self._loop.remove(connection.fd)
            self._loop.at_end.remove(self._end_of_turn)
            log.error("the X server is gone")
            self._tell_closed(1)
            return
        if self._resized:
            self._follow_windows()
        self.input.update_hold()
        self.cursor.update()
        connection.flush()

    def _event(self, event: Any) -> None:
        found = self._find(event.xany.window)
        if found is None:
            return
        output, window = found
        if self.input.handle(event, output, window):
            return
        x = self.connection.x
        kind = event.type
        if kind == x.ConfigureNotify and event.xany.window == window.outer:
            self._resized[output] = (event.xconfigure.width, event.xconfigure.height)
        elif kind == x.MapNotify and event.xmap.window == window.outer:
            window.take_free_keyboard()
        elif kind == x.Expose:
            if not event.xexpose.count:
                self._screen(output).exposed()
            return
        elif kind == x.ClientMessage and self._asks_to_close(event):
            self._close_window(output)
            return
        elif self.clipboard.handle(event):
            return
        elif kind == window.shown_event:
            self._shown(output)
            return
        if kind in (x.ConfigureNotify, x.ClientMessage, x.MapNotify, x.UnmapNotify):
            window.forwarded(event)

    def _screen(self, output: Output) -> WindowScreen:
        screen = self.screens[output]
        assert isinstance(screen, WindowScreen)
        return screen

    def _asks_to_close(self, event: Any) -> bool:
        message = event.xclient
        atom = self.connection.atom
        return bool(
            message.message_type == atom("WM_PROTOCOLS") and message.data.l[0] == atom("WM_DELETE_WINDOW")
        )

    def _close_window(self, output: Output) -> None:
        if len(self.screens) == 1:
            self._tell_closed(0)
        else:
            self.remove_output(output)

    def _tell_closed(self, status: int) -> None:
        for hook in list(self.on_closed):
            hook(status)

    def _follow_windows(self) -> None:
        """Give outputs the sizes that their windows have now, and draw them at once."""
        resized, self._resized = self._resized, {}
        for output, (width, height) in resized.items():
            screen = self.screens.get(output)
            if not isinstance(screen, WindowScreen):
                continue
            width, height = max(width, _MIN_SIDE), max(height, _MIN_SIDE)
            if (width, height) == (screen.window.width, screen.window.height):
                continue
            screen.window.resized(width, height)
            output.physical_mm = (round(width * 25.4 / 96), round(height * 25.4 / 96))
            output.configure(width, height)
            # Waiting for the refresh would leave the new parts of the window empty for so long.
            if not self.desktop.clock.manual:
                screen.frame(self.desktop.scene.for_output(output))

    # Frames

    def _request_frame(self, output: Output) -> None:
        if self._screen(output).window.awaiting_shown and not self.desktop.clock.manual:
            # The host tells when the last frame is on the screen: then it is time for the next.
            deadline = self.desktop.clock.now_ns() + _SHOWN_TIMEOUT_NS
            self._awaited[output] = self.desktop.timers.call_at(deadline, lambda: self._not_shown(output))
            return
        self.pace(output).request(output)

    def _shown(self, output: Output) -> None:
        """A frame has reached the screen."""
        window = self._screen(output).window
        window.shown()
        timer = self._awaited.pop(output, None)
        if timer is None:
            return
        timer.cancel()
        if window.keeps_pace:
            self.pace(output).frame()
        else:
            self.pace(output).request(output)

    def _not_shown(self, output: Output) -> None:
        """Nobody has told that a frame has reached the screen; the next one does not wait for that."""
        del self._awaited[output]
        self._screen(output).window.not_shown()
        self.pace(output).frame()

    # What keys do

    @property
    def colours(self) -> Colours:
        """How the colours of all outputs are changed."""
        return self.shortcuts.colours

    def change_colours(self, colours: Colours) -> bool:
        """Change them, as the keys do; False if nothing here can."""
        if self._gl is None:
            return False
        self.shortcuts.change_colours(colours)
        return True

    def set_colours(self, colours: Colours) -> None:
        """Change the colours of all outputs; without OpenGL they stay as they are."""
        if self._gl is None:
            log.warning("changing the colours of an output needs OpenGL")
            return
        for output in self.screens:
            self._screen(output).set_colours(colours)

    def _set_inspector(self, inspector: Inspector | None) -> None:
        for output in self.screens:
            screen = self._screen(output)
            screen.overlays = [overlay for overlay in screen.overlays if not isinstance(overlay, Flashes)]
            if inspector is not None:
                screen.overlays.append(inspector.flashes(output))
            # What is drawn over everything goes with everything.
            self.desktop.scene.for_output(output).damage_all()

    # Trouble

    def _without_gl(self, error: GlError) -> None:
        """OpenGL has failed: go on without it, in windows of the simpler kind."""
        if self._gl is None or self.connection.broken:
            return
        log.warning("going on without OpenGL: %s", error)
        gl, self._gl = self._gl, None
        self.desktop.scene.style = None
        for output in self.screens:
            # What was styled is made anew.
            self.desktop.scene.output_changed(output)
        self.renderer = CpuRenderer()
        for output, screen in list(self.screens.items()):
            assert isinstance(screen, WindowScreen)
            old = screen.window
            self._undress(old)
            window = PlainWindow(self.connection, old.width, old.height, self._memory)
            self._dress(window, output)
            screen.replace(self.renderer, window)
            screen.overlays = [overlay for overlay in screen.overlays if overlay is not self._fades]
            old.close()
        gl.close()
        self.cursor.invalidate()

    def close(self) -> None:
        """Close the windows and give everything back."""
        self.clipboard.close()
        self.cursor.close()
        for screen in self.screens.values():
            screen.close()
        self.screens.clear()
        self.renderer.close()
        if not self.connection.broken:
            self._loop.remove(self.connection.fd)
        self.connection.close()


def _open(wanted: str) -> tuple[Renderer, Connection]:
    """Make the renderer, and connect to the X server the way that it needs."""
    if wanted == "cpu":
        return CpuRenderer(), Connection()
    try:
        # Not even imported where nobody wants it.
        from compositor.backend.window.glwindow import HiddenContext, connect
        from compositor.render.gl.context import is_software
        from compositor.render.gl.renderer import GlRenderer

        connection = connect()
        context = HiddenContext(connection)
        if wanted == "gl" or not is_software(context.description):
            return GlRenderer(context), connection
        # Measured with llvmpipe: a fullscreen frame takes four times the CPU renderer's time.
        log.info("the CPU draws: OpenGL would do that too, more slowly (%s)", context.description)
        context.close()
        return CpuRenderer(), Connection()
    except GlError as error:
        if wanted == "gl":
            raise
        log.warning("no OpenGL, so the CPU draws: %s", error)
    return CpuRenderer(), Connection()


def _icons() -> list[npt.NDArray[np.uint32]]:
    """The icon in the sizes that desktops ask for; none if Pillow or the file is missing."""
    try:
        from PIL import Image

        with Image.open(assets_dir() / "icon.png") as file:
            picture = file.convert("RGBA")
            sized = [picture.resize((size, size), Image.Resampling.LANCZOS) for size in _ICON_SIZES]
    except (ImportError, OSError):
        return []
    icons = []
    for image in sized:
        bgra = np.ascontiguousarray(np.asarray(image)[..., [2, 1, 0, 3]])
        icons.append(bgra.view(np.uint32)[..., 0])
    return icons
