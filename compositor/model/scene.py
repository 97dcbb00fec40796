"""Scene: everything that is shown, in stacking order, laid out for each output.

Items (windows, popups, panels) stand on layers. The scene flattens them into
views, bottom to top, of which `node_maker` makes each output's nodes for the
renderer. That happens only when something moved; a commit that changes pixels
alone goes from the surface straight to its nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from compositor.model.answers import take_answered
from compositor.model.item import Art, Hit, Item, Layer, Painter, View
from compositor.model.node import Node
from compositor.model.node_maker import NodeMaker, Placed, Style
from compositor.model.output import QUEUED, Output
from compositor.model.output_scene import OutputScene
from compositor.model.pacing import Pacing
from compositor.model.surface import Surface, SurfaceState

__all__ = ["Art", "Hit", "Item", "Layer", "OutputScene", "Painter", "Scene", "View"]


def _send_done(callbacks: list[Any], time_ms: int) -> None:
    for callback in callbacks:
        callback.done(time_ms)


class Scene:
    """Layers of items, and what each output makes of them.

    Attributes:
        arts_wait: whether arts are left out until somebody looks at an output: what paints them takes
            longer to import than all that clients need to connect.
        apart: surfaces that an output shows besides its nodes: the cursor's.
        track_changes: whether nodes tell what of their contents has changed, for a renderer that keeps
            copies of them. To be set before there is anything to show.
        unsettled: whether `settle` has something to do.
        send_done: answers frame callbacks with a time in milliseconds.
        style: has a say in how nodes look; for renderers that can do more than show pixels.
    """

    __slots__ = (
        "_maker",
        "_nodes_dirty",
        "_resized",
        "_shown",
        "_views_dirty",
        "apart",
        "arts_wait",
        "backdrop",
        "generation",
        "hidden",
        "layers",
        "locked",
        "on_answered",
        "on_hidden",
        "on_layout",
        "on_presented",
        "outputs",
        "pacing",
        "painter",
        "send_done",
        "style",
        "timed",
        "track_changes",
        "unsettled",
        "views",
        "waiting",
    )

    def __init__(self) -> None:
        self.layers: dict[Layer, list[Any]] = {layer: [] for layer in Layer}
        self.outputs: list[OutputScene] = []
        self.locked = False
        self.painter: Painter | None = None
        self.arts_wait = False
        self.track_changes = False
        self.style: Style | None = None
        self.backdrop: Callable[[Output], Art] | None = None
        # Surfaces with frame callbacks: those that the next frame answers, and those that nobody sees.
        # Dictionaries without values, since a surface asks more than once before it is answered.
        self.waiting: dict[Surface, None] = {}
        self.hidden: dict[Surface, None] = {}
        self.apart: dict[Surface, Output] = {}
        self.pacing: Pacing | None = None
        self.timed: dict[Surface, None] = {}
        self.on_layout: list[Callable[[], None]] = []
        self.on_answered: Callable[[Output, Collection[Any], int], None] | None = None
        self.send_done: Callable[[list[Any], int], None] = _send_done
        self.on_presented: list[Callable[[Output, int], None]] = []
        self.on_hidden: Callable[[], None] | None = None
        self.views: list[View] = []
        self.generation = 0
        self._views_dirty = True
        self._nodes_dirty = True
        self._resized: dict[Surface, None] = {}
        self.unsettled = True
        self._shown: list[Surface] = []
        self._maker = NodeMaker(self)

    # Items

    def add(self, item: Any, layer: Layer) -> None:
        """Put an item on top of a layer, taking it from where it was."""
        self.remove(item)
        self.layers[layer].append(item)
        self.invalidate()

    def remove(self, item: Any) -> None:
        """Take an item out. Harmless when it is not in."""
        for items in self.layers.values():
            if item in items:
                items.remove(item)
                self.invalidate()

    def layer_of(self, item: Any) -> Layer | None:
        """Return the layer that holds the item."""
        for layer, items in self.layers.items():
            if item in items:
                return layer
        return None

    # Outputs

    def add_output(self, output: Output) -> None:
        """Show the scene on one more output."""
        self.outputs.append(OutputScene(output))
        self.invalidate()

    def remove_output(self, output: Output) -> None:
        """Stop showing it there; surfaces leave it."""
        for entry in self.outputs:
            if entry.output is output:
                self.outputs.remove(entry)
                self.invalidate()
                self.update()
                return

    def output_changed(self, output: Output) -> None:
        """Lay out anew for an output whose mode, scale or place changed."""
        for index, entry in enumerate(self.outputs):
            if entry.output is output:
                self.outputs[index] = OutputScene(output)
        self.invalidate()

    def for_output(self, output: Output) -> OutputScene:
        """Return the nodes and damage of an output, up to date.

        Raises:
            KeyError: if the scene is not shown there.
        """
        if self.arts_wait:
            self.arts_wait = False
            self.invalidate()
        if self.changing:
            self.update()
        for entry in self.outputs:
            if entry.output is output:
                return entry
        raise KeyError(output.name)

    # Change

    @property
    def changing(self) -> bool:
        """Whether something has moved, appeared, left or changed its size since it was laid out."""
        return self._nodes_dirty or self._views_dirty or bool(self._resized)

    def invalidate(self) -> None:
        """Something moved, appeared or left: lay out before the next look."""
        self._views_dirty = True
        self._nodes_dirty = True
        self.unsettled = True

    def resized(self, surface: Surface) -> None:
        """A surface has another size, and all else stands where it stood, or whoever moves it says so."""
        if (
            self._views_dirty
            or self._nodes_dirty
            or self.style is not None
            or len(self.outputs) != 1
            or len(surface.nodes) != 1
            or surface.subsurface is not None
            or surface.children_above
            or surface.children_below
        ):
            self.invalidate()
        else:
            self._resized[surface] = None
            self.unsettled = True

    def touch(self) -> None:
        """Something that only input depends on has changed."""
        self.unsettled = True

    def settle(self) -> None:
        """Lay out if needed, and let input find out what it points at now."""
        if self.unsettled:
            self.update()
            self.unsettled = False
            for hook in self.on_layout:
                hook()
            if self.changing:
                self.update()
            self.unsettled = False

    def hold(self, surface: Surface, state: SurfaceState) -> bool:
        """Keep a commit back until its time has come; False if it may be applied now."""
        return self.pacing is not None and self.pacing.hold(surface, state)

    def drain(self, surface: Surface) -> None:
        """Apply the commits of a surface that were kept back and need not be any more."""
        if self.pacing is not None:
            self.pacing.drain(surface)

    def let_loose(self, surface: Surface) -> None:
        """Have commits that wait with a parent's wait for themselves: there is no such parent any more."""
        for state in surface.queued:
            state.held = False
        self.drain(surface)

    def released(self, surface: Surface, state: SurfaceState) -> None:
        """A commit with timing constraints is being applied."""
        if self.pacing is not None:
            self.pacing.applied(surface, state)

    def surface_gone(self, surface: Surface) -> None:
        """A surface was destroyed: nothing may refer to it any more."""
        if surface.nodes or surface.view is not None:
            self.invalidate()
        self.waiting.pop(surface, None)
        self.hidden.pop(surface, None)
        self.apart.pop(surface, None)
        self.timed.pop(surface, None)
        if self.pacing is not None:
            self.pacing.forget(surface)

    # Layout

    def view_of(self, surface: Surface) -> View | None:
        """Return the view of a surface, up to date, or None when it is not shown."""
        self._flatten()
        view = surface.view
        return view if isinstance(view, View) else None

    def _flatten(self) -> None:
        if not self._views_dirty:
            return
        self._views_dirty = False
        for view in self.views:
            if view.surface is not None:
                view.surface.view = None
        self.views = []
        for layer, items in self.layers.items():
            if self.locked and layer < Layer.LOCK:
                continue
            for item in items:
                if item.visible:
                    self._add_item(item)

    def _add_item(self, item: Any) -> None:
        below, above = item.arts()
        views = self.views
        for art in below:
            views.append(View(item, None, art, art.rect[0], art.rect[1]))
        self._add_tree(item, item.surface, *item.origin)
        for art in above:
            views.append(View(item, None, art, art.rect[0], art.rect[1]))
        for popup in item.popups:
            if popup.visible:
                self._add_item(popup)

    def _add_tree(self, item: Any, surface: Surface, x: int, y: int) -> None:
        if surface.content is None:
            return
        for child in surface.children_below:
            self._add_tree(item, child.surface, x + child.x, y + child.y)
        view = View(item, surface, None, x, y)
        surface.view = view
        self.views.append(view)
        for child in surface.children_above:
            self._add_tree(item, child.surface, x + child.x, y + child.y)

    def update(self) -> None:
        """Bring views, nodes and damage up to date."""
        if self._views_dirty:
            self._flatten()
        if not self._nodes_dirty:
            if not self._resized or self._fit():
                return
            self._flatten()
        self._nodes_dirty = False
        self._resized.clear()
        self.generation += 1
        placed: Placed = {}
        for entry in self.outputs:
            self._maker.lay_out(entry, placed)
        shown = []
        for view in self.views:
            surface = view.surface
            if surface is None:
                continue
            shown.append(surface)
            nodes = surface.nodes = tuple(placed.get(surface, ()))
            outputs = [nodes[0][0].output] if len(nodes) == 1 else [entry.output for entry, _, _ in nodes]
            if outputs != surface.outputs:
                self._tell_outputs(surface, outputs)
        # What was shown and is no more.
        for surface in self._shown:
            if surface.view is None:
                surface.nodes = ()
                self._tell_outputs(surface, [])
        self._shown = shown
        if self.hidden or self.waiting:
            self._sort_waiting()

    def _fit(self) -> bool:
        """Give surfaces that only changed their size other nodes; False if everything has to be laid out."""
        self.generation += 1
        entry = self.outputs[0]
        for surface in self._resized:
            placed = self._maker.fit(entry, surface.view, surface) if surface.view is not None else None
            if placed is None:
                self.invalidate()
                return False
            surface.nodes = (placed,)
        self._resized.clear()
        return True

    @staticmethod
    def _tell_outputs(surface: Surface, outputs: list[Output]) -> None:
        """Have the client told which outputs its surface is on."""
        if outputs == surface.outputs:
            return
        before, surface.outputs = surface.outputs, outputs
        if surface.on_outputs is None or not surface.alive:
            return
        for output in before:
            if output not in outputs:
                surface.on_outputs(output, False)
        for output in outputs:
            if output not in before:
                surface.on_outputs(output, True)

    def nodes_of(self, item: Any, output: Output) -> list[Node]:
        """Return the surfaces of one item as an output would show them; see `NodeMaker.nodes_of`."""
        return self._maker.nodes_of(item, output)

    # Input

    def hit(self, x: float, y: float, without: Any = None) -> Hit | None:
        """Return what a pointer at a layout point would talk to, were it not for one item."""
        if self._views_dirty:
            self._flatten()
        asked = without
        for view in reversed(self.views):
            surface = view.surface
            if surface is not None:
                sx, sy = x - view.x, y - view.y
                if surface.accepts_input(sx, sy) and view.item is not without and view.item.takes_input:
                    return Hit(surface, sx, sy, view.item)
            elif view.item is not asked:
                # All pictures of an item have the same answer.
                asked = view.item
                part = asked.part_at(x, y)
                if part is not None:
                    return Hit(None, 0.0, 0.0, view.item, part)
        return None

    # Frames

    def wants_frame(self, surface: Surface) -> None:
        """A surface has frame callbacks to answer with the next frame of its output."""
        if surface.nodes:
            self.waiting[surface] = None
            if self.hidden:
                self.hidden.pop(surface, None)
            output = surface.nodes[0][0].output
            if output.redraw is not QUEUED:
                output.schedule()
        elif surface in self.apart:
            self.waiting[surface] = None
            self.hidden.pop(surface, None)
            self.apart[surface].schedule()
        elif self._nodes_dirty:
            # Whether it is shown turns out with the layout, which is not made for every commit.
            self.waiting[surface] = None
            self.hidden.pop(surface, None)
            for entry in self.outputs:
                entry.output.schedule()
        else:
            self._hide(surface)

    def show_apart(self, surface: Surface, output: Output | None) -> None:
        """Note that an output shows a surface without a node for it, as the cursor; None when none does."""
        if output is None:
            self.apart.pop(surface, None)
            self._tell_outputs(surface, [entry.output for entry, _, _ in surface.nodes])
        else:
            self.apart[surface] = output
            self._tell_outputs(surface, [output])
        if surface.callbacks:
            if output is None and not surface.nodes:
                self._hide(surface)
            else:
                self.wants_frame(surface)

    def _sort_waiting(self) -> None:
        """Move those that appeared or vanished to where their callbacks are answered."""
        if self.hidden:
            for surface in [s for s in self.hidden if s.nodes]:
                self.wants_frame(surface)
        for surface in list(self.waiting):
            if not surface.nodes and surface not in self.apart:
                self._hide(surface)

    def _hide(self, surface: Surface) -> None:
        """Have the callbacks of a surface answered slowly."""
        self.waiting.pop(surface, None)
        self.hidden[surface] = None
        if self.on_hidden is not None:
            self.on_hidden()

    def presented(self, output: Output, now_ns: int) -> None:
        """Answer the frame callbacks of what is on the output, which has just shown a frame."""
        time_ms = now_ns // 1_000_000 & 0xFFFF_FFFF
        # The hooks may apply commits that waited for this frame: those wait for the next one.
        waiting, self.waiting = self.waiting, {}
        answered: dict[Any, None] = {}
        if self.on_presented:
            for hook in list(self.on_presented):
                hook(output, now_ns)
        if self.pacing is not None and self.pacing.barriers:
            # After those who answer for what was shown: what it lets through is not.
            self.pacing.presented(output)
        elsewhere: list[Surface] = []
        self.send_done(take_answered(waiting, output, answered, elsewhere), time_ms)
        for surface in elsewhere:
            shown = self.apart.get(surface)
            if surface.nodes:
                shown = surface.nodes[0][0].output
            if shown is None:
                self._hide(surface)
            elif shown is output:
                surface.send_done(time_ms)
                answered[surface.client] = None
            else:
                self.waiting[surface] = None
        if answered and self.on_answered is not None:
            self.on_answered(output, answered, now_ns)

    def release_hidden(self, time_ms: int) -> None:
        """Answer the callbacks of what nobody sees; called about once a second."""
        hidden, self.hidden = self.hidden, {}
        for surface in hidden:
            surface.send_done(time_ms)
