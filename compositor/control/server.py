"""ControlServer: the control socket of one compositor, wired to it."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

from compositor.control.events import Events
from compositor.control.launcher import Launch, Launcher, describe
from compositor.control.listener import SUFFIX, ControlListener
from compositor.control.usage import program_of, usage_of
from compositor.logs import Log

if TYPE_CHECKING:
    from compositor.control.host import Host
    from compositor.control.registry import Registry
    from compositor.errors import ProtocolError
    from compositor.model.output import Output
    from compositor.model.window import Window
    from compositor.wire import Client

log = Log(__name__)


class ControlServer:
    """Listens on the control socket and tells drivers what happens.

    Attributes:
        launcher: starts programs inside.
        events: what drivers are told.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self.events = Events(host.clock.now_ns)
        path = host.listening.path
        self.launcher = Launcher(
            host.loop,
            {"WAYLAND_DISPLAY": host.listening.name, "XDG_RUNTIME_DIR": os.path.dirname(path)},
            adopt=self._adopt,
            public_socket=path,
            on_event=lambda launch, what: self.events.publish(f"launch.{what}", **describe(launch)),
        )
        self.listener = ControlListener(host.loop, self._registry, path + SUFFIX)
        self._hook()

    def _registry(self) -> Registry:
        # Imported when the first driver comes, so that starting does not wait for it.
        from compositor.control.methods import namespaces
        from compositor.control.registry import Registry

        return Registry(namespaces(self.host, self.events, self.launcher), self.host.hear_everybody)

    def _adopt(self, sock: socket.socket, launch: Launch) -> None:
        self.host.adopt(sock, launch)

    def _hook(self) -> None:
        host = self.host
        host.desktop.on_window.append(self._window)
        host.desktop.on_output.append(self._output)
        host.desktop.on_bell.append(self._bell)
        self.events.on_subscribers = self._subscribed
        host.display.on_client.append(self._client)
        host.display.on_client_gone.append(self._client_gone)
        host.display.on_error.append(self._error)
        if host.lint is not None:
            host.lint.findings.on_new.append(lambda finding: self.events.publish("lint", **finding))
        seat = host.desktop.seat
        if seat is not None:
            seat.selection.on_change.append(
                lambda: self.events.publish("clipboard.changed", selection="clipboard")
            )
            seat.primary.on_change.append(
                lambda: self.events.publish("clipboard.changed", selection="primary")
            )

    def _subscribed(self) -> None:
        # A frame is a hot path: nothing is called for it unless somebody listens.
        hooks = self.host.backend.on_frame
        if bool(self.events.subscribers["frame"]) != (self._frame in hooks):
            if self._frame in hooks:
                hooks.remove(self._frame)
            else:
                hooks.append(self._frame)

    def _window(self, window: Window, what: str) -> None:
        if self.events.subscribers["window"]:
            self.events.publish(f"window.{what}", id=window.id, title=window.title, app_id=window.app_id)

    def _output(self, output: Output, what: str) -> None:
        self.events.publish(f"output.{what}", output=output.name)

    def _frame(self, output: Output) -> None:
        self.events.publish("frame", output=output.name, number=output.frames)

    def _client(self, client: Client) -> None:
        if self.events.subscribers["client"]:
            program = program_of(client.pid)
            self.events.publish("client.connected", client=client.name, pid=client.pid, program=program)

    def _client_gone(self, client: Client) -> None:
        if self.events.subscribers["client"]:
            self.events.publish("client.gone", client=client.name, pid=client.pid, **usage_of(client))

    def _error(self, client: Client, interface: str, oid: int, error: ProtocolError) -> None:
        details: dict[str, Any] = {"interface": interface, "object": oid, "code": error.code}
        self.events.publish("error.protocol", client=client.name, pid=client.pid, text=error.text, **details)

    def _bell(self, window: Window | None) -> None:
        self.events.publish("bell", id=window.id if window is not None else None)

    def close(self) -> None:
        """End the programs that were started here, and disconnect the drivers. Harmless when repeated."""
        self.launcher.close()
        self.listener.close()
