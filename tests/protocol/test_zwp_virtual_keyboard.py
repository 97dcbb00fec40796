"""zwp_virtual_keyboard_manager_v1 and zwp_virtual_keyboard_v1."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable

import pytest
from support.client import Client, Proxy
from support.people import SHIFT, A, Desk, Person
from support.pixels import Memory
from support.stage import Stage

from compositor.model.keymap import text_keymap
from compositor.model.keymap.hostile import MAX_TEXT_BYTES
from compositor.protocol.virtual_keyboard import MAX_KEYBOARDS

XKB_V1 = 1
TEXT = text_keymap("äb€").text


def memory_of(client: Client, data: bytes, seals: int = 0) -> Memory:
    memory = Memory(len(data), seals)
    memory.write(data)
    client.keep.append(memory)
    return memory


@pytest.fixture
def player(server: Stage, desk: Desk) -> Client:
    """A client that plays keyboards for the window of `desk`."""
    desk.keyboard.take()
    return server.connect()


def virtual(client: Client, text: bytes | None = TEXT) -> Proxy:
    manager = client.get("zwp_virtual_keyboard_manager_v1")
    keyboard: Proxy = manager.create_virtual_keyboard(client.get("wl_seat"))
    if text is not None:
        data = text + b"\0"
        keyboard.keymap(XKB_V1, memory_of(client, data).fd, len(data))
        client.roundtrip()
    return keyboard


def keymap_text(event: tuple[object, ...]) -> bytes:
    _format, file, size = event
    return os.pread(file.fd, size, 0)  # type: ignore[attr-defined, arg-type]


def events(proxy: Proxy) -> list[str]:
    """What came, without serials and times."""
    shown = []
    for name, arguments in proxy.raw:
        if name == "key":
            shown.append(f"key{arguments[2:]}")
        elif name == "modifiers":
            shown.append(f"modifiers{arguments[1:]}")
        else:
            shown.append(name)
    proxy.take()
    return shown


def test_keys_reach_the_focus_with_the_keymap_of_the_device_before_them(desk: Desk, player: Client) -> None:
    keyboard = virtual(player)
    assert [] == desk.keyboard.events
    keyboard.key(0, 9, 1)
    keyboard.key(1, 9, 0)
    player.roundtrip()
    desk.client.roundtrip()
    text = keymap_text(desk.keyboard.last("keymap"))
    assert b"EuroSign" in text or b"U20AC" in text or b"20ac" in text.lower()
    assert ["keymap", "modifiers(0, 0, 0, 0)", "key(9, 1)", "key(9, 0)"] == events(desk.keyboard)


def test_a_key_of_the_real_keyboard_brings_its_keymap_back(
    desk: Desk, player: Client, person: Person
) -> None:
    keyboard = virtual(player)
    keyboard.key(0, 9, 1)
    keyboard.key(1, 9, 0)
    player.roundtrip()
    desk.client.roundtrip()
    desk.keyboard.take()
    person.tap(A)
    assert ["keymap", "modifiers(0, 0, 0, 0)", "key(30, 1)", "key(30, 0)"] == events(desk.keyboard)


def test_modifiers_are_those_that_the_client_sets_and_keys_change_none(desk: Desk, player: Client) -> None:
    text = desk.stage.desktop.seat.keyboard.keymap.text
    keyboard = virtual(player, text)
    keyboard.key(0, SHIFT, 1)
    keyboard.modifiers(0, 0, 2, 0)
    keyboard.key(0, SHIFT, 0)
    keyboard.modifiers(1, 0, 2, 0)
    keyboard.modifiers(0, 0, 0, 0)
    player.roundtrip()
    desk.client.roundtrip()
    told = ["key(42, 1)", "modifiers(0, 0, 2, 0)", "key(42, 0)", "modifiers(1, 0, 2, 0)"]
    assert [*told, "modifiers(0, 0, 0, 0)"] == events(desk.keyboard)


def test_the_seats_own_keymap_handed_back_is_no_new_keymap(desk: Desk, player: Client) -> None:
    keyboard = virtual(player, desk.stage.desktop.seat.keyboard.keymap.text)
    keyboard.key(0, A, 1)
    keyboard.key(0, A, 0)
    player.roundtrip()
    desk.client.roundtrip()
    assert ["key(30, 1)", "key(30, 0)"] == events(desk.keyboard)


def test_keys_carry_the_compositors_time(server: Stage, desk: Desk, player: Client) -> None:
    keyboard = virtual(player)
    keyboard.key(0xFFFF_FFFF, 9, 1)
    player.roundtrip()
    desk.client.roundtrip()
    assert server.desktop.now_ms() == desk.keyboard.last("key")[1]


@pytest.mark.parametrize("end", ["destroy", "disconnect"])
def test_what_a_keyboard_holds_is_released_when_it_goes(desk: Desk, player: Client, end: str) -> None:
    keyboard = virtual(player)
    keyboard.key(0, 9, 1)
    player.roundtrip()
    desk.client.roundtrip()
    desk.keyboard.take()
    if end == "destroy":
        keyboard.destroy()
        player.roundtrip()
    else:
        player.close()
        desk.stage.pump()
    desk.client.roundtrip()
    assert "key(9, 0)" == events(desk.keyboard)[0]
    assert [] == list(desk.stage.desktop.seat.keyboard.pressed)


def test_a_key_that_two_keyboards_hold_is_released_with_the_last(desk: Desk, player: Client) -> None:
    text = desk.stage.desktop.seat.keyboard.keymap.text
    first, second = virtual(player, text), virtual(player, text)
    for keyboard, state in ((first, 1), (second, 1), (first, 0)):
        keyboard.key(0, A, state)
    player.roundtrip()
    desk.client.roundtrip()
    assert ["key(30, 1)"] == events(desk.keyboard)
    second.key(0, A, 0)
    player.roundtrip()
    desk.client.roundtrip()
    assert ["key(30, 0)"] == events(desk.keyboard)


def test_a_second_keymap_releases_the_keys_of_the_first(desk: Desk, player: Client) -> None:
    keyboard = virtual(player)
    keyboard.key(0, 9, 1)
    other = text_keymap("xyz").text + b"\0"
    keyboard.keymap(XKB_V1, memory_of(player, other).fd, len(other))
    player.roundtrip()
    desk.client.roundtrip()
    assert ["keymap", "modifiers(0, 0, 0, 0)", "key(9, 1)", "key(9, 0)"] == events(desk.keyboard)[:4]


def test_a_keymap_without_nul_and_one_with_more_behind_it_will_do(desk: Desk, player: Client) -> None:
    for data in (TEXT, TEXT + b"\0 rubbish"):
        keyboard = virtual(player, None)
        keyboard.keymap(XKB_V1, memory_of(player, data).fd, len(data))
        keyboard.key(0, 9, 1)
        keyboard.destroy()
    player.roundtrip()


@pytest.mark.parametrize("request_name", ["key", "modifiers"])
def test_playing_without_a_keymap_is_an_error(player: Client, request_name: str) -> None:
    keyboard = virtual(player, None)
    keyboard.key(0, 9, 1) if request_name == "key" else keyboard.modifiers(0, 0, 0, 0)
    player.expect_error("zwp_virtual_keyboard_v1", "no_keymap")


def test_another_format_than_xkb_v1_is_an_error(player: Client) -> None:
    virtual(player, None).keymap(0, memory_of(player, TEXT).fd, len(TEXT))
    player.expect_error("wl_display", "implementation")


@pytest.mark.parametrize(
    "data",
    [b"xkb_keymap {", b"\0" * 10, b"\xff" * 4096, b'xkb_keymap { include "/etc/passwd" };'],
    ids=["broken", "empty", "bytes", "include"],
)
def test_a_text_that_is_no_keymap_is_an_error(player: Client, data: bytes) -> None:
    virtual(player, None).keymap(XKB_V1, memory_of(player, data).fd, len(data))
    player.expect_error("wl_display", "implementation")


@pytest.mark.parametrize("size", [0, len(TEXT) + 4096, MAX_TEXT_BYTES + 2, 0xFFFF_FFFF])
def test_a_size_that_the_file_has_not_or_no_keymap_needs_is_an_error(player: Client, size: int) -> None:
    virtual(player, None).keymap(XKB_V1, memory_of(player, TEXT).fd, size)
    player.expect_error("wl_display", "implementation")


@pytest.mark.parametrize("kind", ["pipe", "write only", "directory", "path"])
def test_a_file_that_could_keep_us_waiting_is_an_error(player: Client, kind: str, tmp_path: object) -> None:
    keyboard = virtual(player, None)
    other = -1
    if kind == "pipe":
        fd, other = os.pipe2(os.O_CLOEXEC)
    elif kind == "write only":
        fd = os.open(f"/proc/self/fd/{memory_of(player, TEXT).fd}", os.O_WRONLY)
    else:
        fd = os.open(str(tmp_path), os.O_PATH if kind == "path" else os.O_RDONLY | os.O_DIRECTORY)
    keyboard.keymap(XKB_V1, fd, len(TEXT))
    try:
        player.expect_error("wl_display", "implementation")
    finally:
        os.close(fd)
        if other >= 0:
            os.close(other)


def test_no_descriptor_is_left_behind(server: Stage, player: Client) -> None:
    keyboard = virtual(player)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        memory = Memory(len(TEXT), 0)
        memory.write(TEXT)
        keyboard.keymap(XKB_V1, memory.fd, len(TEXT))
        player.roundtrip()
        memory.close()
    assert before == len(os.listdir("/proc/self/fd"))


def test_more_keyboards_than_anybody_plays_is_an_error(player: Client) -> None:
    keyboards = [virtual(player, None) for _ in range(MAX_KEYBOARDS)]
    keyboards[0].destroy()
    virtual(player, None)
    player.roundtrip()
    virtual(player, None)
    player.expect_error("wl_display", "implementation")


def test_keys_that_no_keyboard_has_are_ignored(desk: Desk, player: Client) -> None:
    keyboard = virtual(player)
    keyboard.key(0, 0x300, 1)
    keyboard.key(0, 0xFFFF_FFFF, 1)
    keyboard.key(0, 9, 0)
    player.roundtrip()
    desk.client.roundtrip()
    assert not any(event.startswith("key(") for event in events(desk.keyboard))


def test_the_manager_is_hidden_from_clients_inside_a_security_context(
    server: Stage, new_client: Callable[[], Client]
) -> None:
    client = new_client()
    server.server.display.clients[-1].sandbox = object()
    assert "wl_seat" in (client.registry and client.globals)
    hidden = {"zwp_virtual_keyboard_manager_v1", "zwlr_virtual_pointer_manager_v1"}
    hidden |= {"ext_data_control_manager_v1", "zwlr_data_control_manager_v1", "zwp_input_method_manager_v2"}
    assert set() == hidden & set(client.globals)


def test_the_keymap_that_clients_get_is_a_file_of_our_own(desk: Desk, player: Client) -> None:
    memory = memory_of(player, TEXT + b"\0")
    keyboard = virtual(player, None)
    keyboard.keymap(XKB_V1, memory.fd, memory.size)
    keyboard.key(0, 9, 1)
    player.roundtrip()
    memory.write(b"spoilt" + struct.pack("=I", 0))
    desk.client.roundtrip()
    assert keymap_text(desk.keyboard.last("keymap")).startswith(b"xkb_keymap")
