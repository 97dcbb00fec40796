"""Frames that nobody can see, and buffers of the wrong scale. Used by the lint alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from compositor.lint.look import Look
from compositor.model.surface import Surface

if TYPE_CHECKING:
    from compositor.lint.findings import Findings
    from compositor.wire import Client, Resource

_COMMITS_PER_REFRESH = 3
_BURSTS = 5
_SCALE_GRACE_NS = 1_000_000_000
_SHOWN_ROLES = ("xdg_toplevel", "xdg_popup", "wl_subsurface", "zwlr_layer_surface_v1")


class Beat:
    """The commits of one surface.

    Attributes:
        started_ns: when the refresh began that they are counted in, real time.
        commits: with another buffer since then.
        bursts: refreshes in which there were too many.
        wrong_since_ns: since when buffers have had the wrong scale; 0 if they have not.
    """

    __slots__ = ("bursts", "commits", "started_ns", "wrong_since_ns")

    def __init__(self) -> None:
        self.started_ns = 0
        self.commits = 0
        self.bursts = 0
        self.wrong_since_ns = 0


class Pace:
    """Counts the commits of each refresh, by real time: it is the program that is judged."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._beats: dict[Surface, Beat] = {}

    def destroy(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """wl_surface.destroy."""
        self._beats.pop(resource.surface, None)  # type: ignore[attr-defined]

    def gone(self, client: Client) -> None:
        """Forget a client's surfaces."""
        for surface in [s for s in self._beats if s.client is client]:
            del self._beats[surface]

    def commit(self, look: Look) -> None:
        """Count, and look at the scale."""
        if look.buffer is None:
            return
        beat = self._beats.get(look.surface)
        if beat is None:
            beat = self._beats[look.surface] = Beat()
        now = time.monotonic_ns()
        self._count(look, beat, now)
        self._scale(look, beat, now)

    def _count(self, look: Look, beat: Beat, now: int) -> None:
        outputs = look.surface.outputs
        refresh_ns = outputs[0].refresh_ns if outputs else 16_666_667
        if now - beat.started_ns >= refresh_ns:
            beat.started_ns = now
            beat.commits = 0
        # The answer to a configure may not wait.
        beat.commits += not look.acked
        if beat.commits == _COMMITS_PER_REFRESH:
            beat.bursts += 1
            if beat.bursts >= _BURSTS:
                waiting = len(look.surface.callbacks)
                text = f"{beat.bursts} times {_COMMITS_PER_REFRESH} or more buffers within one refresh of "
                text += f"{refresh_ns / 1e6:.1f} ms, {waiting} frame callbacks unanswered"
                self._report("frame-callback", look, text)

    def _scale(self, look: Look, beat: Beat, now: int) -> None:
        wrong = _wrong_scale(look)
        if wrong is None:
            beat.wrong_since_ns = 0
        elif not beat.wrong_since_ns:
            beat.wrong_since_ns = now
        elif now - beat.wrong_since_ns > _SCALE_GRACE_NS:
            self._report("wrong-scale", look, wrong)

    def finish(self, client: Client) -> None:
        """Look at the surfaces that are shown with the wrong scale and not drawn again."""
        now = time.monotonic_ns()
        for surface, beat in self._beats.items():
            if surface.client is not client or surface.resource is None or not surface.content:
                continue
            if beat.wrong_since_ns and now - beat.wrong_since_ns > _SCALE_GRACE_NS:
                name = repr(surface.resource)
                text = f"it still shows a buffer of scale {surface.scale}"
                self._findings.report("wrong-scale", client, name, "commit", text)

    def _report(self, rule: str, look: Look, text: str) -> None:
        self._findings.report(rule, look.client, repr(look.resource), "commit", text)


def _wrong_scale(look: Look) -> str | None:
    """Say what is wrong with a commit's scale, or None."""
    surface, buffer = look.surface, look.buffer
    if buffer is None or not surface.outputs or surface.role_name not in _SHOWN_ROLES:
        return None
    transform, scale, source, destination = look.shape
    wanted = max(output.scale for output in surface.outputs)
    if destination is not None:
        if source is not None or not surface.data.get("fractional_scale") or not buffer.width:
            return None
        width, height = transform.size(buffer.width, buffer.height)
        if width + 2 < destination[0] * wanted or height + 2 < destination[1] * wanted:
            shown = f"{destination[0]}x{destination[1]}"
            return f"a buffer of {width}x{height} is stretched to {shown} at a scale of {wanted:g}"
        return None
    whole = max(output.integer_scale for output in surface.outputs)
    if scale != whole:
        return f"buffers of scale {scale} on an output of scale {wanted:g}, which asks for {whole}"
    return None
