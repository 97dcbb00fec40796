"""What the fault injection needs."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="session")
def need_compiler(request: pytest.FixtureRequest) -> None:
    """Skip without a compiler for the library."""
    if shutil.which("gcc") is None:
        text = "gcc is not installed (apt-get install gcc libc6-dev)"
        if request.config.getoption("--require-programs"):
            pytest.fail(text, pytrace=False)
        pytest.skip(text)
