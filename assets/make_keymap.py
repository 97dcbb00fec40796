"""Writes keymap.xkb: the built-in keymap as text, from the table in compositor/model/keymap/us.py."""

from __future__ import annotations

from pathlib import Path

from compositor.model.keymap import us
from compositor.model.keymap.table import TableKeymap


def text() -> bytes:
    """Return what the file holds."""
    return TableKeymap(us.NAME, us.keys()).text


if __name__ == "__main__":
    (Path(__file__).parent / "keymap.xkb").write_bytes(text())
