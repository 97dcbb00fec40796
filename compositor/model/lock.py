"""SessionLock: nothing is shown and nothing gets input but the surfaces of one client.

Only that client can end it. When it dies, the session stays locked until
another client takes the lock over. Source: ext_session_lock_v1.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

from compositor.geometry import Rect
from compositor.model.configure import ConfigureQueue
from compositor.model.item import Item, Layer

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.model.output import Output
    from compositor.model.surface import Surface


class LockState(Enum):
    """How far a lock has come."""

    LOCKING = "nothing else is drawn any more, but an output may still show what was before"
    LOCKED = "no output shows anything else, and the client knows it"
    ABANDONED = "its client is gone: still locked"
    ENDED = "unlocked"


class LockShell(Protocol):
    """How a lock talks to its client."""

    def send_locked(self) -> None:
        """Tell that nothing else can be seen any more."""


class LockSurfaceShell(Protocol):
    """How a lock surface talks to its client."""

    def send_configure(self, width: int, height: int) -> int:
        """Send the size it must have and return the serial."""


class LockSurface(Item):
    """What is shown of a lock on one output."""

    def __init__(self, lock: SessionLock, surface: Surface, output: Output, shell: LockSurfaceShell) -> None:
        super().__init__(surface)
        self.lock = lock
        self.output = output
        self.shell = shell
        limit = lock.desktop.limits.pending_configures
        self.queue: ConfigureQueue[tuple[int, int]] = ConfigureQueue(limit)
        self.geometry = Rect(0, 0, 0, 0)
        self.mapped = False

    @property
    def visible(self) -> bool:
        return self.mapped

    @property
    def origin(self) -> tuple[int, int]:
        return self.output.x, self.output.y

    @property
    def takes_keyboard(self) -> bool:
        """Whether it can have the keyboard."""
        return self.mapped and self.surface.alive

    def take_keyboard(self) -> None:
        self.lock.activate(self)

    def configure(self) -> None:
        """Tell the size of the output, if that is news."""
        size = self.output.rect_layout[2:]
        if self.queue.newest == size:
            return
        if self.queue.full:
            self.queue.missed = True
        else:
            self.queue.sent(self.shell.send_configure(*size), size)

    def committed(self, surface: Surface) -> None:
        """Take over what the surface shows now (role of the surface)."""
        self.queue.committed()
        if self.queue.catch_up():
            self.configure()
        self.geometry = Rect(0, 0, surface.width, surface.height)
        if surface.content is not None and not self.mapped and self.lock.holds:
            self.mapped = True
            self.lock.surface_mapped(self)

    def surface_destroyed(self, surface: Surface) -> None:
        """The surface goes before its role."""
        self.destroy()

    def destroy(self) -> None:
        """The client destroyed it, or is gone. Harmless when repeated."""
        self.mapped = False
        self.lock.surface_gone(self)


class SessionLock:
    """One lock of the session.

    Attributes:
        shell: its client's end; None once that is gone, which it outlives.
        surfaces: by output.
        focus: the surface that has the keyboard, or None.
    """

    def __init__(self, desktop: Desktop, shell: LockShell) -> None:
        self.desktop = desktop
        self.shell: LockShell | None = shell
        self.state = LockState.LOCKING
        self.surfaces: dict[Output, LockSurface] = {}
        self.focus: LockSurface | None = None
        self._unseen: set[Output] = set()

    @property
    def holds(self) -> bool:
        """Whether the session is locked by it."""
        return self.desktop.lock is self and self.state is not LockState.ENDED

    def start(self) -> None:
        """Lock: from here on nothing else is drawn or gets input."""
        desktop = self.desktop
        desktop.lock = self
        scene, seat = desktop.scene, desktop.seat
        scene.locked = True
        scene.invalidate()
        seat.keyboard.guard = self.redirect
        seat.cancel_grabs()
        seat.keyboard.refocus()
        scene.on_presented.append(self._presented)
        desktop.on_output.append(self._output)
        # An output that is dark shows nothing, and the locked picture when it is lit again.
        self._unseen = {output for output in desktop.outputs if output.powered}
        for output in self._unseen:
            output.schedule()
        self._check()

    def _presented(self, output: Output, now_ns: int) -> None:
        if self._unseen:
            self._unseen.discard(output)
            self._check()

    def _check(self) -> None:
        if not self._unseen and self.state is LockState.LOCKING:
            self.state = LockState.LOCKED
            if self.shell is not None:
                self.shell.send_locked()

    def _output(self, output: Output, what: str) -> None:
        surface = self.surfaces.get(output)
        if what == "removed":
            self._unseen.discard(output)
            if surface is not None:
                surface.destroy()
            self._check()
        elif surface is not None:
            surface.configure()

    # Surfaces

    def surface_mapped(self, surface: LockSurface) -> None:
        """A surface has its first content."""
        self.desktop.scene.add(surface, Layer.LOCK)
        pointer = self.desktop.seat.pointer
        if self.focus is None or surface.output is self.desktop.output_at(pointer.x, pointer.y):
            self.activate(surface)

    def surface_gone(self, surface: LockSurface) -> None:
        """A surface is gone: its output shows one colour. Harmless when repeated."""
        self.desktop.scene.remove(surface)
        if self.surfaces.get(surface.output) is surface:
            del self.surfaces[surface.output]
        if self.focus is surface:
            self.focus = next((s for s in self.surfaces.values() if s.takes_keyboard), None)
            self.desktop.seat.keyboard.refocus()

    def activate(self, surface: LockSurface) -> None:
        """Give the keyboard to one of the surfaces."""
        self.focus = surface
        self.desktop.seat.keyboard.refocus()

    def redirect(self, wanted: Surface | None) -> Surface | None:
        """Return who gets the keyboard, whatever anybody else wants."""
        focus = self.focus
        return focus.surface if focus is not None and focus.takes_keyboard else None

    # The end

    def abandon(self) -> None:
        """The client is gone without having unlocked."""
        self.shell = None
        if self.state is not LockState.ENDED:
            self.state = LockState.ABANDONED

    def succeed(self, other: SessionLock) -> None:
        """Hand an abandoned session over to another client's lock."""
        assert self.state is LockState.ABANDONED, self.state
        self._end()
        other.start()

    def unlock(self) -> None:
        """Give the session back."""
        self._end()
        desktop = self.desktop
        desktop.lock = None
        desktop.scene.locked = False
        desktop.scene.invalidate()
        desktop.seat.keyboard.guard = None
        desktop.seat.keyboard.refocus()

    def _end(self) -> None:
        self.state = LockState.ENDED
        self.desktop.scene.on_presented.remove(self._presented)
        self.desktop.on_output.remove(self._output)
        for surface in list(self.surfaces.values()):
            surface.destroy()
