"""Pointer events of the X Input extension, version 2: the ones that tell how far a wheel has turned.

Core X events know clicks of a wheel only. Where the extension is missing they have to do.
Source: the XI2 protocol, section "Scrolling devices"; structures as in X11/extensions/XInput2.h.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from compositor.backend.window.x11 import Connection

_ALL_DEVICES = 0
_ALL_MASTERS = 1
_DEVICE_CHANGED, _BUTTON_PRESS, _BUTTON_RELEASE, _MOTION, _ENTER = 1, 4, 5, 6, 7
_SCROLL_CLASS = 3
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


class _ScrollClass(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("sourceid", ctypes.c_int),
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


class SmoothScroll:
    """Pointer events with fractions.

    Args:
        motion: called with window, x, y (window pixels).
        button: called with window, X button, whether it was pressed.
        scroll: called with window and the notches turned to the right and down.
    """

    def __init__(
        self,
        connection: Connection,
        motion: Callable[[int, float, float], None],
        button: Callable[[int, int, bool], None],
        scroll: Callable[[int, float, float], None],
    ) -> None:
        self._connection = connection
        self._motion, self._button, self._scroll = motion, button, scroll
        self._library: Any = None
        self._opcode = 0
        # By device and valuator: which way, how much is a notch, where it stands (None: not known).
        self._valuators: dict[tuple[int, int], tuple[int, float]] = {}
        self._stands: dict[tuple[int, int], float] = {}
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
        major, minor = ctypes.c_int(2), ctypes.c_int(1)
        if library.XIQueryVersion(display, ctypes.byref(major), ctypes.byref(minor)) or major.value < 2:
            return
        self._library = library
        self._opcode = opcode.value
        self._query()

    def select(self, window: int) -> None:
        """Ask for the events of a window. Core events of the pointer stop there."""
        if self._library is None:
            return
        bits = 0
        for kind in (_DEVICE_CHANGED, _BUTTON_PRESS, _BUTTON_RELEASE, _MOTION, _ENTER):
            bits |= 1 << kind
        data = (ctypes.c_ubyte * 2)(bits & 255, bits >> 8)
        mask = _EventMask(_ALL_MASTERS, 2, ctypes.cast(data, ctypes.POINTER(ctypes.c_ubyte)))
        self._library.XISelectEvents(self._connection.display, window, ctypes.byref(mask), 1)

    def _query(self) -> None:
        count = ctypes.c_int()
        infos = self._library.XIQueryDevice(self._connection.display, _ALL_DEVICES, ctypes.byref(count))
        self._valuators.clear()
        self._stands.clear()
        for index in range(count.value):
            info = infos[index]
            for number in range(info.num_classes):
                pointer = info.classes[number]
                if pointer.contents.type != _SCROLL_CLASS:
                    continue
                scroll = ctypes.cast(pointer, ctypes.POINTER(_ScrollClass)).contents
                if scroll.increment:
                    key = (info.deviceid, scroll.number)
                    self._valuators[key] = (scroll.scroll_type, scroll.increment)
        if infos:
            self._library.XIFreeDeviceInfo(infos)

    def handle(self, cookie: Any) -> None:
        """See to an extension event; one of another extension is ignored."""
        if cookie.extension != self._opcode or self._library is None:
            return
        if cookie.evtype == _DEVICE_CHANGED:
            self._query()
            return
        if cookie.evtype == _ENTER:
            # It may have turned elsewhere meanwhile.
            self._stands.clear()
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
        valuators = event.valuators
        right = down = 0.0
        place = 0
        for number in range(valuators.mask_len * 8):
            if not valuators.mask[number >> 3] & 1 << (number & 7):
                continue
            value = valuators.values[place]
            place += 1
            key = (event.sourceid, number)
            found = self._valuators.get(key)
            if found is None:
                continue
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
