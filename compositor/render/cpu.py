"""CpuRenderer: frames without a GPU, with libpixman where the system has it, else with numpy.

Both ways draw the same pixels to within 1 of 255 per channel. Backends make it; tests and captures use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compositor.errors import ConfigError
from compositor.geometry import Rect, Region
from compositor.model.node import Node
from compositor.render import cpu_numpy
from compositor.render.base import Target
from compositor.render.pixman import MAX_SIZE, Pixman, load
from compositor.render.schedule import schedule

if TYPE_CHECKING:
    from compositor.render.cpu_pixman import PixmanPainter as Painter
else:
    try:
        from compositor.render.cpu_direct import DirectPainter as Painter
    except ImportError:
        from compositor.render.cpu_pixman import PixmanPainter as Painter


class CpuRenderer:
    """Draws frames on the CPU; rounded corners and shadows are left out.

    Args:
        use_pixman: True demands libpixman, False forbids it, None takes it if it is there.

    Raises:
        ConfigError: libpixman is demanded and missing.
    """

    __slots__ = ("_painter", "name")

    name: str

    def __init__(self, use_pixman: bool | None = None) -> None:
        pixman: Pixman | None = None if use_pixman is False else load()
        if use_pixman and pixman is None:
            raise ConfigError("libpixman-1.so.0 is not installed (Debian package libpixman-1-0)")
        self._painter = None if pixman is None else Painter(pixman)
        self.name = "cpu (numpy)" if pixman is None else f"cpu (pixman {pixman.version})"

    def render(
        self, target: Target, nodes: Sequence[Node], damage: Region, background: int = 0xFF000000
    ) -> None:
        """See `Renderer.render`. The alpha byte of every pixel drawn is 0xff."""
        self.compose(target, nodes, damage, background | 0xFF000000)

    def compose(self, target: Target, nodes: Sequence[Node], damage: Region, background: int) -> None:
        """As `render`, with a background that may be transparent: premultiplied ARGB8888."""
        x, y, width, height = damage.bounds
        if x < 0 or y < 0 or x + width > target.width or y + height > target.height:
            damage = damage.intersect(Rect(0, 0, target.width, target.height))
        if not damage.rects:
            return
        if self._painter is not None and max(target.width, target.height) <= MAX_SIZE:
            self._painter.paint(target, nodes, damage, background)
            return
        jobs, rest = schedule(nodes, damage)
        cpu_numpy.fill(target.pixels, rest, background)
        for node, plan, clip in jobs:
            cpu_numpy.draw(target.pixels, node, plan, damage.rects if clip is None else clip)

    def close(self) -> None:
        """Drop what is kept between frames. The renderer can still be used."""
        if self._painter is not None:
            self._painter.close()
