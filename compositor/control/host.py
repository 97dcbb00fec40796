"""What the control socket needs of the server that it belongs to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from compositor.clock import Clock
from compositor.control.connection import Loop as ReaderLoop
from compositor.timers import TimerQueue

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from compositor.control.launcher import Launch
    from compositor.model.desktop import Desktop
    from compositor.model.node import Node
    from compositor.model.output import Output
    from compositor.render.framebuffer import Framebuffer
    from compositor.wire import Client, Display


class Loop(ReaderLoop, Protocol):
    """The event loop."""

    timers: TimerQueue
    """Deadlines in nanoseconds of CLOCK_MONOTONIC, whatever clock the desktop uses."""


class Screen(Protocol):
    """An output's frame."""

    viewers: int

    def look(self) -> Framebuffer:
        """Return the framebuffer, with everything drawn that is shown now."""
        ...

    def capture(self, overlay: list[Node] | None = None) -> npt.NDArray[np.uint32]:
        """Return a copy of what is shown now with more nodes on top, output pixels, XRGB8888."""
        ...


class Backend(Protocol):
    """Where frames go."""

    name: str
    renderer: Any
    screens: dict[Output, Any]
    on_frame: list[Callable[[Output], None]]

    def next_name(self) -> str:
        """Return a name for a new output."""
        ...

    def add_output(self, output: Output, place: bool = True) -> None:
        """Give an output pixels and pace."""
        ...

    def remove_output(self, output: Output) -> None:
        """Take an output away."""
        ...


class Listening(Protocol):
    """The Wayland socket."""

    path: str

    @property
    def name(self) -> str:
        """What clients put into WAYLAND_DISPLAY."""
        ...


class Host(Protocol):
    """The server."""

    options: Any
    clock: Clock
    loop: Any
    display: Display
    desktop: Desktop
    backend: Any
    lint: Any
    """What watches for bad manners, or None."""

    @property
    def listening(self) -> Listening:
        """The Wayland socket."""
        ...

    def adopt(self, connection: socket.socket, launch: Launch | None = None) -> Client | None:
        """Take a connected socket over as a client: a program that was started here, or anybody."""
        ...

    def hear_everybody(self) -> None:
        """Read what clients have sent that is put off until the next frame."""
        ...

    def stop(self, status: int = 0) -> None:
        """End with this status."""
        ...
