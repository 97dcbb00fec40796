"""The page of rules names code and tests that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from support.pages import ROOT

PAGE = ROOT / "docs" / "explanation" / "memory-rules.md"
LINK = re.compile(r"\[([^\]]+)\]\(\.\./\.\./([a-z_/]+\.py)\)")


def rows() -> list[tuple[str, str, str]]:
    """(rule, code, tests) of every line of every table."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [tuple(line.strip("| ").split(" | ")) for line in lines if "| kept by |" not in line]  # type: ignore[misc]


@cache
def defined(path: Path) -> set[str]:
    """Return what a module defines: functions, classes, and the methods of these as Class.method."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


def test_every_idea_has_its_rules() -> None:
    assert list("123456") == re.findall(r"^## (\d)\. ", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(rows()) > 50


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:40])
def test_every_rule_is_kept_by_code_and_shown_by_a_test(row: tuple[str, str, str]) -> None:
    _, code, tests = row
    kept_by, shown_by = LINK.findall(code), LINK.findall(tests)
    assert kept_by
    assert shown_by
    assert code == ", ".join(f"[{name}](../../{path})" for name, path in kept_by)
    assert tests == "; ".join(f"[{name}](../../{path})" for name, path in shown_by)
    for name, path in kept_by:
        assert name.strip("`") in defined(ROOT / path), f"{path} has no {name}"
    for name, path in shown_by:
        assert f"test_{name.replace(' ', '_')}" in defined(ROOT / path), f"{path} has no test that {name}"
