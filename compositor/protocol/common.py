"""What several protocols need: the way to the model, and errors that have no code of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from compositor.errors import ProtocolError
from compositor.model.configure import ConfigureState
from compositor.wire.compile import IMPLEMENTATION

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.wire import Resource


def desktop_of(resource: Resource) -> Desktop:
    """Return the desktop that a resource's connection works on."""
    return cast("Desktop", resource.client.display.context)


def hasty_buffer_taken(resource: Resource, item: Any) -> bool:
    """Say whether a window may be shown though nothing was acknowledged; if so, count it as agreed.

    Args:
        resource: of the window.
        item: the window, popup or layer surface, with its `queue`.
    """
    if not desktop_of(resource).lenient:
        return False
    if item.queue.state is ConfigureState.IDLE:
        item.start()
    item.queue.assume()
    return True


def implementation_error(resource: Resource, text: str) -> ProtocolError:
    """Return the error for what the protocol has no code for, such as a limit: to be raised.

    Raises:
        Nothing itself; the error is wl_display.error.implementation.
    """
    return ProtocolError(resource.client.display_resource, IMPLEMENTATION, f"{resource!r}: {text}")


def count_up(resource: Resource, kind: str, limit: int) -> None:
    """Note that the client has one more of a kind; `count_down` when that is gone.

    Raises:
        ProtocolError: wl_display.error.implementation, if it is one too many; nothing was noted then.
    """
    data = resource.client.data
    count = data.get(kind, 0)
    if count >= limit:
        raise implementation_error(resource, f"more than {limit} {kind}")
    data[kind] = count + 1


def count_down(resource: Resource, kind: str) -> None:
    """Note that the client has one less of a kind."""
    resource.client.data[kind] -= 1


def takes_transfer(source: Resource) -> bool:
    """Whether a client that has something to give can be sent one more reader's descriptor.

    A reader asks as often as it likes; its source must not be disconnected for what waits to be read.
    """
    client = source.client
    return len(client.out_fds) < client.display.limits.transfers
