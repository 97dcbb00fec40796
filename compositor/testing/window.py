"""Window: one toplevel of one program, as the driver handles it.

Its coordinates are those of the window geometry: (0, 0) is the top-left
corner of what the program calls its window, without shadows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from compositor.testing.errors import DriverError, RequestRefused, WindowGone

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from compositor.testing.compositor import Compositor
    from compositor.testing.search import Found

    Image = npt.NDArray[np.uint8]

Match = str | re.Pattern[str]

_NOT_FOUND = -32001


class Geometry(NamedTuple):
    """Of a window, layout pixels."""

    x: int
    y: int
    width: int
    height: int


def describe(info: dict[str, Any]) -> str:
    """Return one window in a few words, for messages."""
    place = f"{info['width']}×{info['height']} at {info['x']},{info['y']}"
    unmapped = "" if info["mapped"] else ", not mapped"
    return (
        f"{info['id']}: {info['title']!r} (app id {info['app_id']!r}, pid {info['pid']}, {place}{unmapped})"
    )


def describe_all(infos: list[dict[str, Any]]) -> str:
    """Return all windows in a few words, for messages."""
    if not infos:
        return "there is no window"
    return "there are: " + "; ".join(describe(info) for info in infos)


def matches(info: dict[str, Any], title: Match | None, app_id: Match | None) -> bool:
    """Whether a window has that title and app id: equal to a string, or found by a pattern."""
    for wanted, actual in ((title, info["title"]), (app_id, info["app_id"])):
        if isinstance(wanted, str):
            if wanted != actual:
                return False
        elif isinstance(wanted, re.Pattern):
            if not wanted.search(actual):
                return False
        elif wanted is not None:
            raise DriverError(f"a title or app id is a string or a compiled pattern, not {wanted!r}")
    return True


def hint(infos: list[dict[str, Any]], title: Match | None, app_id: Match | None) -> str:
    """Say how to ask for a part of a title where that finds what the whole did not, for messages."""
    for name, wanted in (("title", title), ("app_id", app_id)):
        if not isinstance(wanted, str) or not wanted:
            continue
        shown = [info[name] for info in infos if info["mapped"]]
        for text, flags in ((wanted, 0), (wanted, re.IGNORECASE), (re.escape(wanted), re.IGNORECASE)):
            try:
                found = any(re.search(text, each, flags) for each in shown)
            except re.error:
                continue
            if found:
                how = f"{text!r}, re.IGNORECASE" if flags else f"{text!r}"
                return f"; {name}=re.compile({how}) would match"
    return ""


class Window:
    """A window. Its properties ask the compositor each time.

        window = compositor.window(title=re.compile("^Text"))
        window.resize(640, 480)
        window.click(20, 30)
        window.type("hello")
        image = window.wait_for_pixels(lambda image: image[..., 0].max() > 200)
        assert image.shape == (480, 640, 4)

    Coordinates are layout pixels from its top left corner, shadows and decorations of the program left out.

    Attributes:
        id: number that the compositor gave it, never used twice.
    """

    def __init__(self, compositor: Compositor, id: int, launch: int | None = None) -> None:
        self._compositor = compositor
        self._launch = launch
        self.id = id

    def __repr__(self) -> str:
        info = self._find()
        return f"<Window {describe(info)}>" if info else f"<Window {self.id}, gone>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Window) and (other.id, other._compositor) == (self.id, self._compositor)

    def __hash__(self) -> int:
        return hash((self.id, id(self._compositor)))

    def _find(self) -> dict[str, Any] | None:
        info = next((w for w in self._compositor.window_infos() if w["id"] == self.id), None)
        if info is not None:
            # Whose it was is good to know once it is gone.
            self._launch = info["launch"]
        return info

    @property
    def info(self) -> dict[str, Any]:
        """All that the compositor says of it.

        Raises:
            WindowGone: if it is no more.
        """
        info = self._find()
        if info is None:
            raise self._gone()
        return info

    def _gone(self) -> WindowGone:
        """Say that it is no more, what there is instead, and how its program ended if it did."""
        others = describe_all(self._compositor.window_infos())
        return WindowGone(f"window {self.id} is gone; {others}{self._compositor.fate(self._launch)}")

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.info["title"])

    @property
    def app_id(self) -> str:
        """Its application id."""
        return str(self.info["app_id"])

    @property
    def pid(self) -> int:
        """Process that owns it."""
        return int(self.info["pid"])

    @property
    def geometry(self) -> Geometry:
        """Place and size, layout pixels."""
        info = self.info
        return Geometry(info["x"], info["y"], info["width"], info["height"])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, layout pixels."""
        return self.geometry[2:]

    @property
    def state(self) -> frozenset[str]:
        """Which of maximized, fullscreen, minimized, activated, resizing and so on it is."""
        return frozenset(self.info["state"])

    @property
    def focused(self) -> bool:
        """Whether it has the focus."""
        return bool(self.info["focused"])

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs it is shown on."""
        return list(self.info["outputs"])

    @property
    def parent(self) -> Window | None:
        """The window it is a dialog of, or None."""
        parent = self.info["parent"]
        return None if parent is None else Window(self._compositor, parent, self._launch)

    @property
    def exists(self) -> bool:
        """Whether it is still there."""
        return self._find() is not None

    # What can be done with it

    def _call(self, method: str, **params: Any) -> Any:
        try:
            return self._compositor.call(method, id=self.id, **params)
        except RequestRefused as error:
            if error.code == _NOT_FOUND:
                raise self._gone() from None
            raise

    def resize(self, width: int, height: int, timeout_s: float | None = None) -> tuple[int, int]:
        """Propose a size and wait until the program has drawn its answer.

        Returns:
            The size it chose, which programs with cells or limits may round.
        """
        self._call("window.resize", width=width, height=height)
        self._wait_settled(f"drew nothing after it was proposed {width}×{height}", timeout_s)
        self._compositor.pause()
        return self.size

    def move(self, x: int, y: int) -> None:
        """Put its top-left corner at a layout point."""
        self._call("window.move", x=x, y=y)
        self._compositor.pause()

    def focus(self) -> None:
        """Raise it and give it the keyboard."""
        self._call("window.focus")
        self._compositor.pause()

    def set_state(self, timeout_s: float | None = None, **states: bool) -> None:
        """Set maximized, fullscreen or minimized, and wait until the program has drawn its answer."""
        self._call("window.set_state", **states)
        if not states.get("minimized"):
            self._wait_settled(f"drew nothing after it was told {states}", timeout_s)
        self._compositor.pause()

    def maximize(self) -> None:
        """Have it fill its output."""
        self.set_state(maximized=True)

    def fullscreen(self) -> None:
        """Have it cover its output."""
        self.set_state(fullscreen=True)

    def minimize(self) -> None:
        """Hide it."""
        self.set_state(minimized=True)

    def restore(self) -> None:
        """Have it as it was before it was maximized, fullscreen or minimized."""
        self.set_state(maximized=False, fullscreen=False, minimized=False)

    def close(self, wait: bool = True, timeout_s: float | None = None) -> None:
        """Ask the program to close it, and wait until it has."""
        self._call("window.close")
        if wait:
            self.wait_closed(timeout_s)

    # Input, relative to the window

    def to_layout(self, x: float, y: float) -> tuple[float, float]:
        """Map a point of the window to the layout."""
        geometry = self.geometry
        return geometry.x + x, geometry.y + y

    def _reach(self, x: float, y: float) -> tuple[float, float]:
        """Return the layout point, with the window raised if something covers it there."""
        info = self.info
        if not (0 <= x < info["width"] and 0 <= y < info["height"]):
            raise ValueError(f"({x:g}, {y:g}) is not in the window: it is {info['width']}×{info['height']}")
        if self._at((info["x"] + x, info["y"] + y)) != self.id:
            self._call("window.focus")

        # A menu of another program, or a lock, may be in the way for a while.
        def probe() -> tuple[float, float] | None:
            point = self.to_layout(x, y)
            return point if self._at(point) == self.id else None

        def failure() -> str:
            point = self.to_layout(x, y)
            there = self._at(point)
            other = f"window {there}" if there is not None else "no window"
            return (
                f"({x:g}, {y:g}) of window {self.id} cannot be reached: at ({point[0]:g}, {point[1]:g}) "
                f"there is {other}; {describe_all(self._compositor.window_infos())}"
            )

        return self._compositor.wait_until(("window", "frame", "output"), probe, None, failure)

    def _at(self, point: tuple[float, float]) -> int | None:
        found: int | None = self._compositor.call("windows.at", x=point[0], y=point[1])["id"]
        return found

    def click(self, x: float, y: float, button: str | int = "left", count: int = 1) -> None:
        """Click a point of the window, which is raised first if another one covers it there."""
        self._compositor.pointer.click(*self._reach(x, y), button=button, count=count)

    def double_click(self, x: float, y: float, button: str | int = "left") -> None:
        """Click a point of the window twice."""
        self.click(x, y, button, 2)

    def hover(self, x: float, y: float) -> None:
        """Move the pointer to a point of the window."""
        self._compositor.pointer.move(*self._reach(x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: str | int = "left") -> None:
        """Drag from one point of the window to another."""
        self._reach(*start)
        self._compositor.pointer.drag(self.to_layout(*start), self.to_layout(*end), button)

    def scroll(self, x: float, y: float, dx: float = 0.0, dy: float = 0.0, source: str = "wheel") -> None:
        """Scroll with the pointer over a point of the window.

        Args:
            x, y: where the pointer is meanwhile.
            dx, dy: how far, right and down positive: notches of a wheel, else layout pixels.
            source: wheel, finger or continuous.
        """
        self.hover(x, y)
        self._compositor.pointer.scroll(dx, dy, source)

    def tap(self, x: float, y: float) -> None:
        """Touch a point of the window for a moment."""
        self._compositor.touch.tap(*self._reach(x, y))

    def type(self, text: str) -> None:
        """Give it the focus and type any Unicode text."""
        self.focus()
        self._compositor.keyboard.type(text)

    def press(self, keys: str) -> None:
        """Give it the focus and press a key or chord."""
        self.focus()
        self._compositor.keyboard.press(keys)

    # Looking

    def screenshot(self) -> Image:
        """Return its pixels, without shadows and without what covers it.

        Returns:
            (height, width, 4) uint8 RGBA, not premultiplied, window geometry at the scale of
            its buffers; read-only, in memory that nobody can change.
        """
        try:
            return self._compositor.capture(window=self.id)
        except RequestRefused as error:
            if error.code == _NOT_FOUND:
                raise self._gone() from None
            raise

    # Waiting

    def wait_for(
        self, condition: Callable[[Window], Any], what: str = "", timeout_s: float | None = None
    ) -> None:
        """Wait until `condition(self)` is true; tried again after each frame and change of a window."""

        def failure() -> str:
            name = what or getattr(condition, "__name__", "the condition")
            return f"window {self.id}: {name} did not come true; it is {self!r}"

        self._compositor.wait_until(("window", "frame"), lambda: bool(condition(self)), timeout_s, failure)

    def wait_title(self, title: Match, timeout_s: float | None = None) -> str:
        """Wait until its title equals a string or has what a pattern looks for, and return the title."""
        self._compositor.wait_until(
            ("window",),
            lambda: matches(self.info, title, None),
            timeout_s,
            lambda: f"window {self.id} did not get the title {title!r}; it has {self.title!r}",
        )
        return self.title

    def wait_for_pixels(
        self, condition: Callable[[Image], Any], what: str = "", timeout_s: float | None = None
    ) -> Image:
        """Wait until a screenshot satisfies `condition`, and return it."""
        last: list[Image] = []

        def probe() -> Image | None:
            last[:] = [self.screenshot()]
            return last[0] if bool(condition(last[0])) else None

        def failure() -> str:
            name = what or getattr(condition, "__name__", "the condition")
            seen = "×".join(str(side) for side in last[0].shape[1::-1]) if last else "nothing"
            return f"window {self.id}: its pixels never satisfied {name}; the last look was {seen}"

        return self._compositor.wait_until(("window", "frame"), probe, timeout_s, failure)

    def wait_for_image(
        self, part: Image, tolerance: float | None = None, timeout_s: float | None = None
    ) -> Found:
        """Wait until its pixels show a smaller picture somewhere, and return where.

        Args:
            part: (height, width, 4) uint8 RGBA; its pixels with alpha 0 do not count.
            tolerance: as `find_images`.
            timeout_s: instead of the usual time.

        Raises:
            WaitTimeout: if it does not; the text says where it was least unlike that.
        """
        from compositor.testing.search import DEFAULT_TOLERANCE, closest, find_image

        allowed = DEFAULT_TOLERANCE if tolerance is None else tolerance

        def failure() -> str:
            image = self.screenshot()
            place = closest(image, part)
            sizes = ["×".join(str(side) for side in one.shape[1::-1]) for one in (part, image)]
            text = f"window {self.id} does not show the picture of {sizes[0]} pixels"
            if place is None:
                return f"{text}, which does not fit into its {sizes[1]}"
            nearest = f"the nearest, at ({place.x}, {place.y}), differs by {place.difference:.1f} of 255"
            return f"{text}: {nearest} ({allowed:g} allowed)"

        return self._compositor.wait_until(
            ("window", "frame"), lambda: find_image(self.screenshot(), part, allowed), timeout_s, failure
        )

    def wait_for_text(self, text: Match, language: str = "eng", timeout_s: float | None = None) -> Found:
        """Wait until a text can be read in it, and return where; needs ``weddell[ocr]``, see `find_text`.

        Raises:
            WaitTimeout: if it cannot; the text has what can be read instead.
            DriverError: if what reads it is missing.
        """
        from compositor.testing.search import find_text, read_text

        def failure() -> str:
            lines = [" ".join(word.text for word in line) for line in read_text(self.screenshot(), language)]
            return f"window {self.id} does not show {text!r}; what can be read is {lines}"

        return self._compositor.wait_until(
            ("window", "frame"), lambda: find_text(self.screenshot(), text, language), timeout_s, failure
        )

    def wait_closed(self, timeout_s: float | None = None) -> None:
        """Wait until it is gone."""
        self._compositor.wait_until(
            ("window",),
            lambda: not self.exists,
            timeout_s,
            lambda: f"window {self.id} was not closed; it is {self!r}",
        )

    def _wait_settled(self, problem: str, timeout_s: float | None) -> None:
        self._compositor.wait_until(
            ("window",),
            lambda: bool(self.info["settled"]),
            timeout_s,
            lambda: f"window {self.id} {problem}; it is {self!r}",
        )
