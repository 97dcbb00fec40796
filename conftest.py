"""What tests and examples share: where every program has to be there, none of them may be skipped."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

import pytest

MISSING = re.compile(r"not installed|Debian package|apt-get install|needs (libxkb|xkb-data)")
"""Says in a skip's reason that it is for want of a program or library."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-programs",
        action="store_true",
        help="fail, instead of skipping, where a program that a test runs is not installed",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Where every program has to be there, a skip for want of one is a failure."""
    report = yield
    if report.skipped and item.config.getoption("--require-programs") and call.excinfo is not None:
        reason = str(call.excinfo.value)
        if MISSING.search(reason):
            report.outcome = "failed"
            report.longrepr = f"a program or library is missing: {reason}"
    return report
