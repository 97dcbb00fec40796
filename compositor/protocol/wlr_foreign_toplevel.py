"""zwlr_foreign_toplevel_manager_v1: taskbars see every mapped window and steer it.

Source: wlr-foreign-toplevel-management-unstable-v1.xml.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from compositor.model.output import Output
from compositor.model.window import Window
from compositor.protocol.common import desktop_of
from compositor.protocol.output_global import on_bound
from compositor.protocol.wl_output import WlOutput
from compositor.protocol.wl_seat import WlSeat
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Array, Client, Int, Interface, NewObject, String, event, request


class ZwlrForeignToplevelManagerV1(Interface, name="zwlr_foreign_toplevel_manager_v1", version=3):
    """One client's view of all windows."""

    __slots__ = ("handles",)

    handles: dict[Window, ZwlrForeignToplevelHandleV1]

    @event()
    def toplevel(self, toplevel: NewObject[ZwlrForeignToplevelHandleV1]) -> None:
        """There is a window; what it is follows."""

    @request()
    def stop(self) -> None:
        self.finished()

    @event(destructor=True)
    def finished(self) -> None:
        """Nothing more will come."""

    def start(self) -> None:
        """Tell of every window from now on."""
        self.handles = {}
        desktop = desktop_of(self)
        desktop.on_window.append(self._changed)
        desktop.scene.on_layout.append(self._laid_out)
        on_bound(self.client).append(self._output_bound)
        for window in desktop.windows:
            if window.mapped:
                self._add(window)
        for window, handle in self.handles.items():
            # Parents may stand after their children in the list.
            if window.parent in self.handles:
                handle.tell_parent()
                handle.done()

    def _add(self, window: Window) -> None:
        handle = ZwlrForeignToplevelHandleV1(self.client, 0, self.version)
        handle.manager = self
        handle.window = window
        handle.outputs = []
        handle.sent_state = None
        self.handles[window] = handle
        self.toplevel(handle)
        handle.title(window.title)
        handle.app_id(window.app_id)
        handle.tell_outputs()
        handle.tell_state()
        if window.parent in self.handles:
            handle.tell_parent()
        handle.done()

    def _changed(self, window: Window, what: str) -> None:
        if what == "mapped":
            if self.alive:
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
            case "parent":
                handle.tell_parent()
                handle.done()
            case "state" | "focus":
                if handle.tell_state():
                    handle.done()
            case "unmapped":
                self.forget(window)
                handle.window = None
                handle.closed()

    def _laid_out(self) -> None:
        for handle in list(self.handles.values()):
            if handle.tell_outputs():
                handle.done()

    def _output_bound(self, resource: WlOutput) -> None:
        """The client may see an output, plugged in for instance, after the windows on it."""
        for handle in self.handles.values():
            if resource.output in handle.outputs:
                handle.output_enter(resource)
                handle.done()

    def forget(self, window: Window) -> None:
        """A window or its handle is gone. The handles outlive the manager and go on being told."""
        self.handles.pop(window, None)
        self.destroyed()

    def destroyed(self) -> None:
        desktop = desktop_of(self)
        if not self.alive and not self.handles and self._changed in desktop.on_window:
            desktop.on_window.remove(self._changed)
            desktop.scene.on_layout.remove(self._laid_out)
            on_bound(self.client).remove(self._output_bound)


class ZwlrForeignToplevelHandleV1(Interface, name="zwlr_foreign_toplevel_handle_v1", version=3):
    """One window, as a taskbar holds it.

    Attributes:
        window: None once it is gone; requests do nothing then.
        outputs: where the client was told that it is.
    """

    __slots__ = ("manager", "outputs", "sent_state", "window")

    manager: ZwlrForeignToplevelManagerV1
    window: Window | None
    outputs: list[Output]
    sent_state: list[int] | None

    class State(IntEnum):
        MAXIMIZED = 0
        MINIMIZED = 1
        ACTIVATED = 2
        FULLSCREEN = 3

    class Error(IntEnum):
        INVALID_RECTANGLE = 0

    @event()
    def title(self, title: String) -> None:
        """Its title."""

    @event()
    def app_id(self, app_id: String) -> None:
        """Its application id."""

    @event()
    def output_enter(self, output: WlOutput) -> None:
        """It is on an output."""

    @event()
    def output_leave(self, output: WlOutput) -> None:
        """It is not on an output any more."""

    @request()
    def set_maximized(self) -> None:
        self._maximize(True)

    @request()
    def unset_maximized(self) -> None:
        self._maximize(False)

    def _maximize(self, maximized: bool) -> None:
        window = self.window
        if window is None:
            return
        if maximized and window.minimized:
            window.set_minimized(False)
        if window.maximized is not maximized:
            window.set_maximized(maximized)

    @request()
    def set_minimized(self) -> None:
        if self.window is not None:
            self.window.set_minimized(True)

    @request()
    def unset_minimized(self) -> None:
        if self.window is not None:
            self.window.set_minimized(False)

    @request()
    def activate(self, seat: WlSeat) -> None:
        if self.window is not None:
            desktop_of(self).activate(self.window)

    @event()
    def state(self, state: Array) -> None:
        """All of its states."""

    @event()
    def done(self) -> None:
        """All that changed has been told."""

    @request()
    def close(self) -> None:
        if self.window is not None:
            self.window.close()

    @request()
    def set_rectangle(self, surface: WlSurface, x: Int, y: Int, width: Int, height: Int) -> None:
        # Where a taskbar shows the window: a hint for animations, of which there are none.
        if width < 0 or height < 0:
            raise self.error(self.Error.INVALID_RECTANGLE, f"set_rectangle: {width}x{height} is negative")

    @event()
    def closed(self) -> None:
        """The window is gone."""

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request(since=2)
    def set_fullscreen(self, output: WlOutput | None) -> None:
        if self.window is not None:
            model = output.output if output is not None and output.output.enabled else None
            if self.window.minimized:
                self.window.set_minimized(False)
            self.window.set_fullscreen(True, model)

    @request(since=2)
    def unset_fullscreen(self) -> None:
        if self.window is not None and self.window.fullscreen:
            self.window.set_fullscreen(False)

    @event(since=3)
    def parent(self, parent: ZwlrForeignToplevelHandleV1 | None) -> None:
        """The window it belongs to."""

    def tell_parent(self) -> None:
        """Tell the parent, if the client knows it."""
        if self.window is not None:
            above = self.window.parent
            self.parent(None if above is None else self.manager.handles.get(above))

    def tell_state(self) -> bool:
        """Tell the states if they changed; returns whether they did."""
        window = self.window
        if window is None:
            return False
        states = self.State
        current = [
            int(state)
            for state, holds in (
                (states.MAXIMIZED, window.maximized),
                (states.MINIMIZED, window.minimized),
                (states.ACTIVATED, window.activated),
                # Version 1 does not know it.
                (states.FULLSCREEN, window.fullscreen and self.version >= 2),
            )
            if holds
        ]
        if current == self.sent_state:
            return False
        self.sent_state = current
        self.state(struct.pack(f"={len(current)}I", *current))
        return True

    def tell_outputs(self) -> bool:
        """Tell which outputs show it if that changed; returns whether it did."""
        if self.window is None:
            return False
        before, now = self.outputs, list(self.window.surface.outputs)
        if before == now:
            return False
        self.outputs = now
        told = False
        for output in [*before, *now]:
            if (output in before) is (output in now) or output.resource is None:
                continue
            for resource in output.resource.of_client(self.client):
                told = True
                if output in now:
                    self.output_enter(resource)
                else:
                    self.output_leave(resource)
        return told

    def destroyed(self) -> None:
        if self.window is not None:
            self.manager.forget(self.window)


def bind_manager(client: Client, oid: int, version: int) -> ZwlrForeignToplevelManagerV1:
    """Bind the manager and tell what there is."""
    resource = ZwlrForeignToplevelManagerV1(client, oid, version)
    resource.start()
    return resource
