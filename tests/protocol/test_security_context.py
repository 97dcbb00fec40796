"""wp_security_context_manager_v1: clients from inside a sandbox see no privileged globals."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.client import Client, ConnectionLost, Proxy
from support.stage import Stage

from compositor.model.sandbox import Sandbox

PRIVILEGED = {
    "zwlr_screencopy_manager_v1",
    "ext_image_copy_capture_manager_v1",
    "zwlr_layer_shell_v1",
    "zwlr_foreign_toplevel_manager_v1",
    "ext_foreign_toplevel_list_v1",
    "ext_session_lock_manager_v1",
    "zwlr_output_manager_v1",
    "zwlr_output_power_manager_v1",
    "zwlr_gamma_control_manager_v1",
    "wp_security_context_manager_v1",
}


class Door:
    """A listening socket and the pipe whose end closes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listening.bind(str(path))
        self.listening.listen(4)
        self.read_end, self.write_end = os.pipe()

    def shut(self) -> None:
        """Hang up."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def close(self) -> None:
        """Close everything on this side."""
        self.shut()
        self.listening.close()
        os.close(self.read_end)

    def register(self, client: Client, **names: str) -> Proxy:
        """Make a context of it and commit it."""
        context = create(client, self.listening.fileno(), self.read_end)
        for name, value in names.items():
            getattr(context, f"set_{name}")(value)
        context.commit()
        client.roundtrip()
        return context


def create(client: Client, listen_fd: int, close_fd: int) -> Proxy:
    """Create a listener."""
    manager = client.get("wp_security_context_manager_v1")
    context: Proxy = manager.create_listener(listen_fd, close_fd)
    return context


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A door that nobody listens at yet."""
    made = Door(tmp_path / "sandboxed")
    yield made
    made.close()


def enter(server: Stage, door: Door) -> Client:
    """Connect through the door."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(str(door.path))
    client = Client(sock, server.pump)
    sock.setblocking(False)
    server.clients.append(client)
    return client


def test_a_client_from_inside_sees_no_privileged_globals(server: Stage, client: Client, door: Door) -> None:
    client.roundtrip()
    assert set(client.registry.client.globals) >= PRIVILEGED
    door.register(client, sandbox_engine="org.test", app_id="org.seal", instance_id="1")
    inside = enter(server, door)
    inside.registry.client.roundtrip()
    assert "xdg_wm_base" in inside.globals
    assert set() == PRIVILEGED & set(inside.globals)
    assert Sandbox("org.test", "org.seal", "1") == server.server.display.clients[-1].sandbox


def test_a_privileged_global_whose_name_is_guessed_is_an_error(
    server: Stage, client: Client, door: Door
) -> None:
    client.registry.client.roundtrip()
    door.register(client)
    inside = enter(server, door)
    inside.registry.client.roundtrip()
    for name in PRIVILEGED:
        inside.globals[name] = client.globals[name]
    inside.bind("wp_security_context_manager_v1")
    inside.expect_error("wl_registry", "invalid_object")


def test_clients_come_in_after_the_one_that_opened_the_door_has_gone(
    server: Stage, client: Client, door: Door
) -> None:
    door.register(client).destroy()
    client.close()
    server.pump()
    for _ in range(3):
        enter(server, door).roundtrip()


def test_nobody_comes_in_once_the_door_is_shut(server: Stage, client: Client, door: Door) -> None:
    door.register(client)
    inside = enter(server, door)
    inside.roundtrip()
    door.shut()
    server.pump()
    assert [] == server.server.sandboxes.open
    # Who is in stays.
    inside.roundtrip()
    late = enter(server, door)
    server.clients.remove(late)
    late.sock.settimeout(0.2)
    late.pump = None
    with pytest.raises(AssertionError, match="no answer in time"):
        late.roundtrip()
    late.close()


def test_what_is_written_to_the_pipe_shuts_nothing_and_wakes_nobody(
    server: Stage, client: Client, door: Door
) -> None:
    door.register(client)
    os.write(door.write_end, b"still here")
    server.pump()
    before = server.server.loop.wakeups
    server.pump()
    # `run_until_idle` turns once to find that there is nothing to do.
    assert server.server.loop.wakeups <= before + 1
    enter(server, door).roundtrip()


def test_nobody_is_served_before_commit(server: Stage, client: Client, door: Door) -> None:
    create(client, door.listening.fileno(), door.read_end)
    client.roundtrip()
    waiting = enter(server, door)
    server.clients.remove(waiting)
    count = len(server.server.display.clients)
    server.pump()
    assert count == len(server.server.display.clients)
    waiting.close()


def test_contexts_that_are_never_committed_keep_no_descriptor(
    server: Stage, client: Client, door: Door
) -> None:
    client.get("wp_security_context_manager_v1")
    client.roundtrip()
    before = len(os.listdir("/proc/self/fd"))
    contexts = [create(client, door.listening.fileno(), door.read_end) for _ in range(5)]
    client.roundtrip()
    assert before + 10 == len(os.listdir("/proc/self/fd"))
    for context in contexts:
        context.destroy()
    client.roundtrip()
    assert before == len(os.listdir("/proc/self/fd"))


def test_a_socket_that_its_owner_makes_useless_ends_the_context(
    server: Stage, client: Client, door: Door
) -> None:
    door.register(client)
    door.listening.shutdown(socket.SHUT_RDWR)
    server.pump()
    assert [] == server.server.sandboxes.open


def test_a_socket_that_its_owner_makes_blocking_blocks_nobody(
    server: Stage, client: Client, door: Door
) -> None:
    door.register(client)
    door.listening.setblocking(True)
    inside = enter(server, door)
    inside.roundtrip()
    assert fcntl.fcntl(door.listening.fileno(), fcntl.F_GETFL) & os.O_NONBLOCK


def test_there_are_only_so_many_contexts(server: Stage, client: Client, tmp_path: Path) -> None:
    doors = [Door(tmp_path / f"{n}") for n in range(257)]
    for door in doors[:-1]:
        door.register(client)
    with pytest.raises(ConnectionLost, match="implementation"):
        doors[-1].register(client)
    assert 256 == len(server.server.sandboxes.open)
    for door in doors:
        door.close()
    server.pump()
    assert [] == server.server.sandboxes.open


# Errors


@pytest.mark.parametrize("kind", ["pipe", "not listening", "datagram", "file"])
def test_what_is_no_listening_socket_is_an_error(
    client: Client, door: Door, tmp_path: Path, kind: str
) -> None:
    made: list[int] = []
    if kind == "pipe":
        made += os.pipe()
    elif kind == "file":
        made.append(os.open(tmp_path / "file", os.O_CREAT | os.O_RDWR))
    else:
        type_ = socket.SOCK_DGRAM if kind == "datagram" else socket.SOCK_STREAM
        made.append(socket.socket(socket.AF_UNIX, type_).detach())
    create(client, made[0], door.read_end)
    client.expect_error("wp_security_context_manager_v1", "invalid_listen_fd")
    for fd in made:
        os.close(fd)


def test_a_listening_socket_of_the_network_is_an_error(client: Client, door: Door) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        create(client, sock.fileno(), door.read_end)
        client.expect_error("wp_security_context_manager_v1", "invalid_listen_fd")


def test_a_file_to_close_by_is_an_error(client: Client, door: Door, tmp_path: Path) -> None:
    fd = os.open(tmp_path / "file", os.O_CREAT | os.O_RDWR)
    create(client, door.listening.fileno(), fd)
    client.expect_error("wl_display", "implementation")
    os.close(fd)


@pytest.mark.parametrize("name", ["sandbox_engine", "app_id", "instance_id"])
def test_a_name_is_given_once(client: Client, door: Door, name: str) -> None:
    context = create(client, door.listening.fileno(), door.read_end)
    for _ in range(2):
        getattr(context, f"set_{name}")("name")
    client.expect_error("wp_security_context_v1", "already_set")


@pytest.mark.parametrize("name", ["set_app_id", "commit"])
def test_nothing_follows_commit(client: Client, door: Door, name: str) -> None:
    context = door.register(client)
    getattr(context, name)(*(["x"] if name != "commit" else []))
    client.expect_error("wp_security_context_v1", "already_used")


def test_a_name_that_goes_on_and_on_is_an_error(client: Client, door: Door) -> None:
    create(client, door.listening.fileno(), door.read_end).set_app_id("x" * 10_000)
    client.expect_error("wp_security_context_v1", "invalid_metadata")
