"""What the tests of keymaps share."""

from __future__ import annotations

import ctypes

import pytest
from xkb_reference import XkbCommon


@pytest.fixture
def xkb() -> XkbCommon:
    try:
        library = ctypes.CDLL("libxkbcommon.so.0")
    except OSError:
        pytest.skip("needs libxkbcommon0")
    return XkbCommon(library)
