"""Where the demo clients, shaders and assets lie.

In a checkout they are top level folders beside this package, in an installed
wheel they lie inside it. Only this module knows. Anybody may import it.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from compositor.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_PACKAGE = os.path.dirname(os.path.realpath(__file__))


@cache
def _find(name: str) -> Path:
    from pathlib import Path

    for candidate in (Path(_PACKAGE, name), Path(_PACKAGE).parent / name):
        if candidate.is_dir():
            return candidate
    raise ConfigError(f"the folder {name!r} is neither in {_PACKAGE} nor beside it: broken installation")


def clients_dir() -> Path:
    """Return the folder of the demo clients; each is a program run by its path."""
    return _find("clients")


def shaders_dir() -> Path:
    """Return the folder of the GLSL sources."""
    return _find("shaders")


def assets_dir() -> Path:
    """Return the folder of the keymap, wallpaper, cursors and icon."""
    return _find("assets")
