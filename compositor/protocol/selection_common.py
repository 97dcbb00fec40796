"""What every protocol of selections needs: sources that clients hold, and a bound on offers.

For the primary selection and the data control protocols; wl_data_device has
drags besides and its own sources.
"""

from __future__ import annotations

from typing import Protocol

from compositor.descriptor import close_fd
from compositor.model.selection import Source
from compositor.protocol.common import implementation_error
from compositor.wire import Client, Resource

MAX_DEVICES = 16
"""Devices of one kind and client; each is sent offers of its own."""
MAX_OFFERS = 4096
"""Offers that a client has not destroyed. Honest clients destroy each when the next one comes."""


class SourceResource(Protocol):
    """The protocol object behind a `HeldSource`."""

    client: Client

    @property
    def alive(self) -> bool: ...

    def send(self, mime_type: str, fd: int) -> None: ...

    def cancelled(self) -> None: ...


class HeldSource(Source):
    """A source that a client holds, as the model sees it. The client writes, never the compositor."""

    def __init__(self, resource: SourceResource) -> None:
        super().__init__(resource.client)
        self._resource = resource
        self._transfers = resource.client.display.limits.transfers

    def send(self, mime_type: str, fd: int) -> None:
        """Have the client write."""
        if self._resource.alive and len(self._resource.client.out_fds) < self._transfers:
            self._resource.send(mime_type, fd)
        else:
            close_fd(fd)

    def cancelled(self) -> None:
        """Tell the client that it was replaced."""
        if self._resource.alive:
            self._resource.cancelled()


def takes_offers(device: Resource) -> bool:
    """Whether a client can be made one more offer; one that never destroys them is disconnected.

    Offers are made on behalf of whoever copied something: a hoarder's limit must not become their error.
    """
    client = device.client
    if not client.alive:
        return False
    if len(client.server_objects) < MAX_OFFERS:
        return True
    client.disconnect(implementation_error(device, f"{MAX_OFFERS} offers were not destroyed"))
    return False
