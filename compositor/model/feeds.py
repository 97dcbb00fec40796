"""Feeds: pictures of one source (output, window, cursor) for one program that asks again and again.

A feed says what size it has, when it has something new, and where that is.
Source of the rules: ext_image_copy_capture_session_v1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from compositor.geometry import EMPTY_REGION, Rect, Region
from compositor.model.capture import DamageLog
from compositor.model.formats import ARGB8888, XRGB8888

if TYPE_CHECKING:
    from compositor.model.capture import Pixels
    from compositor.model.desktop import Desktop
    from compositor.model.formats import PixelFormat
    from compositor.model.output import Output
    from compositor.model.surface import Surface
    from compositor.model.window import Window
    from compositor.timers import Timer

_CURSOR_REFRESH_NS = 1_000_000_000 // 60


def _nothing() -> None:
    """What a feed does that nobody listens to."""


class Feed:
    """Pictures of one source.

    Attributes:
        size: width and height of the next picture, buffer pixels.
        formats: that a taker may choose from.
        stopped: whether the source is gone.
        on_change: called when the size is another one.
        on_stop: called when the source goes.
    """

    formats: tuple[PixelFormat, ...] = (XRGB8888, ARGB8888)

    def __init__(self, desktop: Desktop, size: tuple[int, int]) -> None:
        self.desktop = desktop
        self.size = size
        self.stopped = False
        self.on_change: Callable[[], None] = _nothing
        self.on_stop: Callable[[], None] = _nothing
        self._deliver: Callable[[int], None] | None = None

    def want(self, deliver: Callable[[int], None]) -> None:
        """Have `deliver` called with the time once, when there is something new to take."""
        self._deliver = deliver

    def unwant(self) -> None:
        """Take that back. Harmless when nothing was wanted."""
        self._deliver = None

    def _give(self, now_ns: int) -> None:
        deliver, self._deliver = self._deliver, None
        if deliver is not None:
            deliver(now_ns)

    def picture(self) -> Pixels:
        """Return the picture as it is now: (height, width) premultiplied ARGB8888, not to be changed."""
        raise NotImplementedError

    def take(self) -> Region:
        """Return what is new since the last time, buffer pixels; everything the first time."""
        raise NotImplementedError

    def spoil(self) -> None:
        """Count everything as new: what was taken did not arrive."""
        raise NotImplementedError

    def _stop(self) -> None:
        if not self.stopped:
            self.stopped = True
            self.close()
            self.on_stop()

    def _resize(self, size: tuple[int, int]) -> None:
        if size != self.size:
            self.size = size
            self.spoil()
            self.on_change()

    def close(self) -> None:
        """Stop listening. Harmless when repeated."""
        self._deliver = None


class OutputFeed(Feed):
    """What an output shows, with or without the cursor; see `compositor.model.capture.Waiting`."""

    def __init__(self, desktop: Desktop, output: Output, cursor: bool) -> None:
        super().__init__(desktop, output.pixel_size)
        self.output = output
        self._cursor = cursor
        self._log = DamageLog(desktop, output, cursor)
        output.on_changed.append(self._changed)
        desktop.on_output.append(self._output)

    def want(self, deliver: Callable[[int], None]) -> None:
        super().want(deliver)
        self.desktop.captures.add(self, now=bool(self._log))

    def unwant(self) -> None:
        super().unwant()
        self.desktop.captures.remove(self)

    def presented(self, now_ns: int) -> bool:
        """The output has shown a frame; return whether the wait is over."""
        if not self.output.powered or not self._log.look():
            return False
        self._give(now_ns)
        return True

    def output_gone(self) -> None:
        """There will be no frame any more."""
        self._stop()

    def picture(self) -> Pixels:
        desktop = self.desktop
        return desktop.captures.picture(desktop.capturer, self.output, self._cursor)

    def take(self) -> Region:
        return self._log.take()

    def spoil(self) -> None:
        self._log.spoil()

    def _changed(self, output: Output) -> None:
        self._resize(output.pixel_size)

    def _output(self, output: Output, what: str) -> None:
        if output is self.output and what == "removed":
            self._stop()

    def close(self) -> None:
        super().close()
        self.desktop.captures.remove(self)
        self._log.close()
        if self._changed in self.output.on_changed:
            self.output.on_changed.remove(self._changed)
            self.desktop.on_output.remove(self._output)


class _TimedFeed(Feed):
    """A feed that no frame of an output drives: new at once, but not more often than a screen would be."""

    def __init__(self, desktop: Desktop, size: tuple[int, int]) -> None:
        super().__init__(desktop, size)
        self._new = True
        self._timer: Timer | None = None
        self._earliest_ns = 0

    def want(self, deliver: Callable[[int], None]) -> None:
        super().want(deliver)
        self._arm()

    def _changed(self) -> None:
        self._new = True
        self._arm()

    def _arm(self) -> None:
        if self._new and self._deliver is not None and self._timer is None and self._ready():
            desktop = self.desktop
            deadline = max(desktop.clock.now_ns(), self._earliest_ns)
            self._timer = desktop.timers.call_at(deadline, self._due)

    def _due(self) -> None:
        self._timer = None
        self._look()
        if self._deliver is not None and self._ready():
            now = self.desktop.clock.now_ns()
            self._earliest_ns = now + self._period_ns()
            self._give(now)

    def _look(self) -> None:
        """Find out the size of the picture that would be taken now."""

    def _ready(self) -> bool:
        """Whether there is a picture that may be seen."""
        return True

    def _period_ns(self) -> int:
        return _CURSOR_REFRESH_NS

    def take(self) -> Region:
        new, self._new = self._new, False
        return Region.from_rect(Rect(0, 0, *self.size)) if new else EMPTY_REGION

    def spoil(self) -> None:
        self._new = True

    def close(self) -> None:
        super().close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class WindowFeed(_TimedFeed):
    """A window by itself, shown or not. While the session is locked there is nothing to take."""

    def __init__(self, desktop: Desktop, window: Window, cursor: bool) -> None:
        super().__init__(desktop, desktop.capturer.window_size(window))
        self.window = window
        self._cursor = cursor
        self._surfaces: set[Surface] = set()
        desktop.on_window.append(self._window)
        desktop.scene.on_layout.append(self._laid_out)
        if cursor:
            desktop.seat.pointer.on_moved.append(self._changed)
            desktop.seat.pointer.cursor.on_change.append(self._changed)
        self._listen()

    def _listen(self) -> None:
        """Hear of commits to all surfaces that the window consists of now."""
        tree = set(_tree(self.window.surface))
        for surface in tree - self._surfaces:
            surface.watch_commits(self._committed)
        for surface in self._surfaces - tree:
            surface.unwatch_commits(self._committed)
        self._surfaces = tree

    def _committed(self, surface: Surface) -> None:
        self._changed()

    def _laid_out(self) -> None:
        # Also what becomes of subsurfaces and of the scale shows in the layout, and the end of a lock.
        self._listen()
        self._look()
        self._arm()

    def _look(self) -> None:
        self._resize(self.desktop.capturer.window_size(self.window))

    def _window(self, window: Window, what: str) -> None:
        if window is self.window and what == "unmapped":
            self._stop()

    def _ready(self) -> bool:
        return not self.desktop.scene.locked

    def _period_ns(self) -> int:
        shown = self.window.surface.outputs
        return shown[0].refresh_ns if shown else _CURSOR_REFRESH_NS

    def picture(self) -> Pixels:
        return self.desktop.capturer.window(self.window, self._cursor)

    def close(self) -> None:
        super().close()
        desktop = self.desktop
        if self._window in desktop.on_window:
            desktop.on_window.remove(self._window)
            desktop.scene.on_layout.remove(self._laid_out)
            if self._cursor:
                desktop.seat.pointer.on_moved.remove(self._changed)
                desktop.seat.pointer.cursor.on_change.remove(self._changed)
            for surface in self._surfaces:
                surface.unwatch_commits(self._committed)
            self._surfaces = set()


class CursorFeed(_TimedFeed):
    """The cursor by itself, at a scale; nothing new while it is hidden."""

    formats = (ARGB8888,)

    def __init__(self, desktop: Desktop, scale: float) -> None:
        self._scale = scale
        super().__init__(desktop, (max(1, round(24 * scale)),) * 2)
        self._look()
        desktop.seat.pointer.cursor.on_change.append(self._cursor_changed)

    def _look(self) -> None:
        picture = self.desktop.capturer.cursor(self._scale)
        if picture is not None:
            height, width = picture.pixels.shape
            self._resize((width, height))

    def _cursor_changed(self) -> None:
        self._look()
        self._changed()

    def _ready(self) -> bool:
        return self.desktop.capturer.cursor(self._scale) is not None

    def picture(self) -> Pixels:
        picture = self.desktop.capturer.cursor(self._scale)
        assert picture is not None
        return picture.pixels

    def close(self) -> None:
        super().close()
        hooks = self.desktop.seat.pointer.cursor.on_change
        if self._cursor_changed in hooks:
            hooks.remove(self._cursor_changed)


def _tree(surface: Surface) -> Iterator[Surface]:
    yield surface
    for child in (*surface.children_below, *surface.children_above):
        yield from _tree(child.surface)
