"""Tickets: one object, to one process, once."""

from __future__ import annotations

import mmap
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from compositor.memory import (
    Access,
    AnonymousObject,
    BadRectangle,
    Denied,
    GrantDesk,
    Peer,
    Policy,
    Resources,
    recv_fds,
    send_fds,
)
from compositor.memory.objects import PAGE


@pytest.fixture
def thing() -> Iterator[AnonymousObject]:
    with AnonymousObject(4 * PAGE, Access.READ_WRITE) as made:
        made.contents[:] = 1
        yield made


@pytest.fixture
def me() -> Iterator[Peer]:
    with Peer.process(os.getpid()) as peer:
        yield peer


@pytest.fixture
def another() -> Iterator[Peer]:
    """A living process that is not this one."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        with Peer.process(child.pid) as peer:
            yield peer
        assert child.stdin is not None
        child.stdin.close()


def test_a_ticket_is_redeemed_once(thing: AnonymousObject, me: Peer) -> None:
    desk = GrantDesk()
    ticket = desk.issue(thing, me)
    grant = desk.redeem(ticket.text, me)
    assert (0, 4 * PAGE, Access.READ_WRITE) == (grant.offset, grant.size, grant.access)
    assert os.path.sameopenfile(thing.fd, grant.descriptor.fileno())
    assert (0, True) == (len(desk), ticket.redeemed)
    with pytest.raises(Denied, match="no such ticket"):
        desk.redeem(ticket.text, me)
    grant.descriptor.close()


def test_a_ticket_is_good_for_its_receiver_only_and_a_thief_does_not_use_it_up(
    thing: AnonymousObject, me: Peer, another: Peer
) -> None:
    desk = GrantDesk()
    ticket = desk.issue(thing, another)
    with pytest.raises(Denied, match="not for process"):
        desk.redeem(ticket.text, me)
    desk.redeem(ticket.text, another).descriptor.close()


def test_the_same_pid_under_another_user_is_another_receiver(thing: AnonymousObject, me: Peer) -> None:
    desk = GrantDesk()
    ticket = desk.issue(thing, me)
    with Peer.process(os.getpid(), uid=os.getuid() + 1) as other, pytest.raises(Denied):
        desk.redeem(ticket.text, other)


def test_a_dead_receivers_ticket_is_worthless_even_for_its_pid(thing: AnonymousObject) -> None:
    desk = GrantDesk()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child, Peer.process(child.pid) as dead:
        ticket = desk.issue(thing, dead)
        child.communicate()
    # As a process that was given the number again would be seen.
    with Peer(dead.pid, dead.uid, dead.gid, None, exact=False) as impostor, pytest.raises(Denied):
        desk.redeem(ticket.text, impostor)
    with pytest.raises(Denied):
        desk.redeem(ticket.text, dead)
    with pytest.raises(Denied, match="is gone"):
        desk.issue(thing, dead)


def test_a_guessed_ticket_is_denied(thing: AnonymousObject, me: Peer) -> None:
    desk = GrantDesk()
    ticket = desk.issue(thing, me)
    for guess in ("", ticket.text[:-1], ticket.text + "0", "0" * 64, ticket.text.upper() + " "):
        with pytest.raises(Denied):
            desk.redeem(guess, me)
    assert 1 == len(desk)


def test_two_tickets_are_never_alike(thing: AnonymousObject, me: Peer) -> None:
    desk = GrantDesk()
    texts = {desk.issue(thing, me).text for _ in range(100)}
    assert (100, {64}) == (len(texts), {len(text) for text in texts})


def test_a_ticket_revoked_before_use_is_worthless_and_the_contents_stay(
    thing: AnonymousObject, me: Peer
) -> None:
    desk = GrantDesk()
    ticket = desk.issue(thing, me)
    desk.revoke(ticket)
    with pytest.raises(Denied):
        desk.redeem(ticket.text, me)
    assert thing.contents.all()


def test_a_ticket_revoked_after_use_takes_back_its_range_and_no_more(
    thing: AnonymousObject, me: Peer
) -> None:
    desk = GrantDesk()
    ticket = desk.issue(thing, me, offset=PAGE, size=2 * PAGE)
    grant = desk.redeem(ticket.text, me)
    peer = mmap.mmap(grant.descriptor.fileno(), grant.size, offset=grant.offset)
    peer[:] = b"\x05" * len(peer)
    desk.revoke(ticket)
    # Before anybody looks: reading a hole through a mapping fills it.
    assert 2 * PAGE == os.fstat(thing.fd).st_blocks * 512
    assert bytes(2 * PAGE) == peer[:]
    assert [1, 0, 0, 1] == [int(thing.contents[page * PAGE]) for page in range(4)]
    thing.contents[PAGE] = 3
    desk.revoke(ticket)
    assert 3 == thing.contents[PAGE], "revoking twice discards once"
    peer.close()
    grant.descriptor.close()


@pytest.mark.parametrize("size", [0, 1, PAGE + 1, 5 * PAGE, -PAGE])
def test_a_range_is_whole_pages_of_the_object(thing: AnonymousObject, me: Peer, size: int) -> None:
    with pytest.raises(ValueError):
        GrantDesk().issue(thing, me, size=size)
    with pytest.raises(ValueError):
        GrantDesk().issue(thing, me, offset=100)


def test_an_object_cannot_be_granted_with_another_access_than_it_has(
    thing: AnonymousObject, me: Peer
) -> None:
    with pytest.raises(Denied, match="read-write for everybody, never read-only"):
        GrantDesk().issue(thing, me, access=Access.READ_ONLY)
    with AnonymousObject(PAGE) as other, pytest.raises(Denied, match="never read-write"):
        GrantDesk().issue(other, me, access=Access.READ_WRITE)


def test_a_read_only_grant_cannot_write(me: Peer) -> None:
    with AnonymousObject(PAGE) as thing:
        desk = GrantDesk()
        grant = desk.redeem(desk.issue(thing, me, access=Access.READ_ONLY).text, me)
        again = os.open(f"/proc/self/fd/{grant.descriptor.fileno()}", os.O_RDWR)
        with pytest.raises(PermissionError):
            os.pwrite(again, b"x", 0)
        os.close(again)
        grant.descriptor.close()


def test_a_revoked_object_cannot_be_granted_or_redeemed(thing: AnonymousObject, me: Peer) -> None:
    desk = GrantDesk()
    ticket = desk.issue(thing, me)
    thing.revoke()
    with pytest.raises(Denied, match="revoked"):
        desk.redeem(ticket.text, me)
    with pytest.raises(Denied, match="revoked"):
        desk.issue(thing, me)


def test_waiting_tickets_are_bounded_and_the_deads_make_room(thing: AnonymousObject, me: Peer) -> None:
    desk = GrantDesk(limit=2)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child, Peer.process(child.pid) as dying:
        desk.issue(thing, dying)
        desk.issue(thing, me)
        with pytest.raises(ValueError, match="2 tickets wait"):
            desk.issue(thing, me)
        child.communicate()
        desk.issue(thing, me)
    assert 2 == len(desk)


RECEIVER = """
import mmap, socket, sys
from compositor.memory import recv_fds
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
sock.sendall(sys.stdin.buffer.read(64))
_, [descriptor] = recv_fds(sock, 3, 1)
memory = mmap.mmap(descriptor.fileno(), mmap.PAGESIZE)
memory[0:5] = b"child"
sock.sendall(b"done")
"""


def test_a_real_process_redeems_its_ticket_over_a_socket(thing: AnonymousObject, tmp_path: Path) -> None:
    """The kernel says who presents the ticket; the process says nothing about itself."""
    desk = GrantDesk()
    path = str(tmp_path / "desk")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        argv = [sys.executable, "-c", RECEIVER, path]
        with subprocess.Popen(argv, stdin=subprocess.PIPE) as child, Peer.process(child.pid) as receiver:
            ticket = desk.issue(thing, receiver)
            assert child.stdin is not None
            child.stdin.write(ticket.text.encode())
            child.stdin.close()
            conn, _ = listener.accept()
            with conn, Peer.of(conn) as peer:
                grant = desk.redeem(recv_fds(conn, 64)[0].decode(), peer)
                send_fds(conn, b"ok.", [grant.descriptor.fileno()])
                grant.descriptor.close()
                assert b"done" == recv_fds(conn, 4)[0]
            assert 0 == child.wait(30)
    assert b"child" == thing.contents[:5].tobytes()


def test_a_peer_maps_a_resource_by_name_and_finds_it_in_a_larger_object(me: Peer) -> None:
    with AnonymousObject(64 * 1024) as thing:
        drawn = thing.view(8192, 10, 128, 20, "<u4")
        resources = Resources(Policy())
        resources.publish("output-1", thing, offset=8192, width=20, height=10, stride=128, format=1)
        answer = resources.map("output-1", me)
        where = (answer.offset, answer.size, answer.width, answer.height, answer.stride, answer.format)
        assert (8192, 65536, 20, 10, 128, 1) == where
        seen = answer.view()
        drawn[3, 4] = 0x01020304
        assert (0x01020304, (10, 20)) == (seen[3, 4], seen.shape)
        with pytest.raises(ValueError, match="read-only"):
            seen[0, 0] = 1


def test_a_resource_outside_its_object_cannot_be_published() -> None:
    with AnonymousObject(PAGE) as thing, pytest.raises(BadRectangle):
        Resources(Policy()).publish("r", thing, offset=0, width=32, height=33, stride=128, format=1)


def test_unknown_withdrawn_and_revoked_resources_are_denied(me: Peer) -> None:
    with AnonymousObject(PAGE) as thing:
        resources = Resources(Policy())
        resources.publish("r", thing, offset=0, width=32, height=32, stride=128, format=1)
        with pytest.raises(Denied):
            resources.map("other", me)
        resources.withdraw("r")
        with pytest.raises(Denied):
            resources.map("r", me)
        resources.publish("r", thing, offset=0, width=32, height=32, stride=128, format=1)
        thing.revoke()
        with pytest.raises(Denied):
            resources.map("r", me)


def test_who_may_map_is_a_matter_of_policy(me: Peer) -> None:
    with AnonymousObject(PAGE) as thing:
        resources = Resources(Policy(denied_uids=[os.getuid()]))
        resources.publish("r", thing, offset=0, width=32, height=32, stride=128, format=1)
        with pytest.raises(Denied, match="is denied"):
            resources.map("r", me)
