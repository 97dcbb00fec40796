"""ext_session_lock_manager_v1: a client locks the session and shows what is seen meanwhile.

Source: ext-session-lock-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.lock import LockState, LockSurface, SessionLock
from compositor.model.surface import BUFFER
from compositor.protocol.common import desktop_of
from compositor.protocol.wl_output import WlOutput
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, Uint, event, request

_ROLE = "ext_session_lock_surface_v1"


class ExtSessionLockManagerV1(Interface, name="ext_session_lock_manager_v1", version=1):
    """Locks the session."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def lock(self, id: NewId[ExtSessionLockV1]) -> None:
        resource = ExtSessionLockV1(self.client, id, self.version)
        desktop = desktop_of(self)
        lock = resource.lock = SessionLock(desktop, resource)
        resource.settled = False
        current = desktop.lock
        if current is None:
            lock.start()
        elif current.state is LockState.ABANDONED:
            current.succeed(lock)
        else:
            lock.state = LockState.ENDED
            resource.finished()


class ExtSessionLockV1(Interface, name="ext_session_lock_v1", version=1):
    """A lock, as its client holds it.

    Attributes:
        settled: whether the client has said how it ends; else its death leaves the session locked.
    """

    __slots__ = ("lock", "settled")

    lock: SessionLock
    settled: bool

    class Error(IntEnum):
        INVALID_DESTROY = 0
        INVALID_UNLOCK = 1
        ROLE = 2
        DUPLICATE_OUTPUT = 3
        ALREADY_CONSTRUCTED = 4

    @request(destructor=True)
    def destroy(self) -> None:
        if self.lock.state is LockState.LOCKED:
            raise self.error(self.Error.INVALID_DESTROY, "destroyed while it locks the session")
        self.settled = True
        if self.lock.state is LockState.LOCKING:
            self.lock.unlock()

    @event()
    def locked(self) -> None:
        """Nothing else can be seen any more."""

    @event()
    def finished(self) -> None:
        """The lock is not, or not any more, in force."""

    @request()
    def get_lock_surface(
        self, id: NewId[ExtSessionLockSurfaceV1], surface: WlSurface, output: WlOutput
    ) -> None:
        model = surface.surface
        if model.role is not None or model.role_name not in (None, _ROLE) or surface.before_commit:
            text = f"get_lock_surface: {surface!r} has the role {model.role_name}"
            raise self.error(self.Error.ROLE, text)
        if model.buffer is not None or (model.pending.fields & BUFFER and model.pending.buffer is not None):
            text = f"get_lock_surface: {surface!r} has a buffer attached or committed"
            raise self.error(self.Error.ALREADY_CONSTRUCTED, text)
        if output.output in self.lock.surfaces:
            text = f"get_lock_surface: there is one for {output.output.name} already"
            raise self.error(self.Error.DUPLICATE_OUTPUT, text)
        resource = ExtSessionLockSurfaceV1(self.client, id, self.version)
        resource.tie(self.lock, surface, output)

    @request(destructor=True)
    def unlock_and_destroy(self) -> None:
        if self.lock.state is not LockState.LOCKED:
            raise self.error(self.Error.INVALID_UNLOCK, "unlocked before the locked event")
        self.settled = True
        self.lock.unlock()

    def send_locked(self) -> None:
        """Tell that nothing else can be seen any more."""
        self.locked()

    def destroyed(self) -> None:
        if not self.settled:
            self.lock.abandon()


class ExtSessionLockSurfaceV1(Interface, name="ext_session_lock_surface_v1", version=1):
    """What is shown on one output while the session is locked."""

    __slots__ = ("item", "wl_surface")

    item: LockSurface
    wl_surface: WlSurface

    class Error(IntEnum):
        COMMIT_BEFORE_FIRST_ACK = 0
        NULL_BUFFER = 1
        DIMENSIONS_MISMATCH = 2
        INVALID_SERIAL = 3

    def tie(self, lock: SessionLock, wl_surface: WlSurface, output: WlOutput) -> None:
        """Belong to a lock, a surface and an output."""
        self.wl_surface = wl_surface
        self.item = LockSurface(lock, wl_surface.surface, output.output, self)
        wl_surface.surface.set_role(_ROLE, self.item)
        wl_surface.before_commit = self._before_commit
        wl_surface.set_role_object(self)
        if lock.holds and output.output in desktop_of(self).outputs:
            lock.surfaces[output.output] = self.item
        self.item.configure()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def ack_configure(self, serial: Uint) -> None:
        if not self.item.queue.ack(serial):
            raise self.error(self.Error.INVALID_SERIAL, f"ack_configure: no configure with serial {serial}")

    @event()
    def configure(self, serial: Uint, width: Uint, height: Uint) -> None:
        """Tell the size it must have."""

    def _before_commit(self) -> None:
        """Refuse a commit that is early, empty or of another size.

        Raises:
            ProtocolError: commit_before_first_ack, null_buffer or dimensions_mismatch.
        """
        surface = self.wl_surface.surface
        pending = surface.pending
        queue = self.item.queue
        size = queue.acked if queue.acked is not None else queue.current
        if size is None:
            raise self.error(self.Error.COMMIT_BEFORE_FIRST_ACK, "commit before the first ack_configure")
        buffer = pending.buffer if pending.fields & BUFFER else surface.buffer
        if buffer is None:
            raise self.error(self.Error.NULL_BUFFER, "commit without a buffer")
        width, height = surface.new_size(pending)
        if (width, height) != size:
            text = f"commit of {width:g}x{height:g} where {size[0]}x{size[1]} was configured"
            raise self.error(self.Error.DIMENSIONS_MISMATCH, text)

    def send_configure(self, width: int, height: int) -> int:
        """Send the size it must have and return the serial."""
        serial = self.client.display.next_serial()
        if self.alive:
            self.configure(serial, width, height)
        return serial

    def destroyed(self) -> None:
        surface = self.wl_surface.surface
        self.item.destroy()
        if surface.role is self.item:
            surface.clear_role_object()
        if self.wl_surface.before_commit == self._before_commit:
            self.wl_surface.before_commit = None
            self.wl_surface.set_role_object(None)
