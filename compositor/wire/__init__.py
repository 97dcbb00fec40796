"""The Wayland wire protocol, server side: our own implementation.

    types       words for annotations        compile     signatures → decoders and encoders
    interface   @request, @event, Interface  core        wl_display, wl_registry, wl_callback, wl_fixes
    client      one connection: objects, dispatch, output
    display     globals and all clients      listen      the named socket and its lock

It knows nothing of surfaces or pixels. Rooms above import it; it imports
floor 0 only.
"""

from compositor.wire.client import Client
from compositor.wire.core import WlCallback, new_callback
from compositor.wire.display import Display, Global
from compositor.wire.interface import Interface, Resource, event, request, sequence
from compositor.wire.types import AnyNewId, Array, Fd, Fixed, Int, NewId, NewObject, SendFd, String, Uint

__all__ = [
    "AnyNewId",
    "Array",
    "Client",
    "Display",
    "Fd",
    "Fixed",
    "Global",
    "Int",
    "Interface",
    "NewId",
    "NewObject",
    "Resource",
    "SendFd",
    "String",
    "Uint",
    "WlCallback",
    "event",
    "new_callback",
    "request",
    "sequence",
]
