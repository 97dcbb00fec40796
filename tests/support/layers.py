"""Layer surfaces, as a client makes them."""

from __future__ import annotations

from support.client import Client, Proxy
from support.pixels import Buffer

BACKGROUND, BOTTOM, TOP, OVERLAY = range(4)
EDGE_TOP, EDGE_BOTTOM, EDGE_LEFT, EDGE_RIGHT = 1, 2, 4, 8
ALL_EDGES = 15


class Panel:
    """A surface with the role of a layer surface; nothing is committed before `start`."""

    def __init__(
        self,
        client: Client,
        layer: int = TOP,
        anchor: int = EDGE_TOP | EDGE_LEFT | EDGE_RIGHT,
        size: tuple[int, int] = (0, 30),
        zone: int = 0,
        keyboard: int = 0,
        margins: tuple[int, int, int, int] = (0, 0, 0, 0),
        output: Proxy | None = None,
    ) -> None:
        self.client = client
        self.surface: Proxy = client.get("wl_compositor").create_surface()
        shell = client.get("zwlr_layer_shell_v1")
        self.layer: Proxy = shell.get_layer_surface(self.surface, output, layer, "test")
        self.layer.set_size(*size)
        self.layer.set_anchor(anchor)
        self.layer.set_exclusive_zone(zone)
        self.layer.set_margin(*margins)
        self.layer.set_keyboard_interactivity(keyboard)

    def start(self) -> Panel:
        """Make the first commit and acknowledge the configure that answers it."""
        self.surface.commit()
        self.client.roundtrip()
        return self.ack()

    def ack(self) -> Panel:
        """Acknowledge the newest configure."""
        self.layer.ack_configure(self.layer.last("configure")[0])
        return self

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the newest configure."""
        _, width, height = self.layer.last("configure")
        return width, height

    def show(self, color: int = 0xFFAA3366, size: tuple[int, int] | None = None) -> Panel:
        """Map it with the size it was told, or another."""
        if not self.layer.raw:
            self.start()
        self.surface.attach(Buffer(self.client, *(size or self.size), color), 0, 0)
        self.surface.damage(0, 0, 10000, 10000)
        self.surface.commit()
        self.client.roundtrip()
        return self
