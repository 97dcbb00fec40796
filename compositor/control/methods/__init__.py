"""The methods of the control socket: one class per namespace.

A method checks everything before it changes anything, and raises RequestError
with what was there instead. Used by the control server alone.
"""

from __future__ import annotations

from compositor.control.events import Events
from compositor.control.host import Host
from compositor.control.launcher import Launcher
from compositor.control.methods.capture import Capture
from compositor.control.methods.clients import Clients
from compositor.control.methods.clipboard import Clipboard
from compositor.control.methods.clock import ClockMethods
from compositor.control.methods.input import KeyboardMethods, PointerMethods, TouchMethods
from compositor.control.methods.launch import LaunchMethods
from compositor.control.methods.layers import LayerMethods
from compositor.control.methods.lint import LintMethods
from compositor.control.methods.outputs import Outputs
from compositor.control.methods.rings import Rings
from compositor.control.methods.server import EventMethods, ServerMethods
from compositor.control.methods.trace import TraceMethods
from compositor.control.methods.windows import Windows


def namespaces(host: Host, events: Events, launcher: Launcher) -> list[object]:
    """Return every namespace of a compositor's control socket."""
    return [
        Windows(host, launcher),
        LayerMethods(host),
        PointerMethods(host),
        KeyboardMethods(host),
        TouchMethods(host),
        Capture(host),
        Outputs(host),
        Rings(host),
        Clients(host, launcher),
        LaunchMethods(launcher),
        ClockMethods(host, launcher),
        Clipboard(host),
        EventMethods(events),
        LintMethods(host),
        ServerMethods(host),
        TraceMethods(host),
    ]
