"""Damage against what changed, and commits that change nothing. Used by the lint alone."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

from compositor.geometry import Rect, Region
from compositor.lint.look import Look, bounds, difference, show
from compositor.model.surface import BUFFER, CALLBACKS, DAMAGE, Surface

if TYPE_CHECKING:
    import numpy.typing as npt

    from compositor.lint.findings import Findings
    from compositor.model.formats import PixelFormat
    from compositor.wire import Client, Resource

MUCH_LARGER = 4
"""How many times the bounds of what changed damage may be."""
_NEGLIGIBLE_PX = 256 * 128
_UNCHANGED_COMMITS = 3
_OVERSIZED_COMMITS = 5
_MAX_RECTS = 1024


class Record:
    """What a surface showed at its last commit.

    Attributes:
        rects: damage since, and whether it is in buffer pixels.
        oversized: for how many commits in a row damage was much larger than what changed.
        unchanged: how many commits in a row changed nothing.
    """

    __slots__ = ("format", "oversized", "pixels", "rects", "shape", "unchanged")

    def __init__(self) -> None:
        self.pixels: npt.NDArray[Any] | None = None
        self.format: PixelFormat | None = None
        self.shape: Any = None
        self.rects: list[tuple[bool, Rect]] = []
        self.oversized = 0
        self.unchanged = 0


class Damage:
    """Compares the pixels of each commit with those of the one before."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._records: dict[Surface, Record] = {}

    def _record(self, surface: Surface) -> Record:
        record = self._records.get(surface)
        if record is None:
            record = self._records[surface] = Record()
        return record

    def damage(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """wl_surface.damage."""
        self._note(resource, args, False)

    def damage_buffer(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """wl_surface.damage_buffer."""
        self._note(resource, args, True)

    def _note(self, resource: Any, args: tuple[Any, ...], is_buffer: bool) -> None:
        x, y, width, height = args
        rects = self._record(resource.surface).rects
        if width > 0 and height > 0 and len(rects) < _MAX_RECTS:
            rects.append((is_buffer, Rect(x, y, width, height)))

    def destroy(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """wl_surface.destroy."""
        self._records.pop(resource.surface, None)  # type: ignore[attr-defined]

    def gone(self, client: Client) -> None:
        """Forget a client's surfaces."""
        for surface in [s for s in self._records if s.client is client]:
            del self._records[surface]

    def commit(self, look: Look) -> None:
        """Compare."""
        known = look.surface in self._records
        record = self._record(look.surface)
        rects, record.rects = record.rects, []
        if not look.attached:
            if not look.fields:
                self._empty(look, record, known)
            return
        old, old_format, old_shape = record.pixels, record.format, record.shape
        new = record.pixels = look.pixels
        record.format, record.shape = look.format, look.shape
        if new is None or old is None or record.format is not old_format or old.shape != new.shape:
            record.unchanged = record.oversized = 0
            if old is not None and new is not None and old.shape != new.shape and not rects:
                text = f"a buffer of {new.shape[1]}x{new.shape[0]} instead of {old.shape[1]}x{old.shape[0]}"
                self._report("damage-missing", look, f"{text} came without any damage")
            return
        assert record.format is not None
        changed = difference(old, new, record.format)
        if changed is None:
            same = record.shape == old_shape and not look.fields & ~(BUFFER | DAMAGE | CALLBACKS)
            if same and not look.acked and not look.busy:
                self._unchanged(look, record, "a buffer with the very pixels of the one before")
            return
        record.unchanged = 0
        if len(rects) < _MAX_RECTS:
            self._compare(look, record, changed, rects)

    def _compare(
        self, look: Look, record: Record, changed: npt.NDArray[Any], rects: list[tuple[bool, Rect]]
    ) -> None:
        height, width = changed.shape
        area = Rect(0, 0, width, height)
        damaged = [
            (r if is_buffer else _to_buffer(r, look, width, height)).intersect(area) for is_buffer, r in rects
        ]
        damaged = [rect for rect in damaged if not rect.empty]
        box = bounds(changed)
        for rect in damaged:
            changed[rect.y : rect.y2, rect.x : rect.x2] = False
        missed = int(changed.sum())
        if missed:
            covered = f"{len(damaged)} rectangles" if len(damaged) != 1 else show(damaged[0])
            text = f"{missed} pixels within {show(bounds(changed))} changed outside of the damage ({covered})"
            self._report("damage-missing", look, text)
            return
        total = Region.from_rects(damaged).area
        if total > MUCH_LARGER * box.area + _NEGLIGIBLE_PX and not look.acked:
            record.oversized += 1
            if record.oversized >= _OVERSIZED_COMMITS:
                text = f"{total} pixels of damage where {show(box)} changed ({box.area} pixels)"
                self._report("damage-large", look, f"{text}, {record.oversized} times in a row")
        else:
            record.oversized = 0

    def _empty(self, look: Look, record: Record, known: bool) -> None:
        surface = look.surface
        children = (*surface.children_below, *surface.children_above)
        # The first commit asks for a configure; a parent's commit applies what its children have committed.
        if known and not look.busy and not look.acked and all(c.surface.cached is None for c in children):
            self._unchanged(look, record, "a commit without anything pending")

    def _unchanged(self, look: Look, record: Record, what: str) -> None:
        record.unchanged += 1
        if record.unchanged >= _UNCHANGED_COMMITS:
            self._report("commit-unchanged", look, f"{what}, {record.unchanged} times in a row")

    def _report(self, rule: str, look: Look, text: str) -> None:
        self._findings.report(rule, look.client, repr(look.resource), "commit", text)


def _to_buffer(rect: Rect, look: Look, width: int, height: int) -> Rect:
    """Return a rectangle in surface space in pixels of a buffer of that size, rounded outwards."""
    transform, scale, source, destination = look.shape
    turned_width, turned_height = transform.size(width, height)
    x, y, w, h = 0.0, 0.0, float(turned_width), float(turned_height)
    if source is not None:
        x, y, w, h = (value * scale for value in source)
    shown = destination or (w / scale, h / scale)
    fx, fy = w / shown[0], h / shown[1]
    x1, y1 = floor(x + rect.x * fx), floor(y + rect.y * fy)
    x2, y2 = ceil(x + rect.x2 * fx), ceil(y + rect.y2 * fy)
    inside = Rect(x1, y1, x2 - x1, y2 - y1).intersect(Rect(0, 0, turned_width, turned_height))
    turned: Rect = transform.invert().rect(inside, turned_width, turned_height)
    return turned
