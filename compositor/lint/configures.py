"""Proposals that a program does not answer, or answers otherwise than it must. Used by the lint alone."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from compositor.lint.look import Look
from compositor.model.window import Window

if TYPE_CHECKING:
    from compositor.lint.findings import Findings
    from compositor.wire import Client, Resource

PATIENCE_NS = 1_000_000_000
"""How long a program may take to answer, real time."""
_MAX_OPEN = 256


class Talk:
    """The proposals of one xdg_surface or layer surface.

    Attributes:
        open: serial and time of those not acknowledged.
        acked_ns: when one was acknowledged that no commit has followed yet, else 0.
        obeyed_ns: when a commit first followed the newest one, else 0.
    """

    __slots__ = ("acked_ns", "obeyed_ns", "open")

    def __init__(self) -> None:
        self.open: deque[tuple[int, int]] = deque(maxlen=_MAX_OPEN)
        self.acked_ns = 0
        self.obeyed_ns = 0


class Configures:
    """Follows configure, ack_configure and commit of every surface that is configured."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._talks: dict[Resource, Talk] = {}
        self._by_surface: dict[Any, Resource] = {}

    def configure(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """xdg_surface.configure, zwlr_layer_surface_v1.configure."""
        talk = self._talks.setdefault(resource, Talk())
        talk.open.append((args[0], time.monotonic_ns()))
        surface = getattr(resource, "wl_surface", None)
        if surface is not None:
            self._by_surface[surface] = resource

    def ack(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """xdg_surface.ack_configure, zwlr_layer_surface_v1.ack_configure."""
        talk = self._talks.get(resource)
        if talk is None or args[0] not in [serial for serial, _ in talk.open]:
            return
        while talk.open.popleft()[0] != args[0]:
            pass
        talk.acked_ns = talk.acked_ns or time.monotonic_ns()

    def has_acked(self, surface: Resource) -> bool:
        """Whether the next commit of a wl_surface follows a proposal."""
        resource = self._by_surface.get(surface)
        return resource is not None and self._talks[resource].acked_ns != 0

    def commit(self, look: Look) -> None:
        """Look at what is unanswered, and at what the commit before this one had made of the window."""
        resource = self._by_surface.get(look.resource)
        if resource is None:
            return
        talk = self._talks[resource]
        self._overdue(resource, talk)
        self._disobeyed(resource, talk)
        if talk.acked_ns:
            talk.acked_ns = 0
            talk.obeyed_ns = time.monotonic_ns()

    def destroy(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """The role's resource, or the surface below it, is destroyed."""
        self._talks.pop(resource, None)
        for surface, owner in list(self._by_surface.items()):
            if owner is resource or surface is resource:
                del self._by_surface[surface]

    def finish(self, client: Client) -> None:
        """Look at all proposals to a client that is leaving, or lives on."""
        for resource, talk in self._talks.items():
            if resource.client is client:
                self._overdue(resource, talk)
                self._disobeyed(resource, talk)

    def gone(self, client: Client) -> None:
        """Forget a client."""
        for resource in [r for r in self._talks if r.client is client]:
            self.destroy(resource, ())

    def _overdue(self, resource: Resource, talk: Talk) -> None:
        now = time.monotonic_ns()
        if talk.open and now - talk.open[0][1] > PATIENCE_NS:
            serial, sent = talk.open.popleft()
            text = f"configure {serial} was not acknowledged for {(now - sent) / 1e9:.1f} s"
            self._report(resource, "ack_configure", text)
        if talk.acked_ns and now - talk.acked_ns > PATIENCE_NS:
            text = f"no commit followed an ack_configure for {(now - talk.acked_ns) / 1e9:.1f} s"
            talk.acked_ns = 0
            self._report(resource, "commit", text)

    def _disobeyed(self, resource: Resource, talk: Talk) -> None:
        window = getattr(resource, "item", None)
        if not isinstance(window, Window) or not window.mapped or not talk.obeyed_ns or talk.open:
            return
        proposal = window.queue.current
        if proposal is None or not window.maximized or not proposal.width or not proposal.height:
            return
        talk.obeyed_ns = 0
        if (window.width, window.height) != (proposal.width, proposal.height):
            text = f"maximized to {proposal.width}x{proposal.height}, it shows {window.width}x{window.height}"
            self._report(resource, "commit", text)

    def _report(self, resource: Resource, request: str, text: str) -> None:
        self._findings.report("configure-ignored", resource.client, repr(resource), request, text)
