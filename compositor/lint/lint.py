"""Lint: hands every message to the rules that want to hear it. Used by the server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from compositor.lint.configures import Configures
from compositor.lint.damage import Damage
from compositor.lint.findings import Findings
from compositor.lint.held import Held, check_seals
from compositor.lint.leaks import Leaks
from compositor.lint.look import Look
from compositor.lint.pace import Pace
from compositor.logs import Log
from compositor.wire.compile import add_tracer, remove_tracer

if TYPE_CHECKING:
    from compositor.errors import ProtocolError
    from compositor.model.output import Output
    from compositor.protocol.wl_surface import WlSurface
    from compositor.wire import Client, Display, Resource
    from compositor.wire.interface import Message

log = Log(__name__)

Hear = Callable[[Any, tuple[Any, ...]], None]

_SHOWING = ("wl_surface", "wl_buffer", "wl_shm", "wl_shm_pool", "wl_callback", "wl_display", "wl_region")
"""Interfaces whose requests do not, by themselves, need a commit of a surface to take effect."""


class Lint:
    """The lint of one compositor.

    Args:
        display: whose clients are watched.
        on_frame: hooks that are called after each frame.
        now_ns: the compositor's clock.
    """

    def __init__(
        self, display: Display, on_frame: list[Callable[[Output], None]], now_ns: Callable[[], int]
    ) -> None:
        self.findings = Findings(now_ns)
        self._display = display
        self._held = Held(self.findings)
        self._damage = Damage(self.findings)
        self._pace = Pace(self.findings)
        self._configures = Configures(self.findings)
        self._leaks = Leaks(self.findings)
        self._requests: dict[Client, int] = {}
        self._seen: dict[Any, int] = {}
        self._broken: set[Client] = set()
        held, damage, pace, configures, leaks = (
            self._held, self._damage, self._pace, self._configures, self._leaks,
        )  # fmt: skip
        self._hear: dict[tuple[str, str], tuple[Hear, ...]] = {
            ("wl_shm", "create_pool"): (partial(check_seals, self.findings),),
            ("wl_surface", "attach"): (held.attach, leaks.attach),
            ("wl_surface", "damage"): (damage.damage,),
            ("wl_surface", "damage_buffer"): (damage.damage_buffer,),
            ("wl_surface", "commit"): (self._commit,),
            ("wl_surface", "destroy"): (
                damage.destroy,
                pace.destroy,
                configures.destroy,
                leaks.destroy,
                self._forget,
            ),
            ("wl_buffer", "release"): (held.release,),
            ("wl_buffer", "destroy"): (held.destroy, leaks.destroy),
        }
        for interface in ("xdg_surface", "zwlr_layer_surface_v1"):
            self._hear[interface, "configure"] = (configures.configure,)
            self._hear[interface, "ack_configure"] = (configures.ack,)
            self._hear[interface, "destroy"] = (configures.destroy,)
        display.on_client_gone.append(self._gone)
        display.on_error.append(self._error)
        on_frame.append(lambda output: self._held.sample())
        add_tracer(self._message)

    def _message(self, resource: Resource, message: Message, is_event: bool, args: tuple[Any, ...]) -> None:
        try:
            if not is_event and resource.NAME not in _SHOWING:
                self._requests[resource.client] = self._requests.get(resource.client, 0) + 1
            for hear in self._hear.get((resource.NAME, message.name), ()):
                hear(resource, args)
        except Exception:
            # A bug of ours must not become the program's.
            log.exception("bug: in the lint, at %r.%s", resource, message.name)

    def _commit(self, resource: WlSurface, args: tuple[Any, ...]) -> None:
        look = Look(resource)
        requests = self._requests.get(look.client, 0)
        look.busy = requests - self._seen.get(resource, 0)
        self._seen[resource] = requests
        look.acked = self._configures.has_acked(resource)
        for rule in (self._held, self._damage, self._pace, self._configures, self._leaks):
            rule.commit(look)

    def _forget(self, resource: Any, args: tuple[Any, ...]) -> None:
        self._seen.pop(resource, None)

    def _error(self, client: Client, interface: str, oid: int, error: ProtocolError) -> None:
        self._broken.add(client)
        text = f"code {error.code}: {error.text}"
        self.findings.report("protocol-error", client, f"{interface}#{oid}", "error", text)

    def look_at_all(self) -> None:
        """Have the rules that judge a whole life judge those of all clients so far."""
        self._held.sample()
        for client in self._display.clients:
            self._finish(client)

    def _finish(self, client: Client) -> None:
        for rule in (self._pace, self._configures, self._leaks):
            rule.finish(client)

    def _gone(self, client: Client) -> None:
        try:
            if client not in self._broken:
                self._finish(client)
            for rule in (self._held, self._damage, self._pace, self._configures, self._leaks):
                rule.gone(client)
        except Exception:
            log.exception("bug: in the lint, at the end of %r", client)
        self._broken.discard(client)
        self._requests.pop(client, None)
        for resource in [r for r in self._seen if r.client is client]:
            del self._seen[resource]

    def close(self) -> None:
        """Hear nothing more."""
        remove_tracer(self._message)
