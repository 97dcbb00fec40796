"""What several protocols need: the way to the model, and errors that have no code of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from compositor.errors import ProtocolError
from compositor.wire.compile import IMPLEMENTATION

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.wire import Resource


def desktop_of(resource: Resource) -> Desktop:
    """Return the desktop that a resource's connection works on."""
    return cast("Desktop", resource.client.display.context)


def implementation_error(resource: Resource, text: str) -> ProtocolError:
    """Return the error for what the protocol has no code for, such as a limit: to be raised.

    Raises:
        Nothing itself; the error is wl_display.error.implementation.
    """
    return ProtocolError(resource.client.display_resource, IMPLEMENTATION, f"{resource!r}: {text}")
