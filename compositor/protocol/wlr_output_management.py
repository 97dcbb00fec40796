"""zwlr_output_manager_v1: which outputs there are, also those switched off, and how they are set up.

Source: wlr-output-management-unstable-v1.xml.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import isfinite

from compositor.geometry import Transform
from compositor.model.output import Mode, Output
from compositor.protocol.common import desktop_of
from compositor.wire import Client, Fixed, Int, Interface, NewId, NewObject, String, Uint, event, request

_MAX_SIDE = 16_384
_MAX_PIXELS = 1 << 27
_REFRESH_MHZ = (1_000, 1_000_000)
_SCALES = (0.1, 16.0)


class ZwlrOutputManagerV1(Interface, name="zwlr_output_manager_v1", version=4):
    """One client's view of all outputs.

    Attributes:
        serial: of the newest `done`; a configuration made with another one is cancelled.
    """

    __slots__ = ("heads", "serial")

    heads: dict[Output, ZwlrOutputHeadV1]
    serial: int

    @event()
    def head(self, head: NewObject[ZwlrOutputHeadV1]) -> None:
        """There is an output; what it is follows."""

    @event()
    def done(self, serial: Uint) -> None:
        """All that changed has been told."""

    @request()
    def create_configuration(self, id: NewId[ZwlrOutputConfigurationV1], serial: Uint) -> None:
        resource = ZwlrOutputConfigurationV1(self.client, id, self.version)
        resource.manager = self
        resource.serial = serial
        resource.heads = {}
        resource.used = False

    @request()
    def stop(self) -> None:
        self.finished()

    @event(destructor=True)
    def finished(self) -> None:
        """Nothing more will come."""

    def start(self) -> None:
        """Tell of every output from now on."""
        self.heads = {}
        self.serial = 0
        desktop_of(self).on_heads.append(self.update)
        self.update()

    def update(self) -> None:
        """Tell what is not as it was told last."""
        present = desktop_of(self).heads
        news = False
        for output in list(self.heads):
            if output not in present:
                self.heads.pop(output).finish()
                news = True
        for output in present:
            head = self.heads.get(output)
            if head is None:
                head = self.heads[output] = ZwlrOutputHeadV1(self.client, 0, self.version)
                self.head(head)
                head.introduce(self, output)
                news = True
            elif head.update():
                news = True
        if news or not self.serial:
            self.serial = self.client.display.next_serial()
            self.done(self.serial)

    def destroyed(self) -> None:
        hooks = desktop_of(self).on_heads
        if self.update in hooks:
            hooks.remove(self.update)


@dataclass(frozen=True, slots=True)
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


class ZwlrOutputConfigurationV1(Interface, name="zwlr_output_configuration_v1", version=4):
    """A set-up of all outputs that a client puts together.

    Attributes:
        heads: what becomes of each head; None switches it off.
    """

    __slots__ = ("heads", "manager", "serial", "used")

    manager: ZwlrOutputManagerV1
    serial: int
    heads: dict[ZwlrOutputHeadV1, ZwlrOutputConfigurationHeadV1 | None]
    used: bool

    class Error(IntEnum):
        ALREADY_CONFIGURED_HEAD = 1
        UNCONFIGURED_HEAD = 2
        ALREADY_USED = 3

    @request()
    def enable_head(self, id: NewId[ZwlrOutputConfigurationHeadV1], head: ZwlrOutputHeadV1) -> None:
        self._check(head)
        resource = ZwlrOutputConfigurationHeadV1(self.client, id, self.version)
        resource.head = head
        resource.changes = {}
        self.heads[head] = resource

    @request()
    def disable_head(self, head: ZwlrOutputHeadV1) -> None:
        self._check(head)
        self.heads[head] = None

    def _check(self, head: ZwlrOutputHeadV1) -> None:
        if self.used:
            raise self.error(self.Error.ALREADY_USED, "applied or tested already")
        if head in self.heads:
            raise self.error(self.Error.ALREADY_CONFIGURED_HEAD, f"{head!r} was configured already")

    @request()
    def apply(self) -> None:
        self._use(True)

    @request()
    def test(self) -> None:
        self._use(False)

    def _use(self, apply: bool) -> None:
        if self.used:
            raise self.error(self.Error.ALREADY_USED, "applied or tested already")
        self.used = True
        manager = self.manager
        if self.serial != manager.serial or not manager.alive:
            self.cancelled()
            return
        for output, head in manager.heads.items():
            if head not in self.heads and head.output is not None:
                raise self.error(self.Error.UNCONFIGURED_HEAD, f"{output.name} is left out")
        plans = [(h.output, c) for h, c in self.heads.items() if h.output is not None]
        if not all(c is None or c.possible() for _, c in plans):
            self.failed()
            return
        if apply:
            desktop = desktop_of(self)
            with desktop.heads_changing():
                for output, configuration in plans:
                    if configuration is not None:
                        configuration.apply_to(output)
                        desktop.enable_output(output)
                for output, configuration in plans:
                    if configuration is None:
                        desktop.disable_output(output)
        self.succeeded()

    @event()
    def succeeded(self) -> None:
        """It was applied, or could be."""

    @event()
    def failed(self) -> None:
        """It cannot be applied."""

    @event()
    def cancelled(self) -> None:
        """It was made for outputs as they are not any more."""

    @request(destructor=True)
    def destroy(self) -> None: ...

    def destroyed(self) -> None:
        for configuration in self.heads.values():
            if configuration is not None:
                configuration.retire()


class ZwlrOutputConfigurationHeadV1(Interface, name="zwlr_output_configuration_head_v1", version=4):
    """What one head shall be like; what is not said stays.

    Attributes:
        changes: arguments for `Output.configure` and `adaptive_sync`.
    """

    __slots__ = ("changes", "head")

    head: ZwlrOutputHeadV1
    changes: dict[str, object]

    class Error(IntEnum):
        ALREADY_SET = 1
        INVALID_MODE = 2
        INVALID_CUSTOM_MODE = 3
        INVALID_TRANSFORM = 4
        INVALID_SCALE = 5
        INVALID_ADAPTIVE_SYNC_STATE = 6

    def _set(self, request: str, key: str, value: object) -> None:
        if key in self.changes:
            raise self.error(self.Error.ALREADY_SET, f"{request}: {key} was set already")
        self.changes[key] = value

    @request()
    def set_mode(self, mode: ZwlrOutputModeV1) -> None:
        if mode.head is not self.head:
            raise self.error(self.Error.INVALID_MODE, f"set_mode: {mode!r} is another head's")
        self._set("set_mode", "mode", mode.model)

    @request()
    def set_custom_mode(self, width: Int, height: Int, refresh: Int) -> None:
        if width < 1 or height < 1 or refresh < 0:
            text = f"set_custom_mode: {width}x{height}@{refresh} mHz is no mode"
            raise self.error(self.Error.INVALID_CUSTOM_MODE, text)
        self._set("set_custom_mode", "mode", Mode(width, height, refresh or 60_000))

    @request()
    def set_position(self, x: Int, y: Int) -> None:
        self._set("set_position", "position", (x, y))

    @request()
    def set_transform(self, transform: Int) -> None:
        if not 0 <= transform <= 7:
            raise self.error(self.Error.INVALID_TRANSFORM, f"set_transform: {transform} is no transform")
        self._set("set_transform", "transform", Transform(transform))

    @request()
    def set_scale(self, scale: Fixed) -> None:
        if not isfinite(scale) or scale <= 0:
            raise self.error(self.Error.INVALID_SCALE, f"set_scale: {scale} is not positive")
        self._set("set_scale", "scale", scale)

    @request(since=4)
    def set_adaptive_sync(self, state: Uint) -> None:
        if state > 1:
            raise self.error(
                self.Error.INVALID_ADAPTIVE_SYNC_STATE, f"set_adaptive_sync: {state} is no state"
            )
        self._set("set_adaptive_sync", "adaptive_sync", bool(state))

    def possible(self) -> bool:
        """Whether an output of ours can be like that."""
        mode = self.changes.get("mode")
        if isinstance(mode, Mode) and (
            max(mode.width, mode.height) > _MAX_SIDE
            or mode.width * mode.height > _MAX_PIXELS
            or not _REFRESH_MHZ[0] <= mode.refresh_mhz <= _REFRESH_MHZ[1]
        ):
            return False
        scale = self.changes.get("scale")
        if isinstance(scale, float) and not _SCALES[0] <= scale <= _SCALES[1]:
            return False
        position = self.changes.get("position")
        return not isinstance(position, tuple) or max(map(abs, position)) < 1 << 20

    def apply_to(self, output: Output) -> None:
        """Make the output like that."""
        changes = dict(self.changes)
        output.adaptive_sync = bool(changes.pop("adaptive_sync", output.adaptive_sync))
        mode = changes.pop("mode", None)
        if isinstance(mode, Mode):
            changes.update(width=mode.width, height=mode.height, refresh_mhz=mode.refresh_mhz)
        position = changes.pop("position", None)
        if isinstance(position, tuple):
            changes.update(x=position[0], y=position[1])
        output.configure(**changes)  # type: ignore[arg-type]


def bind_manager(client: Client, oid: int, version: int) -> ZwlrOutputManagerV1:
    """Bind the manager and tell what there is."""
    resource = ZwlrOutputManagerV1(client, oid, version)
    resource.start()
    return resource
