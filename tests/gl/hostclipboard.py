"""Another program on the host's desktop that copies and pastes: python hostclipboard.py copy TEXT | paste.

`copy` owns the clipboard until it is killed or somebody else copies; `paste` prints what there is.
"""

import sys
from ctypes import POINTER, byref, c_int, c_ubyte, c_ulong, cast, string_at

from pyglet.libs.x11 import xlib

XA_ATOM = 4


def main() -> int:
    display = xlib.XOpenDisplay(None)
    root = xlib.XDefaultRootWindow(display)
    window = xlib.XCreateSimpleWindow(display, root, 0, 0, 1, 1, 0, 0, 0)

    def atom(name: bytes) -> int:
        return int(xlib.XInternAtom(display, name, False))

    clipboard, text_type, targets = atom(b"CLIPBOARD"), atom(b"UTF8_STRING"), atom(b"TARGETS")
    event = xlib.XEvent()
    if sys.argv[1] == "copy":
        data = sys.argv[2].encode()
        xlib.XSetSelectionOwner(display, clipboard, window, 0)
        xlib.XFlush(display)
        print("mine", flush=True)
        while True:
            xlib.XNextEvent(display, event)
            if event.type == xlib.SelectionClear:
                return 0
            if event.type != xlib.SelectionRequest:
                continue
            request = event.xselectionrequest
            kinds = (c_ulong * 2)(targets, text_type)
            if request.target == targets:
                values = cast(kinds, POINTER(c_ubyte))
                xlib.XChangeProperty(display, request.requestor, request.property, XA_ATOM, 32, 0, values, 2)
            else:
                values = (c_ubyte * len(data)).from_buffer_copy(data)
                xlib.XChangeProperty(
                    display, request.requestor, request.property, text_type, 8, 0, values, len(data)
                )
            answer = xlib.XEvent()
            answer.xselection.type = xlib.SelectionNotify
            for name in ("requestor", "selection", "target", "property", "time"):
                setattr(answer.xselection, name, getattr(request, name))
            xlib.XSendEvent(display, request.requestor, False, 0, byref(answer))
            xlib.XFlush(display)
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
