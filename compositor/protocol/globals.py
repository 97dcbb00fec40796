"""What the registry announces, in the order that clients see it."""

from __future__ import annotations

from compositor.model.desktop import Desktop
from compositor.model.output import Output
from compositor.protocol.presentation_time import PresentationTracker, WpPresentation, bind_presentation
from compositor.protocol.viewporter import WpViewporter
from compositor.protocol.wl_data_device_manager import add_data_device_manager
from compositor.protocol.wl_output import OutputGlobal, ZxdgOutputManagerV1
from compositor.protocol.wl_seat import add_seat
from compositor.protocol.wl_shm import WlShm, bind_shm
from compositor.protocol.wl_subcompositor import WlSubcompositor
from compositor.protocol.wl_surface import WlCompositor
from compositor.protocol.xdg_decoration import ZxdgDecorationManagerV1
from compositor.protocol.xdg_shell import XdgWmBase
from compositor.wire import Display
from compositor.wire.core import WlFixes


def add_globals(display: Display, desktop: Desktop) -> None:
    """Announce everything, and each output as it comes and goes."""
    display.add_global(WlCompositor)
    display.add_global(WlSubcompositor)
    display.add_global(WlShm, bind_shm)
    add_seat(display, desktop)
    add_data_device_manager(display, desktop)
    display.add_global(XdgWmBase)
    display.add_global(ZxdgDecorationManagerV1)
    display.add_global(ZxdgOutputManagerV1)
    display.add_global(WpViewporter)
    display.add_global(WpPresentation, bind_presentation)
    display.add_global(WlFixes)
    desktop.presentation = PresentationTracker(desktop)

    def output_changed(output: Output, what: str) -> None:
        if what == "added":
            OutputGlobal(display, desktop, output)
        elif what == "removed":
            output.resource.remove()
        else:
            output.resource.changed()

    desktop.on_output.append(output_changed)
