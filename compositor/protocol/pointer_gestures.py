"""zwp_pointer_gestures_v1: swipe, pinch and hold on a touchpad.

Source: pointer-gestures-unstable-v1.xml.
"""

from __future__ import annotations

from compositor.model.seat.gestures import GestureKind
from compositor.model.seat.host import bounded
from compositor.model.surface import Surface
from compositor.protocol.wl_seat import SeatGlobal, WlPointer
from compositor.protocol.wl_seat.devices import keep, listening
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Client, Fixed, Int, Interface, NewId, Uint, event, request


class ZwpPointerGesturesV1(Interface, name="zwp_pointer_gestures_v1", version=3):
    """Makes gesture objects."""

    __slots__ = ()

    @request()
    def get_swipe_gesture(self, id: NewId[ZwpPointerGestureSwipeV1], pointer: WlPointer) -> None:
        _add(ZwpPointerGestureSwipeV1(self.client, id, self.version), pointer)

    @request()
    def get_pinch_gesture(self, id: NewId[ZwpPointerGesturePinchV1], pointer: WlPointer) -> None:
        _add(ZwpPointerGesturePinchV1(self.client, id, self.version), pointer)

    @request(since=2, destructor=True)
    def release(self) -> None: ...

    @request(since=3)
    def get_hold_gesture(self, id: NewId[ZwpPointerGestureHoldV1], pointer: WlPointer) -> None:
        _add(ZwpPointerGestureHoldV1(self.client, id, self.version), pointer)


class ZwpPointerGestureSwipeV1(Interface, name="zwp_pointer_gesture_swipe_v1", version=3):
    """Fingers that move together."""

    __slots__ = ("room",)

    KIND = GestureKind.SWIPE
    room: GestureObjects

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def begin(self, serial: Uint, time: Uint, surface: WlSurface, fingers: Uint) -> None:
        """It begins on a surface."""

    @event()
    def update(self, time: Uint, dx: Fixed, dy: Fixed) -> None:
        """The fingers moved; surface space."""

    @event()
    def end(self, serial: Uint, time: Uint, cancelled: Int) -> None:
        """It is over."""

    def destroyed(self) -> None:
        self.room.remove(self)


class ZwpPointerGesturePinchV1(Interface, name="zwp_pointer_gesture_pinch_v1", version=3):
    """Fingers that move towards each other, or turn."""

    __slots__ = ("room",)

    KIND = GestureKind.PINCH
    room: GestureObjects

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def begin(self, serial: Uint, time: Uint, surface: WlSurface, fingers: Uint) -> None:
        """It begins on a surface."""

    @event()
    def update(self, time: Uint, dx: Fixed, dy: Fixed, scale: Fixed, rotation: Fixed) -> None:
        """The fingers moved; surface space, a factor since the beginning, degrees since the last event."""

    @event()
    def end(self, serial: Uint, time: Uint, cancelled: Int) -> None:
        """It is over."""

    def destroyed(self) -> None:
        self.room.remove(self)


class ZwpPointerGestureHoldV1(Interface, name="zwp_pointer_gesture_hold_v1", version=3):
    """Fingers that stay."""

    __slots__ = ("room",)

    KIND = GestureKind.HOLD
    room: GestureObjects

    @request(since=3, destructor=True)
    def destroy(self) -> None: ...

    @event(since=3)
    def begin(self, serial: Uint, time: Uint, surface: WlSurface, fingers: Uint) -> None:
        """It begins on a surface."""

    @event(since=3)
    def end(self, serial: Uint, time: Uint, cancelled: Int) -> None:
        """It is over."""

    def destroyed(self) -> None:
        self.room.remove(self)


AnyGesture = ZwpPointerGestureSwipeV1 | ZwpPointerGesturePinchV1 | ZwpPointerGestureHoldV1


class GestureObjects:
    """The gesture objects of all clients of one seat (compositor.model.seat.gestures.GestureListener)."""

    def __init__(self) -> None:
        self._of: dict[tuple[Client, GestureKind], list[AnyGesture]] = {}
        # Who was told that the present one began: whoever comes later would not understand the rest.
        self._told: list[AnyGesture] = []

    def add(self, gesture: AnyGesture) -> None:
        """A client made one.

        Raises:
            ProtocolError: wl_display.error.implementation, if it has too many.
        """
        keep(gesture, self._of.setdefault((gesture.client, gesture.KIND), []), gesture)

    def remove(self, gesture: AnyGesture) -> None:
        """One is gone. Harmless when repeated."""
        key = (gesture.client, gesture.KIND)
        gestures = self._of.get(key, [])
        if gesture in gestures:
            gestures.remove(gesture)
        if not gestures:
            self._of.pop(key, None)
        if gesture in self._told:
            self._told.remove(gesture)

    def begin(self, kind: GestureKind, surface: Surface, serial: int, time_ms: int, fingers: int) -> None:
        """Tell that a gesture begins."""
        if listening(surface):
            self._told = list(self._of.get((surface.client, kind), ()))
            for gesture in self._told:
                gesture.begin(serial, time_ms, surface.resource, fingers)

    def swipe(self, surface: Surface, time_ms: int, dx: float, dy: float) -> None:
        """Tell how the fingers moved."""
        for gesture in self._told:
            assert isinstance(gesture, ZwpPointerGestureSwipeV1)
            gesture.update(time_ms, bounded(dx), bounded(dy))

    def pinch(
        self, surface: Surface, time_ms: int, dx: float, dy: float, scale: float, rotation: float
    ) -> None:
        """Tell how the fingers moved."""
        for gesture in self._told:
            assert isinstance(gesture, ZwpPointerGesturePinchV1)
            gesture.update(time_ms, bounded(dx), bounded(dy), bounded(scale), bounded(rotation))

    def end(self, kind: GestureKind, surface: Surface, serial: int, time_ms: int, cancelled: bool) -> None:
        """Tell that it is over."""
        told, self._told = self._told, []
        for gesture in told:
            gesture.end(serial, time_ms, int(cancelled))


def _add(gesture: AnyGesture, pointer: WlPointer) -> None:
    gesture.room = _room(pointer.entry)
    gesture.room.add(gesture)


def _room(entry: SeatGlobal) -> GestureObjects:
    """Return the gesture objects of a seat."""
    room = entry.data.get(GestureObjects)
    if room is None:
        room = entry.data[GestureObjects] = GestureObjects()
        entry.seat.gestures.listener = room
    assert isinstance(room, GestureObjects)
    return room
