"""zxdg_exporter_v1 and zxdg_importer_v1: a window as the parent of another program's, as GTK 3 and 4.8 ask.

Only two names differ from the second version, and handles of either are good for the other; so are errors,
which this one does not number. Source: xdg-foreign-unstable-v1.xml.
"""

from __future__ import annotations

from typing import ClassVar

from compositor.protocol.wl_surface import WlSurface
from compositor.protocol.xdg_foreign import ZxdgExportedV2, ZxdgExporterV2, ZxdgImportedV2, ZxdgImporterV2
from compositor.wire import NewId, String, event, request


class ZxdgExportedV1(ZxdgExportedV2, name="zxdg_exported_v1", version=1):
    """One export; destroying it takes it back."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def handle(self, handle: String) -> None:
        """The secret to pass on."""


class ZxdgExporterV1(ZxdgExporterV2, name="zxdg_exporter_v1", version=1):
    """Exports windows."""

    __slots__ = ()

    EXPORTED: ClassVar[type[ZxdgExportedV2]] = ZxdgExportedV1

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def export(self, id: NewId[ZxdgExportedV1], surface: WlSurface) -> None:
        self.make(id, surface, "export")


class ZxdgImportedV1(ZxdgImportedV2, name="zxdg_imported_v1", version=1):
    """One import; inert once the export was taken back."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_parent_of(self, surface: WlSurface) -> None:
        super().set_parent_of(surface)

    @event(name="destroyed")
    def exported_destroyed(self) -> None:
        """The export was taken back."""


class ZxdgImporterV1(ZxdgImporterV2, name="zxdg_importer_v1", version=1):
    """Imports windows of others."""

    __slots__ = ()

    IMPORTED: ClassVar[type[ZxdgImportedV2]] = ZxdgImportedV1

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request(name="import")
    def import_(self, id: NewId[ZxdgImportedV1], handle: String) -> None:
        self.make(id, handle)
