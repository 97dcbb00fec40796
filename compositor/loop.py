"""The event loop: one epoll, one thread, nothing that waits for a client.

A wake-up runs the callbacks of ready descriptors, then timers that are due,
then the hooks that end a turn (settle the scene, send what clients have
coming). With nothing due it sleeps without a timeout.
"""

from __future__ import annotations

import select
import signal
import socket
import sys
from collections.abc import Callable
from time import monotonic_ns as _now_ns

from compositor.calls import wait
from compositor.errors import is_shortage
from compositor.logs import Log
from compositor.timers import TimerQueue

log = Log(__name__)

_READ = select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP
_WRITE = select.EPOLLOUT
# A pipe that is full and has lost its reader will never be writable: whoever waits must hear of it.
_WRITTEN = select.EPOLLOUT | select.EPOLLHUP | select.EPOLLERR
_EVENTS_PER_TURN = 256
_LONGEST_S = 86_400.0
"""Of one sleep: a client may set a timeout of 49 days, and epoll_wait(2) takes no more than 24."""

IDLE_S = 0.004
"""How long nothing is due for where there is time for something else."""

Callback = Callable[[], object]


class Loop:
    """Descriptors, timers and signals.

    Attributes:
        timers: deadlines in nanoseconds of CLOCK_MONOTONIC, whatever clock the desktop uses.
        after_events: called when the callbacks of all descriptors that were ready have run, if there were any
            or `again` was set.
        at_end: called at the end of every turn, in order.
        again: whether there is more to do, so that the next turn does not sleep.
        wakeups: how often it woke.
        precise: whether to wake up for a timer in the microsecond that it is due in, not the millisecond;
            for who is woken by timers more than by anything else.
        ride: called before it sleeps; may sleep itself, and see to timers, until something else has happened.
        idle: called before it sleeps for `IDLE_S` or longer, for what can be done at any time.
    """

    def __init__(self) -> None:
        self.timers = TimerQueue()
        self.after_events: list[Callable[[], None]] = []
        self.at_end: list[Callable[[], None]] = []
        self.again = False
        self.wakeups = 0
        self._epoll = select.epoll()
        self._poll = self._epoll.poll
        self.precise = False
        self.ride: Callback | None = None
        self.idle: Callback | None = None
        self._readers: dict[int, Callback] = {}
        self._writers: dict[int, Callback] = {}
        self._running = False
        self._signals: dict[int, Callback] = {}
        self._signal_sockets: tuple[socket.socket, socket.socket] | None = None
        self.on_bug: Callback | None = None

    # Descriptors

    def fileno(self) -> int:
        """Return a descriptor that can be read when any of those that are waited for is ready."""
        return self._epoll.fileno()

    def add_reader(self, fd: int, callback: Callback) -> None:
        """Call `callback` whenever `fd` can be read, has ended or failed."""
        self._register(fd, bool(self._writers.get(fd)), True, fd in self._readers or fd in self._writers)
        self._readers[fd] = callback

    def add_writer(self, fd: int, callback: Callback) -> None:
        """Call `callback` whenever `fd` can be written."""
        self._register(fd, True, fd in self._readers, fd in self._readers or fd in self._writers)
        self._writers[fd] = callback

    def add_hangup(self, fd: int, callback: Callback) -> None:
        """Call `callback` when the other end of `fd` has hung up, whatever there is to read.

        Raises:
            OSError: if it is nothing that can be waited for.
        """
        self._epoll.register(fd, 0)
        self._readers[fd] = callback

    def _register(self, fd: int, write: bool, read: bool, known: bool) -> None:
        mask = (_WRITE if write else 0) | (_READ if read else 0)
        if known:
            self._epoll.modify(fd, mask)
        else:
            self._epoll.register(fd, mask)

    def remove_writer(self, fd: int) -> None:
        """Stop waiting until `fd` can be written. Harmless when repeated."""
        if self._writers.pop(fd, None) is None:
            return
        if fd in self._readers:
            self._epoll.modify(fd, _READ)
        else:
            self._epoll.unregister(fd)

    def remove_reader(self, fd: int) -> None:
        """Stop waiting for `fd` to become readable. Harmless when repeated."""
        if self._readers.pop(fd, None) is None:
            return
        if fd in self._writers:
            self._epoll.modify(fd, _WRITE)
        else:
            self._epoll.unregister(fd)

    def mute(self, fd: int) -> None:
        """Do not wake up for what can be read from `fd`, only once it has hung up. For readers alone."""
        if fd in self._readers and fd not in self._writers:
            self._epoll.modify(fd, 0)

    def unmute(self, fd: int) -> None:
        """Take `mute` back. Harmless for what is no reader."""
        if fd in self._readers and fd not in self._writers:
            self._epoll.modify(fd, _READ)

    def remove(self, fd: int) -> None:
        """Forget a descriptor; call it before closing. Harmless when repeated."""
        known = self._readers.pop(fd, None) is not None
        known = self._writers.pop(fd, None) is not None or known
        if known:
            try:
                self._epoll.unregister(fd)
            except OSError:
                # Closed already: the kernel has forgotten it by itself.
                pass

    # Signals

    def on_signal(self, number: signal.Signals, callback: Callback) -> None:
        """Call `callback` in the loop when the signal arrives."""
        if self._signal_sockets is None:
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            theirs.setblocking(False)
            self._signal_sockets = ours, theirs
            signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
            self.add_reader(ours.fileno(), self._signalled)
        self._signals[number] = callback
        signal.signal(number, lambda *_: None)

    def _signalled(self) -> None:
        assert self._signal_sockets is not None
        try:
            numbers = self._signal_sockets[0].recv(256)
        except BlockingIOError:
            return
        for number in dict.fromkeys(numbers):
            callback = self._signals.get(number)
            if callback is not None:
                callback()

    # Turns

    def turn(self, block: bool = True) -> None:
        """Do one turn: wait for something to happen, and see to it."""
        # Once per wake-up, with cold caches: each function that is not called is microseconds.
        ride = self.ride
        if ride is not None and block and not self.again:
            self._call(ride)
        timers = self.timers
        heap = timers.heap
        timeout = 0.0
        again = self.again
        if again:
            self.again = False
        elif block:
            if heap and heap[0][2].callback is None:
                timers.next_deadline()
                heap = timers.heap
            if heap:
                timeout = (heap[0][0] - _now_ns()) / 1e9
                if timeout < 0.0:
                    timeout = 0.0
                elif timeout > _LONGEST_S:
                    timeout = _LONGEST_S
            else:
                timeout = -1
            if self.idle is not None and not 0 <= timeout < IDLE_S:
                self._call(self.idle)
        try:
            if self.precise and timeout > 0.0 and not wait(self._epoll.fileno(), int(timeout * 1e9)):
                events = []
            else:
                events = self._poll(timeout, _EVENTS_PER_TURN)
        except InterruptedError:
            events = []
        self.wakeups += 1
        for fd, mask in events:
            if mask & _WRITTEN:
                callback = self._writers.get(fd)
                if callback is not None:
                    self._call(callback)
            if mask & _READ:
                callback = self._readers.get(fd)
                if callback is not None:
                    try:
                        callback()
                    except Exception:
                        self._bug(callback)
        if events or again:
            for callback in self.after_events:
                try:
                    callback()
                except Exception:
                    self._bug(callback)
        heap = timers.heap
        if heap and heap[0][0] <= (now := _now_ns()):
            timers.run_due(now, self._bug)
        for callback in self.at_end:
            try:
                callback()
            except Exception:
                self._bug(callback)

    def _call(self, callback: Callback) -> None:
        try:
            callback()
        except Exception:
            self._bug(callback)

    def _bug(self, callback: Callback) -> None:
        """See to an exception that is being handled, and that nobody expected."""
        error = sys.exception()
        # To an import, a file that cannot be looked at is a missing one.
        if error is not None and (is_shortage(error) or isinstance(error, ImportError)):
            log.error("the system has no room: %s", error)
            return
        log.exception("bug: in %r", callback)
        if self.on_bug is not None:
            self.on_bug()

    def run(self) -> None:
        """Turn until `stop` is called."""
        self._running = True
        while self._running:
            self.turn()

    def run_until_idle(self) -> None:
        """Turn for as long as something is ready, without waiting for time to pass."""
        while True:
            before = self._epoll.poll(0, 1)
            self.turn(block=False)
            if not before and not self.again:
                return

    def stop(self) -> None:
        """Have `run` return after this turn."""
        self._running = False

    def close(self) -> None:
        """Give the descriptors back."""
        if self._signal_sockets is not None:
            signal.set_wakeup_fd(-1)
            for sock in self._signal_sockets:
                sock.close()
            self._signal_sockets = None
        self._epoll.close()


def raise_descriptor_limit() -> None:
    """Allow this process as many descriptors as the system lets it have."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        wanted = min(hard, 1 << 20)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            log.warning("cannot raise the limit of %d open descriptors", soft)
