"""What must hold of the compositor's state whenever it rests, whatever clients did."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import Any

from compositor.geometry import Rect
from compositor.model.buffer import Buffer
from compositor.model.node_maker import to_output
from compositor.model.surface import MAX_SIDE_PX, Surface
from compositor.model.surface_state import SurfaceState
from compositor.protocol.wl_shm import WlBuffer
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import WlCallback


def all_surfaces(display: Any) -> list[Surface]:
    """Return every surface that a client can name."""
    return [r.surface for c in display.clients for r in c.resources() if isinstance(r, WlSurface)]


def check_desktop(desktop: Any, display: Any) -> None:
    """Fail with the rule that is broken."""
    scene = desktop.scene
    surfaces = all_surfaces(display)
    alive = set(surfaces)
    _check_locks(surfaces, display)
    _check_tree(surfaces)
    _check_lists(scene, alive)
    _check_queues(scene, surfaces)
    _check_callbacks(scene, surfaces, display)
    _check_sizes(surfaces)
    _check_layout(scene)
    _check_stacking(desktop)
    _check_focus(desktop, alive)


def _states(surface: Surface) -> list[Any]:
    states = list(surface.queued)
    if surface.cached is not None:
        states.append(surface.cached)
    return states


def _check_locks(surfaces: list[Surface], display: Any) -> None:
    """Every lock of a buffer is held by a surface's state, and each state holds one."""
    holders: Counter[Buffer] = Counter()
    for surface in surfaces:
        for state in (surface, *_states(surface)):
            if state.buffer is not None:
                holders[state.buffer] += 1
    for client in display.clients:
        for resource in client.resources():
            if isinstance(resource, WlBuffer):
                buffer = resource.buffer
                assert holders[buffer] == buffer.locks, (
                    f"{resource!r}: {buffer.locks} locks, {holders[buffer]} holders"
                )
    for buffer, count in holders.items():
        assert count == buffer.locks, f"{buffer!r} has {buffer.locks} locks and {count} holders"


def _check_tree(surfaces: list[Surface]) -> None:
    for surface in surfaces:
        assert surface.alive
        children = [*surface.children_below, *surface.children_above]
        assert len(children) == len(set(children)), "a child stands twice in the stack"
        for child in children:
            assert child.parent is surface
            assert child.surface.subsurface is child
            assert child.surface.alive
        role = surface.subsurface
        if role is not None and role.parent is not None:
            assert role.parent.alive, "a child has a parent that was destroyed"


def _check_queues(scene: Any, surfaces: list[Surface]) -> None:
    """Whatever was kept back is let go some day: by its time, by the frame before it, or by a parent."""
    timed = {s for s in surfaces if s.cached is not None and s.cached.not_before_ns}
    assert timed == set(scene.timed), "the scene does not know whose cached commits have a time"
    carried = Counter(
        (child, id(state)) for s in surfaces for queued in s.queued for child, state in queued.tree or ()
    )
    for surface in surfaces:
        held = [state for state in surface.queued if state.held]
        for state in held:
            assert carried[surface, id(state)] == 1, f"{surface!r} waits for a parent that does not know"
        if surface.queued and not surface.queued[0].held:
            waits_for = scene.pacing.waits_for(surface)
            assert waits_for, f"{surface!r} has a commit that nothing would apply"


def _check_lists(scene: Any, alive: set[Surface]) -> None:
    """No list of the scene knows a surface that was destroyed, nor one twice."""
    for name in ("waiting", "hidden"):
        listed = list(getattr(scene, name))
        assert len(listed) == len(set(listed)), f"scene.{name} has a surface twice"
        assert set(listed) <= alive, f"scene.{name} has a destroyed surface"
    scene.update()
    shown = [view.surface for view in scene.views if view.surface is not None]
    assert len(shown) == len(set(shown)), "a surface has two views"
    assert set(shown) <= alive, "a destroyed surface has a view"
    for surface in alive:
        assert (surface.view is not None) == (surface in shown)


def _check_callbacks(scene: Any, surfaces: list[Surface], display: Any) -> None:
    """Whoever has frame callbacks to get is in a list that answers them."""
    for surface in surfaces:
        listed = (surface in scene.waiting) + (surface in scene.hidden)
        assert listed <= 1, "a surface waits twice for its frame"
        if surface.callbacks:
            assert listed == 1, f"{surface!r} would never get its frame callbacks"
    # One of wl_display.sync is answered where it is read.
    held = {id(c) for s in surfaces for state in (s, s.pending, *_states(s)) for c in state.callbacks}
    for client in display.clients:
        for resource in client.resources():
            if isinstance(resource, WlCallback):
                assert id(resource) in held, f"{resource!r} belongs to no surface: nobody will answer it"


def _check_sizes(surfaces: list[Surface]) -> None:
    """A surface is as large as its buffer makes it, and shows that one's pixels in each of its places."""
    unchanged = SurfaceState()
    for surface in surfaces:
        width, height = surface.new_size(unchanged)
        size = min(ceil(width), MAX_SIDE_PX), min(ceil(height), MAX_SIDE_PX)
        assert (surface.width, surface.height) == size, f"{surface!r} should be {size}"
        if surface.buffer is not None and not surface.buffer.copies:
            assert surface.content is surface.buffer.content
        for _, node, _ in surface.nodes:
            assert node.content is surface.content, f"{surface!r} is shown as it was"


def _check_layout(scene: Any) -> None:
    for entry in scene.outputs:
        area = Rect(0, 0, *entry.output.pixel_size)
        damage = entry.take_damage()
        for rect in damage.rects:
            assert area.contains_rect(rect), f"damage {rect} is outside {area}"
            # Looking at it took it: put it back.
            entry.damage_rect(rect)
        for node in entry.nodes:
            assert not node.dst.empty
        for view in scene.views:
            if view.surface is not None:
                # Wherever it was laid out: as it would be if everything were laid out anew.
                place = Rect(view.x, view.y, view.surface.width, view.surface.height)
                shown = [n.dst for e, n, _ in view.surface.nodes if e is entry]
                assert shown in ([], [to_output(place, entry.output)]), f"{view.surface!r} is shown elsewhere"
                if view.item.surface is view.surface:
                    assert (view.x, view.y) == view.item.origin, f"{view.item!r} has moved"
        for surface, (node, _) in entry.table.items():
            assert node in entry.nodes, f"{surface!r} is drawn as it was"
        for surface in (v.surface for v in scene.views if v.surface is not None):
            nodes = [n for e, n, _ in surface.nodes if e is entry]
            assert len(nodes) <= 1
            assert all(node in entry.nodes for node in nodes)


def _check_stacking(desktop: Any) -> None:
    """Every shown item stands once, in the layer that it wants; a dialog stands above its parent."""
    scene = desktop.scene
    places = [(layer, item) for layer, items in scene.layers.items() for item in items]
    items = [item for _, item in places]
    assert len(items) == len(set(items)), "an item stands twice in the stack"
    where = {item: (int(layer), index) for index, (layer, item) in enumerate(places)}
    for window in desktop.windows:
        assert window.mapped == (window in where), f"{window!r} is mapped: {window.mapped}"
        parent = window.parent
        if parent is not None:
            assert parent in desktop.windows, f"{window!r} has a parent that is gone"
            if window.mapped and parent.mapped:
                assert where[parent] < where[window], f"{window!r} stands below its parent"
        above: Any = parent
        for _ in range(len(desktop.windows) + 1):
            above = above.parent if above is not None else None
        assert above is None, f"{window!r} descends from itself"


def _check_focus(desktop: Any, alive: set[Surface]) -> None:
    """The focus is on something that is shown, or nowhere, and states and history agree with it."""
    focused = desktop.focused
    assert focused is None or (focused in desktop.windows and focused.mapped and not focused.minimized)
    activated = [window for window in desktop.windows if window.activated]
    assert activated == ([focused] if focused is not None else []), f"activated: {activated}, not {focused!r}"
    history = desktop.focus_history
    assert len(history) == len(set(history)), "a window is in the history of focus twice"
    assert all(window.mapped for window in history), "a window that is not shown is in the history of focus"
    if desktop.seat is None:
        return
    for device, surface in (
        ("keyboard", desktop.seat.keyboard.focused),
        ("pointer", desktop.seat.pointer.focus),
    ):
        if surface is not None:
            assert surface in alive, f"the {device} is on a surface that was destroyed"
            assert surface.mapped, f"the {device} is on {surface!r}, which is not shown"
