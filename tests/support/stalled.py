"""A file whose file system has stopped answering: FUSE, with a server that goes silent."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compositor.memory import recv_fds

PROGRAM = Path(__file__).with_name("stalled_fuse.py")
FOR_SURE_S = 15


class CannotMount(Exception):
    """There is no FUSE here, or we may not use it; the text says which."""


@dataclass(slots=True)
class Stalled:
    """A descriptor that whoever reads, asks or closes waits for.

    Attributes:
        fd: its user's; closing it waits too, until the file system has ended.
        inside: what the judge said in the mount namespace of the file system.
    """

    fd: int
    inside: str


@contextlib.contextmanager
def stalled_file() -> Iterator[Stalled]:
    """Mount a file system that goes silent, and end it, and with it whatever waits for it.

    Raises:
        CannotMount: if that cannot be had.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            argv = [sys.executable, str(PROGRAM), str(theirs.fileno())]
            child = subprocess.Popen(argv, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE)
        with child:
            assert child.stdout is not None
            inside = child.stdout.readline().decode().strip()
            try:
                _, [descriptor] = recv_fds(ours, 1, 1)
            except EOFError:
                assert 77 == child.wait(FOR_SURE_S), "the program failed"
                raise CannotMount(f"FUSE cannot be mounted here: {inside}") from None
            # Should its user wait for the file system, it ends and the assertion fails.
            watchdog = threading.Timer(FOR_SURE_S, ours.shutdown, [socket.SHUT_RDWR])
            watchdog.start()
            try:
                yield Stalled(descriptor.take(), inside)
                assert watchdog.is_alive(), "waited for the file system"
            finally:
                watchdog.cancel()
                watchdog.join()
                ours.close()
                # Only now does the file system end, and with it whatever waits for it.
                assert 0 == child.wait(FOR_SURE_S)
