"""The window among other programs of its desktop: clipboard, focus, wheels, held pointers, pace, and rest."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.client import Client
from support.pixels import Buffer
from support.windows import Toplevel
from test_gl_window import captured, demo, is_on_screen, place, shown
from xhost import HEIGHT, WIDTH, XHost, attach, wait_for

pytestmark = [pytest.mark.needs_gl, pytest.mark.timeout(180)]
Start = Callable[..., Any]
CLIPBOARD = str(Path(__file__).with_name("hostclipboard.py"))
ROOT = Path(__file__).resolve().parents[2]


# Clipboard


@pytest.fixture
def host_copies(xhost: XHost) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Has another program on the host copy a text; returns it once it owns the clipboard."""
    running = []

    def copy(text: str, command: str = "copy") -> subprocess.Popen[str]:
        env = {**os.environ, "DISPLAY": xhost.display}
        process = subprocess.Popen(
            [sys.executable, CLIPBOARD, command, text], env=env, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout is not None
        assert "mine\n" == process.stdout.readline()
        return process

    yield copy
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def host_pastes(xhost: XHost) -> str | None:
    """What another program on the host gets when it pastes."""
    try:
        return xhost.run(sys.executable, CLIPBOARD, "paste")
    except subprocess.CalledProcessError:
        return None


def focus(xhost: XHost, compositor: Any) -> int:
    """Give the compositor's window the host's keyboard."""
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")
    xhost.xdotool("windowfocus", window)
    return window


def clipboard(compositor: Any) -> str | None:
    from compositor.testing.errors import DriverError

    try:
        return str(compositor.clipboard.text)
    except DriverError:
        return None


def test_what_is_copied_here_is_pasted_on_the_host(xhost: XHost, headed: Start) -> None:
    compositor = headed()
    compositor.clipboard.set("grüße, 世界")
    wait_for(lambda: host_pastes(xhost) == "grüße, 世界", "the text on the host")


def test_what_is_copied_on_the_host_is_pasted_here(
    xhost: XHost, headed: Start, host_copies: Callable[..., Any]
) -> None:
    compositor = headed()
    host_copies("from the host, 世界")
    focus(xhost, compositor)
    wait_for(lambda: clipboard(compositor) == "from the host, 世界", "the text here")


@pytest.mark.parametrize("command", ["copy", "copy-in-parts"])
def test_long_texts_come_over_whole(
    xhost: XHost, headed: Start, host_copies: Callable[..., Any], command: str
) -> None:
    compositor = headed()
    # More than a mebibyte in UTF-8, and no part of it ends where one of ours does.
    host_copies("150000*1234 grüße", command)
    wait_for(lambda: clipboard(compositor) == "1234 grüße" * 150_000, "the text here")
    # Too long for us is nothing, and no harm.
    host_copies("500000*1234 grüße", command)
    wait_for(lambda: not clipboard(compositor), "nothing")
    compositor.clipboard.set("again " * 200_000)
    wait_for(lambda: host_pastes(xhost) == "again " * 200_000, "the text on the host")
    assert "bug" not in compositor.log and "X error" not in compositor.log


def test_who_copied_last_has_the_clipboard(
    xhost: XHost, headed: Start, host_copies: Callable[..., Any]
) -> None:
    compositor = headed()
    focus(xhost, compositor)
    owner = host_copies("first")
    xhost.take_focus()()
    focus(xhost, compositor)
    wait_for(lambda: clipboard(compositor) == "first", "the host's text")
    compositor.clipboard.set("second")
    wait_for(lambda: owner.poll() is not None, "the host's program losing the clipboard")
    assert "second" == host_pastes(xhost)
    host_copies("third")
    wait_for(lambda: clipboard(compositor) == "third", "the host's next text")


# Focus


def test_keys_held_down_are_let_go_when_the_host_takes_the_keyboard(xhost: XHost, headed: Start) -> None:
    compositor = headed()
    compositor.launch(demo("textpad")).window()
    focus(xhost, compositor)
    xhost.xdotool("keydown", "a")
    wait_for(lambda: compositor.call("keyboard.state")["pressed"] == [30], "the key")
    close = xhost.take_focus()
    wait_for(lambda: compositor.call("keyboard.state")["pressed"] == [], "its release")
    xhost.xdotool("keyup", "a")
    close()


# Wheels


def test_a_wheel_scrolls_the_terminal(xhost: XHost, headed: Start, need_program: Any) -> None:
    need_program("foot", "foot")
    compositor = headed()
    window = compositor.launch(["foot", "sh", "-c", "seq 1 500; exec sleep 1000"]).window()
    window.move(100, 100)
    compositor.wait_idle()
    x, y, _, _ = place(xhost)
    xhost.xdotool("mousemove", x + 200, y + 200)
    compositor.wait_idle()
    bottom = captured(compositor)
    xhost.xdotool("click", "--repeat", 5, 4)
    wait_for(lambda: not np.array_equal(bottom, captured(compositor)), "what lies above")
    xhost.xdotool("click", "--repeat", 5, 5)
    wait_for(lambda: np.array_equal(bottom, captured(compositor)), "the end again")


def test_a_device_that_counts_anew_has_not_turned(xhost: XHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fed by hand: no device at hand does that. `test_gl_nested` turns real ones."""
    from compositor.backend.window import xinput
    from compositor.backend.window.x11 import Connection

    monkeypatch.setenv("DISPLAY", xhost.display)
    connection = Connection()
    scrolled: list[tuple[int, float, float]] = []
    smooth = xinput.XInput(connection, lambda *_: None, lambda *_: None, lambda *turn: scrolled.append(turn))
    assert smooth.available
    # A device whose valuators 2 and 3 turn, with 15 units to the notch: what libinput says of a touchpad.
    smooth._scrolls = {(9, 2): (2, 15.0), (9, 3): (1, 15.0)}

    def turn(across: float, down: float) -> None:
        event = xinput._DeviceEvent()
        event.evtype, event.sourceid, event.event = xinput._MOTION, 9, 77
        mask, values = (ctypes.c_ubyte * 1)(0b1100), (ctypes.c_double * 2)(across, down)
        event.valuators.mask_len = 1
        event.valuators.mask = ctypes.cast(mask, type(event.valuators.mask))
        event.valuators.values = ctypes.cast(values, type(event.valuators.values))

        class Cookie:
            extension, evtype = smooth._opcode, xinput._MOTION
            data = ctypes.cast(ctypes.byref(event), ctypes.c_void_p)

        smooth.handle(Cookie())

    turn(100.0, 1000.0)
    assert [] == scrolled, "where a device stands at first says nothing"
    turn(100.0, 1003.0)
    turn(92.5, 1003.0)
    # A device that counts anew has not turned a hundred times.
    turn(92.5, 0.0)
    turn(92.5, -15.0)
    assert [(77, 0.0, 0.2), (77, -0.5, 0.0), (77, 0.0, -1.0)] == scrolled
    connection.close()


# Held pointers


def host_pointer(xhost: XHost) -> tuple[int, int]:
    """Where the host's pointer is, on its screen."""
    found = dict(line.split("=") for line in xhost.xdotool("getmouselocation", "--shell").split())
    return int(found["X"]), int(found["Y"])


def connect(compositor: Any) -> Client:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(compositor.socket)
    return Client(sock)


@pytest.mark.parametrize("extension", [True, False], ids=["xinput", "core"])
def test_a_locked_pointer_is_held_by_the_host_and_told_how_far_it_went(
    xhost: XHost, headed: Start, tmp_path: Path, extension: bool
) -> None:
    # A library that cannot be loaded is as good as none.
    (tmp_path / "libXi.so.6").touch()
    compositor = headed(env={} if extension else {"LD_LIBRARY_PATH": str(tmp_path)})
    window = focus(xhost, compositor)
    client = connect(compositor)
    pointer = client.get("wl_seat").get_pointer()
    relative = client.get("zwp_relative_pointer_manager_v1").get_relative_pointer(pointer)
    toplevel = Toplevel(client).start()
    toplevel.show(300, 200)
    client.roundtrip()
    (info,) = compositor.window_infos()
    x, y, width, height = place(xhost)
    at = x + info["x"] + 100, y + info["y"] + 90
    xhost.xdotool("mousemove", *at)
    wait_for(lambda: compositor.call("pointer.state")["focus"] == info["id"], "the pointer inside")
    before = compositor.call("pointer.state")
    lock = client.get("zwp_pointer_constraints_v1").lock_pointer(toplevel.surface, pointer, None, 2)
    wait_for(lambda: client.roundtrip() or "locked()" in lock.events, "the lock")
    # Held in the middle, from where it can go any way.
    middle = x + width // 2, y + height // 2

    wait_for(lambda: host_pointer(xhost) == middle, "the host's pointer in the middle")

    def gone() -> float:
        client.roundtrip()
        return sum(values[2] for name, values in relative.raw if name == "relative_motion")

    # Farther than the screen is wide, in all; a hand is not quicker than a compositor on a busy machine.
    for number in range(1, 11):
        xhost.xdotool("mousemove_relative", "--", 180, 0)
        wait_for(lambda n=number: gone() >= 180 * n, f"the way it went in step {number}")
    after = compositor.call("pointer.state")
    assert (before["x"], before["y"]) == (after["x"], after["y"])
    lock.destroy()
    client.roundtrip()
    wait_for(lambda: host_pointer(xhost) == at, "the host's pointer where ours is")
    xhost.xdotool("mousemove", WIDTH - 1, HEIGHT - 1)
    client.close()
    assert window in xhost.windows()


def test_a_confined_pointer_stops_on_the_host_where_it_stops_here(xhost: XHost, headed: Start) -> None:
    compositor = headed()
    focus(xhost, compositor)
    client = connect(compositor)
    pointer = client.get("wl_seat").get_pointer()
    toplevel = Toplevel(client).start()
    toplevel.show(300, 200)
    client.roundtrip()
    (info,) = compositor.window_infos()
    left, top, _, _ = place(xhost)
    x, y = left + info["x"], top + info["y"]
    xhost.xdotool("mousemove", x + 100, y + 90)
    wait_for(lambda: compositor.call("pointer.state")["focus"] == info["id"], "the pointer inside")
    region = client.get("wl_compositor").create_region()
    region.add(50, 50, 100, 80)
    constraints = client.get("zwp_pointer_constraints_v1")
    confined = constraints.confine_pointer(toplevel.surface, pointer, region, 2)
    wait_for(lambda: client.roundtrip() or "confined()" in confined.events, "the confinement")
    xhost.xdotool("mousemove", x + 180, y + 100)
    wait_for(lambda: host_pointer(xhost) == (x + 149, y + 100), "the edge of the region")
    xhost.xdotool("mousemove", x + 60, y + 60)
    wait_for(lambda: compositor.call("pointer.state")["x"] == info["x"] + 60, "the place within")
    confined.destroy()
    client.roundtrip()
    xhost.xdotool("mousemove", x + 200, y + 60)
    wait_for(lambda: compositor.call("pointer.state")["x"] == info["x"] + 200, "the pointer let go")
    assert (x + 200, y + 60) == host_pointer(xhost)
    client.close()


def test_without_window_manager_the_first_window_takes_the_keyboard(xhost: XHost, headed: Start) -> None:
    compositor = headed(outputs=["300x200", "300x200"])
    first = wait_for(lambda: xhost.windows("WINDOW-1") or None, "the window")[0]
    wait_for(lambda: int(xhost.xdotool("getwindowfocus", "-f")) == first, "the keyboard")
    compositor.launch(demo("textpad")).window()
    xhost.xdotool("keydown", "a")
    wait_for(lambda: compositor.call("keyboard.state")["pressed"] == [30], "the key")
    xhost.xdotool("keyup", "a")


# Pace and rest


def switches(pid: int) -> int:
    """How often the threads of a process have gone to sleep."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        lines = status.read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))
    return total


@pytest.mark.parametrize("renderer", ["gl", "cpu"])
def test_with_nothing_to_do_nothing_wakes(xhost: XHost, headed: Start, renderer: str) -> None:
    compositor = headed(renderer=renderer, wallpaper=True)
    compositor.launch(demo("menu")).window()
    compositor.wait_idle()
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")
    compositor.wait_idle()

    # Asking for it is a wake-up.
    pid = compositor.pid

    def rests() -> bool:
        before = switches(pid)
        time.sleep(1.0)
        return switches(pid) == before

    # What was under way may still end; after that, nothing for a second.
    wait_for(rests, "a second without a wake-up", 30)


PACED = """
import sys
from compositor.backend.window import backend, glwindow
glwindow.is_software = lambda name: False
make, client_message = glwindow.GlWindow.__init__, 33
def making(self, *arguments):
    make(self, *arguments)
    self.shown_event, self.keeps_pace = (client_message if sys.argv[1] == "told" else 120), True
glwindow.GlWindow.__init__ = making
if sys.argv[1] == "told":
    backend._SHOWN_TIMEOUT_NS = 600_000_000_000
from compositor.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def swapping(xhost: XHost, tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """Starts a compositor that takes the driver for a GPU's: it swaps, and waits to be told of it."""
    running = []

    def start(how: str) -> Any:
        runtime = tmp_path / "runtime"
        runtime.mkdir(mode=0o700)
        env = {"DISPLAY": xhost.display, "XDG_RUNTIME_DIR": str(runtime), "PATH": os.environ["PATH"]}
        env["PYTHONPATH"] = str(ROOT)
        options = ["run", "--window", "--renderer", "gl", "--socket", "wl", "--output", "500x400"]
        with (runtime / "log").open("w") as file:
            command = [sys.executable, "-c", PACED, how, *options]
            running.append(subprocess.Popen(command, env=env, stdout=file, stderr=file))
        return attach(runtime / "wl", runtime / "log")

    yield start
    for process in running:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def frames(compositor: Any) -> int:
    return int(compositor.call("outputs.list")[0]["frames"])


def test_frames_keep_the_pace_of_the_screen_that_tells_of_them(
    xhost: XHost, swapping: Callable[[str], Any]
) -> None:
    compositor = swapping("told")
    compositor.launch(demo("flower")).window()
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")
    stood = wait_for(
        lambda: (lambda n: n if time.sleep(0.3) is None and frames(compositor) == n else None)(
            frames(compositor)
        ),
        "frames that wait",
    )
    for number in range(1, 6):
        # The screen has shown a frame: one more is drawn.
        xhost.tell(window, "SHOWN")
        wait_for(lambda n=number: frames(compositor) >= stood + n, f"frame {number}")
    time.sleep(0.3)
    assert stood + 5 == frames(compositor)


def test_a_screen_that_never_tells_is_paced_by_a_timer(xhost: XHost, swapping: Callable[[str], Any]) -> None:
    compositor = swapping("untold")
    log = Path(compositor.socket).parent / "log"
    compositor.launch(demo("flower")).window()
    first = frames(compositor)
    wait_for(lambda: frames(compositor) >= first + 20, "frames", 30)
    assert 1 == log.read_text().count("a timer sets the pace")
    # Alone in its place: what is shown by swapping is right side up and of the right colours.
    for window in compositor.windows:
        window.close()
    wait_for(lambda: not compositor.windows, "the window's end")
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")


# Where the server shares no memory


@pytest.fixture
def far_xhost(tmp_path: Path) -> Iterator[XHost]:
    """An X server without MIT-SHM, as one on another machine is."""
    host = XHost(tmp_path, "-extension", "MIT-SHM")
    yield host
    host.close()


@pytest.mark.parametrize("renderer", ["gl", "cpu"])
def test_frames_are_sent_to_a_server_that_shares_no_memory(far_xhost: XHost, renderer: str) -> None:
    from compositor.testing import Compositor

    with Compositor(
        headed=True,
        env={"DISPLAY": far_xhost.display},
        outputs=["500x400"],
        renderer=renderer,
        wallpaper=True,
        timeout_s=20,
    ) as compositor:
        app = compositor.launch(demo("flower"))
        window = app.window()
        host_window = wait_for(lambda: (far_xhost.windows() or [None])[0], "the window")
        for width, height in ((701, 503), (320, 240), (640, 480)):
            far_xhost.xdotool("windowsize", host_window, width, height)
        window.close()
        wait_for(lambda: not compositor.windows, "the window's end")
        wait_for(lambda: is_on_screen(far_xhost, compositor), "the picture on the screen")
        assert (480, 640) == shown(far_xhost).shape
        assert "bug" not in compositor.log and "X error" not in compositor.log


# What the host is like


def test_a_dense_desktop_has_a_dense_output(xhost: XHost, headed: Start) -> None:
    command = [
        "xprop",
        "-root",
        "-f",
        "RESOURCE_MANAGER",
        "8s",
        "-set",
        "RESOURCE_MANAGER",
        "Xft.dpi:\t144\n",
    ]
    xhost.run(*command)
    compositor = headed(outputs=["900x600"])
    (output,) = compositor.call("outputs.list")
    assert (1.5, 900, 600, 400) == (
        output["scale"],
        output["width"],
        output["layout_width"],
        output["layout_height"],
    )
    # The pointer goes by layout pixels.
    x, y, _, _ = place(xhost)
    xhost.xdotool("mousemove", x + 300, y + 150)
    wait_for(
        lambda: (lambda s: (s["x"], s["y"]) == (200, 100))(compositor.call("pointer.state")), "the pointer"
    )


def test_the_keyboard_has_the_layout_of_the_host(
    xhost: XHost, headed: Start, need_program: Any, tmp_path: Path
) -> None:
    need_program("setxkbmap", "x11-xkb-utils")
    need_program("foot", "foot")
    xhost.run("setxkbmap", "de")
    compositor = headed()
    if "the keyboard stays us" in compositor.log:
        pytest.skip("libxkbcommon is not installed (apt-get install libxkbcommon0)")
    assert "German" == compositor.call("keyboard.state")["keymap"]
    said = tmp_path / "said"
    compositor.launch(["foot", "sh", "-c", f"read l; echo $l > {said}.new; mv {said}.new {said}"]).window()
    focus(xhost, compositor)
    compositor.wait_keyboard_focus()
    # The keys that are y, z and [ on an American keyboard.
    xhost.xdotool("key", "--delay", 20, 29, 52, 34, "Return")
    wait_for(said.exists, "the line")
    assert "zyü\n" == said.read_text()


# Cursors


class CursorImage(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_short) for name in ("x", "y")),
        *((name, ctypes.c_ushort) for name in ("width", "height", "xhot", "yhot")),
        ("serial", ctypes.c_ulong),
        ("pixels", ctypes.POINTER(ctypes.c_ulong)),
    ]


@pytest.fixture
def host_cursor(xhost: XHost) -> Iterator[Callable[[], tuple[tuple[int, int], np.ndarray]]]:
    """Returns the hotspot and the pixels of the cursor that the X server shows."""
    from pyglet.libs.x11 import xlib

    try:
        fixes = ctypes.CDLL("libXfixes.so.3")
    except OSError:
        pytest.skip("libXfixes is not installed (apt-get install libxfixes3)")
    display = xlib.XOpenDisplay(xhost.display.encode())
    fixes.XFixesGetCursorImage.argtypes = [ctypes.c_void_p]
    fixes.XFixesGetCursorImage.restype = ctypes.POINTER(CursorImage)

    def look() -> tuple[tuple[int, int], np.ndarray]:
        image = fixes.XFixesGetCursorImage(ctypes.cast(display, ctypes.c_void_p)).contents
        count = image.width * image.height
        pixels = np.array([image.pixels[n] & 0xFFFFFFFF for n in range(count)], np.uint32)
        return (image.xhot, image.yhot), pixels.reshape(image.height, image.width)

    yield look
    xlib.XCloseDisplay(display)


def test_the_cursor_of_a_client_is_the_hosts(
    xhost: XHost, headed: Start, host_cursor: Callable[[], tuple[tuple[int, int], np.ndarray]]
) -> None:
    compositor = headed()
    client = connect(compositor)
    pointer = client.get("wl_seat").get_pointer()
    toplevel = Toplevel(client).start()
    toplevel.show(300, 200)
    (info,) = compositor.window_infos()
    x, y, _, _ = place(xhost)
    xhost.xdotool("mousemove", x + info["x"] + 60, y + info["y"] + 60)
    wait_for(lambda: client.roundtrip() or pointer.count("enter"), "the pointer")
    serial = pointer.last("enter")[0]
    picture = client.bind("wl_compositor").create_surface()
    picture.attach(Buffer(client, 20, 12, 0xFF18C07A).proxy, 0, 0)
    picture.damage(0, 0, 20, 12)
    picture.commit()
    pointer.set_cursor(serial, picture, 5, 7)
    client.roundtrip()

    def is_shown() -> bool:
        hotspot, pixels = host_cursor()
        return hotspot == (5, 7) and pixels.shape == (12, 20) and set(pixels.ravel().tolist()) == {0xFF18C07A}

    wait_for(is_shown, "the client's picture")
    pointer.set_cursor(serial, None, 0, 0)
    client.roundtrip()
    wait_for(lambda: not host_cursor()[1].any(), "no cursor")
    shapes = client.get("wp_cursor_shape_manager_v1").get_pointer(pointer)
    shapes.set_shape(serial, 9)
    client.roundtrip()
    wait_for(lambda: host_cursor()[1].any(), "the shape of text")
    text = host_cursor()[1]
    shapes.set_shape(serial, 4)
    client.roundtrip()
    wait_for(lambda: not np.array_equal(text, host_cursor()[1]), "the shape of a hand")
    client.close()
