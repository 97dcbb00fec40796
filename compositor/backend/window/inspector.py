"""The inspector: on each window what its memory is and how often it draws, and flashes where it drew.

For people who learn or debug; switched on with a key. It costs nothing while it is off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compositor.backend.window.hud import KIND, PanelItem
from compositor.backend.window.panels import Panel, Row, Tone, panel_size
from compositor.geometry import Rect, Region
from compositor.memory import Verdict
from compositor.model.content import Content, SolidContent
from compositor.model.desktop import Desktop
from compositor.model.node import Node
from compositor.model.node_maker import to_output
from compositor.model.output import Output
from compositor.model.scene import Layer, OutputScene
from compositor.model.surface import Surface
from compositor.model.window import Window
from compositor.protocol.wl_shm import account_of

_PERIOD_NS = 500_000_000
_FLASH_NS = 300_000_000
_FLASH_STEP_NS = 33_000_000
_FILL = 0.12
_EDGE = 0.7
_MAX_FLASHES = 12
_WIDTH = 260
_MARGIN = 8
_TONES = {Verdict.SEALED: Tone.GOOD, Verdict.ADOPTED: Tone.ACCENT, Verdict.COPY: Tone.WARN}


def _colour(strength: float) -> SolidContent:
    return SolidContent(strength, strength * 0.6, strength * 0.25, strength)


def _edges(rect: Rect) -> list[Rect]:
    """The outermost pixels of a rectangle."""
    x, y, width, height = rect
    return [
        Rect(x, y, width, 1),
        Rect(x, y + height - 1, width, 1),
        Rect(x, y, 1, height),
        Rect(x + width - 1, y, 1, height),
    ]


class Flashes:
    """Where one output was drawn lately (an `Overlay` of its screen).

    Args:
        quiet: returns layout rectangles whose changes do not count.
    """

    def __init__(self, desktop: Desktop, output: Output, quiet: Any) -> None:
        self._desktop = desktop
        self._output = output
        self._quiet = quiet
        self._fresh: list[tuple[Region, int]] = []
        self._waiting = False

    def __call__(
        self, entry: OutputScene, nodes: list[Node], damage: Region
    ) -> tuple[list[Node], Region, Region]:
        now = self._desktop.clock.now_ns()
        output = self._output
        quiet = [to_output(Rect(*rect), output) for rect in self._quiet()]
        drawn = Region.from_rects(r for r in damage.rects if not any(q.contains_rect(r) for q in quiet))
        self._fresh = [(r, born) for r, born in self._fresh if now - born < _FLASH_NS][-_MAX_FLASHES:]
        if drawn:
            self._fresh.append((drawn, now))
        flashes: list[Node] = []
        newer = Region()
        for region, born in reversed(self._fresh):
            # Where it was drawn again since, the newer flash counts.
            fade = 1 - (now - born) / _FLASH_NS
            old = region.subtract(newer)
            newer = newer.union(region)
            flashes += [Node(_colour(_FILL * fade), rect) for rect in old.rects]
            edges = [edge for rect in region.rects for edge in _edges(rect)]
            flashes += [Node(_colour(_EDGE * fade), edge) for edge in Region.from_rects(edges).rects]
        # Every one of them looks different now; where they were before, the screen sees to.
        damage = damage.union(newer)
        if self._fresh and not self._waiting:
            self._waiting = True
            self._desktop.timers.call_at(now + _FLASH_STEP_NS, self._again)
        place = _first_panel(entry, nodes)
        return [*nodes[:place], *flashes, *nodes[place:]], damage, newer

    def _again(self) -> None:
        self._waiting = False
        self._output.schedule()


def _first_panel(entry: OutputScene, nodes: list[Node]) -> int:
    """Where in a frame's nodes the panels begin, which flashes stay below."""
    for key, node in zip(entry.keys, entry.nodes, strict=True):
        if isinstance(key, tuple) and key[0] == KIND and node in nodes:
            return nodes.index(node)
    return len(nodes)


class Inspector:
    """A panel on each window."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._item = PanelItem(desktop, self._place)
        self._counts: dict[Surface, int] = {}
        self._rates: dict[Surface, float] = {}
        self._since = 0
        self._timer: Any = None

    @property
    def on(self) -> bool:
        """Whether it is shown."""
        return self._item.shown

    def quiet(self) -> list[Rect]:
        """Return where the panels are, layout space."""
        return self._item.rects

    def flashes(self, output: Output) -> Flashes:
        """Return what shows where an output was drawn."""
        return Flashes(self._desktop, output, self.quiet)

    def toggle(self) -> None:
        """Switch it on or off."""
        if self.on:
            self._item.hide()
            self._timer.cancel()
            for surface in self._counts:
                if self._count in surface.on_commit:
                    surface.unwatch_commits(self._count)
            self._counts.clear()
            self._rates.clear()
        else:
            self._since = self._desktop.clock.now_ns()
            self._tick()

    def _tick(self) -> None:
        now = self._desktop.clock.now_ns()
        seconds = (now - self._since) / 1e9
        self._since = now
        for window in self._desktop.windows:
            surface = window.surface
            if surface not in self._counts and surface.alive:
                surface.watch_commits(self._count)
                self._counts[surface] = 0
        for surface in [s for s in self._counts if not s.alive]:
            del self._counts[surface]
            self._rates.pop(surface, None)
        for surface, count in self._counts.items():
            self._rates[surface] = count / seconds if seconds > 0 else 0.0
            self._counts[surface] = 0
        self._item.show()
        self._timer = self._desktop.timers.call_at(now + _PERIOD_NS, self._tick)

    def _count(self, surface: Surface) -> None:
        if surface in self._counts:
            self._counts[surface] += 1

    def _place(self) -> list[tuple[Panel, int, int]]:
        placed: list[tuple[Panel, int, int]] = []
        hidden: list[Rect] = []
        # From above: what is seen wholly is served first, and what lies below finds a place beside it.
        for window in reversed(self._stacked()):
            panel = self._panel(window)
            rect = self._free_corner(window, *panel_size(panel), hidden)
            hidden += [rect, window.rect_layout]
            placed.append((panel, rect.x, rect.y))
        return placed

    def _stacked(self) -> list[Window]:
        """Return the windows that are shown, from below."""
        layers = self._desktop.scene.layers
        items = [*layers[Layer.WINDOWS], *layers[Layer.FULLSCREEN]]
        return [item for item in items if isinstance(item, Window) and item.visible]

    def _free_corner(self, window: Window, width: int, height: int, hidden: list[Rect]) -> Rect:
        """Return where a panel hides least, in one of a window's corners and on its output."""
        x, y, w, h = window.rect_layout
        output = self._desktop.output_of(window)
        screen = Rect(x, y, w, h) if output is None else output.rect_layout
        left, right = x + _MARGIN, x + w - width - _MARGIN
        top, bottom = y + _MARGIN, y + h - height - _MARGIN
        corners = [
            Rect(
                max(screen.x, min(corner_x, screen.x2 - width)),
                max(screen.y, min(corner_y, screen.y2 - height)),
                width,
                height,
            )
            for corner_x, corner_y in ((right, bottom), (left, bottom), (right, top), (left, top))
        ]

        def covered(corner: Rect) -> int:
            shared = [corner.intersect(other) for other in hidden]
            return sum(rect.width * rect.height for rect in shared)

        return min(corners, key=covered)

    def _panel(self, window: Window) -> Panel:
        content = window.surface.content
        size = f"{content.width} × {content.height}" if isinstance(content, Content) else "one colour"
        form = content.format.name if isinstance(content, Content) else ""
        rate = self._rates.get(window.surface, 0.0)
        rows = [
            Row(
                window.app_id or window.client.name,
                f"{rate:.0f} frames/s" if rate else "at rest",
                Tone.ACCENT,
                Tone.NORMAL if rate else Tone.DIM,
            ),
            Row(f"{size} · {form}" if form else size, f"pid {window.client.pid}"),
        ]
        rows += _pool_rows(window)
        return Panel("", tuple(rows), width=_WIDTH)


def _pool_rows(window: Window) -> list[Row]:
    """What is known of the memory that a window's buffer lies in."""
    pools = account_of(window.client).pools
    shared = _pool_of(window.surface, pools)
    if shared is None:
        return [Row("not shared memory")]
    pool = shared.pool
    seals = " ".join(str(seal.name) for seal in pool.seals)
    tone = _TONES.get(pool.verdict, Tone.NORMAL)
    growths = f"grew {pool.growths} ×" if pool.growths else "never grew"
    others = f" · {len(pools)} in all" if len(pools) > 1 else ""
    return [
        Row(f"pool {shared.id} · {_bytes(pool.size)}{others}", growths),
        Row(pool.verdict.name, seals or "no seals", tone, tone),
    ]


def _pool_of(surface: Surface, pools: Sequence[Any]) -> Any:
    """The pool that holds a surface's buffer, or None."""
    buffer: Any = surface.buffer
    if buffer is None:
        return None
    shared = getattr(buffer, "shared", None)
    if shared is not None:
        return shared
    content = surface.content
    if not isinstance(content, Content):
        return None
    address = content.pixels.__array_interface__["data"][0]
    for candidate in pools:
        mapping = candidate.pool.mapping
        if mapping is None:
            continue
        start = mapping.contents.__array_interface__["data"][0]
        if start <= address < start + candidate.pool.size:
            return candidate
    # The pool has grown since: an older mapping of it holds the buffer.
    return next((candidate for candidate in pools if candidate.buffers), None)


def _bytes(size: int) -> str:
    value = float(size)
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"
