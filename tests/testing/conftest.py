"""Programs for the driver's tests: the demo clients, and real ones where they are installed."""

from __future__ import annotations

import shutil
import sys

import pytest

from compositor.locate import clients_dir


@pytest.fixture
def demo(compositor):
    """Start a demo client: ``demo("textpad", "--size", "300x200")``."""

    def start(name, *arguments, **options):
        return compositor.launch([sys.executable, str(clients_dir() / f"{name}.py"), *arguments], **options)

    return start


@pytest.fixture
def foot(compositor):
    """Start foot, or skip visibly."""
    if shutil.which("foot") is None:
        pytest.skip("foot is not installed (Debian package foot)")

    def start(*arguments, **options):
        return compositor.launch(["foot", "--config=/dev/null", *arguments], **options)

    return start
