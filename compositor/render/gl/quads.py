"""The rectangles of a frame: collected, sent to the driver at once, drawn in as few calls as can be.

The GL renderer imports it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from enum import Enum
from typing import Any

from compositor.geometry import Rect
from compositor.render.gl.api import GL, has, limit, new_name
from compositor.render.gl.plan import Tail
from compositor.render.gl.shader import Program

_NUMBERS = 24
_TEXELS = 6
_MAX_RECTS = 10_000


class Kind(Enum):
    """How the pixels of a rectangle come about."""

    COPY = ("picture.frag", ())
    SCALED = ("picture.frag", ("SCALED",))
    SOLID = ("solid.frag", ())
    SHADOW = ("shadow.frag", ())
    ROUNDED_COPY = ("picture.frag", ("ROUNDED",))
    ROUNDED_SCALED = ("picture.frag", ("SCALED", "ROUNDED"))
    ROUNDED_SOLID = ("solid.frag", ("ROUNDED",))


_Batch = tuple[Kind, int, bool]
_NOTHING: _Batch = (Kind.SOLID, -1, False)


class Quads:
    """Draws rectangles into the bound framebuffer, in the order added.

    Attributes:
        draws: draw calls since the beginning.
    """

    def __init__(self) -> None:
        self.draws = 0
        self._programs: dict[Kind, Program] = {}
        self._sizes: dict[Kind, tuple[int, int]] = {}
        self._numbers: list[int] = []
        self._batches: list[tuple[_Batch, int]] = []
        self._vertex_array = new_name(GL.glGenVertexArrays)
        self._buffer = new_name(GL.glGenBuffers)
        self._texture = new_name(GL.glGenTextures)
        GL.glBindBuffer(GL.GL_TEXTURE_BUFFER, self._buffer)
        GL.glBindTexture(GL.GL_TEXTURE_BUFFER, self._texture)
        GL.glTexBuffer(GL.GL_TEXTURE_BUFFER, GL.GL_RGBA32I, self._buffer)
        self._most = min(_MAX_RECTS, limit(GL.GL_MAX_TEXTURE_BUFFER_SIZE) // _TEXELS)
        self._size = (1, 1)
        self._target = 0
        # Before each batch: texture, place in it, and rectangle of what is copied as it is.
        self._copies: dict[int, list[tuple[int, int, int, Rect]]] = {}
        self.can_copy = has("GL_ARB_copy_image", (4, 3))

    def begin(self, width: int, height: int, target: int = 0) -> None:
        """Start a target of width × height pixels; it stays bound until `end`.

        Args:
            target: name of its texture, which `copy` needs.
        """
        self._size = (width, height)
        self._target = target

    def copy(self, texture: int, x: int, y: int, rect: Rect) -> None:
        """Add a rectangle of the target that gets the bytes of a texture from x, y on."""
        self._copies.setdefault(len(self._batches), []).append((texture, x, y, rect))
        # What comes after must not join what came before.
        self._batches.append((_NOTHING, len(self._numbers) // _NUMBERS))

    def add(self, kind: Kind, texture: int, blend: bool, rect: Rect, tail: Tail) -> None:
        """Add a rectangle, target pixels.

        Args:
            texture: name of what it shows; 0 for colours.
            blend: whether what is below shines through.
        """
        if len(self._numbers) >= self._most * _NUMBERS:
            self.end()
        batch = (kind, texture, blend)
        if not self._batches or self._batches[-1][0] != batch:
            self._batches.append((batch, len(self._numbers) // _NUMBERS))
        self._numbers += rect
        self._numbers += tail

    def end(self) -> None:
        """Draw what was added."""
        if not self._batches:
            return
        data = array("i", self._numbers or (0,) * _NUMBERS)
        count = len(data)
        GL.glBindBuffer(GL.GL_TEXTURE_BUFFER, self._buffer)
        pointer = (GL.GLint * count).from_buffer(data)
        GL.glBufferData(GL.GL_TEXTURE_BUFFER, count * data.itemsize, pointer, GL.GL_STREAM_DRAW)
        GL.glActiveTexture(GL.GL_TEXTURE1)
        GL.glBindTexture(GL.GL_TEXTURE_BUFFER, self._texture)
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindVertexArray(self._vertex_array)
        GL.glViewport(0, 0, *self._size)
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glBlendFuncSeparate(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        ends = [first for _, first in self._batches[1:]]
        ends.append(len(self._numbers) // _NUMBERS)
        last_kind: Kind | None = None
        last_texture = -1
        last_blend: bool | None = None
        draw: Callable[..., Any] = GL.glDrawArrays
        for number, (((kind, texture, blend), first), end) in enumerate(
            zip(self._batches, ends, strict=True)
        ):
            for copied in self._copies.get(number, ()):
                self._copy(*copied)
            if end == first:
                continue
            if kind is not last_kind:
                self._use(kind)
                last_kind = kind
            if texture != last_texture:
                GL.glBindTexture(GL.GL_TEXTURE_2D, texture)
                last_texture = texture
            if blend is not last_blend:
                (GL.glEnable if blend else GL.glDisable)(GL.GL_BLEND)
                last_blend = blend
            draw(GL.GL_TRIANGLES, first * 6, (end - first) * 6)
            self.draws += 1
        self.drop()

    def _copy(self, texture: int, x: int, y: int, rect: Rect) -> None:
        place = (GL.GL_TEXTURE_2D, 0)
        GL.glCopyImageSubData(
            *(texture, *place, x, y, 0),
            *(self._target, *place, rect.x, rect.y, 0),
            *(rect.width, rect.height, 1),
        )
        self.draws += 1

    def drop(self) -> None:
        """Forget what was added."""
        self._numbers = []
        self._batches = []
        self._copies = {}

    def _use(self, kind: Kind) -> None:
        program = self._programs.get(kind)
        if program is None:
            program = self._programs[kind] = Program("rects.vert", *kind.value)
            program.use()
            GL.glUniform1i(program.location("picture"), 0)
            GL.glUniform1i(program.location("rects"), 1)
        else:
            program.use()
        if self._sizes.get(kind) != self._size:
            self._sizes[kind] = self._size
            GL.glUniform2f(program.location("target_size"), *self._size)

    def delete(self) -> None:
        """Give everything back; the context is current."""
        for program in self._programs.values():
            program.delete()
        self._programs.clear()
        GL.glDeleteVertexArrays(1, GL.GLuint(self._vertex_array))
        GL.glDeleteBuffers(1, GL.GLuint(self._buffer))
        GL.glDeleteTextures(1, GL.GLuint(self._texture))
