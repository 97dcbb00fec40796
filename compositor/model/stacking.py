"""Which window stands above which: families of parents and dialogs, and those that cover panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.model.item import Layer

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.model.window import Window


def restack(desktop: Desktop, window: Window) -> None:
    """Bring a window to the top of its layer, with its ancestors below it and everybody's dialogs above.

    A fullscreen window covers panels, and so do its dialogs, while one of the family has the focus.
    """
    root = window
    path = {window}
    while root.parent is not None and root.parent not in path:
        root = root.parent
        path.add(root)
    family = _family(desktop, root, path)
    active = any(member.activated for member in family)
    covering: set[Window] = set()
    for member in family:
        if member.fullscreen or member.parent in covering:
            covering.add(member)
        layer = Layer.FULLSCREEN if active and member in covering else Layer.WINDOWS
        items = desktop.scene.layers[layer]
        if member.mapped and not (items and items[-1] is member):
            desktop.scene.add(member, layer)


def _family(desktop: Desktop, root: Window, path: set[Window]) -> list[Window]:
    """Return a window and what descends from it in stacking order, but who is on the path on top."""
    stacked = [*desktop.scene.layers[Layer.WINDOWS], *desktop.scene.layers[Layer.FULLSCREEN]]
    places = {window: place for place, window in enumerate(stacked)}
    children: dict[Window, list[Window]] = {}
    for window in desktop.windows:
        if window.parent is not None:
            children.setdefault(window.parent, []).append(window)
    family: list[Window] = []
    ahead = [root]
    while ahead:
        window = ahead.pop()
        family.append(window)
        ahead += sorted(children.get(window, ()), key=lambda w: (w in path, places.get(w, -1)), reverse=True)
    return family
