"""The compositor itself, and what it tells drivers unasked."""

from __future__ import annotations

import gc
import os
from collections import Counter
from typing import Annotated, Any

from compositor import __version__
from compositor.control.events import KINDS, Events
from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.params import Range
from compositor.control.registry import Call, method


class EventMethods:
    """The namespace ``events``."""

    def __init__(self, events: Events) -> None:
        self._events = events

    @method("events.subscribe")
    def subscribe(self, call: Call, kinds: Annotated[list[str], Range(0, 100)]) -> dict[str, Any]:
        """Be told of events of these kinds, and of no others, as notifications named ``event``."""
        for kind in kinds:
            if kind not in KINDS:
                text = f"events.subscribe: there is no kind {kind[:40]!r} (there are: {', '.join(KINDS)})"
                raise RequestError(Code.INVALID_PARAMS, text)
        self._events.subscribe(call.connection, kinds)
        return {"kinds": sorted(call.connection.subscriptions)}


class ServerMethods:
    """The namespace ``server``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @method("server.info")
    def info(self) -> dict[str, Any]:
        """What this compositor is."""
        host = self._host
        return {
            "version": __version__,
            "pid": os.getpid(),
            "socket": host.listening.path,
            "backend": host.backend.name,
            "renderer": host.backend.renderer.name,
            "textures": getattr(host.backend.renderer, "textures", 0),
            "seal": host.options.seal.name.lower(),
            "clock": "manual" if host.clock.manual else "real",
            "clients": len(host.display.clients),
            "bugs": host.display.bugs,
        }

    @method("server.objects")
    def objects(self) -> dict[str, Any]:
        """How many objects the process holds beyond those it started with, for those who look for leaks.

        `own` counts those of the compositor's own classes. Garbage is collected first, which takes a moment.
        `frozen` counts those that it started with, which are in neither; 0 while it still starts. Whoever
        compares two counts waits for that: what is replaced later is counted from then on.
        """
        gc.collect()
        everything = gc.get_objects()
        own = Counter(
            f"{cls.__module__}.{cls.__qualname__}"
            for cls in map(type, everything)
            # A compiled function's class has a descriptor of that name.
            if str(cls.__module__).partition(".")[0] == "compositor"
        )
        return {
            "objects": len(everything),
            "own": dict(sorted(own.items())),
            "frozen": gc.get_freeze_count(),
        }

    @method("server.globals")
    def globals(self) -> list[dict[str, Any]]:
        """The protocols on offer."""
        entries = self._host.display._globals.values()
        return [
            {"interface": entry.interface, "version": entry.version} for entry in entries if entry.version
        ]

    @method("server.stop")
    def stop(self, status: Annotated[int, Range(0, 255)] = 0) -> None:
        """End the compositor with an exit status."""
        self._host.stop(status)
