"""The page on sealed memory shows what there is; that its snippets run is held with all other pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "sealed-memory.md"


def snippets() -> list[tuple[int, str]]:
    """The Python blocks of the page, each with the line it begins at."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [(text[: match.start(1)].count("\n"), match[1]) for match in found]


def test_the_page_shows_all_six_ideas() -> None:
    headings = re.findall(r"^## (\d)\. ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert list("123456") == headings
    assert len(snippets()) >= 9


@pytest.mark.parametrize(("line", "code"), snippets(), ids=lambda value: str(value)[:4].strip())
def test_every_name_that_is_imported_is_public(line: int, code: str) -> None:
    import compositor.memory

    for names in re.findall(r"^from compositor\.memory import (.+)$", code, re.MULTILINE):
        for name in names.split(", "):
            assert name in compositor.memory.__all__, f"line {line}"
