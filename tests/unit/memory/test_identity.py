"""Who is at the other end, asked of real processes."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from compositor.memory import (
    Denied,
    Descriptor,
    Exclusive,
    Executable,
    Peer,
    Policy,
    exclusive_access,
    identity,
)

from .files import disk_file, memfd, reopened, shm_file

Keep = Callable[[int], int]

CONNECT = """
import os, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
os.set_inheritable(sock.fileno(), True)
sock.sendall(b"here")
os.read(0, 1)
if len(sys.argv) > 2:
    os.execv(sys.argv[2], sys.argv[2:])
"""


@contextmanager
def connected(
    *then: str, program: str = sys.executable
) -> Iterator[tuple[socket.socket, subprocess.Popen[bytes]]]:
    """A process connected to us; given a line on its standard input it runs `then`, or ends."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0weddell-test-" + os.urandom(8).hex())
        listener.listen()
        name = listener.getsockname()
        argv = [program, "-c", CONNECT.replace("sys.argv[1]", repr(name), 1), "", *then]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            conn, _ = listener.accept()
            with conn:
                assert b"here" == conn.recv(4)
                try:
                    yield conn, child
                finally:
                    child.communicate()


def test_the_kernel_says_who_connected() -> None:
    with connected() as (conn, child), Peer.of(conn) as peer:
        assert (child.pid, os.getuid(), os.getgid()) == (peer.pid, peer.uid, peer.gid)
        assert peer.alive
        assert Executable.at(f"/proc/{child.pid}/exe").same_as(peer.executable())


def test_a_peer_that_ended_is_gone_for_ever() -> None:
    with connected() as (conn, child):
        with Peer.of(conn) as peer:
            child.communicate()
            assert not peer.alive
            with pytest.raises(Denied):
                peer.executable()
            with pytest.raises(Denied, match="is gone"):
                Policy().check(peer)
        with Peer.of(conn) as late:
            assert (child.pid, False) == (late.pid, late.alive)


def test_peers_are_the_same_process_or_not() -> None:
    with (
        connected() as (conn, child),
        connected() as (other_conn, _),
        Peer.of(conn) as one,
        Peer.process(child.pid) as same,
        Peer.of(other_conn) as other,
    ):
        assert one.same_process(same)
        assert not one.same_process(other)
        child.communicate()
        assert not one.same_process(same)


def test_without_the_socket_option_the_process_is_found_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_SO_PEERPIDFD", 0x7FFF)
    with connected() as (conn, child), Peer.of(conn) as peer:
        assert (child.pid, True, False) == (peer.pid, peer.alive, peer.exact)
        child.communicate()
        assert not peer.alive


def test_a_pidfd_does_not_leak_into_programs_we_start() -> None:
    with Peer.process(os.getpid()) as peer:
        assert peer._pidfd is not None
        assert not os.get_inheritable(peer._pidfd.fileno())


def test_a_closed_peer_counts_as_gone() -> None:
    peer = Peer.process(os.getpid())
    peer.close()
    assert not peer.alive


def test_a_socket_that_is_not_connected_has_no_peer() -> None:
    for family in (socket.AF_INET, socket.AF_UNIX):
        with socket.socket(family) as sock, pytest.raises(OSError, match="no peer"):
            Peer.of(sock)


def test_our_own_user_is_allowed_and_others_are_not_unless_said() -> None:
    with connected() as (conn, _), Peer.of(conn) as peer:
        assert Policy().check(peer) is not None
        assert Policy(uids=[peer.uid + 1, peer.uid]).check(peer) is not None
        assert Policy(any_uid=True).check(peer) is not None
        with pytest.raises(Denied, match="is not allowed"):
            Policy(uids=[peer.uid + 1]).check(peer)
        with pytest.raises(Denied, match="is not allowed"):
            Policy(uids=[]).check(peer)


def test_a_denial_beats_an_allowance() -> None:
    with connected() as (conn, _), Peer.of(conn) as peer:
        with pytest.raises(Denied):
            Policy(uids=[peer.uid], denied_uids=[peer.uid]).check(peer)
        with pytest.raises(Denied):
            Policy(executables=[sys.executable], denied_executables=[sys.executable]).check(peer)


def test_programs_are_known_by_their_inode_and_not_by_their_path(tmp_path: Path) -> None:
    real = os.path.realpath(sys.executable)
    (tmp_path / "link").symlink_to(real)
    shutil.copy(real, tmp_path / "copy")
    with connected() as (conn, _), Peer.of(conn) as peer:
        found = Policy(executables=["/nonexistent", tmp_path / "link"]).check(peer)
        assert found is not None and found.same_as(Executable.at(real))
        for others in ([tmp_path / "copy"], ["/bin/sh"], ["/nonexistent"], []):
            with pytest.raises(Denied, match="is not allowed"):
                Policy(executables=others).check(peer)


def test_a_second_look_sees_that_the_process_runs_something_else_by_now() -> None:
    cat = shutil.which("cat")
    assert cat is not None
    with connected(cat) as (conn, child), Peer.of(conn) as peer:
        policy = Policy()
        before = policy.check(peer)
        assert before is not None
        assert before.same_as(policy.check(peer, before) or before)
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(b"\necho\n")
        child.stdin.flush()
        assert b"echo\n" == child.stdout.readline(), "cat runs"
        assert peer.alive, "it is the same process all the same"
        with pytest.raises(Denied, match="and is now"):
            policy.check(peer, before)
        with pytest.raises(Denied, match="is not allowed"):
            Policy(executables=[sys.executable]).check(peer)


def test_a_file_that_only_we_have_open_is_exclusive(owned: Keep, tmp_path: Path) -> None:
    path = tmp_path / "file"
    fd = owned(os.open(path, os.O_RDWR | os.O_CREAT))
    if exclusive_access(fd) is Exclusive.UNSUPPORTED:
        pytest.skip("this file system has no leases")
    assert Exclusive.YES is exclusive_access(fd)
    other = os.open(path, os.O_RDONLY)
    assert Exclusive.NO is exclusive_access(fd)
    os.close(other)
    assert Exclusive.YES is exclusive_access(fd)


def test_another_process_that_has_the_file_open_is_seen(owned: Keep, tmp_path: Path) -> None:
    path = tmp_path / "file"
    fd = owned(os.open(path, os.O_RDWR | os.O_CREAT))
    if exclusive_access(fd) is Exclusive.UNSUPPORTED:
        pytest.skip("this file system has no leases")
    with subprocess.Popen(
        [sys.executable, "-c", f"f = open({str(path)!r}, 'rb'); print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert Exclusive.NO is exclusive_access(fd)
        child.communicate()
    assert Exclusive.YES is exclusive_access(fd)


def test_a_duplicate_is_not_seen(owned: Keep) -> None:
    """What the lease cannot do, pinned here since the documentation says so."""
    fd = owned(shm_file(1))
    owned(os.dup(fd))
    assert Exclusive.YES is exclusive_access(fd)


def test_memfds_and_what_is_no_file_cannot_tell(owned: Keep) -> None:
    assert Exclusive.UNSUPPORTED is exclusive_access(owned(memfd(1)))
    assert Exclusive.UNSUPPORTED is exclusive_access(owned(os.eventfd(0)))
    assert Exclusive.UNSUPPORTED is exclusive_access(owned(reopened(disk_file(1), os.O_PATH)))
    assert Exclusive.UNSUPPORTED is exclusive_access(owned(os.open("/", os.O_RDONLY)))


def test_asking_never_costs_the_process_its_life_when_somebody_opens_the_file_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaking a lease sends its holder a signal, whose default would be to end it."""
    path = tmp_path / "file"
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT)
            real, broken = fcntl.fcntl, []

            def somebody_opens(fd: int, command: int, argument: int = 0) -> int:
                if (command, argument) == (fcntl.F_SETLEASE, fcntl.F_UNLCK):
                    try:
                        os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                    except BlockingIOError:
                        broken.append(True)
                return real(fd, command, argument)

            monkeypatch.setattr(fcntl, "fcntl", somebody_opens)
            status = 0 if exclusive_access(fd) is Exclusive.UNSUPPORTED or broken else 2
        finally:
            os._exit(status)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_reused_pid_does_not_lend_its_program_to_the_dead() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        pidfd = os.pidfd_open(child.pid)
        child.communicate()
    # As after the number was given to another process: here, to us.
    with Peer(os.getpid(), os.getuid(), os.getgid(), Descriptor(pidfd), exact=True) as dead:
        with pytest.raises(Denied, match="is gone"):
            dead.executable()
        with Peer.process(os.getpid()) as living:
            assert not dead.same_process(living)
            assert not living.same_process(dead)
