"""Who gets in, as whom: users, programs, abstract sockets, launches that check in, and the second look."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import guest
from support.client import Client
from support.process import DEADLINE_S

from compositor.memory.handshake import CHECK_IN_BYTES, TOKEN_BYTES
from compositor.testing import Compositor

GUEST = guest.__file__
PYTHON = os.path.realpath(sys.executable)
NOBODY = 65534
PRIVILEGED = "zwlr_screencopy_manager_v1"

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@pytest.fixture
def start() -> Iterator[Callable[..., Compositor]]:
    """Start compositors with options."""
    started: list[Compositor] = []

    def start(*arguments: str) -> Compositor:
        started.append(Compositor(outputs=["320x240"], arguments=arguments, timeout_s=DEADLINE_S))
        return started[-1]

    yield start
    for compositor in started:
        compositor.close()


@pytest.fixture
def abstract_name() -> str:
    """A name that nobody else has."""
    return f"weddell-test-{os.getpid()}-{time.monotonic_ns()}"


def as_user(uid: int, address: str) -> dict[str, Any]:
    """Connect as another user and return what that one is offered."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            try:
                answer = guest.offered(guest.reach(address))
            except OSError as error:
                answer = {"refused": error.strerror}
            os.write(write, json.dumps(answer).encode())
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as stream:
        text = stream.read()
    os.waitpid(pid, 0)
    return dict(json.loads(text))


def offered(address: Any) -> dict[str, Any]:
    """Connect from here and return what is offered."""
    return guest.offered(guest.reach(str(address)))


def logged(compositor: Compositor, text: str) -> None:
    """Wait until something is in the log."""
    deadline = time.monotonic() + DEADLINE_S
    while text not in compositor.log:
        assert time.monotonic() < deadline, compositor.log
        time.sleep(0.01)


# Users


@root_only
def test_another_user_is_refused_on_an_abstract_socket(
    start: Callable[..., Compositor], abstract_name: str
) -> None:
    compositor = start("--socket", f"@{abstract_name}")
    assert "refused" in as_user(NOBODY, f"@{abstract_name}")
    logged(compositor, f"user {NOBODY} is not allowed")
    assert "globals" in offered(f"@{abstract_name}")
    # The socket with a file is not even reached.
    assert {"refused": "Permission denied"} == as_user(NOBODY, str(compositor.socket))


@root_only
def test_a_user_who_is_allowed_comes_in_and_a_denial_is_stronger(
    start: Callable[..., Compositor], abstract_name: str
) -> None:
    start("--socket", f"@{abstract_name}", "--allow-uid", str(NOBODY))
    assert "globals" in as_user(NOBODY, f"@{abstract_name}")
    other = abstract_name + "-2"
    compositor = start("--socket", f"@{other}", "--allow-uid", str(NOBODY), "--deny-uid", str(NOBODY))
    assert "refused" in as_user(NOBODY, f"@{other}")
    logged(compositor, f"user {NOBODY} is denied")


def test_ourselves_can_be_denied(start: Callable[..., Compositor]) -> None:
    compositor = start("--deny-uid", str(os.getuid()))
    assert "refused" in offered(compositor.socket)


# Programs


def test_a_program_that_is_denied_stays_outside(start: Callable[..., Compositor]) -> None:
    compositor = start("--deny-exe", PYTHON)
    assert "refused" in offered(compositor.socket)
    logged(compositor, f"program {PYTHON} is denied")


def test_only_programs_that_are_allowed_come_in(start: Callable[..., Compositor]) -> None:
    assert "refused" in offered(start("--allow-exe", "/bin/true").socket)
    compositor = start("--allow-exe", "/bin/true", "--allow-exe", PYTHON)
    client = Client(guest.reach(str(compositor.socket)), timeout_s=DEADLINE_S)
    client.roundtrip()
    (info,) = compositor.clients
    assert (PYTHON, "public socket", True) == (info["executable"], info["way"], info["alive"])
    client.close()


def test_the_path_of_a_program_says_nothing_its_file_does(
    start: Callable[..., Compositor], tmp_path: Path
) -> None:
    link = tmp_path / "harmless"
    link.symlink_to(PYTHON)
    assert "refused" in offered(start("--deny-exe", str(link)).socket)


# Launches


@pytest.fixture(scope="module")
def house() -> Iterator[Compositor]:
    """A compositor that grants privileges to those that it has launched as trusted."""
    arguments = ["--privileged", "launched"]
    with Compositor(outputs=["320x240"], arguments=arguments, timeout_s=DEADLINE_S) as compositor:
        yield compositor


def launch(house: Compositor, argv: list[str], trusted: bool = True) -> tuple[dict[str, Any], Any]:
    """Launch a program that says what it is offered; what it says, and its stdin."""
    ours, theirs = socket.socketpair()
    params = {"argv": argv, "trusted": trusted, "stdin": 0, "stdout": 1}
    with house.connect() as connection:
        result, _ = connection.exchange("launch", params, [theirs.fileno(), theirs.fileno()])
    theirs.close()
    ours.settimeout(DEADLINE_S)
    line = ours.makefile().readline()
    return {**result, **json.loads(line)}, ours


def info_of(house: Compositor, way: str, launch: int | None = None) -> dict[str, Any]:
    """Return what is said of the client that came in like that."""
    (info,) = [one for one in house.clients if (one["way"], one["launch"]) == (way, launch)]
    return info


def handshake(house: Compositor, launch: int) -> str:
    """Return where the handshake of a launch stands."""
    return str(house.call("launch.status", launch=launch)["handshake"])


CHECK_IN = [sys.executable, GUEST, "check-in"]
DOUBLE_FORK = ["sh", "-c", '(exec "$@" <&3 3<&- &) 3<&0', "sh", *CHECK_IN]
WRAPPED = ["env", "A=B", "nice", "-n", "1", *CHECK_IN]


@pytest.mark.parametrize("argv", [CHECK_IN, DOUBLE_FORK, WRAPPED], ids=["itself", "double fork", "wrappers"])
def test_a_launched_program_that_checks_in_is_known(house: Compositor, argv: list[str]) -> None:
    said, stdin = launch(house, argv)
    assert PRIVILEGED in said["globals"]
    info = info_of(house, "checked in", said["launch"])
    assert info["privileged"]
    assert "launched as trusted, checked in" == info["why"]
    assert "checked in" == handshake(house, said["launch"])
    stdin.close()


def test_one_that_is_not_trusted_is_known_and_not_privileged(house: Compositor) -> None:
    said, stdin = launch(house, CHECK_IN, trusted=False)
    assert PRIVILEGED not in said["globals"]
    info = info_of(house, "checked in", said["launch"])
    assert (False, "launched, not as trusted (--privileged launched)") == (info["privileged"], info["why"])
    stdin.close()


def test_a_stranger_is_not_privileged_and_is_told_apart(house: Compositor) -> None:
    client = Client(guest.reach(str(house.socket)), timeout_s=DEADLINE_S)
    client.roundtrip()
    _ = client.registry
    assert PRIVILEGED not in client.globals
    assert "not launched here (--privileged launched)" == info_of(house, "public socket")["why"]
    client.close()


def test_who_has_become_another_program_since_is_privileged_no_more(
    house: Compositor, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copy(PYTHON, other)
    env = ["env", f"PYTHONHOME={sys.base_prefix}", f"PYTHONPATH={os.pathsep.join(filter(None, sys.path))}"]
    said, stdin = launch(house, [*env, *CHECK_IN, "exec", str(other)])
    assert PRIVILEGED not in said["globals"]
    assert "wl_compositor" in said["globals"]
    info = info_of(house, "checked in", said["launch"])
    assert not info["privileged"]
    assert "and is now" in info["why"]
    stdin.close()


def test_one_that_never_connects_hangs_nobody_up(house: Compositor) -> None:
    never = house.call("launch", argv=["sleep", "60"])["launch"]
    ended = house.call("launch", argv=["true"])["launch"]
    house.call("launch.wait", launch=ended)
    deadline = time.monotonic() + DEADLINE_S
    while handshake(house, ended) != "gone":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert "waiting" == handshake(house, never)
    assert "globals" in offered(house.socket)


def message(token: bytes, oid: int = 0, opcode: int = 0) -> bytes:
    """A check-in as it is on the wire."""
    return struct.pack("=IHH", oid, opcode, 8 + len(token)) + token


BAD = {
    "a made-up token": message(bytes(TOKEN_BYTES)),
    "too short a token": message(bytes(TOKEN_BYTES - 4)),
    "too long a token": message(bytes(TOKEN_BYTES + 4)),
    "no token": message(b""),
    "another opcode": message(bytes(TOKEN_BYTES), opcode=1),
    "a size of nothing": struct.pack("=IHH", 0, 0, 0),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_check_in_is_refused_and_waiting_goes_on(house: Compositor, name: str) -> None:
    waiting = house.call("launch", argv=["sleep", "60"])["launch"]
    client = Client(guest.reach(str(house.socket)), timeout_s=DEADLINE_S)
    client.send(BAD[name])
    client.flush()
    while client.receive(wait=True):
        pass
    assert client.closed
    assert client.error is not None
    assert "waiting" == handshake(house, waiting)
    client.close()


def test_slow_check_ins_hold_nobody_up(house: Compositor) -> None:
    said, stdin = launch(house, ["sh", "-c", 'echo "{}"; exec cat'], trusted=False)
    slow = [guest.reach(str(house.socket)) for _ in range(5)]
    for sock in slow:
        sock.sendall(message(bytes(TOKEN_BYTES))[: CHECK_IN_BYTES - 1])
    assert "globals" in offered(house.socket)
    known, second = launch(house, CHECK_IN)
    assert PRIVILEGED in known["globals"]
    assert "waiting" == handshake(house, said["launch"])
    for sock in (*slow, stdin, second):
        sock.close()


def test_a_token_is_good_once_on_the_wire(house: Compositor) -> None:
    script = (
        "import os, socket, sys, time; sys.path[:0] = sys.argv[1:3];"
        "pipe = socket.socket(fileno=int(os.environ['WEDDELL_HANDSHAKE']));"
        "token = pipe.recv(36, socket.MSG_WAITALL)[4:]; print(repr(token.hex()).replace(chr(39), chr(34)));"
        "sys.stdout.flush(); sys.stdin.read()"
    )
    ours, theirs = socket.socketpair()
    with house.connect() as connection:
        fds = [theirs.fileno(), theirs.fileno()]
        params = {"argv": [PYTHON, "-c", script], "trusted": True, "stdin": 0, "stdout": 1}
        connection.exchange("launch", params, fds)
    theirs.close()
    token = bytes.fromhex(json.loads(ours.makefile().readline()))
    # Whoever the launched program gives its token to is that launch: that is what it is for. Once.
    for good in (True, False):
        client = Client(guest.reach(str(house.socket)), timeout_s=DEADLINE_S)
        client.send(message(token))
        if good:
            client.roundtrip()
            _ = client.registry
            assert PRIVILEGED in client.globals
        else:
            client.expect_error("wl_display", "invalid_object")
        client.close()
    ours.close()


def test_a_second_instance_says_that_the_name_is_in_use(house: Compositor) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "compositor", "run", "--headless", "--socket", Path(house.socket).name],
        env={**os.environ, "XDG_RUNTIME_DIR": str(Path(house.socket).parent)},
        cwd=Path(__file__).parent.parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 1 == second.returncode
    assert f"the socket name {Path(house.socket).name} is in use by another compositor" in second.stderr
    assert "globals" in offered(house.socket)
    assert 0o600 == Path(house.socket).stat().st_mode & 0o777
    assert 0o700 == Path(house.socket).parent.stat().st_mode & 0o777
