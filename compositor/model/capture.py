"""Captures: copies of what is shown for other programs, when they are due, and what of them has changed.

Nothing here draws: pixels come from the `Capturer` that the backend installs
on the desktop. The capture protocols import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from compositor.geometry import EMPTY_REGION, Rect, Region, Transform
from compositor.record import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from compositor.model.desktop import Desktop
    from compositor.model.output import Output
    from compositor.model.scene import Scene
    from compositor.model.window import Window

    Pixels = npt.NDArray[np.uint32]

_MAX_DAMAGE_RECTS = 32


class CursorPicture(NamedTuple):
    """The cursor by itself: premultiplied ARGB8888, and the hot spot in its pixels."""

    pixels: Pixels
    hotspot_x: int
    hotspot_y: int


class Glance(NamedTuple):
    """Pixels to be read at once."""

    pixels: Pixels
    """(height, width) uint32 ARGB8888, premultiplied; perhaps a client's own, who may write meanwhile."""
    opaque: bool
    """Whether the highest byte means nothing."""


class Capturer(Protocol):
    """Makes copies of what is or could be seen."""

    def output(self, output: Output, cursor: bool) -> Pixels:
        """Return what an output shows now: (height, width) XRGB8888, logical orientation."""

    def window(self, window: Window, cursor: bool = False) -> Pixels:
        """Return a window by itself, with or without the cursor: (height, width) premultiplied ARGB8888."""

    def glance_window(self, window: Window) -> Glance:
        """Return what `window` does, to be read at once."""

    def glance_output(self, output: Output, cursor: bool) -> Glance:
        """Return what `output` does, to be read at once."""

    def window_size(self, window: Window) -> tuple[int, int]:
        """Return width and height of what `window` gives."""

    def cursor(self, scale: float) -> CursorPicture | None:
        """Return the cursor at a scale, or None while it is hidden."""

    def cursor_rects(self, output: Output) -> list[Rect]:
        """Return where the cursor is on an output, output pixels."""


class DamageLog:
    """What of an output has changed since it was last asked; everything at first.

    Args:
        cursor: whether the cursor on it counts.
    """

    def __init__(self, desktop: Desktop, output: Output, cursor: bool) -> None:
        self._desktop = desktop
        self._output = output
        self._cursor = cursor
        self._cursor_moved = False
        self._cursor_rects: list[Rect] = []
        self._region = self._whole()
        output.on_damage.append(self._add)
        output.on_changed.append(self._changed)
        if cursor:
            desktop.seat.pointer.on_moved.append(self._moved)
            desktop.seat.pointer.cursor.on_change.append(self._moved)

    def _whole(self) -> Region:
        return Region.from_rect(Rect(0, 0, *self._output.pixel_size))

    def __bool__(self) -> bool:
        return bool(self._region) or self._cursor_moved

    def _add(self, damage: Region) -> None:
        merged = self._region.union(damage)
        if len(merged.rects) > _MAX_DAMAGE_RECTS:
            merged = Region.from_rect(merged.bounds)
        self._region = merged

    def _changed(self, _: Output) -> None:
        self.spoil()

    def spoil(self) -> None:
        """Count everything as changed."""
        self._region = self._whole()

    def _moved(self) -> None:
        if not self._cursor_moved:
            self._cursor_moved = True
            self._output.schedule()

    def look(self) -> Region:
        """Return what has changed, output pixels in logical orientation."""
        if self._cursor_moved:
            self._cursor_moved = False
            rects = self._desktop.capturer.cursor_rects(self._output)
            if rects != self._cursor_rects:
                self._add(Region.from_rects([*rects, *self._cursor_rects]).intersect(self._whole()))
                self._cursor_rects = rects
        return self._region

    def take(self) -> Region:
        """Return what has changed and forget it."""
        region = self.look()
        self._region = EMPTY_REGION
        return region

    def close(self) -> None:
        """Stop listening. Harmless when repeated."""
        pointer = self._desktop.seat.pointer
        hooks: list[tuple[list[Any], Any]] = [
            (self._output.on_damage, self._add),
            (self._output.on_changed, self._changed),
            (pointer.on_moved, self._moved),
            (pointer.cursor.on_change, self._moved),
        ]
        for listeners, listener in hooks:
            if listener in listeners:
                listeners.remove(listener)


class Waiting(Protocol):
    """A copy that is to be made of one of an output's next frames."""

    output: Output

    def presented(self, now_ns: int) -> bool:
        """The output has shown a frame; return whether the wait is over."""

    def output_gone(self) -> None:
        """There will be no frame any more."""


class CaptureQueue:
    """Copies that wait for a frame of their output. Costs nothing while there are none."""

    def __init__(self, scene: Scene) -> None:
        self.waiting: list[Waiting] = []
        self._pictures: dict[bool, Pixels] = {}
        self._hooks = scene.on_presented

    def add(self, waiting: Waiting, now: bool) -> None:
        """Wait for a frame; with `now` one is asked for, else it comes when the output changes."""
        if not self.waiting:
            self._hooks.append(self._presented)
        self.waiting.append(waiting)
        if now:
            waiting.output.schedule()

    def remove(self, waiting: Waiting) -> None:
        """Wait no longer. Harmless when repeated."""
        if waiting in self.waiting:
            self.waiting.remove(waiting)
            if not self.waiting:
                self._hooks.remove(self._presented)

    def picture(self, capturer: Capturer, output: Output, cursor: bool) -> Pixels:
        """Return what an output shows, made once for all who take it in one frame: not to be changed."""
        picture = self._pictures.get(cursor)
        if picture is None:
            picture = self._pictures[cursor] = capturer.output(output, cursor)
        return picture

    def _presented(self, output: Output, now_ns: int) -> None:
        self._pictures.clear()
        for waiting in [w for w in self.waiting if w.output is output]:
            if waiting in self.waiting and waiting.presented(now_ns):
                self.remove(waiting)
        self._pictures.clear()

    def output_gone(self, output: Output) -> None:
        """Tell those who wait for an output that was unplugged or switched off."""
        gone = [w for w in self.waiting if w.output is output]
        for waiting in gone:
            self.remove(waiting)
        for waiting in gone:
            waiting.output_gone()


def turned(pixels: Pixels, transform: Transform) -> Pixels:
    """Return a picture after a transform, as `Transform.rect` moves its pixels; a view where it can be."""
    match transform:
        case Transform.NORMAL:
            return pixels
        case Transform.ROTATE_90:
            return pixels.T[:, ::-1]
        case Transform.ROTATE_180:
            return pixels[::-1, ::-1]
        case Transform.ROTATE_270:
            return pixels.T[::-1]
        case Transform.FLIPPED:
            return pixels[:, ::-1]
        case Transform.FLIPPED_90:
            return pixels.T
        case Transform.FLIPPED_180:
            return pixels[::-1]
        case _:
            return pixels[::-1, ::-1].T
