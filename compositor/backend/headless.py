"""The headless backend: outputs that exist in memory, paced by a timer.

Source of the pacing: an output that was idle shows at once what a client
commits; after that frames keep the distance of its refresh. With the manual
clock frames come on a fixed grid, so that the same steps give the same frames.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from compositor.backend.screen import Screen
from compositor.model.desktop import Desktop
from compositor.model.output import Output, Redraw

if TYPE_CHECKING:
    from compositor.render.base import Renderer

FIRST_FRAME_NS = 60_000_000
"""From an output's appearance to its first frame."""


class HeadlessBackend:
    """Gives outputs memory and pace.

    Attributes:
        screens: by output.
        on_frame: called with the output after each frame.
        on_due: called with the output and the time when a frame is due, also one that is only expected;
            returns whether it has to be made. Or None.
    """

    name = "headless"

    def __init__(self, desktop: Desktop, renderer: Renderer, on_demand: bool) -> None:
        self.desktop = desktop
        self.renderer = renderer
        self.on_demand = on_demand
        self.screens: dict[Output, Screen] = {}
        self.on_frame: list[Callable[[Output], None]] = []
        self.on_due: Callable[[Output, int], bool] | None = None
        self._deadlines: dict[Output, int] = {}
        self._frames: dict[Output, Callable[[], None]] = {}
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
        output.request_frame = self._request_frame
        # A screen takes a moment to light up, in which clients find the compositor awake: the first frame
        # brings numpy and what draws with it.
        self._deadlines[output] = self.desktop.clock.now_ns() + FIRST_FRAME_NS - output.refresh_ns
        self.desktop.add_output(output, place)

    def remove_output(self, output: Output) -> None:
        """Take an output away."""
        self.desktop.remove_output(output)
        output.request_frame = None
        self._deadlines.pop(output, None)
        self._frames.pop(output, None)
        self.screens.pop(output).close()

    def _output_changed(self, output: Output, what: str) -> None:
        if what == "changed":
            output.schedule()

    def _request_frame(self, output: Output) -> None:
        clock = self.desktop.clock
        now = clock.now_ns()
        period = output.refresh_ns
        if clock.manual:
            deadline = (now // period + 1) * period
        else:
            deadline = self._deadlines.get(output, 0) + period
            if deadline < now:
                deadline = now
        self._deadlines[output] = deadline
        frame = self._frames.get(output)
        if frame is None:
            frame = self._frames[output] = partial(self._frame, output)
        self.desktop.timers.call_at(deadline, frame)

    def _frame(self, output: Output) -> None:
        now = self.desktop.clock.now_ns()
        if self.on_due is not None and not self.on_due(output, now):
            return
        screen = self.screens.get(output)
        if screen is None or not output.enabled:
            # Unplugged or switched off since it was asked for.
            output.redraw = Redraw.IDLE
            return
        output.begin_frame()
        scene = self.desktop.scene
        entry = scene.for_output(output)
        if output.powered:
            screen.frame(entry)
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
