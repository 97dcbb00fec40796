"""A file system that never answers stalls nobody: FUSE, with a server that goes silent."""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from support.stalled import FOR_SURE_S, CannotMount, Stalled, stalled_file

from compositor.descriptor import Descriptor, close_fd
from compositor.memory import BrokenMessage, Pool, Refused, judge, open_frozen, recv_fds, send_fds


@pytest.fixture
def stalled() -> Iterator[Stalled]:
    """A file whose file system has stopped answering."""
    try:
        with stalled_file() as file:
            yield file
    except CannotMount as error:
        pytest.skip(str(error))
    for thread in threading.enumerate():
        if thread.name == "close":
            thread.join(FOR_SURE_S)


def returns(call: Callable[[], object]) -> bool:
    """Whether a call comes back by itself. It is given up after a while, in a thread of its own."""
    read, write = os.pipe()

    def run() -> None:
        try:
            call()
        except (OSError, Refused, BrokenMessage):
            pass
        finally:
            os.write(write, b"x")

    thread = threading.Thread(target=run, name="close", daemon=True)
    thread.start()
    came_back = bool(select.select([read], [], [], 5)[0])
    if came_back:
        thread.join()
        os.close(read)
        os.close(write)
    return came_back


def test_the_judge_refuses_it_without_asking_it(stalled: Stalled) -> None:
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(Refused) as caught:
            judge(stalled.fd, 4096)
        said.append(caught.value.reason)

    assert returns(ask)
    assert ["it is neither memory nor a file of a file system that is mounted here"] == said
    assert "it lies on fuse, which can keep a reader waiting" == stalled.inside
    close_fd(stalled.fd)


def test_closing_it_does_not_wait(stalled: Stalled) -> None:
    """close(2) would: it flushes."""
    assert returns(lambda: Descriptor(stalled.fd).close())


@pytest.mark.parametrize("open_it", [lambda fd: Pool(fd, 4096), open_frozen], ids=["Pool", "open_frozen"])
def test_a_pool_or_a_message_of_it_is_refused_and_closed_without_waiting(
    stalled: Stalled, open_it: Callable[[int], object]
) -> None:
    assert returns(lambda: open_it(stalled.fd))


def test_receiving_one_too_many_of_them_does_not_wait(stalled: Stalled) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send_fds(theirs, b"x", [stalled.fd] * 3)
        assert returns(lambda: recv_fds(ours, 1, 2))
    close_fd(stalled.fd)
