"""Whose frame callbacks a frame answers: a pass over all surfaces that wait, with every frame.

A module of its own since it is one of those that may be compiled (`compositor.native`). For the scene.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compositor.model.output import Output
    from compositor.model.surface import Surface


def take_answered(
    waiting: Iterable[Surface], output: Output, clients: dict[Any, None], elsewhere: list[Surface]
) -> list[Any]:
    """Take the callbacks of what is shown on an output.

    Args:
        waiting: surfaces, in the order of their asking.
        clients: whose callbacks are taken is added.
        elsewhere: surfaces that have no node on the output are added, those that are gone are not.

    Returns:
        The callbacks, in that order.
    """
    taken: list[Any] = []
    for surface in waiting:
        if surface.nodes:
            entry = surface.nodes[0][0]
            if entry.output is output and surface.alive:
                callbacks = surface.callbacks
                taken += callbacks
                callbacks.clear()
                clients[surface.client] = None
                continue
        if surface.alive:
            elsewhere.append(surface)
    return taken
