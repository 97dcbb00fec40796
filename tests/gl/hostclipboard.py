"""Another program on the host's desktop that copies and pastes: python hostclipboard.py COMMAND [TEXT].

`copy` owns the clipboard until it is killed or somebody else copies, `copy-in-parts` does so and hands it out
as long texts are (INCR); `paste` prints what there is. TEXT may be repeated: 1000*TEXT.
"""

import sys
from ctypes import POINTER, byref, c_int, c_ubyte, c_ulong, string_at

from pyglet.libs.x11 import xlib

XA_ATOM = 4
PART = 60_000


def main() -> int:
    display = xlib.XOpenDisplay(None)
    root = xlib.XDefaultRootWindow(display)
    window = xlib.XCreateSimpleWindow(display, root, 0, 0, 1, 1, 0, 0, 0)

    def atom(name: bytes) -> int:
        return int(xlib.XInternAtom(display, name, False))

    clipboard, text_type, targets = atom(b"CLIPBOARD"), atom(b"UTF8_STRING"), atom(b"TARGETS")

    def put(window: int, place: int, kind: int, width: int, data: bytes) -> None:
        values = (c_ubyte * max(len(data), 1)).from_buffer_copy(data or b"\0")
        count = len(data) * 8 // width if width == 8 else len(data) // 8
        xlib.XChangeProperty(display, window, place, kind, width, 0, values, count)

    def put_parts(window: int, place: int, data: bytes) -> None:
        """Give a part whenever the one before was taken, and nothing at the end."""
        xlib.XSelectInput(display, window, xlib.PropertyChangeMask)
        put(window, place, atom(b"INCR"), 32, bytes(c_ulong(len(data))))
        parts = [data[n : n + PART] for n in range(0, len(data), PART)]
        waiting = [*parts, b""]
        tell(window, place)
        while waiting:
            xlib.XNextEvent(display, event)
            if event.type == xlib.PropertyNotify and event.xproperty.state == xlib.PropertyDelete:
                put(window, place, text_type, 8, waiting.pop(0))

    def tell(window: int, place: int) -> None:
        answer = xlib.XEvent()
        answer.xselection.type = xlib.SelectionNotify
        answer.xselection.requestor, answer.xselection.property = window, place
        answer.xselection.selection, answer.xselection.target = clipboard, text_type
        xlib.XSendEvent(display, window, False, 0, byref(answer))
        xlib.XFlush(display)

    event = xlib.XEvent()
    if sys.argv[1] != "paste":
        times, _, text = sys.argv[2].rpartition("*")
        data = text.encode() * int(times or 1)
        xlib.XSetSelectionOwner(display, clipboard, window, 0)
        xlib.XFlush(display)
        print("mine", flush=True)
        while True:
            xlib.XNextEvent(display, event)
            if event.type == xlib.SelectionClear:
                return 0
            if event.type != xlib.SelectionRequest:
                continue
            requestor, place = event.xselectionrequest.requestor, event.xselectionrequest.property
            if event.xselectionrequest.target == targets:
                put(requestor, place, XA_ATOM, 32, bytes((c_ulong * 2)(targets, text_type)))
                tell(requestor, place)
            elif sys.argv[1] == "copy-in-parts":
                put_parts(requestor, place, data)
            else:
                put(requestor, place, text_type, 8, data)
                tell(requestor, place)
    place = atom(b"PASTED")
    xlib.XConvertSelection(display, clipboard, text_type, place, window, 0)
    while event.type != xlib.SelectionNotify:
        xlib.XNextEvent(display, event)
    if not event.xselection.property:
        return 1
    kind, width, count, after = xlib.Atom(), c_int(), c_ulong(), c_ulong()
    found = POINTER(c_ubyte)()
    xlib.XGetWindowProperty(
        display, window, place, 0, 1 << 20, False, 0, kind, width, count, after, byref(found)
    )
    sys.stdout.buffer.write(string_at(found, count.value))
    return 0


sys.exit(main())
