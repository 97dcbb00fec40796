"""The page of protocols says what the compositor announces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.client import Client

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_every_global_of_the_registry_is_on_the_page(new_client: Callable[[], Client]) -> None:
    client = new_client()
    page = (REFERENCE / "protocols.md").read_text("utf-8")
    client.registry  # noqa: B018 - asking for it reads the globals
    announced = {(name, version) for name, entries in client.globals.items() for _, version in entries}
    assert announced
    assert [] == [pair for pair in announced if f"| `{pair[0]}` | {pair[1]} |" not in page]


def test_the_readme_counts_them_rightly() -> None:
    page = (REFERENCE / "protocols.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert f"{len(rows)} globals" in (REFERENCE.parents[1] / "README.md").read_text("utf-8")
