"""Service: who is served when. Real sockets and a real loop; a request is a byte that takes time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from compositor.limits import Limits
from compositor.loop import Loop
from compositor.service import Service


class Work:
    """The time that requests take: it stands still otherwise, however busy the machine is."""

    def __init__(self) -> None:
        self.spent_ns = 0

    def now_ns(self) -> int:
        return self.spent_ns


work = Work()


class Peer:
    """What the service needs of a client; each byte that it is sent takes `cost_ms` to serve."""

    def __init__(self, hall: Hall, pid: int, cost_ms: float) -> None:
        self.hall = hall
        self.pid = pid
        self.cost_ms = cost_ms
        self.sock, self.other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.setblocking(False)
        self.unserved = 0
        self.alive = True

    def fileno(self) -> int:
        return self.sock.fileno()

    @property
    def unfinished(self) -> bool:
        return bool(self.unserved)

    def ask(self, count: int = 1) -> None:
        self.other.sendall(bytes(count))

    def readable(self, until_ns: int = 1 << 63) -> bool:
        self.unserved = self.unserved or len(self.sock.recv(1000))
        while self.unserved:
            work.spent_ns += round(self.cost_ms * 1e6)
            self.hall.served.append(self.pid)
            self.unserved -= 1
            if work.now_ns() > until_ns:
                break
        return self.unfinished


class Hall:
    """A loop, a service and its clients."""

    def __init__(self, fair: bool) -> None:
        self.loop = Loop()
        self.service: Any = Service(self.loop, Limits(turn_us=4000), fair)
        self.served: list[int] = []
        self.peers: list[Peer] = []

    def connect(self, pid: int, cost_ms: float = 0.01) -> Peer:
        peer = Peer(self, pid, cost_ms)
        self.peers.append(peer)
        self.service.watch(peer)
        return peer

    def leave(self, peer: Peer) -> None:
        self.service.forget(peer)
        peer.alive = False
        peer.sock.close()
        peer.other.close()
        self.peers.remove(peer)

    def turn(self) -> list[int]:
        """Turn the loop once; returns whom it served."""
        self.served.clear()
        self.loop.turn(block=False)
        return list(self.served)


@pytest.fixture
def new_hall(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Hall]]:
    monkeypatch.setattr("compositor.service.perf_counter_ns", work.now_ns)
    made: list[Hall] = []

    def make(fair: bool = True) -> Hall:
        made.append(Hall(fair))
        return made[-1]

    yield make
    for hall in made:
        for peer in list(hall.peers):
            hall.leave(peer)
        hall.loop.close()


def test_who_was_served_least_is_served_first(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall()
    greedy, modest = hall.connect(1, 2), hall.connect(2)
    greedy.ask()
    modest.ask()
    hall.turn()
    for _ in range(5):
        greedy.ask()
        modest.ask()
        assert [2, 1] == hall.turn()


def test_a_turn_ends_when_its_slice_is_over(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall()
    peers = [hall.connect(pid, 3) for pid in range(10)]
    for peer in peers:
        peer.ask()
    assert 2 == len(hall.turn())
    assert 2 == len(hall.turn())


def test_nobody_starves(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall()
    peers = [hall.connect(pid, 1.5) for pid in range(6)]
    counts = dict.fromkeys(range(6), 0)
    for peer in peers:
        peer.ask(200)
    for _ in range(30):
        for pid in hall.turn():
            counts[pid] += 1
    assert min(counts.values()) >= max(counts.values()) / 2


def test_what_was_read_and_not_served_is_served_without_the_kernels_word(
    new_hall: Callable[..., Hall],
) -> None:
    hall = new_hall()
    peer = hall.connect(1, 3)
    peer.ask(5)
    counts = [len(hall.turn()) for _ in range(4)]
    assert [2, 2, 1, 0] == counts


def test_a_loop_does_not_sleep_over_unfinished_requests(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall()
    hall.connect(1, 3).ask(5)
    hall.loop.run_until_idle()
    assert 5 == len(hall.served)


def test_connections_of_one_process_share(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall()
    crowd = [hall.connect(1, 1) for _ in range(20)]
    modest = hall.connect(2)
    for peer in crowd:
        peer.ask(50)
    hall.turn()
    for _ in range(10):
        modest.ask()
        assert 2 == hall.turn()[0]


def heavy(hall: Hall, peer: Peer, times: int = 4) -> None:
    for _ in range(times):
        peer.ask()
        hall.turn()


def test_who_takes_whole_frames_has_to_wait(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall()
    glutton, modest = hall.connect(1, 40), hall.connect(2)
    heavy(hall, glutton)
    assert 1 == hall.service.rests
    glutton.ask()
    modest.ask()
    assert [2] == hall.turn()


def test_who_had_to_wait_is_served_again(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall()
    glutton = hall.connect(1, 25)
    hall.connect(2)
    heavy(hall, glutton)
    glutton.cost_ms = 0.01
    glutton.ask()
    hall.served.clear()
    while not hall.served:
        # The end of the rest is a timer, which wakes the loop.
        hall.loop.turn()
    assert [1] == sorted(set(hall.served))


def test_who_is_alone_never_waits(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall()
    heavy(hall, hall.connect(1, 40))
    assert 0 == hall.service.rests


def test_coming_back_does_not_settle_a_debt(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall()
    modest, glutton = hall.connect(2), hall.connect(1, 40)
    heavy(hall, glutton)
    hall.leave(glutton)
    hall.connect(1).ask()
    modest.ask()
    assert [2] == hall.turn()


def test_an_unfair_service_serves_all_at_once(new_hall: Callable[..., Hall]) -> None:
    hall = new_hall(fair=False)
    for pid in range(4):
        hall.connect(pid, 3).ask(3)
    assert 12 == len(hall.turn())
    assert 0 == hall.service.rests
