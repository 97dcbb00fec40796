"""xdg_wm_base and what it makes: windows and popups. Source: xdg-shell.xml."""

from compositor.protocol.xdg_shell.popup import XdgPopup
from compositor.protocol.xdg_shell.positioner import XdgPositioner
from compositor.protocol.xdg_shell.surface import XdgSurface
from compositor.protocol.xdg_shell.toplevel import XdgToplevel
from compositor.protocol.xdg_shell.wm_base import XdgWmBase

__all__ = ["XdgPopup", "XdgPositioner", "XdgSurface", "XdgToplevel", "XdgWmBase"]
