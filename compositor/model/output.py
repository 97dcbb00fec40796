"""Output: a screen as clients see it, and when its next frame is due.

A backend gives it pixels and pace; the scene gives it things to draw.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from compositor.geometry import Rect, Region, Transform, make_rect
from compositor.record import NamedTuple


class Redraw(Enum):
    """Whether a frame is on its way."""

    IDLE = "nothing to show"
    EXPECTED = "a frame comes with the next refresh if there is something to show by then"
    QUEUED = "a frame comes with the next refresh"
    DRAWING = "the frame is being made"


# Looked up once: an Enum's own lookup takes as long as a call, and these are asked for with every frame.
IDLE, EXPECTED, QUEUED, DRAWING = Redraw.IDLE, Redraw.EXPECTED, Redraw.QUEUED, Redraw.DRAWING


class Mode(NamedTuple):
    """A size (output pixels, before the transform) and a refresh rate that an output can have."""

    width: int
    height: int
    refresh_mhz: int


COMMON_SIZES = (
    (640, 480),
    (800, 600),
    (1024, 768),
    (1280, 720),
    (1280, 1024),
    (1366, 768),
    (1920, 1080),
    (2560, 1440),
    (3840, 2160),
)
"""What an output of ours offers besides the mode it was made with; others may be asked for as well."""


class Output:
    """A screen.

    Attributes:
        width, height: of its mode, output pixels before `transform`.
        refresh_mhz: of its mode, millihertz.
        refresh_ns: from one refresh to the next, nanoseconds.
        scale: output pixels per layout pixel, may be fractional.
        x, y: of its top-left corner in the layout.
        modes: what it offers, the preferred one first.
        adaptive_sync: whether somebody asked for frames as soon as they are ready.
        powered: whether it is lit; set with `set_powered`.
        gamma: three ramps of 256 values, 16 bits each in the machine's order, red, green, blue; or None.
        gamma_owner: who set it, or None.
        request_frame: the backend's promise of a frame at the next refresh.
        on_damage: called with what the next picture has anew, output pixels, logical orientation.
        reserved: layout pixels taken from (left, top, right, bottom) by panels.
    """

    __slots__ = (
        "_retrace_ns",
        "_retraces",
        "adaptive_sync",
        "description",
        "enabled",
        "frames",
        "gamma",
        "gamma_owner",
        "height",
        "last_frame_ns",
        "make",
        "model",
        "modes",
        "name",
        "on_changed",
        "on_damage",
        "on_gamma",
        "on_power",
        "physical_mm",
        "powered",
        "presentation_flags",
        "redraw",
        "refresh_mhz",
        "refresh_ns",
        "request_frame",
        "reserved",
        "resource",
        "scale",
        "transform",
        "width",
        "x",
        "y",
    )

    def __init__(
        self,
        name: str,
        width: int,
        height: int,
        refresh_mhz: int = 60_000,
        scale: float = 1.0,
        transform: Transform = Transform.NORMAL,
        x: int = 0,
        y: int = 0,
    ) -> None:
        self.name = name
        self.make = "Weddell"
        self.model = "headless"
        self.description = f"Weddell {name}"
        self.width = width
        self.height = height
        self.refresh_mhz = refresh_mhz
        self.refresh_ns = 1_000_000_000_000 // refresh_mhz
        self.scale = scale
        self.transform = transform
        self.x = x
        self.y = y
        self.enabled = True
        self.powered = True
        self.physical_mm = (round(width * 25.4 / 96), round(height * 25.4 / 96))
        self.reserved = (0, 0, 0, 0)
        self.redraw = IDLE
        self.frames = 0
        self.last_frame_ns = 0
        self._retraces = 0
        self._retrace_ns = 0
        # wp_presentation_feedback.kind: a timer paces headless outputs, so no flag would be true.
        self.presentation_flags = 0
        self.request_frame: Callable[[Output], None] | None = None
        self.modes = [Mode(width, height, refresh_mhz)]
        self.modes += [Mode(w, h, 60_000) for w, h in COMMON_SIZES if (w, h) != (width, height)]
        self.adaptive_sync = False
        self.gamma: bytes | None = None
        self.gamma_owner: Any = None
        self.on_power: list[Callable[[Output], None]] = []
        self.on_gamma: list[Callable[[Output], None]] = []
        self.on_changed: list[Callable[[Output], None]] = []
        self.on_damage: list[Callable[[Region], None]] = []
        self.resource: Any = None

    def __repr__(self) -> str:
        return f"Output({self.name}, {self.width}x{self.height}@{self.refresh_mhz / 1000:g}*{self.scale:g})"

    @property
    def frame_due(self) -> bool:
        """Whether a frame will be made, if only nothing more happens."""
        return self.redraw in (QUEUED, DRAWING)

    @property
    def mode(self) -> Mode:
        """The mode that it has now."""
        return Mode(self.width, self.height, self.refresh_mhz)

    @property
    def pixel_size(self) -> tuple[int, int]:
        """Size of a frame in output pixels, logical orientation."""
        return (self.height, self.width) if self.transform & 1 else (self.width, self.height)

    @property
    def rect_layout(self) -> Rect:
        """The part of the layout that it shows."""
        width, height, scale = self.width, self.height, self.scale
        if self.transform & 1:
            width, height = height, width
        if scale != 1:
            width, height = round(width / scale), round(height / scale)
        return make_rect((self.x, self.y, width, height))

    @property
    def usable_layout(self) -> Rect:
        """`rect_layout` less what panels reserve."""
        x, y, width, height = self.rect_layout
        left, top, right, bottom = self.reserved
        return Rect(x + left, y + top, max(1, width - left - right), max(1, height - top - bottom))

    @property
    def integer_scale(self) -> int:
        """The scale that wl_output announces: the next whole number."""
        return max(1, -int(-self.scale // 1))

    def schedule(self) -> None:
        """Ask for a frame. Costs nothing while one is on its way."""
        if self.redraw is EXPECTED:
            self.redraw = QUEUED
        elif self.redraw is IDLE and self.enabled and self.request_frame is not None:
            self.redraw = QUEUED
            self.request_frame(self)

    def expect(self) -> None:
        """Ask for a frame in case there is something to show when it is due. Harmless when one is coming."""
        if self.redraw is IDLE and self.enabled and self.request_frame is not None:
            self.redraw = EXPECTED
            self.request_frame(self)

    def begin_frame(self) -> None:
        """The backend starts to draw the frame it promised."""
        assert self.redraw is QUEUED, self.redraw
        self.redraw = DRAWING

    def end_frame(self, now_ns: int) -> None:
        """The frame is shown."""
        assert self.redraw is DRAWING, self.redraw
        self.redraw = IDLE
        self.frames += 1
        self.last_frame_ns = now_ns

    def retrace(self, now_ns: int) -> int:
        """Return the number of the refresh that shows a frame now; those without a frame count, too."""
        passed_ns = now_ns - self._retrace_ns
        if not self._retraces:
            self._retraces = 1
        elif passed_ns:
            self._retraces += max(1, round(passed_ns / self.refresh_ns))
        self._retrace_ns = now_ns
        return self._retraces

    def set_powered(self, powered: bool) -> None:
        """Make it dark, or light it again."""
        if powered != self.powered:
            self.powered = powered
            if powered:
                self.schedule()
            for hook in list(self.on_power):
                hook(self)

    def set_gamma(self, table: bytes | None) -> None:
        """Have a backend with a screen send the picture through a table of colours."""
        if table != self.gamma:
            self.gamma = table
            for hook in list(self.on_gamma):
                hook(self)

    def configure(
        self,
        width: int | None = None,
        height: int | None = None,
        refresh_mhz: int | None = None,
        scale: float | None = None,
        transform: Transform | None = None,
        x: int | None = None,
        y: int | None = None,
    ) -> None:
        """Change what is given and tell everybody."""
        self.width = self.width if width is None else width
        self.height = self.height if height is None else height
        if refresh_mhz is not None:
            self.refresh_mhz = refresh_mhz
            self.refresh_ns = 1_000_000_000_000 // refresh_mhz
        self.scale = self.scale if scale is None else scale
        self.transform = self.transform if transform is None else transform
        self.x = self.x if x is None else x
        self.y = self.y if y is None else y
        for hook in list(self.on_changed):
            hook(self)
