"""Waiting for something to be so: one deadline, and an error that says what was there instead.

A probe is tried, and tried again after each event that could have changed
its answer, and now and then in case no event told of it. The rest of the
driver uses it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from compositor.testing.errors import WaitTimeout

if TYPE_CHECKING:
    from compositor.testing.connection import Connection

T = TypeVar("T")

_LOOK_AGAIN_S = 0.2


def wait_until(
    connect: Callable[[], Connection],
    kinds: tuple[str, ...],
    probe: Callable[[], T | None],
    timeout_s: float,
    failure: Callable[[], str],
) -> T:
    """Return the first answer of `probe` that is neither None nor False.

    Args:
        connect: makes a further connection, for the events.
        kinds: of events that can change the answer.
        probe: what is waited for.
        timeout_s: for all of it.
        failure: says what was waited for and what was there instead.

    Raises:
        WaitTimeout: when the time is up.
    """
    deadline = time.monotonic() + timeout_s
    answer = probe()
    if answer is not None and answer is not False:
        return answer
    with connect() as watch:
        watch.call("events.subscribe", kinds=list(kinds))
        while True:
            # What happened before this look shows in it; what happens after it wakes us.
            answer = probe()
            if answer is not None and answer is not False:
                return answer
            left = deadline - time.monotonic()
            if left <= 0:
                raise WaitTimeout(f"{failure()} (waited {timeout_s:g} s)")
            watch.next_event(min(left, _LOOK_AGAIN_S))
            while watch.next_event(0) is not None:
                pass
