"""What can go wrong with OpenGL. Anybody may import it; it loads nothing."""

from __future__ import annotations

from compositor.errors import WeddellError


class GlError(WeddellError):
    """OpenGL cannot be had or has failed; the text says why. Frames can still be drawn on the CPU."""
