"""NodeMaker: an output's nodes, made of the scene's views; what differs from those before is damage.

The scene owns one and calls it when something moved.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Protocol

from compositor.geometry import EMPTY_REGION, Rect, Region, Transform, make_rect
from compositor.model.changes import Changes
from compositor.model.content import Content, SolidContent
from compositor.model.item import Art, View
from compositor.model.node import Node
from compositor.model.output import Output
from compositor.model.output_scene import OutputScene
from compositor.model.surface import Surface

if TYPE_CHECKING:
    from compositor.model.scene import Scene

Placed = dict[Surface, list[tuple[OutputScene, Node, bool]]]
"""Where surfaces are shown: on which output, by which node, and whether one pixel is one pixel there."""


class Style(Protocol):
    """Sets `corner_radius`, `frame`, `shadow` and `opaque` of new nodes."""

    def colour(self, art: Art) -> SolidContent | None:
        """Return the colour that stands for an art's pixels, None if they have to be painted."""

    def surface(self, item: Any, node: Node, output: Output) -> None:
        """Style the node of a surface that belongs to an item."""

    def art(self, art: Art, node: Node, output: Output) -> None:
        """Style the node of an art."""


class NodeMaker:
    """Makes nodes for outputs.

    Args:
        scene: its views, painter, style and backdrop say what there is to show.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def lay_out(self, entry: OutputScene, placed: Placed) -> None:
        """Make one output's nodes and damage what differs from the ones before."""
        old_table, old_keys = entry.table, entry.keys
        table: dict[Hashable, tuple[Node, Art | None]] = {}
        nodes: list[Node] = []
        keys: list[Hashable] = []
        output = entry.output
        if self._scene.backdrop is not None and not self._scene.locked:
            views = [View(None, None, self._scene.backdrop(output), 0, 0), *self._scene.views]
        else:
            views = self._scene.views
        for view in views:
            surface = view.surface
            key: Hashable
            if surface is not None:
                key = surface
                made = self._surface_node(entry, view, surface, old_table.get(surface))
                if made is None:
                    continue
                node, straight = made
                placed.setdefault(surface, []).append((entry, node, straight))
                table[key] = (node, None)
            else:
                art = view.art
                assert art is not None
                key = (art.kind, art.owner)
                art_node = self._art_node(entry, art, old_table.get(key))
                if art_node is None:
                    continue
                node = art_node
                table[key] = (node, art)
            nodes.append(node)
            keys.append(key)
            old = old_table.get(key)
            if old is None:
                entry.damage_rect(node.dst)
            elif old[0] is not node:
                entry.damage_rect(old[0].dst)
                entry.damage_rect(node.dst)
        for key in old_keys:
            if key not in table:
                entry.damage_rect(old_table[key][0].dst)
        if keys != old_keys:
            self._damage_order(entry, old_keys, old_table, keys, table)
        entry.nodes, entry.keys, entry.table = nodes, keys, table

    def fit(self, entry: OutputScene, view: View, surface: Surface) -> tuple[OutputScene, Node, bool] | None:
        """Make the node of a surface anew that has another size, and damage what differs.

        Returns:
            Where it is shown now; None, with nothing done, if it has no node before or after.
        """
        old = entry.table.get(surface)
        if old is None:
            return None
        made = self._surface_node(entry, view, surface, old)
        if made is None:
            return None
        node, straight = made
        before = old[0]
        if node is not before:
            # Another list: whoever has kept the one before sees that by it.
            nodes = entry.nodes.copy()
            nodes[entry.keys.index(surface)] = node
            entry.nodes = nodes
            entry.table[surface] = (node, None)
            entry.damage_rect(before.dst)
            entry.damage_rect(node.dst)
        return entry, node, straight

    @staticmethod
    def _damage_order(
        entry: OutputScene,
        old_keys: list[Hashable],
        old_table: dict[Hashable, tuple[Node, Art | None]],
        keys: list[Hashable],
        table: dict[Hashable, tuple[Node, Art | None]],
    ) -> None:
        """Damage what changed its place in the stack: all between the first and last difference."""
        before = [k for k in old_keys if k in table]
        after = [k for k in keys if k in old_table]
        if before == after:
            return
        first = 0
        while before[first] == after[first]:
            first += 1
        last = len(before) - 1
        while before[last] == after[last]:
            last -= 1
        for key in after[first : last + 1]:
            entry.damage_rect(table[key][0].dst)

    def _surface_node(
        self,
        entry: OutputScene,
        view: View,
        surface: Surface,
        old: tuple[Node, Art | None] | None,
    ) -> tuple[Node, bool] | None:
        content = surface.content
        if content is None:
            return None
        dst = to_output(make_rect((view.x, view.y, surface.width, surface.height)), entry.output)
        if not dst.intersects(entry.rect):
            return None
        solid = isinstance(content, SolidContent)
        source = None if solid or surface.source is None else _source(surface)
        straight = (
            not solid
            and entry.straight
            and source is None
            and surface.transform is Transform.NORMAL
            and content.width == dst.width
            and content.height == dst.height
        )
        has_alpha = content.alpha < 1 if isinstance(content, SolidContent) else content.format.has_alpha
        opaque = None
        if has_alpha:
            opaque = EMPTY_REGION
            if surface.opaque:
                part = surface.opaque.intersect(Rect(0, 0, surface.width, surface.height))
                if entry.straight:
                    opaque = part.translate(dst.x, dst.y)
                else:
                    scale = entry.output.scale
                    opaque = part.translate(view.x - entry.output.x, view.y - entry.output.y)
                    opaque = opaque.scale(scale, scale, inward=True).intersect(dst)
        transform = Transform.NORMAL if solid else surface.transform
        node = Node(content, dst, source, transform, surface.alpha, opaque)
        if self._scene.track_changes:
            if surface.changes is None:
                surface.changes = Changes()
            node.changes = surface.changes
        if self._scene.style is not None:
            self._scene.style.surface(view.item, node, entry.output)
        if old is not None:
            previous = old[0]
            if (
                previous.dst == dst
                and previous.src == node.src
                and previous.transform == node.transform
                and previous.alpha == node.alpha
                and previous.opaque == node.opaque
                and previous.frame == node.frame
                and _same_shape(previous.content, content)
            ):
                previous.content = content
                return previous, straight
        return node, straight

    def nodes_of(self, item: Any, output: Output) -> list[Node]:
        """Return the surfaces of one item as an output would show them, with nothing above or below.

        Args:
            item: shown or not; its popups and decoration are left out.
            output: where; not one of the scene's, which would take it for damaged.

        Returns:
            Nodes bottom to top, output pixels, that the scene does not keep.
        """
        entry = OutputScene(output)
        nodes: list[Node] = []

        def add(surface: Surface, x: int, y: int) -> None:
            for child in surface.children_below:
                add(child.surface, x + child.x, y + child.y)
            made = self._surface_node(entry, View(item, surface, None, x, y), surface, None)
            if made is not None:
                nodes.append(made[0])
            for child in surface.children_above:
                add(child.surface, x + child.x, y + child.y)

        add(item.surface, *item.origin)
        return nodes

    def _art_node(self, entry: OutputScene, art: Art, old: tuple[Node, Art | None] | None) -> Node | None:
        if self._scene.painter is None or self._scene.arts_wait:
            return None
        if old is not None and old[1] is art:
            # The output has not changed, or there would be none of before.
            return old[0]
        dst = to_output(art.rect, entry.output)
        if not dst.intersects(entry.rect):
            return None
        if old is not None and old[1] == art and old[0].dst == dst:
            return old[0]
        content: Content | SolidContent | None = None
        if self._scene.style is not None:
            content = self._scene.style.colour(art)
        if content is None:
            content = self._scene.painter(art, entry.output.scale)
        if content is None:
            return None
        node = Node(content, dst, opaque=Region.from_rect(dst) if art.opaque else None)
        if self._scene.track_changes:
            # A picture that only moves need not be read again.
            same = old is not None and old[0].content is content
            node.changes = old[0].changes if old is not None and same else Changes()
        if self._scene.style is not None:
            self._scene.style.art(art, node, entry.output)
        return node


def to_output(rect_layout: Rect, output: Output) -> Rect:
    """Map to output pixels; edges that touch in the layout touch here as well."""
    x, y = rect_layout[0] - output.x, rect_layout[1] - output.y
    scale = output.scale
    if scale == 1:
        return make_rect((x, y, rect_layout[2], rect_layout[3]))
    x1, y1 = round(x * scale), round(y * scale)
    x2, y2 = round((x + rect_layout.width) * scale), round((y + rect_layout.height) * scale)
    return Rect(x1, y1, max(1, x2 - x1), max(1, y2 - y1))


def _source(surface: Surface) -> tuple[float, float, float, float] | None:
    """Return the shown part in buffer pixels after the transform is undone."""
    if surface.source is None:
        return None
    scale = surface.scale
    x, y, width, height = surface.source
    return x * scale, y * scale, width * scale, height * scale


def _same_shape(a: Content | SolidContent, b: Content | SolidContent) -> bool:
    if isinstance(a, SolidContent) or isinstance(b, SolidContent):
        return a is b
    return a.width == b.width and a.height == b.height and a.format is b.format
