"""A compositor that has few descriptors, and clients that want them all."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import wire
from support.client import Client, ConnectionLost
from support.pixels import Buffer, Memory, is_unsealable
from support.process import Process
from support.windows import Toplevel

DESCRIPTORS = 160


@pytest.fixture
def starved() -> Iterator[Process]:
    """A compositor that may have 160 descriptors, and keeps 40 of them back."""
    process = Process(descriptors=DESCRIPTORS)
    yield process
    process.close()


def hoard(client: Client, count: int) -> None:
    """Send descriptors that no request takes."""
    memory = Memory(4096)
    client.keep.append(memory)
    client.send(wire.word(1) + wire.word(60_000 << 16) + bytes(count), [memory.fd] * count)
    client.flush()


def fate(client: Client) -> str:
    """Return the text of the error that ended a connection."""
    while client.receive(wait=True):
        pass
    return client.error[3] if client.error is not None else "no error"


def ask(process: Process, method: str, **params: object) -> object:
    """Call a method of the control socket."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(str(process.control_path))
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        sock.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(sock.makefile().readline())
        assert "result" in answer, answer
        return answer["result"]


def test_who_hoards_descriptors_is_disconnected_and_nobody_else(starved: Process) -> None:
    honest = starved.connect()
    window = Toplevel(honest).show()
    hoarders = [starved.connect() for _ in range(3)]
    for client in hoarders:
        hoard(client, 60)
    assert "no descriptors left: this client holds" in fate(hoarders[0])
    window.show()
    later = starved.connect()
    later.roundtrip()
    assert ask(starved, "clients.list")
    assert starved.alive
    for client in (honest, later, *hoarders):
        client.close()


def test_the_reserve_is_as_large_as_was_asked_for() -> None:
    process = Process("--limit", "descriptor_reserve=16", descriptors=DESCRIPTORS)
    try:
        client, other = process.connect(), process.connect()
        hoard(client, 110)
        # They come 28 at a time, each with a turn of its own.
        for _ in range(20):
            other.roundtrip()
            if process.descriptors() > DESCRIPTORS - DESCRIPTORS // 4:
                break
        # A quarter of all would be kept back otherwise.
        assert process.descriptors() > DESCRIPTORS - DESCRIPTORS // 4
        hoard(client, 40)
        assert "no descriptors left: this client holds" in fate(client)
        other.roundtrip()
    finally:
        process.close()


def test_pools_without_end_leave_room_for_others(starved: Process) -> None:
    honest = starved.connect()
    window = Toplevel(honest).show()
    greedy = starved.connect()
    memory = Memory(4096)
    greedy.keep.append(memory)
    with pytest.raises(ConnectionLost):
        for _ in range(200):
            greedy.get("wl_shm").create_pool(memory.fd, 4096)
            greedy.roundtrip()
    assert greedy.error is not None
    assert "no descriptors left" in greedy.error[3]
    window.show()
    assert starved.alive
    greedy.close()
    honest.close()


def test_connections_without_end_leave_room_for_drivers(starved: Process) -> None:
    crowd = [starved.connect() for _ in range(300)]
    assert isinstance(ask(starved, "clients.list"), list)
    starved.logged("no descriptors left")
    for client in crowd:
        client.close()
    later = starved.connect()
    later.roundtrip()
    later.close()
    assert starved.alive


def _flags(pid: int) -> dict[str, int]:
    """What the descriptors of a process open, beyond the first three, and their flags (fdinfo, proc(5))."""
    folder, flags = Path(f"/proc/{pid}"), {}
    for fd in os.listdir(folder / "fd"):
        # One that was open for a moment, such as a module that is being read, may be gone by now.
        with contextlib.suppress(FileNotFoundError):
            name, text = os.readlink(folder / "fd" / fd), (folder / "fdinfo" / fd).read_text()
            if int(fd) > 2:
                flags[name] = int(re.search(r"flags:\s*(\d+)", text)[1], 8)  # type: ignore[index]
    return flags


def test_every_descriptor_of_the_running_compositor_is_closed_on_exec(tmp_path: Path) -> None:
    """While everybody is there that has one opened: whatever is started then would inherit the others."""
    abstract = f"weddell-test-{os.getpid()}"
    process = Process("--socket", f"@{abstract}", "--trace", str(tmp_path / "trace"))
    try:
        client = process.connect()
        window = Toplevel(client).show()
        window.attach(Buffer(client, 64, 48, **is_unsealable()))
        client.get("wl_seat").get_keyboard()
        listening, closing = socket.socket(socket.AF_UNIX), socket.socketpair()
        listening.bind(str(tmp_path / "sandbox"))
        listening.listen()
        contexts = client.get("wp_security_context_manager_v1")
        contexts.create_listener(listening.fileno(), closing[0].fileno()).commit()
        client.roundtrip()
        with socket.socket(socket.AF_UNIX) as driver:
            driver.connect(str(process.control_path))
            for number, method in enumerate(("ring.open", "output.map")):
                request = {"jsonrpc": "2.0", "id": number, "method": method, "params": {}}
                driver.sendall(json.dumps(request).encode() + b"\n")
                assert b"result" in driver.recv(65536)
            ask(process, "launch", argv=["sleep", "60"], trusted=True)
            flags = _flags(process.pid)
        assert len(flags) > 12
        assert {"pipe", "socket", "anon_inode", "/memfd"} <= {name.split(":")[0] for name in flags}
        assert [] == [name for name, value in flags.items() if not value & os.O_CLOEXEC]
        client.close()
        for sock in (listening, *closing):
            sock.close()
    finally:
        process.close()


def test_everything_is_given_back(starved: Process) -> None:
    starved.connect().close()
    first = starved.connect()
    first.roundtrip()
    before = starved.descriptors()
    for _ in range(5):
        client = starved.connect()
        hoard(client, 50)
        client.close()
    first.roundtrip()
    deadline = 200
    while starved.descriptors() > before and deadline:
        first.roundtrip()
        deadline -= 1
    assert before == starved.descriptors()
    first.close()


def test_few_descriptors_are_enough_to_start() -> None:
    process = Process(descriptors=64)
    client = process.connect()
    client.roundtrip()
    client.close()
    assert 0 == process.end()
    assert not os.path.exists(process.path)
    process.close()
