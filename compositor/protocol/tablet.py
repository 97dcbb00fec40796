"""zwp_tablet_manager_v2: graphics tablets. Our seats have none, and say so by announcing none.

Everything that a tablet could be is declared, since cursor shapes refer to
tools, and a client may ask for any of it by type. Source: tablet-v2.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.protocol.wl_seat import WlSeat
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Array, Fixed, Int, Interface, NewId, NewObject, String, Uint, event, request


class ZwpTabletManagerV2(Interface, name="zwp_tablet_manager_v2", version=2):
    """Gives access to the tablets of a seat."""

    __slots__ = ()

    @request()
    def get_tablet_seat(self, tablet_seat: NewId[ZwpTabletSeatV2], seat: WlSeat) -> None:
        ZwpTabletSeatV2(self.client, tablet_seat, self.version)

    @request(destructor=True)
    def destroy(self) -> None: ...


class ZwpTabletSeatV2(Interface, name="zwp_tablet_seat_v2", version=2):
    """The tablets of one seat."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def tablet_added(self, id: NewObject[ZwpTabletV2]) -> None:
        """A tablet was plugged in."""

    @event()
    def tool_added(self, id: NewObject[ZwpTabletToolV2]) -> None:
        """A tool was seen for the first time."""

    @event()
    def pad_added(self, id: NewObject[ZwpTabletPadV2]) -> None:
        """A pad was plugged in."""


class ZwpTabletToolV2(Interface, name="zwp_tablet_tool_v2", version=2):
    """A pen, an eraser, or the like."""

    __slots__ = ()

    class Type(IntEnum):
        PEN = 0x140
        ERASER = 0x141
        BRUSH = 0x142
        PENCIL = 0x143
        AIRBRUSH = 0x144
        FINGER = 0x145
        MOUSE = 0x146
        LENS = 0x147

    class Capability(IntEnum):
        TILT = 1
        PRESSURE = 2
        DISTANCE = 3
        ROTATION = 4
        SLIDER = 5
        WHEEL = 6

    class ButtonState(IntEnum):
        RELEASED = 0
        PRESSED = 1

    class Error(IntEnum):
        ROLE = 0

    @request()
    def set_cursor(self, serial: Uint, surface: WlSurface | None, hotspot_x: Int, hotspot_y: Int) -> None: ...

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def type(self, tool_type: Uint) -> None:
        """What it is."""

    @event()
    def hardware_serial(self, hardware_serial_hi: Uint, hardware_serial_lo: Uint) -> None:
        """Its number, the same wherever it is used."""

    @event()
    def hardware_id_wacom(self, hardware_id_hi: Uint, hardware_id_lo: Uint) -> None:
        """Wacom's number of its model."""

    @event()
    def capability(self, capability: Uint) -> None:
        """Something that it can measure."""

    @event()
    def done(self) -> None:
        """The description is complete."""

    @event()
    def removed(self) -> None:
        """It is gone."""

    @event()
    def proximity_in(self, serial: Uint, tablet: ZwpTabletV2, surface: WlSurface) -> None:
        """It came near the tablet."""

    @event()
    def proximity_out(self) -> None:
        """It went away from it."""

    @event()
    def down(self, serial: Uint) -> None:
        """It touches the tablet."""

    @event()
    def up(self) -> None:
        """It was lifted."""

    @event()
    def motion(self, x: Fixed, y: Fixed) -> None:
        """It moved; surface space."""

    @event()
    def pressure(self, pressure: Uint) -> None:
        """0 to 65535."""

    @event()
    def distance(self, distance: Uint) -> None:
        """0 to 65535."""

    @event()
    def tilt(self, tilt_x: Fixed, tilt_y: Fixed) -> None:
        """Degrees."""

    @event()
    def rotation(self, degrees: Fixed) -> None:
        """Clockwise."""

    @event()
    def slider(self, position: Int) -> None:
        """-65535 to 65535."""

    @event()
    def wheel(self, degrees: Fixed, clicks: Int) -> None:
        """Its wheel was turned."""

    @event()
    def button(self, serial: Uint, button: Uint, state: Uint) -> None:
        """A button on it changed."""

    @event()
    def frame(self, time: Uint) -> None:
        """The events since the last frame belong together."""


class ZwpTabletV2(Interface, name="zwp_tablet_v2", version=2):
    """A tablet."""

    __slots__ = ()

    class Bustype(IntEnum):
        USB = 3
        BLUETOOTH = 5
        VIRTUAL = 6
        SERIAL = 17
        I2C = 24

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event(name="name")
    def name_(self, name: String) -> None:
        """For people."""

    @event()
    def id(self, vid: Uint, pid: Uint) -> None:
        """Vendor and product."""

    @event()
    def path(self, path: String) -> None:
        """Its device file."""

    @event()
    def done(self) -> None:
        """The description is complete."""

    @event()
    def removed(self) -> None:
        """It is gone."""

    @event(since=2)
    def bustype(self, bustype: Uint) -> None:
        """What it is plugged into."""


class ZwpTabletPadRingV2(Interface, name="zwp_tablet_pad_ring_v2", version=2):
    """A ring of a pad."""

    __slots__ = ()

    class Source(IntEnum):
        FINGER = 1

    @request()
    def set_feedback(self, description: String, serial: Uint) -> None: ...

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def source(self, source: Uint) -> None:
        """What moves on it."""

    @event()
    def angle(self, degrees: Fixed) -> None:
        """Where."""

    @event()
    def stop(self) -> None:
        """It was let go."""

    @event()
    def frame(self, time: Uint) -> None:
        """The events since the last frame belong together."""


class ZwpTabletPadStripV2(Interface, name="zwp_tablet_pad_strip_v2", version=2):
    """A strip of a pad."""

    __slots__ = ()

    class Source(IntEnum):
        FINGER = 1

    @request()
    def set_feedback(self, description: String, serial: Uint) -> None: ...

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def source(self, source: Uint) -> None:
        """What moves on it."""

    @event()
    def position(self, position: Uint) -> None:
        """Where, 0 to 65535."""

    @event()
    def stop(self) -> None:
        """It was let go."""

    @event()
    def frame(self, time: Uint) -> None:
        """The events since the last frame belong together."""


class ZwpTabletPadGroupV2(Interface, name="zwp_tablet_pad_group_v2", version=2):
    """Buttons, rings, strips and dials that share a mode."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def buttons(self, buttons: Array) -> None:
        """Its buttons."""

    @event()
    def ring(self, ring: NewObject[ZwpTabletPadRingV2]) -> None:
        """One of its rings."""

    @event()
    def strip(self, strip: NewObject[ZwpTabletPadStripV2]) -> None:
        """One of its strips."""

    @event()
    def modes(self, modes: Uint) -> None:
        """How many modes it has."""

    @event()
    def done(self) -> None:
        """The description is complete."""

    @event()
    def mode_switch(self, time: Uint, serial: Uint, mode: Uint) -> None:
        """It is in another mode."""

    @event(since=2)
    def dial(self, dial: NewObject[ZwpTabletPadDialV2]) -> None:
        """One of its dials."""


class ZwpTabletPadV2(Interface, name="zwp_tablet_pad_v2", version=2):
    """The buttons beside a tablet."""

    __slots__ = ()

    class ButtonState(IntEnum):
        RELEASED = 0
        PRESSED = 1

    @request()
    def set_feedback(self, button: Uint, description: String, serial: Uint) -> None: ...

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def group(self, pad_group: NewObject[ZwpTabletPadGroupV2]) -> None:
        """One of its groups."""

    @event()
    def path(self, path: String) -> None:
        """Its device file."""

    @event()
    def buttons(self, buttons: Uint) -> None:
        """How many buttons it has."""

    @event()
    def done(self) -> None:
        """The description is complete."""

    @event()
    def button(self, time: Uint, button: Uint, state: Uint) -> None:
        """A button changed."""

    @event()
    def enter(self, serial: Uint, tablet: ZwpTabletV2, surface: WlSurface) -> None:
        """The surface has got it."""

    @event()
    def leave(self, serial: Uint, surface: WlSurface) -> None:
        """The surface has lost it."""

    @event()
    def removed(self) -> None:
        """It is gone."""


class ZwpTabletPadDialV2(Interface, name="zwp_tablet_pad_dial_v2", version=2):
    """A dial of a pad."""

    __slots__ = ()

    @request()
    def set_feedback(self, description: String, serial: Uint) -> None: ...

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def delta(self, value120: Int) -> None:
        """It was turned, 120 to a notch."""

    @event()
    def frame(self, time: Uint) -> None:
        """The events since the last frame belong together."""
