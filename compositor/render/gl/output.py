"""The last step of a frame: a canvas on the screen, with or without changes to its colours.

It works in whichever context is current, as long as that shares its objects with the renderer's: windows have
contexts of their own. Backends make one per context.
"""

from __future__ import annotations

from collections.abc import Iterable

from compositor.geometry import Rect
from compositor.render.colours import Colours
from compositor.render.gl.api import GL, new_name
from compositor.render.gl.canvas import Canvas
from compositor.render.gl.shader import Program

_PLAIN = Colours()


class OutputPass:
    """Puts canvases into the bound framebuffer."""

    def __init__(self) -> None:
        self._vertex_array = new_name(GL.glGenVertexArrays)
        self._programs: dict[tuple[str, ...], Program] = {}

    def put(
        self,
        canvas: Canvas,
        rects: Iterable[Rect],
        height: int,
        colours: Colours = _PLAIN,
        for_window: bool = True,
    ) -> None:
        """Draw parts of a canvas at the same place.

        Args:
            rects: canvas pixels.
            height: of the framebuffer, pixels.
            for_window: whether the framebuffer is a window's: its first row in memory is the picture's last,
                and red comes first in it. Else it is a canvas.
        """
        defines = () if colours.plain else ("COLOURS",)
        if for_window:
            defines = (*defines, "FOR_WINDOW")
        program = self._programs.get(defines)
        if program is None:
            program = self._programs[defines] = Program("output.vert", "output.frag", defines)
        program.use()
        GL.glUniform1i(program.location("picture"), 0)
        GL.glUniform2i(program.location("size"), canvas.width, canvas.height)
        if not colours.plain:
            matrix = (GL.GLfloat * 9)(*colours.matrix)
            GL.glUniformMatrix3fv(program.location("vision"), 1, True, matrix)
            GL.glUniform3f(program.location("gains"), *colours.gains)
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, canvas.texture.name)
        GL.glBindVertexArray(self._vertex_array)
        GL.glDisable(GL.GL_BLEND)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glViewport(0, 0, canvas.width, height)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        for x, y, w, h in rects:
            GL.glScissor(x, height - y - h if for_window else y, w, h)
            GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        GL.glDisable(GL.GL_SCISSOR_TEST)

    def delete(self) -> None:
        """Give everything back; the context is current."""
        for program in self._programs.values():
            program.delete()
        self._programs.clear()
        GL.glDeleteVertexArrays(1, GL.GLuint(self._vertex_array))
