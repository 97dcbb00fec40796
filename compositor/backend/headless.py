"""The headless backend: outputs that exist in memory, paced by a timer.

Source of the pacing: an output that was idle shows at once what a client
commits; after that frames keep the distance of its refresh. With the manual
clock frames come on a fixed grid, so that the same steps give the same frames.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compositor.backend.screen import Screen
from compositor.model.desktop import Desktop
from compositor.model.output import Output, Redraw

if TYPE_CHECKING:
    from compositor.render.base import Renderer
    from compositor.timers import Timer

FIRST_FRAME_NS = 60_000_000
"""From an output's appearance to its first frame."""


class Pace:
    """When the frames of one output come, one after the other.

    Attributes:
        deadline_ns: of the frame that was asked for last.
        timer: what waits for that.
    """

    __slots__ = ("_backend", "_output", "deadline_ns", "timer")

    def __init__(self, backend: HeadlessBackend, output: Output) -> None:
        self._backend = backend
        self._output = output
        self.deadline_ns = 0
        self.timer: Timer | None = None

    def request(self, output: Output) -> None:
        """Have the output's next frame made in its time; see `Output.request_frame`."""
        desktop = self._backend.desktop
        clock = desktop.clock
        now = clock.now_ns()
        period = output.refresh_ns
        if clock.manual:
            deadline = (now // period + 1) * period
        else:
            deadline = self.deadline_ns + period
            if deadline < now:
                deadline = now
        self.wait_for(deadline)

    def wait_for(self, deadline_ns: int) -> None:
        """Have a frame made at that time."""
        self.deadline_ns = deadline_ns
        self.timer = self._backend.desktop.timers.call_at(deadline_ns, self.frame)

    def frame(self) -> None:
        """The time has come."""
        backend, output = self._backend, self._output
        now = backend.desktop.clock.now_ns()
        if backend.on_due is None or backend.on_due(output, now):
            backend.make_frame(output, now)


class HeadlessBackend:
    """Gives outputs memory and pace.

    Attributes:
        screens: by output.
        on_frame: called with the output after each frame.
        on_due: called with the output and the time when a frame is due, also one that is only expected;
            returns whether it has to be made. Or None.
    """

    __slots__ = (
        "_next_name",
        "_paces",
        "desktop",
        "on_demand",
        "on_due",
        "on_frame",
        "renderer",
        "screens",
    )

    name = "headless"

    def __init__(self, desktop: Desktop, renderer: Renderer, on_demand: bool) -> None:
        self.desktop = desktop
        self.renderer = renderer
        self.on_demand = on_demand
        self.screens: dict[Output, Screen] = {}
        self.on_frame: list[Callable[[Output], None]] = []
        self.on_due: Callable[[Output, int], bool] | None = None
        self._paces: dict[Output, Pace] = {}
        self._next_name = 1
        desktop.on_output.append(self._output_changed)

    def next_name(self) -> str:
        """Return a name for a new output."""
        while True:
            name = f"HEADLESS-{self._next_name}"
            self._next_name += 1
            if all(output.name != name for output in self.desktop.outputs):
                return name

    def add_output(self, output: Output, place: bool = True) -> None:
        """Give an output its memory and show the desktop on it."""
        self.screens[output] = Screen(output, self.desktop.scene, self.renderer, self.on_demand)
        pace = self.pace(output)
        output.request_frame = pace.request
        # A screen takes a moment to light up, in which clients find the compositor awake: the first frame
        # brings numpy and what draws with it.
        pace.deadline_ns = self.desktop.clock.now_ns() + FIRST_FRAME_NS - output.refresh_ns
        self.desktop.add_output(output, place)

    def remove_output(self, output: Output) -> None:
        """Take an output away."""
        self.desktop.remove_output(output)
        output.request_frame = None
        self._paces.pop(output, None)
        self.screens.pop(output).close()

    def _output_changed(self, output: Output, what: str) -> None:
        if what == "changed":
            output.schedule()

    def pace(self, output: Output) -> Pace:
        """Return what times the output's frames."""
        pace = self._paces.get(output)
        if pace is None:
            pace = self._paces[output] = Pace(self, output)
        return pace

    def make_frame(self, output: Output, now: int) -> None:
        """Make the frame that is due.

        One that cannot be drawn, for want of memory say, counts as shown: clients go on, and the next one
        draws all that this one did not.
        """
        screen = self.screens.get(output)
        if screen is None or not output.enabled:
            # Unplugged or switched off since it was asked for.
            output.redraw = Redraw.IDLE
            return
        output.begin_frame()
        scene = self.desktop.scene
        entry = scene.for_output(output)
        try:
            if output.powered:
                screen.frame(entry)
        except Exception:
            entry.damage = [entry.rect]
            raise
        finally:
            output.end_frame(now)
            scene.presented(output, now)
        if self.on_frame:
            for hook in list(self.on_frame):
                hook(output)

    def close(self) -> None:
        """Give everything back."""
        for screen in self.screens.values():
            screen.close()
        self.renderer.close()
