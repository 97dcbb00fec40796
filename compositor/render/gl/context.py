"""An OpenGL context that needs no display: EGL on a device, without any window.

Mesa's llvmpipe will do. The GL renderer makes one when it is given none; windows bring their own.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import Any, Protocol

import pyglet

from compositor.render.gl.api import GlError

MIN_VERSION = (3, 3)
_MAX_DEVICES = 16


class Context(Protocol):
    """What the renderer draws with."""

    @property
    def description(self) -> str:
        """Who makes the pixels, for people."""
        ...

    def make_current(self) -> None:
        """Direct OpenGL's functions to it.

        Raises:
            GlError: it is lost.
        """
        ...

    def close(self) -> None:
        """Give it back. Harmless when repeated."""
        ...


class OffscreenContext:
    """A context on the first EGL device that offers OpenGL 3.3.

    Raises:
        GlError: there is none, or EGL is missing.
    """

    def __init__(self) -> None:
        self._context: Any = None
        try:
            from pyglet.libs.egl import egl
        except ImportError as error:
            raise GlError(f"EGL cannot be loaded (Debian package libegl1): {error}") from None
        self._egl: Any = egl
        reasons = []
        for device in range(_MAX_DEVICES):
            try:
                self._open(device)
                break
            except ValueError:
                # That many devices there are not.
                break
            except Exception as error:
                # pyglet raises whatever it meets: NameError, TypeError, its own.
                reasons.append(f"device {device}: {error or type(error).__name__}")
                self._context = None
        if self._context is None:
            raise GlError(f"no EGL device offers OpenGL 3.3 ({'; '.join(reasons) or 'there is no device'})")

    def _open(self, device: int) -> None:
        from pyglet.display.headless import HeadlessCanvas, HeadlessDisplay
        from pyglet.gl.headless import HeadlessConfig

        pyglet.options["headless_device"] = device
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._display: Any = HeadlessDisplay()
        egl = self._egl
        wanted = HeadlessConfig(major_version=MIN_VERSION[0], minor_version=MIN_VERSION[1])
        found = wanted.match(HeadlessCanvas(self._display, None))
        if not found:
            raise GlError("it has no configuration for OpenGL")
        self._context = found[0].create_context(None)
        # A pixel that nobody draws into: some drivers do not make a context current without a surface.
        size = (egl.EGLint * 5)(egl.EGL_WIDTH, 1, egl.EGL_HEIGHT, 1, egl.EGL_NONE)
        surface = egl.eglCreatePbufferSurface(self._display._display_connection, found[0]._egl_config, size)
        self._context.attach(HeadlessCanvas(self._display, surface))
        require_version(self._context)

    @property
    def description(self) -> str:
        return describe(self._context)

    def make_current(self) -> None:
        if self._context is None:
            raise GlError("the context is closed")
        self._context.set_current()
        if self._egl.eglGetCurrentContext() != self._context.egl_context:
            # Without one OpenGL's functions do nothing, and say nothing.
            raise GlError("the context is lost")

    def close(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            with contextlib.suppress(Exception):
                context.destroy()


def require_version(context: Any) -> None:
    """Raise if a pyglet context, which is current, is too old.

    Raises:
        GlError: naming the version there is.
    """
    info = context.get_info()
    if not info.have_version(*MIN_VERSION):
        raise GlError(f"OpenGL 3.3 is needed, this is {info.get_version_string()}")


SOFTWARE = ("llvmpipe", "softpipe", "swrast", "Software Rasterizer")
"""Names of drivers that draw on the CPU."""


def is_software(description: str) -> bool:
    """Whether the driver of a context draws on the CPU, by its description."""
    return any(name in description for name in SOFTWARE)


def describe(context: Any) -> str:
    """Return the name of a pyglet context's driver, for people."""
    info = context.get_info()
    return f"{info.get_renderer()}, OpenGL {info.get_version_string()}"
