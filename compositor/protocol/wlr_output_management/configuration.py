"""zwlr_output_configuration_v1: a set-up of all outputs that a client puts together, tests and applies."""

from __future__ import annotations

from enum import IntEnum
from math import isfinite
from typing import TYPE_CHECKING

from compositor.geometry import Transform
from compositor.model.output import Mode, Output
from compositor.protocol.common import desktop_of
from compositor.protocol.wlr_output_management.head import ZwlrOutputHeadV1, ZwlrOutputModeV1
from compositor.wire import Fixed, Int, Interface, NewId, Uint, event, request

if TYPE_CHECKING:
    from compositor.protocol.wlr_output_management.manager import ZwlrOutputManagerV1

_MAX_SIDE = 16_384
_MAX_PIXELS = 1 << 27
_REFRESH_MHZ = (1_000, 1_000_000)
_SCALES = (0.1, 16.0)


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
