"""Options and fixtures that every folder of tests shares."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-programs",
        action="store_true",
        help="fail, instead of skipping, where a program that a test runs is not installed",
    )


@pytest.fixture
def need_program(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """Return a function that takes a program and its Debian package, and returns where it is or skips."""

    def need(program: str, package: str) -> str:
        path = shutil.which(program)
        if path is None:
            text = f"{program} is not installed (apt-get install {package})"
            if request.config.getoption("--require-programs"):
                pytest.fail(text, pytrace=False)
            pytest.skip(text)
        return path

    return need
