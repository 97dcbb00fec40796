"""wl_data_source: what a client has to give."""

from __future__ import annotations

from enum import IntEnum
from os import close as close_fd

from compositor.model.selection import ALL_ACTIONS, DragAction, Source, SourceUse
from compositor.protocol.common import implementation_error, takes_transfer
from compositor.wire import Interface, Resource, SendFd, String, Uint, event, request

MAX_OFFER_CHARACTERS = 65_536
"""Of all types of a source: readers are sent them at once, and too much would disconnect them."""

# A number: the complement of a flag has only the bits that the flag knows.
ACTION_MASK = int(ALL_ACTIONS)


class ClientSource(Source):
    """A wl_data_source, as the model sees it."""

    def __init__(self, resource: WlDataSource) -> None:
        super().__init__(resource.client)
        self._resource = resource

    def send(self, mime_type: str, fd: int) -> None:
        """Have the client write."""
        if self._resource.alive and takes_transfer(self._resource):
            self._resource.send(mime_type, fd)
        else:
            close_fd(fd)

    def cancelled(self) -> None:
        """Tell the client; of drags only since version 3."""
        resource = self._resource
        if resource.alive and (self.use is not SourceUse.DRAG or resource.version >= 3):
            resource.cancelled()

    def target(self, mime_type: str | None) -> None:
        """Tell what the target takes."""
        if self._resource.alive:
            self._resource.target(mime_type)

    def action(self, action: DragAction) -> None:
        """Tell what a drop would do."""
        if self._resource.alive:
            self._resource.action(action)

    def drop_performed(self) -> None:
        """Tell that it was dropped."""
        if self._resource.alive:
            self._resource.dnd_drop_performed()

    def finished(self) -> None:
        """Tell that the target is done."""
        if self._resource.alive:
            self._resource.dnd_finished()


class WlDataSource(Interface, name="wl_data_source", version=4):
    """What a client has to give.

    Attributes:
        source: the model of it.
    """

    __slots__ = ("source",)

    source: ClientSource

    class Error(IntEnum):
        INVALID_ACTION_MASK = 0
        INVALID_SOURCE = 1

    @request()
    def offer(self, mime_type: String) -> None:
        add_mime_type(self, self.source, mime_type)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def target(self, mime_type: String | None) -> None:
        """What the target takes, or nothing."""

    @event()
    def send(self, mime_type: String, fd: SendFd) -> None:
        """Write the data."""

    @event()
    def cancelled(self) -> None:
        """It will not be asked any more."""

    @request(since=3)
    def set_actions(self, dnd_actions: Uint) -> None:
        source = self.source
        if dnd_actions & ~ACTION_MASK:
            raise self.error(self.Error.INVALID_ACTION_MASK, f"set_actions: {dnd_actions:#x} is no mask")
        if source.actions is not None:
            raise self.error(self.Error.INVALID_ACTION_MASK, "set_actions: called a second time")
        if source.use is not SourceUse.UNUSED:
            raise self.error(self.Error.INVALID_ACTION_MASK, "set_actions: the source is in use already")
        source.actions = DragAction(dnd_actions)

    @event(since=3)
    def dnd_drop_performed(self) -> None:
        """It was dropped."""

    @event(since=3)
    def dnd_finished(self) -> None:
        """The target is done."""

    @event(since=3)
    def action(self, dnd_action: Uint) -> None:
        """What a drop would do."""

    def destroyed(self) -> None:
        self.source.destroy()


def add_mime_type(resource: Resource, source: Source, mime_type: str) -> None:
    """Add a type that a client offers, within the limits.

    Raises:
        ProtocolError: wl_display.error.implementation, for too many or too long a type.
    """
    limits = resource.client.display.limits
    if len(source.mime_types) >= limits.mime_types:
        raise implementation_error(resource, f"more than {limits.mime_types} types offered")
    if len(mime_type.encode()) > limits.string_bytes:
        raise implementation_error(resource, f"a type of more than {limits.string_bytes} bytes")
    if sum(map(len, source.mime_types)) + len(mime_type) > MAX_OFFER_CHARACTERS:
        raise implementation_error(resource, f"types of more than {MAX_OFFER_CHARACTERS} characters in all")
    source.offer(mime_type)
