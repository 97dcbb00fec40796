"""Windows: listed, moved, resized, focused, closed. Coordinates are layout pixels."""

from __future__ import annotations

from typing import Any

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.launcher import Launcher
from compositor.control.methods.clients import launch_of
from compositor.control.params import Coordinate, Identifier, Size
from compositor.control.registry import method
from compositor.model.toplevel_state import ResizeEdge
from compositor.model.window import Window


def find_window(host: Host, name: str, id: int) -> Window:
    """Return the window of that id.

    Raises:
        RequestError: if there is none, naming those there are.
    """
    windows: list[Window] = host.desktop.windows
    for window in windows:
        if window.id == id:
            return window
    known = ", ".join(f"{window.id} {window.title!r}" for window in windows) or "none"
    raise RequestError(Code.NOT_FOUND, f"{name}: there is no window {id} (there are: {known})")


class Windows:
    """The namespaces ``windows`` and ``window``."""

    def __init__(self, host: Host, launcher: Launcher) -> None:
        self._host = host
        self._launcher = launcher

    def _mapped(self, name: str, id: int) -> Window:
        window = find_window(self._host, name, id)
        if not window.mapped:
            raise RequestError(Code.FAILED, f"{name}: window {id} ({window.title!r}) is not mapped")
        return window

    def describe(self, window: Window) -> dict[str, Any]:
        """Return what drivers are told of a window."""
        client = window.client
        launch = launch_of(client, self._launcher)
        resource = window.surface.resource
        states = sorted(state.name.lower() for state in window.states)
        return {
            "id": window.id,
            "title": window.title,
            "app_id": window.app_id,
            "pid": client.pid,
            "client": client.name,
            "launch": launch.id if launch is not None else None,
            "peer": client.peer,
            "surface": resource.oid if resource is not None else None,
            "x": window.x,
            "y": window.y,
            "width": window.width,
            "height": window.height,
            "state": states + ["minimized"] * window.minimized,
            "focused": self._host.desktop.focused is window,
            "mapped": window.mapped,
            "settled": window.settled,
            "parent": window.parent.id if window.parent is not None else None,
            "outputs": [output.name for output in window.surface.outputs],
        }

    @method("windows.list")
    def list(self) -> Any:
        """Every toplevel, mapped or not, in the order created."""
        return [self.describe(window) for window in self._host.desktop.windows]

    @method("windows.at")
    def at(self, x: Coordinate, y: Coordinate) -> dict[str, Any]:
        """The window that a pointer at a layout point would talk to."""
        desktop = self._host.desktop
        # A pointer cannot leave the screens, whatever lies out there.
        on_screen = any(output.rect_layout.contains(x, y) for output in desktop.outputs)
        hit = desktop.scene.hit(x, y) if on_screen else None
        window = None
        if hit is not None:
            window = hit.item if isinstance(hit.item, Window) else None
            if window is None and hit.surface is not None:
                window = desktop.window_of(hit.surface)
        return {"id": window.id if window is not None else None}

    @method("window.move")
    def move(self, id: Identifier, x: Coordinate, y: Coordinate) -> None:
        """Put the window geometry's top-left corner there."""
        self._mapped("window.move", id).move_to(round(x), round(y))

    @method("window.resize")
    def resize(self, id: Identifier, width: Size, height: Size) -> dict[str, int]:
        """Propose a size of the window geometry; returns it, brought within the client's bounds.

        While the window is told that it is being resized, one proposal is out at a time; the newest counts.
        """
        window = self._mapped("window.resize", id)
        if window.fullscreen or window.maximized:
            window.set_fullscreen(False)
            window.set_maximized(False)
        if window.resizing:
            window.follow_resize(width, height, ResizeEdge.BOTTOM | ResizeEdge.RIGHT)
        else:
            window.resize_to(width, height)
        width, height = window.constrain(width, height)
        return {"width": width, "height": height}

    @method("window.focus")
    def focus(self, id: Identifier) -> None:
        """Raise it and give it the keyboard."""
        self._host.desktop.activate(self._mapped("window.focus", id))

    @method("window.close")
    def close(self, id: Identifier) -> None:
        """Ask its client to close it."""
        find_window(self._host, "window.close", id).shell.send_close()

    @method("window.set_state")
    def set_state(
        self,
        id: Identifier,
        maximized: bool | None = None,
        fullscreen: bool | None = None,
        minimized: bool | None = None,
        resizing: bool | None = None,
    ) -> None:
        """Change what is given."""
        window = self._mapped("window.set_state", id)
        if minimized is not None and minimized != window.minimized:
            window.set_minimized(minimized)
        if fullscreen is not None and fullscreen != window.fullscreen:
            window.set_fullscreen(fullscreen)
        if maximized is not None and maximized != window.maximized:
            window.set_maximized(maximized)
        if resizing is not None:
            window.set_resizing(resizing)
