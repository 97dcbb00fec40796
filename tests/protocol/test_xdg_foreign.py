"""zxdg_exporter and zxdg_importer, both versions: a window as the parent of another program's."""

from __future__ import annotations

from typing import Any

import pytest
from support.client import Client, Proxy
from support.stage import Stage
from support.windows import Toplevel


def export(client: Client, surface: Proxy, version: int) -> Proxy:
    """Export a window; returns the exported object."""
    exporter = client.get(f"zxdg_exporter_v{version}")
    exported: Proxy = exporter.export(surface) if version == 1 else exporter.export_toplevel(surface)
    client.roundtrip()
    return exported


def import_(client: Client, handle: str, version: int) -> Proxy:
    """Import a window; returns the imported object."""
    importer = client.get(f"zxdg_importer_v{version}")
    request: Any = getattr(importer, "import" if version == 1 else "import_toplevel")
    imported: Proxy = request(handle)
    client.roundtrip()
    return imported


@pytest.mark.parametrize("theirs", [1, 2])
@pytest.mark.parametrize("ours", [1, 2])
def test_another_programs_window_becomes_the_parent(
    client: Client, server: Stage, ours: int, theirs: int
) -> None:
    parent = Toplevel(client).show()
    [handle] = export(client, parent.surface, ours).last("handle")
    assert len(handle) >= 32, "it can be guessed"
    other = server.connect()
    child = Toplevel(other).show()
    below, above = server.desktop.windows
    imported = import_(other, handle, theirs)
    imported.set_parent_of(child.surface)
    other.roundtrip()
    assert below is above.parent
    server.check()
    imported.destroy()
    other.roundtrip()
    assert above.parent is None


@pytest.mark.parametrize("end", ["export", "window", "client"])
def test_an_export_that_ends_is_told_and_takes_the_parent_away(
    client: Client, server: Stage, end: str
) -> None:
    owner = server.connect()
    parent = Toplevel(owner).show()
    exported = export(owner, parent.surface, 2)
    [handle] = exported.last("handle")
    child = Toplevel(client).show()
    imported = import_(client, handle, 2)
    imported.set_parent_of(child.surface)
    client.roundtrip()
    if end == "export":
        exported.destroy()
    elif end == "window":
        parent.destroy()
    else:
        server.clients.remove(owner)
        owner.close()
    server.settle()
    client.roundtrip()
    assert 1 == imported.count("destroyed")
    assert server.desktop.windows[-1].parent is None
    imported.set_parent_of(child.surface)
    client.roundtrip()
    assert ["destroyed()"] == import_(client, handle, 2).events


def test_a_handle_that_nobody_was_given_is_no_parent(client: Client) -> None:
    imported = import_(client, "guessed", 2)
    assert ["destroyed()"] == imported.events
    imported.set_parent_of(Toplevel(client).show().surface)
    client.roundtrip()


def test_a_window_cannot_become_its_own_ancestor(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    [handle] = export(client, window.surface, 2).last("handle")
    import_(client, handle, 2).set_parent_of(window.surface)
    client.roundtrip()
    assert server.window.parent is None


@pytest.mark.parametrize("version", [1, 2])
def test_only_windows_can_be_exported(client: Client, version: int) -> None:
    surface = client.get("wl_compositor").create_surface()
    exporter = client.get(f"zxdg_exporter_v{version}")
    (exporter.export if version == 1 else exporter.export_toplevel)(surface)
    client.expect_error(f"zxdg_exporter_v{version}", "invalid_surface" if version == 2 else "unknown error 0")


def test_only_windows_can_have_parents(client: Client) -> None:
    imported = import_(client, "guessed", 2)
    imported.set_parent_of(client.get("wl_compositor").create_surface())
    client.expect_error("zxdg_imported_v2", "invalid_surface")
