"""What all examples share: a program that is missing is a skip that says what to install."""

import shutil
import sys

import pytest

from compositor.locate import clients_dir


@pytest.fixture(scope="session")
def need():
    """``need("foot")`` returns the program, or skips."""

    def need(program, package=None):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian package {package or program})")
        return program

    return need


@pytest.fixture
def demo(launch):
    """Start one of Weddell's demo programs: ``demo("clock")``."""

    def start(name, *arguments):
        return launch(sys.executable, clients_dir() / f"{name}.py", *arguments)

    return start
