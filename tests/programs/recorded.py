"""What record.py records: which programs, how they are started, and what is done to them."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compositor.testing import Window

if TYPE_CHECKING:
    from record import Recorder

Use = Callable[["Recorder", Window], None]
Done = Callable[["Recorder"], None]


def nobody(compositor: Recorder, window: Window) -> None:
    """Do nothing to a window."""


def nothing(compositor: Recorder) -> None:
    """Watch what it does by itself."""


@dataclass(frozen=True)
class Program:
    """One recording of one program, or of several that belong together.

    Attributes:
        name: of the recording.
        argv, package, env: what starts it.
        use: what is done to it, and its first window.
        of: the programs as docs/programs.md names them; by default the one that is started.
        animated: it never rests, so nobody waits for that long.
        shows: what is waited for before it is used: a window, a layer surface, or nothing.
        done: what is done to one that shows no window, instead of `use`.
        files: what it needs in its folder, by name.
        ends: whether it ends when `use` is through; one that does not is not waited for.
        options: the compositor's.
    """

    name: str
    argv: tuple[str, ...]
    package: str
    use: Use = nobody
    env: dict[str, str] = field(default_factory=dict)
    of: tuple[str, ...] = ()
    animated: bool = False
    shows: str = "window"
    done: Done = nothing
    files: dict[str, bytes] = field(default_factory=dict)
    ends: bool = True
    options: tuple[str, ...] = ()

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs in it, as docs/programs.md names them."""
        return self.of or (Path(self.argv[0]).name,)


def look(compositor: Recorder, window: Window) -> None:
    """Resize it once and close it: for what is animated."""
    width, height = window.size
    window.resize(width + 60, height + 40)
    window.hover(30, 40)
    window.close()


def glance(compositor: Recorder, window: Window) -> None:
    """Hover over it: for what neither changes its size nor lets itself be closed."""
    window.hover(30, 40)
    window.hover(60, 50)


def use(compositor: Recorder, window: Window) -> None:
    """Click, type, ask for a menu, resize, maximize, go back and close."""
    width, height = window.size
    window.click(width / 2, height / 2)
    compositor.keyboard.type("ab")
    window.click(width / 2 + 10, height / 2, "right")
    compositor.keyboard.press("Escape")
    window.scroll(width / 2, height / 2, dy=1)
    window.resize(width + 50, height + 30)
    window.resize(max(width - 40, 100), max(height - 20, 100))
    window.set_state(maximized=True)
    window.set_state(maximized=False)
    window.move(5, 60)
    window.close(wait=False)


def keys(*pressed: str) -> Use:
    """Press keys, one after the other, and resize."""

    def press(compositor: Recorder, window: Window) -> None:
        width, height = window.size
        for key in pressed:
            compositor.keyboard.press(key)
        if window.exists:
            window.resize(width + 50, height + 30)
            window.close(wait=False)

    return press


def typed(text: str) -> Use:
    """Type, and close it."""

    def write(compositor: Recorder, window: Window) -> None:
        compositor.keyboard.type(text)
        window.close(wait=False)

    return write


def clicks(*places: tuple[int, int]) -> Use:
    """Click at places of the window, and close it."""

    def click(compositor: Recorder, window: Window) -> None:
        for x, y in places:
            window.click(x, y)
        window.close(wait=False)

    return click


def drag(compositor: Recorder, window: Window) -> None:
    """Drag an item to another place."""
    window.drag((134, 75), (54, 75))
    window.close(wait=False)


def popup(compositor: Recorder, window: Window) -> None:
    """Have popups and windows on top of each other."""
    compositor.keyboard.press("n")
    window.focus()
    window.hover(100, 100)
    compositor.keyboard.press("p")
    compositor.pointer.click(5, 5)
    window.close(wait=False)


def touched(compositor: Recorder, window: Window) -> None:
    """Draw with a finger."""
    x, y = window.to_layout(40, 50)
    compositor.touch.tap(x, y)
    compositor.touch.tap(x + 60, y + 30)


def choose(compositor: Recorder) -> None:
    """Type a name in a launcher and take what it found."""
    compositor.keyboard.type("petr")
    compositor.keyboard.press("Return")


def dismiss(compositor: Recorder) -> None:
    """Click a notification away."""
    [layer] = compositor.call("layers.list")
    compositor.pointer.click(layer["x"] + layer["width"] // 2, layer["y"] + layer["height"] // 2)


def region(compositor: Recorder) -> None:
    """Draw a rectangle on the screen."""
    compositor.pointer.drag((100, 80), (260, 170))


def modes(compositor: Recorder) -> None:
    """Give the output another mode and scale."""
    compositor.output.configure(width=800, height=600)
    compositor.output.configure(scale=2)


def typed_on_screen(compositor: Recorder) -> None:
    """Tap keys of a keyboard on the screen."""
    width, height = compositor.output.mode
    for x, y in ((0.11, 175), (0.19, 175)):
        compositor.touch.tap(width * x, height - y)


def locked(compositor: Recorder) -> None:
    """Type a wrong password, over and over."""
    compositor.keyboard.type("secret")
    compositor.keyboard.press("Escape")


def idle(compositor: Recorder) -> None:
    """Do nothing for a while, and then something."""
    time.sleep(1.5)
    compositor.pointer.move(30, 30)


def moved(compositor: Recorder) -> None:
    """Have something to be filmed."""
    compositor.pointer.move(30, 30)
    compositor.pointer.move(60, 60)


CAIRO = {"GSK_RENDERER": "cairo"}
SDL_TESTS = "/usr/libexec/installed-tests/SDL2"
MENU = ("sh", "-c")
LIST = "printf 'krill\\npetrel\\nseal\\n' | "
NOTIFY = (
    "gdbus call --session --dest org.freedesktop.Notifications "
    "--object-path /org/freedesktop/Notifications --method org.freedesktop.Notifications.Notify "
    "-- test 0 '' 'Thin ice' 'ahead' '[]' '{}' 0"
)
PAGE = """\
import QtQuick
import QtQuick.Controls
ApplicationWindow {
    visible: true; width: 300; height: 200
    TextField { focus: true; width: 200 }
    ComboBox { y: 60; model: ["krill", "petrel", "seal"] }
}
"""


def picture() -> bytes:
    """Return a PNG of 4×4 pixels, red above blue."""
    rows = (b"\0" + b"\xff\0\0" * 4) * 2 + (b"\0" + b"\0\0\xff" * 4) * 2
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def weston(name: str, use: Use, *arguments: str, **others: Any) -> Program:
    """Return one of Weston's clients."""
    return Program(f"weston-{name}", (f"weston-{name}", *arguments), "weston", use, **others)


PROGRAMS = (
    Program("foot", ("foot", "-W", "40x10", "sh", "-c", "read line"), "foot", use),
    weston("flower", look, animated=True),
    weston("stacking", popup),
    weston("dnd", drag),
    weston("subsurfaces", look, animated=True),
    weston("terminal", use, "--shell=/bin/cat"),
    weston("calibrator", touched, ends=False),
    weston("clickdot", clicks((50, 60), (120, 90))),
    weston("cliptest", keys("h", "d", "Right")),
    weston("confine", clicks((60, 60), (200, 150))),
    weston("editor", use),
    weston("eventdemo", use, "--max-width=400"),
    weston("fullscreen", keys("f", "f")),
    weston("image", keys("plus", "minus"), "picture.png", files={"picture.png": picture()}),
    weston("multi-resource", glance, "-p", "0:1", "-k", "0:1", ends=False),
    weston("presentation-shm", glance, animated=True, ends=False, options=("--offer", "xdg_wm_base=3")),
    weston("resizor", glance, ends=False),
    weston("scaler", look),
    weston("simple-damage", glance, animated=True, ends=False),
    weston("simple-egl", glance, animated=True, ends=False),
    weston("simple-shm", glance, animated=True, ends=False),
    weston("simple-touch", touched, ends=False),
    weston("smoke", look, animated=True),
    weston("transformed", use),
    Program("gtk3-demo", ("gtk3-demo",), "gtk-3-examples", use),
    Program("gtk4-demo", ("gtk4-demo",), "gtk-4-examples", use, CAIRO),
    Program("gtk3-widget-factory", ("gtk3-widget-factory",), "gtk-3-examples", look, animated=True),
    Program("gtk4-widget-factory", ("gtk4-widget-factory",), "gtk-4-examples", look, CAIRO, animated=True),
    Program(
        "gnome-calculator",
        ("gnome-calculator", "--mode=basic"),
        "gnome-calculator",
        typed("6*7\n"),
        CAIRO,
        animated=True,
    ),
    Program(
        "gnome-text-editor",
        ("gnome-text-editor", "-s"),
        "gnome-text-editor",
        typed("ab"),
        CAIRO,
        animated=True,
    ),
    Program("mousepad", ("mousepad", "--disable-server"), "mousepad", use),
    Program("xournalpp", ("xournalpp",), "xournalpp", keys("a")),
    Program("wdisplays", ("wdisplays",), "wdisplays", glance, animated=True, ends=False),
    Program("alacritty", ("alacritty", "-e", "cat"), "alacritty", look, animated=True),
    Program("kitty", ("kitty", "--config", "NONE", "cat"), "kitty", use),
    Program(
        "qml",
        ("/usr/lib/qt6/bin/qml", "page.qml"),
        "qml-qt6",
        use,
        {"QT_QPA_PLATFORM": "wayland"},
        files={"page.qml": PAGE.encode()},
    ),
    Program("qt5-featherpad", ("featherpad", "-s"), "featherpad", use),
    Program("qt6-qt6ct", ("qt6ct",), "qt6ct", use),
    Program(
        "sdl2-checkkeys",
        (f"{SDL_TESTS}/checkkeys",),
        "libsdl2-tests",
        keys("a", "ctrl+b"),
        animated=True,
    ),
    Program("sdl2-testsprite2", (f"{SDL_TESTS}/testsprite2",), "libsdl2-tests", look, animated=True),
    Program(
        "glmark2",
        ("glmark2-wayland", "-s", "300x200", "-b", "build:duration=1000"),
        "glmark2-wayland",
        glance,
        animated=True,
        ends=False,
    ),
    Program("egl-es2gears", ("es2gears_wayland",), "mesa-utils", look, animated=True),
    Program(
        "mpv",
        ("mpv", "--no-config", "--vo=wlshm", "--ao=null", "--pause", "av://lavfi:testsrc=size=320x240"),
        "mpv",
        keys("f", "f"),
    ),
    Program("imv", ("imv-wayland",), "imv", keys("plus")),
    Program("swayimg", ("swayimg", "picture.png"), "swayimg", keys("plus"), files={"picture.png": picture()}),
    Program("wev", ("wev",), "wev", use),
    Program(
        "chromium",
        (
            "chromium",
            "--ozone-platform=wayland",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--user-data-dir=profile",
            "about:blank",
        ),
        "chromium",
        use,
    ),
    Program(
        "firefox", ("firefox-esr", "--no-remote", "--profile", "profile", "about:blank"), "firefox-esr", use
    ),
    # Layers, locks, and what shows nothing.
    Program("fuzzel", (*MENU, f"{LIST}fuzzel --dmenu"), "fuzzel", of=("fuzzel",), shows="layer", done=choose),
    Program("tofi", (*MENU, f"{LIST}tofi"), "tofi", of=("tofi",), shows="layer", done=choose),
    Program("wofi", (*MENU, f"{LIST}wofi --dmenu"), "wofi", of=("wofi",), shows="layer", done=choose),
    Program("slurp", ("slurp",), "slurp", shows="layer", done=region),
    Program("swaybg", ("swaybg", "-c", "#4477aa"), "swaybg", shows="layer", done=modes, ends=False),
    Program(
        "waybar",
        ("dbus-run-session", "waybar", "-c", "bar.json", "-s", "bar.css"),
        "waybar",
        of=("waybar",),
        shows="layer",
        done=modes,
        files={
            "bar.json": b'{"height": 40, "modules-left": ["custom/x"], "custom/x": {"format": "x"}}',
            "bar.css": b"window#waybar { background: #aa3366; }",
        },
        ends=False,
    ),
    Program(
        "mako",
        ("dbus-run-session", "sh", "-c", f"mako -c mako & until {NOTIFY}; do :; done; wait"),
        "mako-notifier",
        of=("mako",),
        shows="layer",
        done=dismiss,
        files={"mako": b"anchor=top-right\n"},
        ends=False,
    ),
    Program(
        "dunst",
        (
            "dbus-run-session",
            "sh",
            "-c",
            f"dunst & gdbus wait --session org.freedesktop.Notifications; {NOTIFY}; wait",
        ),
        "dunst",
        of=("dunst",),
        shows="layer",
        done=dismiss,
        ends=False,
    ),
    Program(
        "wvkbd", ("wvkbd-mobintl", "-L", "200"), "wvkbd", shows="layer", done=typed_on_screen, ends=False
    ),
    Program("swaylock", ("swaylock", "-u", "-c", "884422"), "swaylock", shows="", done=locked, ends=False),
    Program("grim", ("grim", "picture"), "grim", shows="", done=nothing),
    Program("wayland-info", ("wayland-info",), "wayland-utils", shows="", done=nothing),
    Program(
        "wlr-randr",
        ("wlr-randr", "--output", "HEADLESS-1", "--scale", "2"),
        "wlr-randr",
        shows="",
        done=nothing,
    ),
    Program("wtype", ("wtype", "Gr\u00fc\u00dfe"), "wtype", shows="", done=nothing),
    Program(
        "wl-clipboard",
        (*MENU, "wl-copy -o krill && wl-paste && wl-copy -o -p petrel && wl-paste -p"),
        "wl-clipboard",
        of=("wl-copy", "wl-paste"),
        shows="",
        done=nothing,
    ),
    Program(
        "swayidle",
        ("swayidle", "timeout", "1", "true", "resume", "true"),
        "swayidle",
        shows="",
        done=idle,
        ends=False,
    ),
    Program(
        "wf-recorder",
        ("wf-recorder", "-c", "rawvideo", "-x", "bgr0", "-f", "film.nut"),
        "wf-recorder",
        shows="",
        done=moved,
        ends=False,
    ),
)
