"""ext_foreign_toplevel_list_v1: every mapped window, with title, application id and a name for life.

Source: ext-foreign-toplevel-list-v1.xml.
"""

from __future__ import annotations

import secrets

from compositor.model.window import Window
from compositor.protocol.common import desktop_of
from compositor.wire import Client, Interface, NewObject, String, event, request

# Identifiers must not repeat, also not those of an earlier compositor: at most 32 printable characters.
_RUN = secrets.token_hex(6)


def identifier(window: Window) -> str:
    """Return the window's name in every list, for as long as it is mapped, and never used again."""
    return f"{_RUN}-{window.id}-{window.mappings}"


class ExtForeignToplevelListV1(Interface, name="ext_foreign_toplevel_list_v1", version=1):
    """One client's list."""

    __slots__ = ("handles", "listening")

    handles: dict[Window, ExtForeignToplevelHandleV1]
    listening: bool

    @event()
    def toplevel(self, toplevel: NewObject[ExtForeignToplevelHandleV1]) -> None:
        """There is a window; what it is follows."""

    @event()
    def finished(self) -> None:
        """Nothing more will come."""

    @request()
    def stop(self) -> None:
        if self.listening:
            self.listening = False
            self.finished()

    @request(destructor=True)
    def destroy(self) -> None: ...

    def start(self) -> None:
        """Tell of every window from now on."""
        self.handles = {}
        self.listening = True
        desktop = desktop_of(self)
        desktop.on_window.append(self._changed)
        for window in desktop.windows:
            if window.mapped:
                self._add(window)

    def _add(self, window: Window) -> None:
        handle = ExtForeignToplevelHandleV1(self.client, 0, self.version)
        handle.list = self
        handle.window = window
        self.handles[window] = handle
        self.toplevel(handle)
        handle.identifier(identifier(window))
        handle.title(window.title)
        handle.app_id(window.app_id)
        handle.done()

    def _changed(self, window: Window, what: str) -> None:
        if what == "mapped":
            if self.listening:
                self._add(window)
            return
        handle = self.handles.get(window)
        if handle is None:
            return
        match what:
            case "title":
                handle.title(window.title)
                handle.done()
            case "app_id":
                handle.app_id(window.app_id)
                handle.done()
            case "unmapped":
                self.forget(window)
                handle.window = None
                handle.closed()

    def forget(self, window: Window) -> None:
        """A window or its handle is gone. The handles outlive the list and go on being told."""
        self.handles.pop(window, None)
        self._rest()

    def _rest(self) -> None:
        hooks = desktop_of(self).on_window
        if not self.alive and not self.handles and self._changed in hooks:
            hooks.remove(self._changed)

    def destroyed(self) -> None:
        self.listening = False
        self._rest()


class ExtForeignToplevelHandleV1(Interface, name="ext_foreign_toplevel_handle_v1", version=1):
    """One window in a list.

    Attributes:
        window: None once it is gone.
    """

    __slots__ = ("list", "window")

    list: ExtForeignToplevelListV1
    window: Window | None

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def closed(self) -> None:
        """The window is gone."""

    @event()
    def done(self) -> None:
        """All that changed has been told."""

    @event()
    def title(self, title: String) -> None:
        """Its title."""

    @event()
    def app_id(self, app_id: String) -> None:
        """Its application id."""

    @event()
    def identifier(self, identifier: String) -> None:
        """Its name for life."""

    def destroyed(self) -> None:
        if self.window is not None:
            self.list.forget(self.window)


def bind_list(client: Client, oid: int, version: int) -> ExtForeignToplevelListV1:
    """Bind the list and tell what there is."""
    resource = ExtForeignToplevelListV1(client, oid, version)
    resource.start()
    return resource
