"""A small Wayland toolkit for the demo clients: pywayland below, numpy and Pillow to draw with.

Start at `program.run`, `Window` and `Canvas`; `swapchain` is where the sealed, growing memory is. The
programs in the folder above and their tests import it; it imports `compositor.memory` and no more of ours.
"""

from . import boxes, palette
from .boxes import Box
from .canvas import Canvas
from .clipboard import Clipboard
from .connection import Connection
from .errors import ClientError, Disconnected, MissingGlobal, NoCompositor
from .keyboard import KeyEvent
from .keymap import Keymap, Mod
from .popup import Popup
from .seat import BUTTON_LEFT, BUTTON_MIDDLE, BUTTON_RIGHT, Seat
from .subsurface import Subsurface
from .surface import Surface
from .window import Window

__all__ = [
    "BUTTON_LEFT",
    "BUTTON_MIDDLE",
    "BUTTON_RIGHT",
    "Box",
    "Canvas",
    "ClientError",
    "Clipboard",
    "Connection",
    "Disconnected",
    "KeyEvent",
    "Keymap",
    "MissingGlobal",
    "Mod",
    "NoCompositor",
    "Popup",
    "Seat",
    "Subsurface",
    "Surface",
    "Window",
    "boxes",
    "palette",
]
