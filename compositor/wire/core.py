"""wl_display, wl_registry, wl_callback and wl_fixes: what every connection has.

Source: wayland.xml.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from compositor.wire.interface import Interface, Resource, event, request
from compositor.wire.types import AnyNewId, NewId, String, Uint

if TYPE_CHECKING:
    from compositor.wire.client import Client


class WlCallback(Interface, name="wl_callback", version=1):
    """A promise of one `done` event."""

    __slots__ = ()

    @event(destructor=True)
    def done(self, callback_data: Uint) -> None:
        """Keep the promise; the object is gone afterwards."""


_new = object.__new__


def new_callback(client: Client, oid: int) -> WlCallback:
    """Create a wl_callback as the class does, in half the time: each frame of each surface brings one."""
    objects = client.objects
    if not 0 < oid < len(objects) or objects[oid] is not None:
        return WlCallback(client, oid, 1)
    callback = objects[oid] = _new(WlCallback)
    callback.client = client
    callback.oid = oid
    callback.version = 1
    return callback


class WlDisplay(Interface, name="wl_display", version=1):
    """Object 1 of every connection."""

    __slots__ = ()

    class Error(IntEnum):
        INVALID_OBJECT = 0
        INVALID_METHOD = 1
        NO_MEMORY = 2
        IMPLEMENTATION = 3

    @request()
    def sync(self, callback: NewId[WlCallback]) -> None:
        client = self.client
        display = client.display
        client.beats += 2
        # The answer promises that everything before has happened, with all that follows from it.
        for hook in display.on_sync:
            hook()
        WlCallback(client, callback, 1).done(display.next_serial())

    @request()
    def get_registry(self, registry: NewId[WlRegistry]) -> None:
        resource = WlRegistry(self.client, registry, 1)
        self.client.registries.append(resource)
        for entry in self.client.display.globals_for(self.client):
            resource.global_(entry.name, entry.interface, entry.version)

    @event(name="error")
    def post_error(self, object_id: Resource, code: Uint, message: String) -> None:
        """Tell what was wrong; only `Client.disconnect` calls it."""

    @event()
    def delete_id(self, id: Uint) -> None:
        """Tell that an id of the client's is free again."""


class WlRegistry(Interface, name="wl_registry", version=1):
    """The list of globals that one client sees."""

    __slots__ = ()

    @request()
    def bind(self, name: Uint, id: AnyNewId) -> None:
        interface, version, oid = id
        entry = self.client.display.find_global(self.client, name)
        # Codes as in wayland-server.c, registry_bind.
        if entry is None:
            text = f"no global {name} for this client (asked for {interface})"
            raise self.error(WlDisplay.Error.INVALID_OBJECT, text)
        if entry.interface != interface:
            text = f"global {name} is {entry.interface}, not {interface}"
            raise self.error(WlDisplay.Error.INVALID_OBJECT, text)
        if not 0 < version <= entry.version:
            text = f"global {name} ({interface}) has versions 1 to {entry.version}, asked for {version}"
            raise self.error(WlDisplay.Error.INVALID_OBJECT, text)
        bound = self.client.bound
        bound[interface] = max(version, bound.get(interface, 0))
        entry.bind(self.client, oid, version)

    def destroyed(self) -> None:
        if self in self.client.registries:
            self.client.registries.remove(self)

    @event(name="global")
    def global_(self, name: Uint, interface: String, version: Uint) -> None:
        """Announce a global."""

    @event()
    def global_remove(self, name: Uint) -> None:
        """Take a global back."""


class WlFixes(Interface, name="wl_fixes", version=1):
    """Repairs of the core protocol: a registry can be destroyed."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def destroy_registry(self, registry: WlRegistry) -> None:
        registry.retire()
