"""xdg_toplevel_tag_manager_v1: names by which drivers can tell the windows of one program apart.

Source: xdg-toplevel-tag-v1.xml.
"""

from __future__ import annotations

from compositor.protocol.xdg_shell import XdgToplevel
from compositor.wire import Interface, String, request


class XdgToplevelTagManagerV1(Interface, name="xdg_toplevel_tag_manager_v1", version=1):
    """Gives windows tags and descriptions."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_toplevel_tag(self, toplevel: XdgToplevel, tag: String) -> None:
        toplevel.window.set_tag(toplevel.bounded(tag))

    @request()
    def set_toplevel_description(self, toplevel: XdgToplevel, description: String) -> None:
        toplevel.window.description = toplevel.bounded(description)
