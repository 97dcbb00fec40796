"""Preloading: in idle moments after the start, import what clients and drivers will ask for.

One module a turn, so that nobody waits for all of them; then the garbage collector is settled, and runs in
idle moments, too. Wiring of the server.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from importlib import import_module

from compositor import logs
from compositor.clock import RealClock
from compositor.loop import Loop
from compositor.protocol.globals import preload as protocols

_AFTER_NS = 20_000_000
"""So soon that it is done while the first program starts."""
_STEP_NS = 2_000_000
_YOUNG, _MIDDLE = 2_000, 10
"""As many objects more than there were, and as many collections of them, are worth a look (gc.get_count)."""
_FOR_INPUT = ("popup_grab", "drag", "window_grabs")
_FOR_DRIVERS = (
    "control.connection",
    "control.methods",
    "memory.handshake",
    "memory.inherit",
    "memory.grants",
    "memory.ring",
    "render.capture",
)

log = logs.Log(__name__)


def begin(loop: Loop) -> None:
    """Have everything imported by and by."""
    clock, timers = RealClock(), loop.timers
    later = [*(f"model.seat.{name}" for name in _FOR_INPUT), *_FOR_DRIVERS]
    drivers = [partial(import_module, f"compositor.{name}") for name in later]
    steps: list[Callable[[], object]] = [logs.load, *protocols(), *drivers, partial(_settle_memory, loop)]
    remaining = iter(steps)

    def step() -> None:
        for load in remaining:
            try:
                load()
            except (OSError, ImportError) as error:
                # A file that cannot be looked at counts as missing. Whoever needs it will try again.
                log.debug("cannot load ahead: %s", error)
            timers.call_at(clock.now_ns() + _STEP_NS, step)
            break

    timers.call_at(clock.now_ns() + _AFTER_NS, step)


def _settle_memory(loop: Loop) -> None:
    """Take what start-up made out of the garbage collector's sight, and have it look in idle moments.

    By itself it looks only where there are none for long.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()
    loop.idle = collect


def collect() -> None:
    """Collect garbage if there may be some by now: what was made last, and now and then what is older."""
    young, middle, _ = gc.get_count()
    if young > _YOUNG:
        gc.collect(1 if middle >= _MIDDLE else 0)
