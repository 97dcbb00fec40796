"""What pywayland's client half leaves out of libwayland-client, and one repair.

Three things: the protocol error a compositor disconnected us for (interface, code and text), libwayland's
own log lines, and a dispatcher that neither swallows exceptions nor stumbles over a null object. Importing
this module puts the dispatcher in place for the whole process. Only `toolkit.connection` imports it.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from typing import Any, NamedTuple

import pywayland._ffi
from pywayland import ffi, lib
from pywayland.client import Display
from pywayland.scanner.argument import ArgumentType

# A handle of the extension module finds the symbols of the libwayland-client it was linked with.
_library = ctypes.CDLL(pywayland._ffi.__file__)
_library.wl_display_get_protocol_error.restype = ctypes.c_uint32
_library.wl_display_get_protocol_error.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
_vsnprintf = ctypes.CDLL(None).vsnprintf
_vsnprintf.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_void_p]

log_lines: deque[str] = deque(maxlen=16)
"""The latest lines libwayland-client would have written to stderr."""


class ProtocolFault(NamedTuple):
    """Why the compositor disconnected us: the `wl_display.error` event, in words."""

    interface: str
    object_id: int
    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.interface}#{self.object_id} error {self.code}: {self.text}"


# A va_list parameter is one pointer on every ABI Linux runs Python on, so it can pass through opaque.
@ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p)  # type: ignore[untyped-decorator]
def _log(template: bytes, arguments: int) -> None:
    line = ctypes.create_string_buffer(1024)
    _vsnprintf(line, len(line), template, arguments)
    log_lines.append(line.value.decode(errors="replace").strip())


_library.wl_log_set_handler_client(_log)


def protocol_fault(display: Display) -> ProtocolFault | None:
    """Return the protocol error that ended this connection; None if it ended in another way, or lives."""
    interface = ctypes.POINTER(ctypes.c_char_p)()  # struct wl_interface begins with its name
    object_id = ctypes.c_uint32(0)
    pointer = int(ffi.cast("uintptr_t", display._ptr))
    code = _library.wl_display_get_protocol_error(pointer, ctypes.byref(interface), ctypes.byref(object_id))
    if not interface:
        return None
    name = (interface[0] or b"").decode()
    marker = f"error {code}: "
    texts = [line.split(marker, 1)[1] for line in log_lines if marker in line]
    return ProtocolFault(name, object_id.value, code, texts[-1] if texts else "")


_failures: list[BaseException] = []


def raise_failures() -> None:
    """Raise the first exception an event handler raised since the last call, if any did."""
    if _failures:
        failure = _failures[0]
        _failures.clear()
        raise failure


def _decode(proxy: Any, message: Any, arguments: Any) -> list[Any]:
    values: list[Any] = []
    for index, argument in enumerate(message.arguments):
        slot = arguments[index]
        match argument.argument_type:
            case ArgumentType.Int:
                values.append(slot.i)
            case ArgumentType.Uint:
                values.append(slot.u)
            case ArgumentType.Fixed:
                values.append(slot.f / 256.0)
            case ArgumentType.FileDescriptor:
                values.append(slot.h)
            case ArgumentType.String:
                values.append(None if slot.s == ffi.NULL else ffi.string(slot.s).decode(errors="replace"))
            case ArgumentType.Array:
                values.append(bytes(ffi.buffer(slot.a.data, slot.a.size)))
            case ArgumentType.NewId:
                pointer = ffi.cast("struct wl_proxy *", slot.o)
                values.append(argument.interface.proxy_class(pointer, proxy._display))
            case ArgumentType.Object:
                # Null, or an object we destroyed while the event was under way: both mean "none" to us.
                pointer = ffi.cast("struct wl_proxy *", slot.o)
                values.append(None if slot.o == ffi.NULL else argument.interface.registry.get(pointer))
    return values


@ffi.def_extern(name="dispatcher_func")  # type: ignore[untyped-decorator]
def _dispatch(data: Any, target: Any, opcode: int, message: Any, arguments: Any) -> int:
    # pywayland's own dispatcher prints an exception and reports success, so a broken handler goes unnoticed;
    # and it refuses an event that names an object destroyed meanwhile, such as the leave of a closed popup.
    try:
        proxy = ffi.from_handle(data)
        values = _decode(proxy, proxy.interface.events[opcode], arguments)
        handler = proxy.dispatcher[opcode]
        if handler is not None:
            handler(proxy, *values)
        else:
            for argument, value in zip(proxy.interface.events[opcode].arguments, values, strict=True):
                if argument.argument_type is ArgumentType.FileDescriptor:
                    os.close(value)
    except BaseException as failure:
        # An exception cannot cross libwayland's C frames; the loop raises it after dispatching.
        _failures.append(failure)
    return 0


def prepare_read(display: Display) -> bool:
    """Announce a read; False when events are still queued and must be dispatched first."""
    return bool(lib.wl_display_prepare_read(display._ptr) == 0)


def read_events(display: Display) -> bool:
    """Read what has arrived into the queue, after `prepare_read`; False when the connection is dead."""
    return bool(lib.wl_display_read_events(display._ptr) == 0)


def cancel_read(display: Display) -> None:
    """Take back a `prepare_read`, when nothing is to be read after all."""
    _library.wl_display_cancel_read(ctypes.c_void_p(int(ffi.cast("uintptr_t", display._ptr))))


def dispatch_pending(display: Display) -> int:
    """Run the handlers of all queued events; the number of events, or -1 when the connection is dead."""
    count = int(lib.wl_display_dispatch_pending(display._ptr))
    raise_failures()
    return count


def flush(display: Display) -> int:
    """Send queued requests; 0 on success, else the errno (EAGAIN: the socket is full)."""
    return 0 if lib.wl_display_flush(display._ptr) >= 0 else int(ffi.errno)
