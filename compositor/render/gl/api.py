"""OpenGL's functions and constants, as pyglet offers them, and what can go wrong with them.

pyglet carries no types, so its names are Any; this package touches pyglet here and in `context` alone.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

import pyglet

from compositor.render.gl.errors import GlError

# To be set before pyglet.gl is imported: no window of its own, and no glGetError after every call.
pyglet.options["shadow_window"] = False
pyglet.options["debug_gl"] = False
if not os.environ.get("DISPLAY"):
    pyglet.options["headless"] = True


def load() -> Any:
    """Return the module with OpenGL's functions and constants.

    Raises:
        GlError: the system has no libGL.
    """
    try:
        # Not `pyglet.gl`, which looks every name up through a stand-in of pyglet's.
        return importlib.import_module("pyglet.gl")
    except (ImportError, OSError, AttributeError) as error:
        raise GlError(f"OpenGL's library cannot be loaded (Debian package libgl1): {error}") from None


GL: Any = load()

_ERRORS = {
    0x0500: "an enumerant is unknown",
    0x0501: "a number is out of range",
    0x0502: "an operation is not allowed now",
    0x0505: "out of memory",
    0x0506: "a framebuffer is not complete",
    0x0507: "the context is lost",
}


def check(what: str) -> None:
    """Raise if OpenGL has failed since the last check.

    Raises:
        GlError: with `what` in its text.
    """
    code = GL.glGetError()
    if code:
        # The others that may be queued are consequences of the first. A lost context reports for ever.
        for _ in range(16):
            if not GL.glGetError():
                break
        raise GlError(f"{what}: {_ERRORS.get(code, f'error {code:#x}')}")


def limit(name: int) -> int:
    """Return one of the implementation's numbers, such as GL_MAX_TEXTURE_SIZE."""
    value = GL.GLint()
    GL.glGetIntegerv(name, value)
    return int(value.value)


def has(extension: str, version: tuple[int, int]) -> bool:
    """Whether the current context has an extension, or a version of OpenGL that it is part of."""
    info = GL.current_context.get_info()
    return bool(info.have_version(*version) or info.have_extension(extension))


def new_name(generate: Any) -> int:
    """Return a new object from one of the glGen functions."""
    name = GL.GLuint()
    generate(1, name)
    return int(name.value)


__all__ = ["GL", "GlError", "check", "has", "limit", "load", "new_name"]
