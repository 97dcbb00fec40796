"""Shader programs from the GLSL sources in `shaders/`.

A source names its parts with lines ``#include "name"``; a program may be built in variants, each with its
own ``#define``s. The GL renderer builds programs when they are first used.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pyglet.graphics import shader as pyglet_shader
from pyglet.graphics.shader import Shader, ShaderException, ShaderProgram

from compositor.locate import shaders_dir
from compositor.render.gl.api import GL, GlError

# pyglet 2.1 knows every kind of sampler but those of buffers, which are set like the others.
_setters: dict[int, Any] = pyglet_shader._uniform_setters
_setters.setdefault(GL.GL_INT_SAMPLER_BUFFER, _setters[GL.GL_INT_SAMPLER_2D])

_INCLUDE = re.compile(r'^#include "([\w.]+)"$', re.MULTILINE)
_VERSION = "#version 330 core\n"


@cache
def source(name: str) -> str:
    """Return a GLSL source with its parts put in, without a version line."""
    text = (shaders_dir() / name).read_text()
    return _INCLUDE.sub(lambda match: source(match[1]), text)


class Program:
    """A vertex and a fragment shader that belong together.

    Args:
        vertex, fragment: names of sources.
        defines: names that are defined in the fragment shader.

    Raises:
        GlError: the driver does not like them.
    """

    def __init__(self, vertex: str, fragment: str, defines: tuple[str, ...] = ()) -> None:
        header = _VERSION + "".join(f"#define {name}\n" for name in defines)
        try:
            self._program: Any = ShaderProgram(
                Shader(_VERSION + source(vertex), "vertex"), Shader(header + source(fragment), "fragment")
            )
        except (ShaderException, GL.GLException) as error:
            raise GlError(f"{fragment} {' '.join(defines)}: {error}") from None
        self.id = int(self._program.id)
        self._locations = {name: int(found["location"]) for name, found in self._program.uniforms.items()}

    def use(self) -> None:
        """Draw with it from now on."""
        GL.glUseProgram(self.id)

    def location(self, name: str) -> int:
        """Return where a uniform is; -1, which OpenGL ignores, if the program has no use for it."""
        return self._locations.get(name, -1)

    def delete(self) -> None:
        """Give it back; its context is current."""
        self._program.delete()
