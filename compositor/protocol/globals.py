"""What the registry announces, in the order that clients see it.

Surfaces and seats are here from the start. Of everything else only name and version are:
its module is imported when a client first binds it, or when the compositor has nothing else to do
(`preload`).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from compositor.model.desktop import Desktop
from compositor.model.output import Output
from compositor.protocol.output_global import OutputGlobal
from compositor.protocol.privilege import privileged
from compositor.protocol.wl_seat import add_seat
from compositor.protocol.wl_surface import WlCompositor
from compositor.record import NamedTuple
from compositor.wire import Client, Display
from compositor.wire.core import WlFixes
from compositor.wire.interface import on_unknown_class


class Entry(NamedTuple):
    """One global.

    Attributes:
        name, version: as announced.
        module: under compositor.protocol.
        bind: name there of what is called with (client, id, version): the class, or a function.
        privileged: offered by policy only.
    """

    name: str
    version: int
    module: str
    bind: str
    privileged: bool = False


DATA_DEVICES = Entry("wl_data_device_manager", 4, "wl_data_device_manager", "WlDataDeviceManager")

ENTRIES = (
    Entry("wl_subcompositor", 1, "wl_subcompositor", "WlSubcompositor"),
    Entry("wl_shm", 2, "wl_shm", "bind_shm"),
    Entry("xdg_wm_base", 7, "xdg_shell", "XdgWmBase"),
    Entry("zxdg_decoration_manager_v1", 1, "xdg_decoration", "ZxdgDecorationManagerV1"),
    Entry("zxdg_output_manager_v1", 3, "wl_output", "ZxdgOutputManagerV1"),
    Entry("wp_viewporter", 1, "viewporter", "WpViewporter"),
    Entry("wp_presentation", 2, "presentation_time", "bind_presentation"),
    Entry("wp_single_pixel_buffer_manager_v1", 1, "single_pixel_buffer", "WpSinglePixelBufferManagerV1"),
    Entry("wp_fractional_scale_manager_v1", 1, "fractional_scale", "WpFractionalScaleManagerV1"),
    Entry("xdg_activation_v1", 1, "xdg_activation", "XdgActivationV1"),
    Entry("zwp_idle_inhibit_manager_v1", 1, "idle_inhibit", "ZwpIdleInhibitManagerV1"),
    Entry("ext_idle_notifier_v1", 2, "idle_notify", "ExtIdleNotifierV1"),
    Entry("wp_fifo_manager_v1", 1, "fifo", "WpFifoManagerV1"),
    Entry("wp_commit_timing_manager_v1", 1, "commit_timing", "WpCommitTimingManagerV1"),
    Entry("wp_alpha_modifier_v1", 1, "alpha_modifier", "WpAlphaModifierV1"),
    Entry("wp_content_type_manager_v1", 1, "content_type", "WpContentTypeManagerV1"),
    Entry("wp_tearing_control_manager_v1", 1, "tearing_control", "WpTearingControlManagerV1"),
    Entry("xdg_wm_dialog_v1", 1, "xdg_dialog", "XdgWmDialogV1"),
    Entry("xdg_toplevel_tag_manager_v1", 1, "xdg_toplevel_tag", "XdgToplevelTagManagerV1"),
    Entry("xdg_system_bell_v1", 1, "xdg_system_bell", "XdgSystemBellV1"),
    Entry("zxdg_exporter_v2", 1, "xdg_foreign", "ZxdgExporterV2"),
    Entry("zxdg_importer_v2", 1, "xdg_foreign", "ZxdgImporterV2"),
    Entry("zxdg_exporter_v1", 1, "xdg_foreign_v1", "ZxdgExporterV1"),
    Entry("zxdg_importer_v1", 1, "xdg_foreign_v1", "ZxdgImporterV1"),
    Entry("xdg_toplevel_icon_manager_v1", 1, "xdg_toplevel_icon", "bind_icon_manager"),
    Entry("org_kde_kwin_server_decoration_manager", 1, "kde_server_decoration", "bind_kde_decoration"),
    Entry("zwlr_screencopy_manager_v1", 3, "wlr_screencopy", "ZwlrScreencopyManagerV1", True),
    Entry("wp_security_context_manager_v1", 1, "security_context", "WpSecurityContextManagerV1", True),
    Entry(
        "ext_output_image_capture_source_manager_v1",
        1,
        "ext_image_capture_source",
        "ExtOutputImageCaptureSourceManagerV1",
        True,
    ),
    Entry(
        "ext_foreign_toplevel_image_capture_source_manager_v1",
        1,
        "ext_image_capture_source",
        "ExtForeignToplevelImageCaptureSourceManagerV1",
        True,
    ),
    Entry(
        "ext_image_copy_capture_manager_v1", 1, "ext_image_copy_capture", "ExtImageCopyCaptureManagerV1", True
    ),
    Entry("zwlr_gamma_control_manager_v1", 1, "wlr_gamma_control", "ZwlrGammaControlManagerV1", True),
    Entry("zwlr_output_power_manager_v1", 1, "wlr_output_power", "ZwlrOutputPowerManagerV1", True),
    Entry("zwlr_output_manager_v1", 4, "wlr_output_management", "bind_manager", True),
    Entry("ext_session_lock_manager_v1", 1, "ext_session_lock", "ExtSessionLockManagerV1", True),
    Entry("zwlr_foreign_toplevel_manager_v1", 3, "wlr_foreign_toplevel", "bind_manager", True),
    Entry("ext_foreign_toplevel_list_v1", 1, "ext_foreign_toplevel_list", "bind_list", True),
    Entry("zwlr_layer_shell_v1", 5, "wlr_layer_shell", "ZwlrLayerShellV1", True),
    Entry("zwp_virtual_keyboard_manager_v1", 1, "virtual_keyboard", "ZwpVirtualKeyboardManagerV1", True),
    Entry("zwlr_virtual_pointer_manager_v1", 2, "wlr_virtual_pointer", "ZwlrVirtualPointerManagerV1", True),
    Entry("zwp_tablet_manager_v2", 2, "tablet", "ZwpTabletManagerV2"),
    Entry("wp_cursor_shape_manager_v1", 2, "cursor_shape", "WpCursorShapeManagerV1"),
    Entry(
        "zwp_primary_selection_device_manager_v1",
        1,
        "primary_selection",
        "ZwpPrimarySelectionDeviceManagerV1",
    ),
    Entry("ext_data_control_manager_v1", 1, "ext_data_control", "ExtDataControlManagerV1", True),
    Entry("zwlr_data_control_manager_v1", 2, "wlr_data_control", "ZwlrDataControlManagerV1", True),
    Entry("zwp_pointer_constraints_v1", 1, "pointer_constraints", "ZwpPointerConstraintsV1"),
    Entry("zwp_relative_pointer_manager_v1", 1, "relative_pointer", "ZwpRelativePointerManagerV1"),
    Entry("wp_pointer_warp_v1", 1, "pointer_warp", "WpPointerWarpV1"),
    Entry(
        "zwp_keyboard_shortcuts_inhibit_manager_v1",
        1,
        "keyboard_shortcuts_inhibit",
        "ZwpKeyboardShortcutsInhibitManagerV1",
    ),
    Entry("ext_transient_seat_manager_v1", 1, "transient_seat", "ExtTransientSeatManagerV1", True),
    Entry("zwp_pointer_gestures_v1", 3, "pointer_gestures", "ZwpPointerGesturesV1"),
    Entry("zwp_text_input_manager_v3", 1, "text_input", "ZwpTextInputManagerV3"),
    Entry("zwp_input_method_manager_v2", 1, "input_method", "ZwpInputMethodManagerV2", True),
    Entry("zwp_text_input_manager_v1", 1, "text_input_v1", "ZwpTextInputManagerV1"),
    Entry("zwp_text_input_manager_v2", 1, "text_input_v2", "ZwpTextInputManagerV2"),
    Entry("zwp_input_method_v1", 1, "input_method_v1", "bind_input_method", True),
    Entry("zwp_input_panel_v1", 1, "input_method_v1", "ZwpInputPanelV1", True),
    Entry("xdg_toplevel_drag_manager_v1", 1, "xdg_toplevel_drag", "XdgToplevelDragManagerV1"),
)

LEGACY_ENTRIES = (
    Entry("wl_shell", 1, "wl_shell", "WlShell"),
    Entry("zxdg_shell_v6", 1, "xdg_shell_v6", "ZxdgShellV6"),
)


def _binder(entry: Entry) -> Callable[[Client, int, int], Any]:
    def bind(client: Client, oid: int, version: int) -> Any:
        module = import_module(f"compositor.protocol.{entry.module}")
        return getattr(module, entry.bind)(client, oid, version)

    return bind


def preload() -> list[Callable[[], object]]:
    """Return what imports the modules, one after the other, for when there is nothing else to do."""
    names = dict.fromkeys(["wl_output", *(entry.module for entry in (DATA_DEVICES, *ENTRIES))])
    return [lambda name=name: import_module(f"compositor.protocol.{name}") for name in names]  # type: ignore[misc]


def _load_all() -> None:
    for load in preload():
        load()


def add_globals(display: Display, desktop: Desktop, legacy_shell: bool = False) -> None:
    """Announce everything, and each output as it comes and goes; what is of old on request."""
    on_unknown_class(_load_all)
    display.add_global(WlCompositor)
    add_seat(display, desktop)
    display.announce(DATA_DEVICES.name, DATA_DEVICES.version, _binder(DATA_DEVICES), None)
    display.add_global(WlFixes)
    for entry in LEGACY_ENTRIES if legacy_shell else ():
        display.announce(entry.name, entry.version, _binder(entry), None)
    visible = privileged(desktop)
    for entry in ENTRIES:
        display.announce(entry.name, entry.version, _binder(entry), visible if entry.privileged else None)

    def output_changed(output: Output, what: str) -> None:
        if what == "added":
            OutputGlobal(display, desktop, output)
        elif what == "removed":
            output.resource.remove()
        else:
            output.resource.changed()

    desktop.on_output.append(output_changed)
