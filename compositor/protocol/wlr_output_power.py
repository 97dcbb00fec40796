"""zwlr_output_power_manager_v1: outputs made dark and lit again.

A dark output keeps its place and its windows; its picture is not updated.
Source: wlr-output-power-management-unstable-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.output import Output
from compositor.protocol.common import desktop_of
from compositor.protocol.wl_output import WlOutput
from compositor.wire import Interface, NewId, Uint, event, request


class ZwlrOutputPowerManagerV1(Interface, name="zwlr_output_power_manager_v1", version=1):
    """Makes power objects."""

    __slots__ = ()

    @request()
    def get_output_power(self, id: NewId[ZwlrOutputPowerV1], output: WlOutput) -> None:
        ZwlrOutputPowerV1(self.client, id, self.version).start(output.output)

    @request(destructor=True)
    def destroy(self) -> None: ...


class ZwlrOutputPowerV1(Interface, name="zwlr_output_power_v1", version=1):
    """The power of one output.

    Attributes:
        output: None once it is gone; requests do nothing then.
    """

    __slots__ = ("output",)

    output: Output | None

    class Mode(IntEnum):
        OFF = 0
        ON = 1

    class Error(IntEnum):
        INVALID_MODE = 1

    @request()
    def set_mode(self, mode: Uint) -> None:
        if mode > 1:
            raise self.error(self.Error.INVALID_MODE, f"set_mode: {mode} is no mode")
        if self.output is not None:
            self.output.set_powered(mode == self.Mode.ON)

    @event()
    def mode(self, mode: Uint) -> None:
        """Whether it is on."""

    @event()
    def failed(self) -> None:
        """The output is gone."""

    @request(destructor=True)
    def destroy(self) -> None: ...

    def start(self, output: Output) -> None:
        """Tell the mode, now and whenever it changes."""
        desktop = desktop_of(self)
        if output not in desktop.outputs:
            self.output = None
            self.failed()
            return
        self.output = output
        output.on_power.append(self._tell)
        desktop.on_output.append(self._output)
        self._tell(output)

    def _tell(self, output: Output) -> None:
        self.mode(self.Mode.ON if output.powered else self.Mode.OFF)

    def _output(self, output: Output, what: str) -> None:
        if output is self.output and what == "removed":
            self.destroyed()
            self.failed()

    def destroyed(self) -> None:
        if self.output is not None:
            self.output.on_power.remove(self._tell)
            desktop_of(self).on_output.remove(self._output)
            self.output = None
