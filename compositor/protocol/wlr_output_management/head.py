"""zwlr_output_head_v1 and zwlr_output_mode_v1: what a client is told of one output."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from compositor.geometry import Transform
from compositor.model.output import Mode, Output
from compositor.record import record
from compositor.wire import Fixed, Int, Interface, NewObject, String, Uint, event, request

if TYPE_CHECKING:
    from compositor.protocol.wlr_output_management.manager import ZwlrOutputManagerV1


@record(frozen=True)
class Told:
    """What a client knows of a head that is switched on."""

    mode: Mode
    x: int
    y: int
    transform: Transform
    scale: float
    adaptive_sync: bool


class ZwlrOutputHeadV1(Interface, name="zwlr_output_head_v1", version=4):
    """One output, on or off.

    Attributes:
        output: None once it was unplugged.
        told: None while it is off.
    """

    __slots__ = ("manager", "modes", "output", "told")

    manager: ZwlrOutputManagerV1
    output: Output | None
    modes: dict[Mode, ZwlrOutputModeV1]
    told: Told | None

    class AdaptiveSyncState(IntEnum):
        DISABLED = 0
        ENABLED = 1

    @event(name="name")
    def name_(self, name: String) -> None:
        """Its name."""

    @event()
    def description(self, description: String) -> None:
        """Its name for people."""

    @event()
    def physical_size(self, width: Int, height: Int) -> None:
        """Millimetres."""

    @event()
    def mode(self, mode: NewObject[ZwlrOutputModeV1]) -> None:
        """It has a mode; what it is follows."""

    @event()
    def enabled(self, enabled: Int) -> None:
        """Whether it is on."""

    @event()
    def current_mode(self, mode: ZwlrOutputModeV1) -> None:
        """The mode that it has now."""

    @event()
    def position(self, x: Int, y: Int) -> None:
        """Layout pixels."""

    @event()
    def transform(self, transform: Int) -> None:
        """How it is turned."""

    @event()
    def scale(self, scale: Fixed) -> None:
        """Output pixels per layout pixel."""

    @event()
    def finished(self) -> None:
        """It was unplugged."""

    @event(since=2)
    def make(self, make: String) -> None:
        """Who made it."""

    @event(since=2)
    def model(self, model: String) -> None:
        """What it is."""

    @event(since=2)
    def serial_number(self, serial_number: String) -> None:
        """Never sent: our outputs have none."""

    @request(since=3, destructor=True)
    def release(self) -> None: ...

    @event(since=4)
    def adaptive_sync(self, state: Uint) -> None:
        """Whether frames come when they are ready."""

    def introduce(self, manager: ZwlrOutputManagerV1, output: Output) -> None:
        """Tell all of it for the first time."""
        self.manager = manager
        self.output = output
        self.modes = {}
        self.told = None
        self.name_(output.name)
        self.description(output.description)
        self.physical_size(*output.physical_mm)
        self.make(output.make)
        self.model(output.model)
        for mode in output.modes:
            self._mode(mode, preferred=mode == output.modes[0])
        if output.enabled:
            self.enabled(1)
            self._tell()
        else:
            self.enabled(0)

    def _mode(self, mode: Mode, preferred: bool = False) -> ZwlrOutputModeV1:
        resource = self.modes.get(mode)
        if resource is None:
            resource = self.modes[mode] = ZwlrOutputModeV1(self.client, 0, self.version)
            resource.head = self
            resource.model = mode
            self.mode(resource)
            resource.size(mode.width, mode.height)
            resource.refresh(mode.refresh_mhz)
            if preferred:
                resource.preferred()
        return resource

    def update(self) -> bool:
        """Tell what has changed; returns whether anything had."""
        output = self.output
        if output is None:
            return False
        if not output.enabled:
            if self.told is None:
                return False
            self.told = None
            self.enabled(0)
            return True
        if self.told is None:
            self.enabled(1)
        return self._tell()

    def _tell(self) -> bool:
        o = self.output
        assert o is not None
        before = self.told
        now = Told(o.mode, o.x, o.y, o.transform, o.scale, o.adaptive_sync)
        if now == before:
            return False
        self.told = now
        if before is None or now.mode != before.mode:
            self.current_mode(self._mode(now.mode))
        if before is None or (now.x, now.y) != (before.x, before.y):
            self.position(now.x, now.y)
        if before is None or now.transform != before.transform:
            self.transform(int(now.transform))
        if before is None or now.scale != before.scale:
            self.scale(now.scale)
        if before is None or now.adaptive_sync != before.adaptive_sync:
            self.adaptive_sync(int(now.adaptive_sync))
        return True

    def finish(self) -> None:
        """It was unplugged."""
        self.output = None
        ends = self.version < 3
        for mode in list(self.modes.values()):
            mode.finished()
            if ends:
                mode.retire()
        self.modes.clear()
        self.finished()
        # Since version 3 the client releases them.
        if ends:
            self.retire()

    def destroyed(self) -> None:
        if self.output is not None and self.manager.heads.get(self.output) is self:
            # A client that lets go of a head of an output that is still there is told nothing more of it.
            self.output = None


class ZwlrOutputModeV1(Interface, name="zwlr_output_mode_v1", version=4):
    """A size and refresh rate that an output can have."""

    __slots__ = ("head", "model")

    head: ZwlrOutputHeadV1
    model: Mode

    @event()
    def size(self, width: Int, height: Int) -> None:
        """Output pixels."""

    @event()
    def refresh(self, refresh: Int) -> None:
        """Millihertz."""

    @event()
    def preferred(self) -> None:
        """It is the one the output would choose."""

    @event()
    def finished(self) -> None:
        """It is gone with its output."""

    @request(since=3, destructor=True)
    def release(self) -> None: ...

    def destroyed(self) -> None:
        if self.head.modes.get(self.model) is self:
            del self.head.modes[self.model]
