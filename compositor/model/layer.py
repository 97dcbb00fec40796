"""LayerSurface: a panel, wallpaper, launcher or notification, fixed to an output.

Source: zwlr_layer_surface_v1. Where it stands is worked out for all surfaces
of an output together, in `compositor.model.layers`.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Protocol

from compositor.geometry import Rect
from compositor.model.configure import ConfigureQueue, ConfigureState
from compositor.model.item import Item, Layer
from compositor.model.surface import Surface
from compositor.record import NamedTuple, record

if TYPE_CHECKING:
    from compositor.model.layers import Layers
    from compositor.model.output import Output


class Anchor(IntFlag):
    """Edges of the output that a surface sticks to; values of zwlr_layer_surface_v1.anchor."""

    NONE = 0
    TOP = 1
    BOTTOM = 2
    LEFT = 4
    RIGHT = 8


class Interactivity(IntEnum):
    """What a surface wants of the keyboard; values of zwlr_layer_surface_v1.keyboard_interactivity."""

    NONE = 0
    EXCLUSIVE = 1
    ON_DEMAND = 2


class Margins(NamedTuple):
    """Layout pixels kept free on the way to the anchored edges."""

    top: int = 0
    right: int = 0
    bottom: int = 0
    left: int = 0


NO_MARGINS = Margins()


@record(frozen=True)
class LayerState:
    """The double-buffered state of one surface.

    Attributes:
        width, height: asked for; 0 takes what lies between two opposite anchors.
        zone: layout pixels that windows shall leave free at the edge; 0 moves out of others' way, -1 not.
        edge: which edge `zone` is of, where the anchors leave that open; NONE works it out.
    """

    layer: Layer
    width: int = 0
    height: int = 0
    anchor: Anchor = Anchor.NONE
    zone: int = 0
    edge: Anchor = Anchor.NONE
    margins: Margins = NO_MARGINS
    interactivity: Interactivity = Interactivity.NONE

    @property
    def exclusive_edge(self) -> Anchor:
        """The edge at which a positive zone takes room, or NONE."""
        if self.edge:
            return self.edge
        sides = Anchor.LEFT | Anchor.RIGHT
        ends = Anchor.TOP | Anchor.BOTTOM
        for edge, along in (
            (Anchor.TOP, sides),
            (Anchor.BOTTOM, sides),
            (Anchor.LEFT, ends),
            (Anchor.RIGHT, ends),
        ):
            if self.anchor in (edge, edge | along):
                return edge
        return Anchor.NONE

    @property
    def effective_zone(self) -> int:
        """The zone; where the anchors leave open of which edge it would be, one of 0 (set_exclusive_zone)."""
        return self.zone if self.exclusive_edge else min(self.zone, 0)


class LayerShell(Protocol):
    """How a layer surface talks to its client."""

    def send_configure(self, width: int, height: int) -> int:
        """Send a size and return the serial."""

    def send_closed(self) -> None:
        """Tell that it will not be shown any more."""


class LayerSurface(Item):
    """A surface on one of the layers around the windows.

    Attributes:
        id: number for drivers, never used twice.
        first: the state it had when it was made.
        state: as committed last.
        geometry: the whole surface, surface space.
        mapped: whether it is shown.
        closed: whether its output is gone, so that it never will be again.
    """

    def __init__(
        self,
        layers: Layers,
        surface: Surface,
        output: Output,
        layer: Layer,
        namespace: str,
        shell: LayerShell,
    ) -> None:
        super().__init__(surface)
        self.layers = layers
        self.id = layers.next_id()
        self.output = output
        self.namespace = namespace
        self.shell = shell
        self.first = LayerState(layer)
        self.state = self.first
        self._shown_state: LayerState | None = None
        self.geometry = Rect(0, 0, 0, 0)
        self.queue: ConfigureQueue[tuple[int, int]] = ConfigureQueue(layers.desktop.limits.pending_configures)
        self.mapped = False
        self.closed = False

    def __repr__(self) -> str:
        return f"LayerSurface({self.namespace!r}, {self.state.layer.name}, {self.output.name})"

    @property
    def visible(self) -> bool:
        return self.mapped

    @property
    def started(self) -> bool:
        """Whether it takes part in the arrangement: its first commit was made."""
        return not self.closed and self.queue.state is not ConfigureState.IDLE

    @property
    def exclusive(self) -> bool:
        """Whether it has all of the keyboard while it is shown."""
        above = self.state.layer in (Layer.TOP, Layer.OVERLAY)
        return self.mapped and above and self.state.interactivity is Interactivity.EXCLUSIVE

    @property
    def wants_keyboard(self) -> bool:
        """Whether a click gives it the keyboard."""
        return self.mapped and self.state.interactivity is not Interactivity.NONE

    def take_keyboard(self) -> None:
        if self.wants_keyboard:
            desktop = self.layers.desktop
            desktop.deactivate()
            desktop.seat.keyboard.focus(self.surface)

    def apply(self, state: LayerState) -> None:
        """Take a committed state over; the commit that brings it arranges."""
        self.state = state

    def committed(self, surface: Surface) -> None:
        """Take over what the surface shows now (role of the surface)."""
        if self.closed:
            return
        self.queue.committed()
        if self.queue.catch_up():
            self.layers.arrange(self.output)
        if surface.content is None:
            if self.mapped:
                self.unmap()
            elif self.queue.state is ConfigureState.IDLE:
                self.start()
            else:
                self.layers.arrange(self.output)
            return
        size = Rect(0, 0, surface.width, surface.height)
        known = self.geometry == size and self._shown_state is self.state
        self.geometry = size
        if not self.mapped:
            self.mapped = True
            self._shown_state = self.state
            self.layers.mapped(self)
        elif not known:
            self._shown_state = self.state
            self.layers.changed(self)

    def start(self) -> None:
        """The client has made its first commit: propose a size."""
        self.layers.start(self)

    def propose(self, width: int, height: int) -> None:
        """Tell the client its size, if that is news."""
        if self.queue.newest == (width, height):
            return
        if self.queue.full:
            self.queue.missed = True
        else:
            self.queue.sent(self.shell.send_configure(width, height), (width, height))

    def move_to(self, x: int, y: int) -> None:
        """Put the top-left corner there, layout pixels."""
        if (self.x, self.y) != (x, y):
            self.x, self.y = x, y
            self.layers.desktop.scene.invalidate()
            for popup in list(self.popups):
                popup.parent_moved()

    def unmap(self) -> None:
        """Its content is gone: it is as if just made."""
        was, self.mapped = self.mapped, False
        self.queue.reset()
        self.state = self.first
        self._shown_state = None
        self.geometry = Rect(0, 0, 0, 0)
        if was:
            self.layers.unmapped(self)

    def close(self) -> None:
        """End it from our side: the output is gone."""
        if not self.closed:
            self.unmap()
            self.closed = True
            self.shell.send_closed()

    def surface_destroyed(self, surface: Surface) -> None:
        """The surface goes before its role."""
        self.destroy()

    def destroy(self) -> None:
        """The client destroyed it, or is gone. Harmless when repeated."""
        self.unmap()
        self.closed = True
        self.layers.forget(self)


def place(state: LayerState, bounds: Rect) -> Rect:
    """Return where a surface goes, and which size is proposed to it; what it draws does not count.

    Args:
        bounds: the part of the output that it may have, layout pixels.
    """
    margins, anchor = state.margins, state.anchor
    x, wide = _along(
        bounds.x,
        bounds.width,
        state.width,
        margins.left,
        margins.right,
        anchor,
        Anchor.LEFT,
        Anchor.RIGHT,
    )
    y, high = _along(
        bounds.y,
        bounds.height,
        state.height,
        margins.top,
        margins.bottom,
        anchor,
        Anchor.TOP,
        Anchor.BOTTOM,
    )
    return Rect(x, y, wide, high)


def _along(
    start: int,
    room: int,
    wanted: int,
    before: int,
    after: int,
    anchor: Anchor,
    first: Anchor,
    last: Anchor,
) -> tuple[int, int]:
    """Return place and size along one axis; a size of 0 stretches between the edges."""
    size = wanted or max(1, room - before - after)
    if not wanted or (anchor & first and not anchor & last):
        position = start + before
    elif anchor & last and not anchor & first:
        position = start + room - size - after
    else:
        position = start + (room - size) // 2
    return position, size
