"""Limits: set from text, documented where they stand, each enforced somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from compositor.errors import ConfigError
from compositor.limits import Limits, set_limit
from compositor.record import fields

ROOT = Path(__file__).parent.parent.parent
NAMES = list(fields(Limits))


@pytest.mark.parametrize(
    ("text", "value"), [("7000", 7000), ("64K", 65_536), ("3m", 3 << 20), ("1G", 1 << 30)]
)
def test_a_limit_is_set_from_text(text: str, value: int) -> None:
    limits = Limits()
    set_limit(limits, f"pool_bytes={text}")
    assert value == limits.pool_bytes


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("surfaces", "must be a number"),
        ("surfaces=", "must be a number"),
        ("surfaces=many", "must be a number"),
        ("surfaces=-1", "must be a number"),
        ("surfaces=1.5", "must be a number"),
        ("surfaces=0", "at least 1"),
        ("objects=1", "at least 8"),
        ("surface=5", "did you mean surfaces"),
        ("nonsense=5", "there are: objects"),
        ("=5", "there is no limit ''"),
        ("surfaces=" + "9" * 40, "must be a number"),
    ],
)
def test_what_is_no_limit_is_refused_and_changes_nothing(text: str, what: str) -> None:
    limits = Limits()
    with pytest.raises(ConfigError, match=what):
        set_limit(limits, text)
    assert Limits() == limits


@pytest.mark.parametrize("name", NAMES)
def test_each_limit_is_documented_and_enforced(name: str) -> None:
    code = [p.read_text("utf-8") for p in (ROOT / "compositor").rglob("*.py") if p.name != "limits.py"]
    assert any(f"limits.{name}" in text for text in code), f"nobody enforces {name}"
    assert f"| `{name}` |" in (ROOT / "docs" / "reference" / "limits.md").read_text("utf-8")
