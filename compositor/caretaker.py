"""The caretaker: a small process that sees to what a compositor leaves if a signal ends it.

Whoever is killed cannot remove its own sockets, and a fault in a library leaves no interpreter to do it in.
So a shell waits at the other end of a pipe, which costs 0.2 MB and no wake-up. A compositor that ends in
order says so, and the shell ends too. Otherwise the pipe ends, perhaps after the stack that faulthandler
wrote into it, and the shell becomes this module: it takes the name's lock, as the next compositor would,
removes the sockets, and makes a report of the stack. If the name has been taken meanwhile it removes nothing.

Wiring of the server. Source: pipe(7), faulthandler.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
from collections.abc import Sequence

from compositor.crash import watch_faults, write_lines
from compositor.descriptor import close_own
from compositor.logs import Log

log = Log(__name__)

_SHELL = "/bin/sh"
# A signal to the whole group, as from a terminal, is not meant for it. The shell reads one line, by single
# bytes: the rest of a stack stays in the pipe, for whoever comes after it.
_WAIT = """\
trap '' HUP INT QUIT TERM PIPE
IFS= read -r first
[ "$first" = "$1" ] && exit 0
shift
exec "$@" "$first"
"""
_IN_ORDER = "ended in order"
_PATIENCE_MS = 1000


class Caretaker:
    """The compositor's side.

    Args:
        socket: path of the Wayland socket; its lock lies beside it.
        others: paths of the other sockets that go with it.
        strangers: descriptors that must not stay open in another process.
    """

    def __init__(self, socket: str, others: Sequence[str] = (), strangers: Sequence[int] = ()) -> None:
        self._pid = 0
        self._pipe = -1
        try:
            theirs, ours = os.pipe()
            try:
                self._hire([socket, *others], theirs, strangers)
            except BaseException:
                close_own(ours)
                raise
            finally:
                close_own(theirs)
        except (OSError, NotImplementedError) as error:
            log.info("no caretaker: %s", error)
            return
        self._pipe = ours
        # From here on a fault in a library is told to it, not to stderr.
        watch_faults(ours)

    def _hire(self, sockets: Sequence[str], theirs: int, strangers: Sequence[int]) -> None:
        root = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
        command = [sys.executable, "-P", "-m", __name__, str(os.getpid()), *sockets]
        self._pid = os.posix_spawn(
            _SHELL,
            [_SHELL, "-c", _WAIT, "weddell-caretaker", _IN_ORDER, *command],
            {**os.environ, "PYTHONPATH": root},
            file_actions=[
                *((os.POSIX_SPAWN_CLOSE, fd) for fd in strangers),
                (os.POSIX_SPAWN_DUP2, theirs, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            ],
            setsid=True,
        )

    def dismiss(self) -> None:
        """Say that all is in order, or has been seen to. Harmless when repeated."""
        if self._pipe < 0:
            return
        watch_faults()
        with contextlib.suppress(OSError):
            os.write(self._pipe, f"{_IN_ORDER}\n".encode())
        close_own(self._pipe)
        self._pipe = -1
        # Where nobody collects orphans it would be a zombie for good; somebody may have stopped it.
        with contextlib.suppress(OSError):
            fd = os.pidfd_open(self._pid)
            try:
                waiting = select.poll()
                waiting.register(fd, select.POLLIN)
                if waiting.poll(_PATIENCE_MS):
                    os.waitpid(self._pid, 0)
            finally:
                close_own(fd)


def main(pid: str, socket: str, *rest: str) -> None:
    """See to what is left.

    Args:
        pid: of the compositor.
        socket: path of the Wayland socket.
        rest: paths of others, and the first line of what was said, which may be empty.
    """
    from compositor.wire.listen import remove_left_over

    *others, first = rest
    words = "\n".join([first, sys.stdin.read()]).strip()
    removed = remove_left_over(socket, others)
    facts = f"socket: {socket}" + (" (removed)" if removed else "")
    if words:
        report = write_lines(int(pid), [words, "", facts])
        where = f"a report is in {report}" if report is not None else "no report could be written"
        print(f"{words}\n\nweddell: process {pid} crashed; {where}", file=sys.stderr)
    elif removed:
        print(f"weddell: process {pid} was killed; its sockets at {socket} are removed", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
