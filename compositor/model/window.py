"""Window: a toplevel, its place, its states and the sizes proposed to it.

Positions are of the window geometry's top-left corner, in layout space; the
surface's origin lies above and left of it when the client draws shadows.
Source: xdg_toplevel and xdg_surface.set_window_geometry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compositor.geometry import Rect, make_rect
from compositor.model.configure import ConfigureQueue, ConfigureState
from compositor.model.scene import Art
from compositor.model.stacking import restack
from compositor.model.surface import MAX_SIDE_PX, Surface
from compositor.model.surface_tree import tree_bounds
from compositor.model.toplevel_state import TILED, Proposal, ResizeEdge, Shell, State, tiled_part
from compositor.model.window_facts import WindowFacts

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.model.output import Output


class Window(WindowFacts):
    """A toplevel.

    Attributes:
        geometry: the window geometry, surface space; empty before the first content.
        states: what the newest proposal says.
        min_size, max_size: what the client allows; 0 means no bound.
        mappings: how many times it was mapped.
    """

    def __init__(self, desktop: Desktop, surface: Surface, shell: Shell) -> None:
        super().__init__(desktop, surface)
        self.shell = shell
        surface.keeps_place = True
        self.geometry = Rect(0, 0, 0, 0)
        self.explicit_geometry: Rect | None = None
        self.min_size = (0, 0)
        self.max_size = (0, 0)
        self.states: frozenset[State] = frozenset()
        self.minimized = False
        self.mappings = 0
        self.responsive = True
        self._asked_to_close = False
        self.queue: ConfigureQueue[Proposal] = ConfigureQueue(desktop.limits.pending_configures)
        self.restore: Rect | None = None
        self.fullscreen_output: Output | None = None
        self.placed = False
        self._left_at: tuple[int, int] | None = None
        self._size = (0, 0)
        self._waiting: tuple[int, int, ResizeEdge] | None = None

    # What it is

    @property
    def visible(self) -> bool:
        return self.mapped and not self.minimized and self.surface.content is not None

    @property
    def origin(self) -> tuple[int, int]:
        return self.x - self.geometry.x, self.y - self.geometry.y

    @property
    def width(self) -> int:
        """Of the window geometry, layout pixels."""
        return self.geometry.width

    @property
    def height(self) -> int:
        """Of the window geometry, layout pixels."""
        return self.geometry.height

    @property
    def rect_layout(self) -> Rect:
        """The window geometry in the layout."""
        return Rect(self.x, self.y, self.geometry.width, self.geometry.height)

    @property
    def maximized(self) -> bool:
        return State.MAXIMIZED in self.states

    @property
    def fullscreen(self) -> bool:
        return State.FULLSCREEN in self.states

    @property
    def _arranged(self) -> bool:
        """Whether its states say where it is."""
        return self.maximized or self.fullscreen or bool(self.states & TILED)

    @property
    def activated(self) -> bool:
        return State.ACTIVATED in self.states

    @property
    def resizing(self) -> bool:
        return State.RESIZING in self.states

    @property
    def extents(self) -> tuple[int, int, int, int]:
        """Layout pixels that our decoration takes on the (left, top, right, bottom)."""
        return self.desktop.decorator.extents(self) if self.desktop.decorator is not None else (0, 0, 0, 0)

    def arts(self) -> tuple[list[Art], list[Art]]:
        below: list[Art] = []
        above: list[Art] = []
        if self.fullscreen_output is not None and self.fullscreen:
            area = self.fullscreen_output.rect_layout
            if not self.rect_layout.contains_rect(area):
                below.append(Art("black", self.id, area, (), opaque=True))
        if self.server_decorated and self.desktop.decorator is not None:
            self.desktop.decorator.decorate(self, below, above)
        return below, above

    def part_at(self, x: float, y: float) -> Any:
        if self.desktop.decorator is None:
            return None
        return self.desktop.decorator.part_at(self, x, y)

    # What its client did

    def start(self) -> None:
        """The client has made its first, empty commit: propose a size."""
        self.configure()

    def committed(self, surface: Surface) -> None:
        """Take over what the surface shows now (role of the surface)."""
        proposal = self.queue.committed() if self.queue.acked is not None else None
        # Content from before the role object existed does not map it: nothing has been agreed yet.
        if surface.content is None or self.queue.current is None:
            if self.mapped:
                self.unmap()
            elif self.queue.state is ConfigureState.IDLE:
                self.start()
            return
        old = self.geometry
        self.geometry = self._new_geometry()
        if not self.mapped:
            self._map()
        elif self.geometry != old:
            self._resized(old, proposal)
        if self.queue.missed and self.queue.catch_up():
            self.configure()
        if self._waiting is not None and not self.queue.inflight:
            width, height, edges = self._waiting
            self._waiting = None
            self.resize_to(width, height, edges)
        elif proposal is not None and self.settled:
            self.desktop.window_changed(self, "settled")
        surface.steady = self._waiting is None and self.queue.acked is None

    @property
    def settled(self) -> bool:
        """Whether the client has answered every proposal, and drawn what it agreed to."""
        acked = self.queue.acked
        if self._waiting is not None or self.queue.inflight:
            return False
        # A change of states alone need not be drawn: the next commit, whenever it comes, applies it.
        return acked is None or (acked.width, acked.height) in ((0, 0), (self.width, self.height))

    def _new_geometry(self) -> Rect:
        surface = self.surface
        if self.explicit_geometry is None and not surface.children_above and not surface.children_below:
            return make_rect((0, 0, surface.width, surface.height))
        x, y, width, height = tree_bounds(surface)
        bounds = Rect(x, y, min(width, MAX_SIDE_PX), min(height, MAX_SIDE_PX))
        if self.explicit_geometry is None:
            return bounds
        # "The client will be notified" of nothing: a geometry outside is cut to the surface.
        geometry = self.explicit_geometry.intersect(bounds)
        return bounds if geometry.empty else geometry

    def _resized(self, old: Rect, proposal: Proposal | None) -> None:
        x, y = self.x, self.y
        edges = ResizeEdge.NONE
        newest = proposal or self.queue.current
        if newest is not None:
            edges = newest.edges
        if edges:
            if edges & ResizeEdge.LEFT:
                self.x += old.width - self.geometry.width
            if edges & ResizeEdge.TOP:
                self.y += old.height - self.geometry.height
        dx, dy = self.geometry.x - old.x, self.geometry.y - old.y
        if (dx or dy) and self.explicit_geometry is None and not self._arranged:
            # A subsurface that sticks out anew does not push the rest of the window away.
            self.x += dx
            self.y += dy
        view = self.surface.view
        if self.fullscreen:
            self._center_fullscreen()
            self.desktop.scene.invalidate()
        elif (
            self.server_decorated
            or view is None
            # Popups go by the window, its surface by what of it counts as the window.
            or self.x != x
            or self.y != y
            or (view.x, view.y) != self.origin
            or self.desktop.scene.style is not None
        ):
            self.desktop.scene.invalidate()
        else:
            # The surface has said that it is of another size; more is not to be laid out.
            self.desktop.scene.touch()
        if self.geometry[2:] != old[2:]:
            self._changed("size")

    def _map(self) -> None:
        self.mapped = True
        self.mappings += 1
        if self._left_at is not None:
            self.x, self.y = self._left_at[0] + self.geometry.x, self._left_at[1] + self.geometry.y
            self.placed = True
            self._left_at = None
        self.desktop.map_window(self)

    def unmap(self) -> None:
        """The client took its content away: it starts anew, as right after get_toplevel.

        Source: xdg_toplevel, "all attributes (e.g. title, state, stacking, ...) are discarded".
        """
        if self.mapped:
            if self.placed and not self._arranged:
                # The place that a person gave it is theirs, and not the client's to discard.
                self._left_at = self.origin
            self.mapped = False
            self.desktop.unmap_window(self)
        self.queue.reset()
        self.surface.steady = False
        self.geometry = Rect(0, 0, 0, 0)
        self.explicit_geometry = None
        self.title = self.app_id = ""
        self.parent = None
        self.min_size = self.max_size = (0, 0)
        self.states = frozenset()
        self.minimized = False
        self.restore = None
        self.fullscreen_output = None
        self.placed = False
        self._size = (0, 0)
        self._waiting = None

    def surface_destroyed(self, surface: Surface) -> None:
        """The surface goes before its role."""
        self.destroy()

    def destroy(self) -> None:
        """The client destroyed the toplevel, or is gone. Harmless when repeated."""
        self.unmap()
        self.desktop.forget_window(self)

    # What is proposed to it

    def configure(self) -> None:
        """Propose the size and states as they are now."""
        width, height = self._size
        self._send(Proposal(width, height, self.states))

    def _send(self, proposal: Proposal) -> None:
        if self.queue.full:
            self.queue.missed = True
        else:
            self.queue.sent(self.shell.send_configure(proposal), proposal)

    def _set_states(self, add: frozenset[State], remove: frozenset[State]) -> bool:
        states = (self.states | add) - remove
        if states == self.states:
            return False
        self.states = states
        self._changed("state")
        return True

    def set_activated(self, activated: bool) -> None:
        """Tell whether it has the focus."""
        one = frozenset({State.ACTIVATED})
        if activated:
            self.set_urgent(False)
        if self._set_states(one if activated else frozenset(), frozenset() if activated else one):
            if self.server_decorated:
                self.desktop.scene.invalidate()
            if self.mapped:
                self.configure()

    def set_suspended(self, suspended: bool) -> None:
        """Tell whether anybody sees it."""
        one = frozenset({State.SUSPENDED})
        if self._set_states(one if suspended else frozenset(), frozenset() if suspended else one):
            self.configure()

    def move_to(self, x: int, y: int) -> None:
        """Put the window geometry's top-left corner there, layout pixels."""
        if (self.x, self.y) != (x, y):
            self.x, self.y = x, y
            self.placed = True
            self.desktop.scene.invalidate()
            self._changed("position")

    def resize_to(self, width: int, height: int, edges: ResizeEdge = ResizeEdge.NONE) -> None:
        """Propose a size of the window geometry.

        Args:
            width, height: layout pixels, brought within the client's bounds.
            edges: which edges move; the opposite ones stay where they are.
        """
        self._size = self.constrain(width, height)
        self._send(Proposal(*self._size, self.states, edges))

    def follow_resize(self, width: int, height: int, edges: ResizeEdge) -> None:
        """Propose a size during an interactive resize: one at a time, the newest counts."""
        if self.queue.inflight or self.queue.acked is not None:
            self._waiting = (width, height, edges)
            self.surface.steady = False
        else:
            self.resize_to(width, height, edges)

    def set_resizing(self, resizing: bool) -> None:
        """Tell whether a person is resizing it."""
        one = frozenset({State.RESIZING})
        if self._set_states(one if resizing else frozenset(), frozenset() if resizing else one):
            newest = self.queue.newest
            if self._waiting is not None and not resizing:
                width, height, edges = self._waiting
                self._waiting = None
                self.resize_to(width, height, edges)
            elif self._size == (0, 0):
                self._size = (self.width, self.height)
                self._send(Proposal(*self._size, self.states))
            else:
                edges = newest.edges if newest is not None else ResizeEdge.NONE
                self._send(Proposal(*self._size, self.states, edges))

    def constrain(self, width: int, height: int) -> tuple[int, int]:
        """Bring a size within what the client allows."""
        (min_w, min_h), (max_w, max_h) = self.min_size, self.max_size
        width = min(width, max_w) if max_w else width
        height = min(height, max_h) if max_h else height
        return max(width, min_w, 1), max(height, min_h, 1)

    def set_maximized(self, maximized: bool) -> None:
        """Fill the usable part of its output, or go back. Always answered with a configure."""
        if maximized == self.maximized:
            if self.queue.state is not ConfigureState.IDLE:
                self.configure()
            return
        if maximized:
            self._remember()
            self._set_states(frozenset({State.MAXIMIZED}), TILED)
        else:
            self._set_states(frozenset(), frozenset({State.MAXIMIZED}))
        self.arrange()

    def set_tiled(self, edges: frozenset[State]) -> None:
        """Stick to a half or corner of the output: the tiled states say which edges; none undoes it."""
        if edges:
            self._remember()
        self._set_states(edges, (TILED | {State.MAXIMIZED}) - edges)
        self.arrange()

    def set_fullscreen(self, fullscreen: bool, output: Output | None = None) -> None:
        """Fill an output, or go back. Always answered with a configure."""
        if fullscreen:
            self._remember()
            self.fullscreen_output = output or self.desktop.output_of(self)
            self._set_states(frozenset({State.FULLSCREEN}), frozenset())
        else:
            self._set_states(frozenset(), frozenset({State.FULLSCREEN}))
            self.fullscreen_output = None
        restack(self.desktop, self)
        self.arrange()

    def _remember(self) -> None:
        if self.mapped and not self._arranged:
            self.restore = self.rect_layout

    def arrange(self) -> None:
        """Propose the size and take the place that the states ask for."""
        if self.queue.state is ConfigureState.IDLE and not self.mapped:
            # Before the first commit there is nobody to propose to: `start` will.
            self._aim()
            return
        self._aim()
        self._send(Proposal(*self._size, self.states))
        self.desktop.scene.invalidate()

    def _aim(self) -> None:
        if self.fullscreen:
            output = self.fullscreen_output or self.desktop.output_of(self)
            if output is not None:
                x, y, width, height = output.rect_layout
                self.x, self.y, self._size = x, y, (width, height)
                self._center_fullscreen()
            return
        output = self.desktop.output_of(self)
        if output is None:
            return
        left, top, right, bottom = self.extents
        area = output.usable_layout
        tiled = self.states & TILED
        if self.maximized or tiled:
            x, y, width, height = area if self.maximized else tiled_part(area, tiled)
            self.x, self.y = x + left, y + top
            self._size = (max(1, width - left - right), max(1, height - top - bottom))
        elif self.restore is not None:
            self.x, self.y, width, height = self.restore
            self._size = (width, height)
            self.restore = None
        elif not self.mapped:
            self._size = (0, 0)

    def arrange_in_place(self) -> None:
        """Take the place that the states ask for; the client has the size already."""
        self._aim()

    def _center_fullscreen(self) -> None:
        """A client may answer with a smaller surface: it is shown in the middle."""
        output = self.fullscreen_output
        if output is not None and not self.geometry.empty:
            area = output.rect_layout
            self.x = area.x + max(0, (area.width - self.width) // 2)
            self.y = area.y + max(0, (area.height - self.height) // 2)

    def set_minimized(self, minimized: bool) -> None:
        """Take it off the screen, or bring it back."""
        if self.minimized != minimized:
            self.minimized = minimized
            self.desktop.scene.invalidate()
            self._changed("state")
            self.desktop.minimized(self)

    def set_server_decorated(self, decorated: bool) -> None:
        """Draw a title bar around it, or leave that to the client."""
        if decorated != self.server_decorated:
            self.server_decorated = decorated
            self.desktop.scene.invalidate()
            if self.maximized or self.states & TILED:
                self._aim()

    def set_responsive(self, responsive: bool) -> None:
        """Note whether the client answers pings."""
        if responsive != self.responsive:
            self.responsive = responsive
            self.desktop.scene.invalidate()
            self._changed("responsive")

    def close(self) -> None:
        """Ask the client to close it; asked again while it does not respond, it is disconnected."""
        if self._asked_to_close and not self.responsive:
            self.shell.end()
            return
        self._asked_to_close = True
        self.shell.ask_for_life()
        self.shell.send_close()
