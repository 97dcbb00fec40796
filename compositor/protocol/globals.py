"""What the registry announces, in the order that clients see it."""

from __future__ import annotations

from compositor.model.desktop import Desktop
from compositor.model.output import Output
from compositor.protocol.alpha_modifier import WpAlphaModifierV1
from compositor.protocol.commit_timing import WpCommitTimingManagerV1
from compositor.protocol.content_type import WpContentTypeManagerV1
from compositor.protocol.fifo import WpFifoManagerV1
from compositor.protocol.fractional_scale import WpFractionalScaleManagerV1
from compositor.protocol.idle_inhibit import ZwpIdleInhibitManagerV1
from compositor.protocol.idle_notify import ExtIdleNotifierV1
from compositor.protocol.kde_server_decoration import OrgKdeKwinServerDecorationManager, bind_kde_decoration
from compositor.protocol.presentation_time import PresentationTracker, WpPresentation, bind_presentation
from compositor.protocol.privilege import privileged
from compositor.protocol.single_pixel_buffer import WpSinglePixelBufferManagerV1
from compositor.protocol.tearing_control import WpTearingControlManagerV1
from compositor.protocol.viewporter import WpViewporter
from compositor.protocol.wl_data_device_manager import add_data_device_manager
from compositor.protocol.wl_output import OutputGlobal, ZxdgOutputManagerV1
from compositor.protocol.wl_seat import add_seat
from compositor.protocol.wl_shm import WlShm, bind_shm
from compositor.protocol.wl_subcompositor import WlSubcompositor
from compositor.protocol.wl_surface import WlCompositor
from compositor.protocol.wlr_screencopy import ZwlrScreencopyManagerV1
from compositor.protocol.xdg_activation import XdgActivationV1
from compositor.protocol.xdg_decoration import ZxdgDecorationManagerV1
from compositor.protocol.xdg_dialog import XdgWmDialogV1
from compositor.protocol.xdg_foreign import ZxdgExporterV2, ZxdgImporterV2
from compositor.protocol.xdg_shell import XdgWmBase
from compositor.protocol.xdg_system_bell import XdgSystemBellV1
from compositor.protocol.xdg_toplevel_icon import XdgToplevelIconManagerV1, bind_icon_manager
from compositor.protocol.xdg_toplevel_tag import XdgToplevelTagManagerV1
from compositor.wire import Display, Interface
from compositor.wire.core import WlFixes

STEERING: tuple[type[Interface], ...] = (ZwlrScreencopyManagerV1,)
"""Globals that see or steer other programs, for the clients that may: see `privilege`."""


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
    for interface in (
        WpSinglePixelBufferManagerV1,
        WpFractionalScaleManagerV1,
        XdgActivationV1,
        ZwpIdleInhibitManagerV1,
        ExtIdleNotifierV1,
        WpFifoManagerV1,
        WpCommitTimingManagerV1,
        WpAlphaModifierV1,
        WpContentTypeManagerV1,
        WpTearingControlManagerV1,
        XdgWmDialogV1,
        XdgToplevelTagManagerV1,
        XdgSystemBellV1,
        ZxdgExporterV2,
        ZxdgImporterV2,
    ):
        display.add_global(interface)
    display.add_global(XdgToplevelIconManagerV1, bind_icon_manager)
    display.add_global(OrgKdeKwinServerDecorationManager, bind_kde_decoration)
    for steering in STEERING:
        display.add_global(steering, visible=privileged(desktop))
    desktop.presentation = PresentationTracker(desktop)

    def output_changed(output: Output, what: str) -> None:
        if what == "added":
            OutputGlobal(display, desktop, output)
        elif what == "removed":
            output.resource.remove()
        else:
            output.resource.changed()

    desktop.on_output.append(output_changed)
