"""What happens in the compositor, told to the drivers that subscribed.

Publishing costs nothing while nobody listens: callers look at `subscribers`
before they put an event together. Used by the control package and the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compositor.control.connection import ControlConnection

KINDS = ("window", "frame", "client", "error", "bell", "launch", "output", "clipboard", "lint")
"""What can be subscribed to; an event ``window.mapped`` is of the kind ``window``."""


class Events:
    """The subscriptions of all drivers.

    Args:
        now_ns: the compositor's clock.

    Attributes:
        subscribers: who listens, by kind.
        on_subscribers: called when that has changed.
    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self.subscribers: dict[str, list[ControlConnection]] = {kind: [] for kind in KINDS}
        self.on_subscribers: Callable[[], None] | None = None

    def publish(self, event: str, **details: Any) -> None:
        """Tell everybody who subscribed to its kind, the part before the dot, about an event."""
        subscribers = self.subscribers[event.partition(".")[0]]
        if subscribers:
            params = {"event": event, "time_ns": self._now_ns(), **details}
            for connection in tuple(subscribers):
                connection.notify("event", params)

    def subscribe(self, connection: ControlConnection, kinds: Iterable[str]) -> None:
        """Replace what a driver is told about."""
        if not connection.subscriptions:
            connection.on_close.append(lambda: self._forget(connection))
        self._forget(connection)
        connection.subscriptions = frozenset(kinds)
        for kind in connection.subscriptions:
            self.subscribers[kind].append(connection)
        self._changed()

    def _forget(self, connection: ControlConnection) -> None:
        for kind in connection.subscriptions:
            self.subscribers[kind].remove(connection)
        connection.subscriptions = frozenset()
        self._changed()

    def _changed(self) -> None:
        if self.on_subscribers is not None:
            self.on_subscribers()
