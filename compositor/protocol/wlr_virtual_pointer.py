"""zwlr_virtual_pointer_manager_v1: pointers that programs play.

Source: wlr-virtual-pointer-unstable-v1.xml of wlr-protocols.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.geometry import EMPTY_RECT, Rect
from compositor.model.output import Output
from compositor.model.seat import Axis, AxisSource
from compositor.model.seat.virtual_pointer import VirtualPointer
from compositor.protocol.common import desktop_of
from compositor.protocol.wl_output import WlOutput
from compositor.protocol.wl_seat import WlPointer, WlSeat
from compositor.wire import Fixed, Int, Interface, NewId, Uint, request


class ZwlrVirtualPointerV1(Interface, name="zwlr_virtual_pointer_v1", version=2):
    """One pointer that a client plays.

    Times of requests are not handed on: their base is the client's own, and one seat's events keep to
    one clock.

    Attributes:
        device: the model of it.
        output: what absolute motion is mapped to, or None for the whole layout.
    """

    __slots__ = ("device", "output")

    device: VirtualPointer
    output: Output | None

    class Error(IntEnum):
        INVALID_AXIS = 0
        INVALID_AXIS_SOURCE = 1

    @request()
    def motion(self, time: Uint, dx: Fixed, dy: Fixed) -> None:
        self.device.move_by(dx, dy)

    @request()
    def motion_absolute(self, time: Uint, x: Uint, y: Uint, x_extent: Uint, y_extent: Uint) -> None:
        if x_extent and y_extent:
            self.device.move_within(self._area(), x / x_extent, y / y_extent)

    def _area(self) -> Rect:
        outputs = desktop_of(self).outputs
        if self.output in outputs:
            assert self.output is not None
            return self.output.rect_layout
        area = EMPTY_RECT
        for output in outputs:
            area = area.union(output.rect_layout)
        return area

    @request()
    def button(self, time: Uint, button: Uint, state: Uint) -> None:
        self.device.button(button, state == WlPointer.ButtonState.PRESSED)

    @request()
    def axis(self, time: Uint, axis: Uint, value: Fixed) -> None:
        self.device.axis(self._axis("axis", axis), value)

    @request()
    def frame(self) -> None:
        self.device.frame()

    @request()
    def axis_source(self, axis_source: Uint) -> None:
        if axis_source > AxisSource.WHEEL_TILT:
            raise self.error(self.Error.INVALID_AXIS_SOURCE, f"axis_source: {axis_source} is no source")
        self.device.source(AxisSource(axis_source))

    @request()
    def axis_stop(self, time: Uint, axis: Uint) -> None:
        self.device.axis_stop(self._axis("axis_stop", axis))

    @request()
    def axis_discrete(self, time: Uint, axis: Uint, value: Fixed, discrete: Int) -> None:
        self.device.axis(self._axis("axis_discrete", axis), value, discrete)

    def _axis(self, request: str, axis: int) -> Axis:
        if axis > Axis.HORIZONTAL:
            raise self.error(self.Error.INVALID_AXIS, f"{request}: {axis} is no axis")
        return Axis(axis)

    @request(destructor=True)
    def destroy(self) -> None: ...

    def destroyed(self) -> None:
        self.device.remove()


class ZwlrVirtualPointerManagerV1(Interface, name="zwlr_virtual_pointer_manager_v1", version=2):
    """Makes virtual pointers."""

    __slots__ = ()

    @request()
    def create_virtual_pointer(self, seat: WlSeat | None, id: NewId[ZwlrVirtualPointerV1]) -> None:
        self._make(seat, None, id)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request(since=2)
    def create_virtual_pointer_with_output(
        self, seat: WlSeat | None, output: WlOutput | None, id: NewId[ZwlrVirtualPointerV1]
    ) -> None:
        self._make(seat, output, id)

    def _make(self, seat: WlSeat | None, output: WlOutput | None, id: int) -> None:
        resource = ZwlrVirtualPointerV1(self.client, id, self.version)
        model = desktop_of(self).seat if seat is None else seat.seat
        resource.device = VirtualPointer(model.pointer)
        resource.output = None if output is None else output.output
