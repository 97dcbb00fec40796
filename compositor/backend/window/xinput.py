"""Pointer events of the X Input extension, version 2: how far a wheel has turned, how far a hand has gone.

Core X events know clicks of a wheel only, and a pointer that stops at the edge of the screen. Where the
extension is missing they have to do.
Source: the XI2 protocol, sections "Scrolling devices" and "Raw events"; structures as in
X11/extensions/XInput2.h.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from compositor.backend.window.x11 import Connection

_ALL_DEVICES = 0
_ALL_MASTERS = 1
_DEVICE_CHANGED, _BUTTON_PRESS, _BUTTON_RELEASE, _MOTION, _ENTER, _RAW_MOTION = 1, 4, 5, 6, 7, 17
_VALUATOR_CLASS, _SCROLL_CLASS = 2, 3
_ABSOLUTE = 1
_SLAVE_SWITCH = 1
_VERTICAL = 1
_EMULATED = 1 << 16
_MAX_STEP = 20.0
"""More notches at once are a device that counts anew."""


class _EventMask(ctypes.Structure):
    _fields_ = [
        ("deviceid", ctypes.c_int),
        ("mask_len", ctypes.c_int),
        ("mask", ctypes.POINTER(ctypes.c_ubyte)),
    ]


class _AnyClass(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("sourceid", ctypes.c_int)]


class _ValuatorClass(_AnyClass):
    _fields_ = [
        ("number", ctypes.c_int),
        ("label", ctypes.c_ulong),
        ("min", ctypes.c_double),
        ("max", ctypes.c_double),
        ("value", ctypes.c_double),
        ("resolution", ctypes.c_int),
        ("mode", ctypes.c_int),
    ]


class _ScrollClass(_AnyClass):
    _fields_ = [
        ("number", ctypes.c_int),
        ("scroll_type", ctypes.c_int),
        ("increment", ctypes.c_double),
        ("flags", ctypes.c_int),
    ]


class _DeviceInfo(ctypes.Structure):
    _fields_ = [
        ("deviceid", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("use", ctypes.c_int),
        ("attachment", ctypes.c_int),
        ("enabled", ctypes.c_int),
        ("num_classes", ctypes.c_int),
        ("classes", ctypes.POINTER(ctypes.POINTER(_AnyClass))),
    ]


class _Mask(ctypes.Structure):
    _fields_ = [("mask_len", ctypes.c_int), ("mask", ctypes.POINTER(ctypes.c_ubyte))]


class _Valuators(ctypes.Structure):
    _fields_ = [
        ("mask_len", ctypes.c_int),
        ("mask", ctypes.POINTER(ctypes.c_ubyte)),
        ("values", ctypes.POINTER(ctypes.c_double)),
    ]


class _DeviceEvent(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("extension", ctypes.c_int),
        ("evtype", ctypes.c_int),
        ("time", ctypes.c_ulong),
        ("deviceid", ctypes.c_int),
        ("sourceid", ctypes.c_int),
        ("detail", ctypes.c_int),
        ("root", ctypes.c_ulong),
        ("event", ctypes.c_ulong),
        ("child", ctypes.c_ulong),
        ("root_x", ctypes.c_double),
        ("root_y", ctypes.c_double),
        ("event_x", ctypes.c_double),
        ("event_y", ctypes.c_double),
        ("flags", ctypes.c_int),
        ("buttons", _Mask),
        ("valuators", _Valuators),
    ]


class _ChangedEvent(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("extension", ctypes.c_int),
        ("evtype", ctypes.c_int),
        ("time", ctypes.c_ulong),
        ("deviceid", ctypes.c_int),
        ("sourceid", ctypes.c_int),
        ("reason", ctypes.c_int),
    ]


class _RawEvent(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("extension", ctypes.c_int),
        ("evtype", ctypes.c_int),
        ("time", ctypes.c_ulong),
        ("deviceid", ctypes.c_int),
        ("sourceid", ctypes.c_int),
        ("detail", ctypes.c_int),
        ("flags", ctypes.c_int),
        ("valuators", _Valuators),
        ("raw_values", ctypes.POINTER(ctypes.c_double)),
    ]


class XInput:
    """Pointer events with fractions.

    Args:
        motion: called with window, x, y (window pixels).
        button: called with window, X button, whether it was pressed.
        scroll: called with window and the notches turned to the right and down.
        way: called with how far a device has gone, as the pointer follows it and as it came (pixels each),
            while `watch_ways` asks for it.
    """

    def __init__(
        self,
        connection: Connection,
        motion: Callable[[int, float, float], None],
        button: Callable[[int, int, bool], None],
        scroll: Callable[[int, float, float], None],
        way: Callable[[tuple[float, float], tuple[float, float]], None] | None = None,
    ) -> None:
        self._connection = connection
        self._motion, self._button, self._scroll, self._way = motion, button, scroll, way
        self._library: Any = None
        self._opcode = 0
        self._known: set[int] = set()
        # By device and valuator: which way it scrolls and how much is a notch; where it stands.
        self._scrolls: dict[tuple[int, int], tuple[int, float]] = {}
        self._stands: dict[tuple[int, int], float] = {}
        # Of devices that say places on the screen instead of ways: pixels to a unit, and the last place.
        self._places: dict[tuple[int, int], float] = {}
        self._last: dict[tuple[int, int], float] = {}
        self._open()

    @property
    def available(self) -> bool:
        """Whether the server and libXi have the extension; if not, nothing is ever called."""
        return self._library is not None

    def _open(self) -> None:
        x, display = self._connection.x, self._connection.display
        opcode, event, error = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        if not x.XQueryExtension(display, b"XInputExtension", opcode, event, error):
            return
        try:
            library = ctypes.CDLL("libXi.so.6")
        except OSError:
            return
        pointer = type(display)
        library.XIQueryVersion.argtypes = [pointer, ctypes.c_void_p, ctypes.c_void_p]
        library.XISelectEvents.argtypes = [pointer, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_int]
        library.XIQueryDevice.argtypes = [pointer, ctypes.c_int, ctypes.c_void_p]
        library.XIQueryDevice.restype = ctypes.POINTER(_DeviceInfo)
        library.XIFreeDeviceInfo.argtypes = [ctypes.POINTER(_DeviceInfo)]
        library.XIFreeDeviceInfo.restype = None
        # Since 2.1 there are devices that scroll, and ways are told whoever has grabbed the pointer.
        major, minor = ctypes.c_int(2), ctypes.c_int(1)
        if library.XIQueryVersion(display, ctypes.byref(major), ctypes.byref(minor)):
            return
        if (major.value, minor.value) < (2, 1):
            return
        self._library = library
        self._opcode = opcode.value
        self._query()

    def select(self, window: int) -> None:
        """Ask for the events of a window. Core events of the pointer stop there."""
        self._select(window, (_DEVICE_CHANGED, _BUTTON_PRESS, _BUTTON_RELEASE, _MOTION, _ENTER))

    def watch_ways(self, on: bool) -> None:
        """Ask to be told how far devices go, wherever the pointer is, or no more."""
        self._last.clear()
        self._select(self._connection.root, (_RAW_MOTION,) if on else ())

    def _select(self, window: int, kinds: tuple[int, ...]) -> None:
        if self._library is None:
            return
        bits = sum(1 << kind for kind in kinds)
        data = (ctypes.c_ubyte * 3)(*bits.to_bytes(3, "little"))
        mask = _EventMask(_ALL_MASTERS, 3, ctypes.cast(data, ctypes.POINTER(ctypes.c_ubyte)))
        self._library.XISelectEvents(self._connection.display, window, ctypes.byref(mask), 1)

    def _query(self) -> None:
        """Learn what devices there are, and where their wheels stand now."""
        count = ctypes.c_int()
        infos = self._library.XIQueryDevice(self._connection.display, _ALL_DEVICES, ctypes.byref(count))
        self._known.clear()
        self._scrolls.clear()
        self._stands.clear()
        self._places.clear()
        for index in range(count.value):
            info = infos[index]
            self._known.add(info.deviceid)
            for number in range(info.num_classes):
                found = info.classes[number]
                if found.contents.type == _SCROLL_CLASS:
                    scroll = ctypes.cast(found, ctypes.POINTER(_ScrollClass)).contents
                    if scroll.increment:
                        key = (info.deviceid, scroll.number)
                        self._scrolls[key] = (scroll.scroll_type, scroll.increment)
                elif found.contents.type == _VALUATOR_CLASS:
                    self._learn(info.deviceid, ctypes.cast(found, ctypes.POINTER(_ValuatorClass)).contents)
        if infos:
            self._library.XIFreeDeviceInfo(infos)

    def _learn(self, device: int, valuator: _ValuatorClass) -> None:
        key = (device, valuator.number)
        self._stands[key] = valuator.value
        if valuator.number < 2 and valuator.mode == _ABSOLUTE:
            side = self._connection.screen_size[valuator.number]
            units = valuator.max - valuator.min
            self._places[key] = side / units if units > 0 else 1.0

    def handle(self, cookie: Any) -> None:
        """See to an extension event; one of another extension is ignored."""
        if cookie.extension != self._opcode or self._library is None:
            return
        if cookie.evtype == _DEVICE_CHANGED:
            change = ctypes.cast(cookie.data, ctypes.POINTER(_ChangedEvent)).contents
            # Of another device that is used now, all is known; and where its wheel stood before this turn.
            if change.reason != _SLAVE_SWITCH or change.sourceid not in self._known:
                self._query()
            return
        if cookie.evtype == _ENTER:
            # Wheels may have turned elsewhere meanwhile.
            self._query()
            return
        if cookie.evtype == _RAW_MOTION:
            self._went(ctypes.cast(cookie.data, ctypes.POINTER(_RawEvent)).contents)
            return
        event = ctypes.cast(cookie.data, ctypes.POINTER(_DeviceEvent)).contents
        if cookie.evtype == _MOTION:
            self._turned(event)
            self._motion(event.event, event.event_x, event.event_y)
        elif cookie.evtype in (_BUTTON_PRESS, _BUTTON_RELEASE):
            if 4 <= event.detail <= 7 and event.flags & _EMULATED:
                # The same turn of a wheel once more, as a click.
                return
            self._button(event.event, event.detail, cookie.evtype == _BUTTON_PRESS)

    def _turned(self, event: _DeviceEvent) -> None:
        right = down = 0.0
        for place, number in enumerate(_numbers(event.valuators)):
            key = (event.sourceid, number)
            found = self._scrolls.get(key)
            if found is None:
                continue
            value = event.valuators.values[place]
            before = self._stands.get(key)
            self._stands[key] = value
            if before is None:
                continue
            notches = (value - before) / found[1]
            if abs(notches) > _MAX_STEP:
                continue
            if found[0] == _VERTICAL:
                down += notches
            else:
                right += notches
        if right or down:
            self._scroll(event.event, right, down)

    def _went(self, event: _RawEvent) -> None:
        way, raw = [0.0, 0.0], [0.0, 0.0]
        for place, number in enumerate(_numbers(event.valuators)):
            if number > 1:
                break
            key = (event.sourceid, number)
            pixels = self._places.get(key)
            if pixels is None:
                way[number], raw[number] = event.valuators.values[place], event.raw_values[place]
                continue
            value = event.raw_values[place] * pixels
            way[number] = raw[number] = value - self._last.get(key, value)
            self._last[key] = value
        if self._way is not None and (any(way) or any(raw)):
            self._way((way[0], way[1]), (raw[0], raw[1]))


def _numbers(valuators: _Valuators) -> list[int]:
    """Return which valuators an event tells of, in the order of their values."""
    return [n for n in range(valuators.mask_len * 8) if valuators.mask[n >> 3] & 1 << (n & 7)]
