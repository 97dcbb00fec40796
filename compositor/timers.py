"""Things to do later, in the order of their time.

A heap of deadlines that whoever runs the loop empties when the clock has
passed them. It never sleeps and never reads a clock, so the manual clock and
the real one use it alike. Anybody may import this module.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable


class Timer:
    """One deadline; `cancel` makes it never fire."""

    __slots__ = ("callback", "deadline_ns", "queue")

    # Set by the queue: a call of `__init__` less for each frame.
    deadline_ns: int
    callback: Callable[[], object] | None
    queue: TimerQueue

    def cancel(self) -> None:
        """Forget the callback; harmless after it has fired."""
        if self.callback is not None:
            self.callback = None
            self.queue.note_cancelled()

    @property
    def active(self) -> bool:
        """Whether it has neither fired nor been cancelled."""
        return self.callback is not None


class TimerQueue:
    """Deadlines in nanoseconds of whatever clock the owner uses.

    Attributes:
        heap: entries with the deadline first, the earliest entry first, cancelled ones among them. To be
            read only.
    """

    __slots__ = ("_cancelled", "_count", "heap")

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, Timer]] = []
        self._count = 0
        self._cancelled = 0

    def __len__(self) -> int:
        """Deadlines kept, the cancelled ones among them."""
        return len(self.heap)

    def call_at(self, deadline_ns: int, callback: Callable[[], object]) -> Timer:
        """Run `callback` once the clock has reached `deadline_ns`."""
        timer = Timer()
        timer.deadline_ns = deadline_ns
        timer.callback = callback
        timer.queue = self
        # The running number keeps equal deadlines in the order they were set.
        self._count += 1
        heapq.heappush(self.heap, (deadline_ns, self._count, timer))
        return timer

    def note_cancelled(self) -> None:
        """Drop what was cancelled once it is the greater part: a client sets and cancels what it likes."""
        self._cancelled += 1
        if self._cancelled > 64 and self._cancelled * 2 > len(self.heap):
            self.heap = [entry for entry in self.heap if entry[2].callback is not None]
            heapq.heapify(self.heap)
            self._cancelled = 0

    def next_deadline(self) -> int | None:
        """Return the earliest deadline in nanoseconds, or None when nothing waits."""
        heap = self.heap
        while heap and heap[0][2].callback is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def run_due(self, now_ns: int, on_error: Callable[[Callable[[], object]], object] | None = None) -> int:
        """Run what is due at `now_ns` and return how many ran.

        Args:
            now_ns: the time.
            on_error: called with a callback that has raised, while the exception is handled; without it
                the exception is the caller's.

        A callback that sets a new timer for `now_ns` or earlier does not get
        it run in the same call, so that nobody can keep the loop here.
        """
        due: list[Timer] = []
        heap = self.heap
        while heap and heap[0][0] <= now_ns:
            due.append(heapq.heappop(heap)[2])
        ran = 0
        for timer in due:
            callback = timer.callback
            if callback is not None:
                timer.callback = None
                try:
                    callback()
                except Exception:
                    if on_error is None:
                        raise
                    on_error(callback)
                ran += 1
        return ran
