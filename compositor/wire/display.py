"""All clients of one compositor, and the globals they may bind."""

from __future__ import annotations

import socket
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from compositor.errors import ProtocolError
from compositor.limits import Limits
from compositor.logs import Log
from compositor.record import record
from compositor.wire.client import Client
from compositor.wire.core import WlDisplay
from compositor.wire.interface import Interface

log = Log(__name__)

_REMEMBERED_GLOBALS = 64

_MOST_LEAVING = 64
"""Of what waits to be closed: more are closed at once, so that a client cannot pile up open files."""

Bind = Callable[[Client, int, int], object]
"""Called with the client, the object id and the version to bind."""


class Closable(Protocol):
    """Something that holds on to memory or descriptors."""

    def close(self) -> None:
        """Give it back."""


@record(frozen=True, eq=False)
class Global:
    """One entry of the registry.

    visible decides per client; None means everybody. A client that binds a
    hidden global by guessing its name gets an error.
    """

    name: int
    interface: str
    version: int
    bind: Bind
    visible: Callable[[Client], bool] | None


def _nobody(client: Client) -> bool:
    return False


class Display:
    """Globals, clients and what they share: serials, the receive buffer, the list of clients to flush.

    Attributes:
        context: what the protocols work on; the wire does not look at it.
        shared: what protocols keep between clients, by their own keys.
        dirty: clients with events to send.
        leaving: what is closed once all that is to be sent has been sent, see `close_later`.
        bugs: how many handlers raised what they should not.
        on_sync: called before a wl_display.sync is answered.
        check_in: called with a client and what its first message to object 0 carries; False if that is
            no launch's token.
        make_room: called with the client (or None) before a descriptor is opened for it; False if there
            is none to be had and the client, if one asked, was disconnected.
        offers: by interface, the highest version that is announced whatever there is; 0 for not at all.
        descriptor_ceiling: a received descriptor of this number or higher asks for room too.
    """

    __slots__ = (
        "_globals",
        "_next_client",
        "_next_global",
        "_removed",
        "_serial",
        "bugs",
        "check_in",
        "clients",
        "context",
        "descriptor_ceiling",
        "dirty",
        "leaving",
        "limits",
        "make_room",
        "offers",
        "on_client",
        "on_client_gone",
        "on_error",
        "on_sync",
        "receive_buffer",
        "shared",
    )

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.clients: list[Client] = []
        self.dirty: list[Client] = []
        self.leaving: list[Closable] = []
        # Room for what one client may send per turn, behind the beginning of a message it sent before.
        self.receive_buffer = memoryview(bytearray(self.limits.message_budget_bytes + 65_536))
        self.bugs = 0
        self.context: Any = None
        self.shared: dict[str, Any] = {}
        self.on_sync: list[Callable[[], None]] = []
        self.check_in: Callable[[Client, bytes], bool] | None = None
        self.make_room: Callable[[Client | None], bool] = lambda client: True
        self.offers: dict[str, int] = {}
        self.descriptor_ceiling = 1 << 31
        self.on_client: list[Callable[[Client], None]] = []
        self.on_client_gone: list[Callable[[Client], None]] = []
        self.on_error: list[Callable[[Client, str, int, ProtocolError], None]] = []
        self._globals: OrderedDict[int, Global] = OrderedDict()
        self._removed: OrderedDict[int, Global] = OrderedDict()
        self._next_global = 1
        self._next_client = 1
        self._serial = 0

    # Globals

    def add_global(
        self,
        interface: type[Interface],
        bind: Bind | None = None,
        version: int | None = None,
        visible: Callable[[Client], bool] | None = None,
    ) -> Global:
        """Announce a global.

        Args:
            interface: its class.
            bind: makes the resource; by default the class itself.
            version: the highest version offered; by default the class's.
            visible: which clients see it; by default all.
        """
        return self.announce(interface.NAME, version or interface.VERSION, bind or interface, visible)

    def announce(
        self, interface: str, version: int, bind: Bind, visible: Callable[[Client], bool] | None = None
    ) -> Global:
        """Announce a global by its wire name; what `bind` needs may be imported when it is first called."""
        version = min(version, self.offers.get(interface, version))
        if not version:
            visible = _nobody
        entry = Global(self._next_global, interface, version, bind, visible)
        self._next_global += 1
        self._globals[entry.name] = entry
        for client in self.clients:
            if visible is None or visible(client):
                for registry in client.registries:
                    registry.global_(entry.name, interface, entry.version)
        return entry

    def remove_global(self, entry: Global) -> None:
        """Take a global back; a bind already under way still succeeds."""
        if self._globals.pop(entry.name, None) is None:
            return
        self._removed[entry.name] = entry
        while len(self._removed) > _REMEMBERED_GLOBALS:
            self._removed.popitem(last=False)
        for client in self.clients:
            if entry.visible is None or entry.visible(client):
                for registry in client.registries:
                    registry.global_remove(entry.name)

    def globals_for(self, client: Client) -> list[Global]:
        """Return what the client sees, in the order announced."""
        return [g for g in self._globals.values() if g.visible is None or g.visible(client)]

    def announced(self) -> set[str]:
        """Return the interfaces of all globals, those among them that nobody sees."""
        return {entry.interface for entry in self._globals.values()}

    def find_global(self, client: Client, name: int) -> Global | None:
        """Return the global of that name if the client may bind it."""
        entry = self._globals.get(name) or self._removed.get(name)
        if entry is None or (entry.visible is not None and not entry.visible(client)):
            return None
        return entry

    # Clients

    def add_client(self, sock: socket.socket) -> Client:
        """Take over a connected socket.

        Raises:
            OSError: if the system has no room for one more; the socket stays the caller's to close.
        """
        client = Client(self, sock, self._next_client)
        self._next_client += 1
        self.clients.append(client)
        try:
            for hook in self.on_client:
                hook(client)
        except OSError:
            client.close("cannot be served")
            raise
        return client

    def make_display_resource(self, client: Client) -> WlDisplay:
        """Create object 1 of a new client."""
        return WlDisplay(client, 1, 1)

    def client_leaves(self, client: Client) -> None:
        """Note that a client's connection ends; its resources are destroyed right after."""
        self.clients.remove(client)
        for hook in self.on_client_gone:
            hook(client)

    def report_error(self, client: Client, interface: str, oid: int, error: ProtocolError) -> None:
        """Log a protocol error and tell whoever listens."""
        log.warning("%r: protocol error %d on %s#%d: %s", client, error.code, interface, oid, error.text)
        for hook in self.on_error:
            hook(client, interface, oid, error)

    def next_serial(self) -> int:
        """Return a new serial; 0 is never one."""
        self._serial = self._serial % 0xFFFF_FFFF + 1
        return self._serial

    def flush(self) -> list[Client]:
        """Send what all clients have waiting.

        Returns:
            Those whose sockets are full.
        """
        blocked: list[Client] = []
        while self.dirty:
            batch, self.dirty = self.dirty, []
            for client in batch:
                if client.alive and client.flush():
                    blocked.append(client)  # noqa: PERF401 -- a generator costs more than it saves
        return blocked

    def close_later(self, one: Closable) -> None:
        """Close something when clients have been told all there is to tell, or before the next frame.

        The last one to close a large file pays for its memory: a millisecond and more, in which who waits
        for a frame could have begun to draw the next one. Whoever owns the display calls `close_leaving`.
        """
        self.leaving.append(one)
        if len(self.leaving) > _MOST_LEAVING:
            self.close_leaving()

    def close_leaving(self) -> None:
        """Close now what was left for later."""
        leaving = self.leaving
        while leaving:
            leaving.pop().close()

    def close(self) -> None:
        """Disconnect everybody."""
        for client in list(self.clients):
            client.flush()
            client.close("the compositor ends")
        self.close_leaving()
