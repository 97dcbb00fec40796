"""xdg_wm_dialog_v1: dialogs, modal ones above all.

Source: xdg-dialog-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.protocol.extension import claim, release
from compositor.protocol.xdg_shell import XdgToplevel
from compositor.wire import Interface, NewId, request

_KIND = "xdg_dialog"


class XdgWmDialogV1(Interface, name="xdg_wm_dialog_v1", version=1):
    """Makes dialog objects."""

    __slots__ = ()

    class Error(IntEnum):
        ALREADY_USED = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_xdg_dialog(self, id: NewId[XdgDialogV1], toplevel: XdgToplevel) -> None:
        resource = XdgDialogV1(self.client, id, self.version)
        resource.toplevel = toplevel
        if not claim(toplevel.window.surface, _KIND, resource):
            raise self.error(self.Error.ALREADY_USED, f"{toplevel!r} is a dialog already")


class XdgDialogV1(Interface, name="xdg_dialog_v1", version=1):
    """One window as a dialog of its parent; inert once the window is gone."""

    __slots__ = ("toplevel",)

    toplevel: XdgToplevel

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_modal(self) -> None:
        self.toplevel.window.set_modal(True)

    @request()
    def unset_modal(self) -> None:
        self.toplevel.window.set_modal(False)

    def destroyed(self) -> None:
        release(self.toplevel.window.surface, _KIND, self)
        self.toplevel.window.set_modal(False)
