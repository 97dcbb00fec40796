"""Windows and popups, as a client makes them."""

from __future__ import annotations

from typing import Any

from support.client import Client, Proxy
from support.pixels import Buffer

STATES = {1: "maximized", 2: "fullscreen", 3: "resizing", 4: "activated", 9: "suspended"}


class Toplevel:
    """A surface with xdg_surface and xdg_toplevel; nothing is committed before `start`."""

    def __init__(self, client: Client, surface: Proxy | None = None) -> None:
        self.client = client
        self.surface: Proxy = surface or client.get("wl_compositor").create_surface()
        self.xdg_surface: Proxy = client.get("xdg_wm_base").get_xdg_surface(self.surface)
        self.toplevel: Proxy = self.xdg_surface.get_toplevel()
        self.buffer: Buffer | None = None

    def start(self) -> Toplevel:
        """Make the initial commit and acknowledge the configure that answers it."""
        self.surface.commit()
        self.client.roundtrip()
        return self.ack()

    def ack(self) -> Toplevel:
        """Acknowledge the newest configure."""
        self.xdg_surface.ack_configure(self.serial)
        return self

    @property
    def serial(self) -> int:
        """Of the newest configure."""
        return int(self.xdg_surface.last("configure")[0])

    @property
    def proposal(self) -> tuple[int, int, set[Any]]:
        """Width, height and states of the newest configure."""
        width, height, states = self.toplevel.last("configure")
        return width, height, {STATES.get(state, state) for state in states}

    def show(self, width: int = 100, height: int = 80, color: int = 0xFF336699) -> Toplevel:
        """Map it, or give it new content of that size."""
        if not self.xdg_surface.raw:
            self.start()
        self.attach(Buffer(self.client, width, height, color))
        self.client.roundtrip()
        return self

    def attach(self, buffer: Buffer) -> Toplevel:
        """Attach a buffer with full damage and commit."""
        self.buffer = buffer
        self.surface.attach(buffer, 0, 0)
        self.surface.damage(0, 0, buffer.width, buffer.height)
        self.surface.commit()
        return self

    def destroy(self) -> None:
        """Destroy it in the order that the protocol wants."""
        self.toplevel.destroy()
        self.xdg_surface.destroy()
        self.surface.destroy()


def positioner(
    client: Client, width: int = 50, height: int = 40, anchor: tuple[int, int, int, int] = (0, 0, 1, 1)
) -> Proxy:
    """Return a complete xdg_positioner."""
    made: Proxy = client.get("xdg_wm_base").create_positioner()
    made.set_size(width, height)
    made.set_anchor_rect(*anchor)
    return made


class Popup:
    """A popup of a Toplevel or Popup."""

    def __init__(self, client: Client, parent: Any, rules: Proxy | None = None) -> None:
        self.client = client
        self.surface: Proxy = client.get("wl_compositor").create_surface()
        self.xdg_surface: Proxy = client.get("xdg_wm_base").get_xdg_surface(self.surface)
        self.popup: Proxy = self.xdg_surface.get_popup(
            parent and parent.xdg_surface, rules or positioner(client)
        )

    @property
    def place(self) -> tuple[int, int, int, int]:
        """x, y, width and height of the newest configure."""
        x, y, width, height = self.popup.last("configure")
        return x, y, width, height

    def ack(self) -> None:
        """Acknowledge the newest configure."""
        self.xdg_surface.ack_configure(self.xdg_surface.last("configure")[0])

    def show(self, color: int = 0xFF993366) -> Popup:
        """Map it with the size it was told."""
        self.surface.commit()
        self.client.roundtrip()
        self.ack()
        self.surface.attach(Buffer(self.client, *self.place[2:], color), 0, 0)
        self.surface.commit()
        self.client.roundtrip()
        return self
