"""zxdg_exporter_v2 and zxdg_importer_v2: a window as the parent of another program's.

The handle is a secret of 128 bits: who knows it was told. Source: xdg-foreign-unstable-v2.xml.
"""

from __future__ import annotations

import secrets
from enum import IntEnum
from typing import ClassVar

from compositor.model.window import Window
from compositor.protocol.common import implementation_error
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, String, event, request

_MAX_EXPORTS = 1024


class ZxdgExporterV2(Interface, name="zxdg_exporter_v2", version=1):
    """Exports windows."""

    __slots__ = ()

    EXPORTED: ClassVar[type[ZxdgExportedV2]]

    class Error(IntEnum):
        INVALID_SURFACE = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def export_toplevel(self, id: NewId[ZxdgExportedV2], surface: WlSurface) -> None:
        self.make(id, surface, "export_toplevel")

    def make(self, id: int, surface: WlSurface, name: str) -> None:
        """Export a window.

        Raises:
            ProtocolError: invalid_surface.
        """
        window = surface.surface.role
        if not isinstance(window, Window):
            raise self.error(ZxdgExporterV2.Error.INVALID_SURFACE, f"{name}: {surface!r} is no toplevel")
        exports = self.client.display.shared.setdefault("xdg_foreign", {})
        count = sum(1 for other in exports.values() if other.client is self.client)
        if count >= _MAX_EXPORTS:
            raise implementation_error(self, f"more than {_MAX_EXPORTS} exports")
        resource = self.EXPORTED(self.client, id, self.version)
        resource.window = window
        resource.imports = []
        resource.key = secrets.token_hex(16)
        exports[resource.key] = resource
        window.surface.on_destroy.append(resource.window_gone)
        resource.handle(resource.key)


class ZxdgExportedV2(Interface, name="zxdg_exported_v2", version=1):
    """One export; destroying it takes it back."""

    __slots__ = ("imports", "key", "window")

    window: Window
    key: str
    imports: list[ZxdgImportedV2]

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def handle(self, handle: String) -> None:
        """The secret to pass on."""

    def window_gone(self, _surface: object) -> None:
        """The exported window is destroyed."""
        self._take_back()

    def _take_back(self) -> None:
        self.client.display.shared["xdg_foreign"].pop(self.key, None)
        imports, self.imports = self.imports, []
        for resource in imports:
            resource.lost()

    def destroyed(self) -> None:
        hooks = self.window.surface.on_destroy
        if self.window_gone in hooks:
            hooks.remove(self.window_gone)
        self._take_back()


class ZxdgImporterV2(Interface, name="zxdg_importer_v2", version=1):
    """Imports windows of others."""

    __slots__ = ()

    IMPORTED: ClassVar[type[ZxdgImportedV2]]

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def import_toplevel(self, id: NewId[ZxdgImportedV2], handle: String) -> None:
        self.make(id, handle)

    def make(self, id: int, handle: str) -> None:
        """Import what a handle stands for."""
        resource = self.IMPORTED(self.client, id, self.version)
        resource.children = []
        resource.exported = self.client.display.shared.setdefault("xdg_foreign", {}).get(handle)
        if resource.exported is None:
            resource.exported_destroyed()
        else:
            resource.exported.imports.append(resource)


class ZxdgImportedV2(Interface, name="zxdg_imported_v2", version=1):
    """One import; inert once the export was taken back."""

    __slots__ = ("children", "exported")

    exported: ZxdgExportedV2 | None
    children: list[Window]

    class Error(IntEnum):
        INVALID_SURFACE = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_parent_of(self, surface: WlSurface) -> None:
        child = surface.surface.role
        if not isinstance(child, Window):
            raise self.error(
                ZxdgImportedV2.Error.INVALID_SURFACE, f"set_parent_of: {surface!r} is no toplevel"
            )
        if self.exported is None or not self.exported.window.mapped:
            return
        above: Window | None = self.exported.window
        while above is not None:
            if above is child:
                return
            above = above.parent
        child.set_parent(self.exported.window)
        self.children.append(child)

    @event(name="destroyed")
    def exported_destroyed(self) -> None:
        """The export was taken back."""

    def lost(self) -> None:
        """The export is gone: children lose the parent it gave them."""
        self._unparent()
        self.exported = None
        if self.alive:
            self.exported_destroyed()

    def _unparent(self) -> None:
        children, self.children = self.children, []
        for child in children:
            if self.exported is not None and child.parent is self.exported.window:
                child.set_parent(None)

    def destroyed(self) -> None:
        self._unparent()
        if self.exported is not None and self in self.exported.imports:
            self.exported.imports.remove(self)


ZxdgExporterV2.EXPORTED = ZxdgExportedV2
ZxdgImporterV2.IMPORTED = ZxdgImportedV2
