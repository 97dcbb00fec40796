"""Programs that play devices, hold the pointer, compose text and manage selections, unmodified."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.client import Client

from compositor.testing import Application, Compositor, Window

Need = Callable[[str, str], str]


@pytest.fixture
def foot(compositor: Compositor, need_program: Need, tmp_path: Path) -> Callable[[str], Window]:
    """Return a function that shows a terminal running a line of shell in which $OUT is a file to write."""
    need_program("foot", "foot")

    def show(line: str) -> Window:
        script = f"OUT={tmp_path / 'out'}; {line}"
        window = compositor.launch(["foot", "-W", "60x12", "sh", "-c", script]).window()
        compositor.wait_keyboard_focus()
        return window

    return show


def text_of(tmp_path: Path) -> str:
    """What the shell in `foot` wrote to $OUT."""
    return (tmp_path / "out").read_text()


def run(compositor: Compositor, *argv: str) -> str:
    """Run a program to its end, which must be a good one, and return its output."""
    app = compositor.launch(list(argv))
    assert 0 == app.wait(timeout_s=20), app.output
    return app.output


# Keyboards


def test_wtype_types_any_character_into_a_terminal(
    compositor: Compositor, need_program: Need, foot: Callable[[str], Window], tmp_path: Path
) -> None:
    need_program("wtype", "wtype")
    window = foot('read line; printf %s "$line" > $OUT')
    run(compositor, "wtype", "Grüße, мир! ¿5 < 7? €")
    run(compositor, "wtype", "-k", "Return")
    window.wait_closed(20)
    assert "Grüße, мир! ¿5 < 7? €" == text_of(tmp_path)


def test_wtype_holds_modifiers(
    compositor: Compositor, need_program: Need, foot: Callable[[str], Window], tmp_path: Path
) -> None:
    need_program("wtype", "wtype")
    window = foot("stty raw -echo; head -c 3 | od -An -tx1 > $OUT")
    run(compositor, "wtype", "-M", "ctrl", "a", "-m", "ctrl", "-M", "shift", "-k", "b", "-m", "shift", "c")
    window.wait_closed(20)
    first, second, third = text_of(tmp_path).split()
    assert ("01", "63") == (first, third)
    # With a keymap of one level per key, as wtype makes it, Shift changes nothing of the letter.
    assert second in ("42", "62")


def test_a_keyboard_on_the_screen_types_what_is_tapped(
    compositor: Compositor, need_program: Need, foot: Callable[[str], Window], tmp_path: Path
) -> None:
    need_program("wvkbd-mobintl", "wvkbd")
    window = foot('read line; printf %s "$line" > $OUT')
    compositor.launch(["wvkbd-mobintl", "-L", "200"])
    compositor.wait_until(
        ("frame",),
        lambda: any(layer["mapped"] and layer["height"] == 200 for layer in compositor.call("layers.list")),
        20.0,
        lambda: "there is no keyboard on the screen",
    )
    compositor.wait_idle()
    width, height = compositor.output.mode
    # The second and the third key of the topmost of four rows, and the last of the lowest.
    for x, y in ((0.11, 175), (0.19, 175), (0.85, 25)):
        compositor.touch.tap(width * x, height - y)
        compositor.wait_idle()
    window.wait_closed(20)
    assert "qw" == text_of(tmp_path)


def test_after_wtype_the_keyboard_is_as_before(
    compositor: Compositor, need_program: Need, foot: Callable[[str], Window], tmp_path: Path
) -> None:
    need_program("wtype", "wtype")
    window = foot('read line; printf %s "$line" > $OUT')
    run(compositor, "wtype", "ж")
    compositor.keyboard.type("abc\n")
    window.wait_closed(20)
    assert "жabc" == text_of(tmp_path)


# A viewer at a distance: virtual pointer and virtual keyboard


class Viewer:
    """The other end of wayvnc: RFB 3.8 (RFC 6143), as much of it as a pointer and keys need."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        assert b"RFB 003.008\n" == self._read(12)
        self.sock.sendall(b"RFB 003.008\n")
        self._read(self._read(1)[0])
        self.sock.sendall(b"\x01")
        assert bytes(4) == self._read(4)
        self.sock.sendall(b"\x01")
        self.width, self.height, name = struct.unpack(">HH16xI", self._read(24))
        self._read(name)

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.sock.recv(count - len(data))
            assert part, "wayvnc hung up"
            data += part
        return data

    def point(self, x: int, y: int, buttons: int = 0) -> None:
        """Move the pointer and press these buttons: bit 0 is the left one, 3 and 4 scroll up and down."""
        self.sock.sendall(struct.pack(">BBHH", 5, buttons, x, y))

    def key(self, keysym: int) -> None:
        """Press and release a key."""
        for pressed in (1, 0):
            self.sock.sendall(struct.pack(">BBHI", 4, pressed, 0, keysym))


@pytest.fixture
def viewer(compositor: Compositor, need_program: Need) -> Iterator[Viewer]:
    """A viewer of the compositor's first output."""
    need_program("wayvnc", "wayvnc")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = compositor.launch(["wayvnc", "127.0.0.1", str(port)])
    made = _connect(app, port)
    yield made
    made.sock.close()
    app.terminate()


def _connect(app: Application, port: int) -> Viewer:
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            return Viewer(port)
        assert app.running, app.output
        assert time.monotonic() < deadline, "wayvnc does not listen"
        # There is no event for a port of another program's: ask again.
        time.sleep(0.05)


def test_a_vnc_viewer_points_clicks_scrolls_and_types(
    compositor: Compositor, foot: Callable[[str], Window], viewer: Viewer, tmp_path: Path
) -> None:
    # SGR mouse reports: press, release, lines scrolled; then a letter.
    until_a = tmp_path / "until_a.py"
    until_a.write_text("import os\nd = b''\nwhile b'A' not in d: d += os.read(0, 1)\nos.write(1, d)\n")
    window = foot(rf"printf '\033[?1000h\033[?1006h'; stty raw -echo; {sys.executable} {until_a} > $OUT")
    compositor.wait_idle()
    x, y = window.to_layout(30, 40)
    assert compositor.output.mode == (viewer.width, viewer.height)
    viewer.point(int(x), int(y))
    viewer.point(int(x), int(y), 1)
    viewer.point(int(x), int(y))
    viewer.point(int(x), int(y), 16)
    viewer.point(int(x), int(y))
    viewer.key(ord("A"))
    window.wait_closed(20)
    assert (int(x), int(y)) == compositor.pointer.position
    said = text_of(tmp_path)
    press, release, scroll, *_ = said.split("\x1b[<")[1:]
    assert press.endswith("M") and press.startswith("0;")
    assert release.endswith("m") and release.startswith("0;")
    assert scroll.startswith("65;")
    assert said.endswith("A")


# Selections


def test_wl_copy_and_wl_paste_know_both_selections(compositor: Compositor, need_program: Need) -> None:
    need_program("wl-copy", "wl-clipboard")
    run(compositor, "wl-copy", "krill")
    run(compositor, "wl-copy", "--primary", "squid")
    assert "krill" == compositor.clipboard.text
    assert "squid" == compositor.primary_selection.text
    assert "krill" == run(compositor, "wl-paste", "--no-newline")
    assert "squid" == run(compositor, "wl-paste", "--primary", "--no-newline")
    run(compositor, "wl-copy", "--primary", "--clear")
    assert [] == compositor.primary_selection.types
    assert "krill" == compositor.clipboard.text


def test_wl_paste_watches_the_clipboard(compositor: Compositor, need_program: Need) -> None:
    need_program("wl-paste", "wl-clipboard")
    app = compositor.launch(["wl-paste", "--watch", "sh", "-c", "cat; echo ."])
    compositor.clipboard.text = "first"
    _wait_output(app, "first")
    compositor.clipboard.text = "second"
    _wait_output(app, "second")
    app.terminate()


def _wait_output(app: Application, text: str) -> None:
    deadline = time.monotonic() + 20
    while text not in app.output:
        assert app.running, app.output
        assert time.monotonic() < deadline, app.output
        time.sleep(0.02)


def test_a_word_selected_in_a_terminal_is_pasted_with_the_middle_button(
    compositor: Compositor, foot: Callable[[str], Window], need_program: Need, tmp_path: Path
) -> None:
    need_program("wl-paste", "wl-clipboard")
    window = foot('printf "penguin\\r\\n"; read line; printf %s "$line" > $OUT')
    compositor.wait_idle()
    window.double_click(15, 7)
    compositor.primary_selection.wait_text("penguin")
    assert "penguin" == run(compositor, "wl-paste", "--primary", "--no-newline")
    window.click(15, 60, "middle")
    compositor.wait_idle()
    compositor.keyboard.type("\n")
    window.wait_closed(20)
    assert "penguin" == text_of(tmp_path)


# Text input


def test_an_input_method_composes_in_a_terminal(
    compositor: Compositor, foot: Callable[[str], Window], tmp_path: Path
) -> None:
    window = foot('read line; printf %s "$line" > $OUT')
    compositor.wait_idle()
    with contextlib.closing(_client(compositor)) as client:
        seat = client.get("wl_seat")
        method = client.get("zwp_input_method_manager_v2").get_input_method(seat)
        client.roundtrip()
        assert ["activate()", "done()"] == [e for e in method.events if e in ("activate()", "done()")]
        blank = window.screenshot()
        method.set_preedit_string("企鹅", 0, 6)
        method.commit(method.count("done"))
        client.roundtrip()
        window.wait_for_pixels(lambda image: bool((image != blank).any()), "shows what is composed")
        method.commit_string("企鹅")
        method.commit(method.count("done"))
        client.roundtrip()
        compositor.keyboard.type("\n")
        window.wait_closed(20)
    assert "企鹅" == text_of(tmp_path)


def test_an_input_method_composes_in_qt_5(
    compositor: Compositor, need_program: Need, home: dict[str, str], tmp_path: Path
) -> None:
    need_program("featherpad", "featherpad")
    text = tmp_path / "letter.txt"
    text.write_text("")
    window = compositor.launch(["featherpad", "-s", str(text)], env=home).window(timeout_s=20)
    compositor.wait_keyboard_focus()
    compositor.wait_idle()
    with contextlib.closing(_client(compositor)) as client:
        method = client.get("zwp_input_method_manager_v2").get_input_method(client.get("wl_seat"))
        client.roundtrip()
        assert "activate()" in method.events
        blank = window.screenshot()
        method.set_preedit_string("企", 0, 3)
        method.commit(method.count("done"))
        client.roundtrip()
        window.wait_for_pixels(lambda image: bool((image != blank).any()), "shows what is composed")
        compositor.wait_idle()
        client.roundtrip()
        method.commit_string("企鹅")
        method.commit(method.count("done"))
        client.roundtrip()
        compositor.wait_idle()
        compositor.keyboard.press("ctrl+s")
        compositor.wait_until((), lambda: "企鹅" == text.read_text().strip(), 20, lambda: text.read_text())


def _client(compositor: Compositor) -> Client:
    """Connect to the compositor as a program does."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(compositor.socket)
    return Client(sock)


# Constraints


def test_weston_confine_holds_the_pointer_in_its_window(compositor: Compositor, need_program: Need) -> None:
    need_program("weston-confine", "weston")
    window = compositor.launch(["weston-confine"]).window()
    compositor.wait_keyboard_focus()
    compositor.wait_idle()
    width, height = window.size
    x, y = window.to_layout(width / 2, height / 2)
    compositor.pointer.move(x, y)
    compositor.pointer.move_by(10_000, 0)
    assert compositor.pointer.position[0] > window.to_layout(width, 0)[0], "it is free at first"
    compositor.pointer.move(x, y)
    compositor.wait_idle()
    compositor.pointer.click(x, y)
    compositor.wait_idle()
    compositor.pointer.move_by(10_000, 0)
    right = window.to_layout(width, 0)[0]
    assert right - 40 < compositor.pointer.position[0] <= right
