"""Draws what `compositor.model.decoration` places: title bars, borders and shadows.

Pictures are premultiplied ARGB8888. A title bar is drawn again for every width of a live resize, so its text
and signs are kept as coverage and only laid over the bar. Measured: 0.1 ms for 940 × 30.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect
from compositor.model.content import Content, SolidContent
from compositor.model.decoration import (
    METRICS,
    Part,
    ShadowPiece,
    TitlebarLook,
    layout,
    shadow_corner,
    shadow_reach,
)
from compositor.model.formats import ARGB8888
from compositor.model.scene import Art
from compositor.record import record
from compositor.render import text
from compositor.render.art import ArtPainter

Pixels = npt.NDArray[np.uint32]

TITLE_SIZE = 13
"""Height of the title's font, layout pixels."""
_SIGN_SIZE = 10
_HOVER_RADIUS = 10.5
_FINE = 8
_NOT_RESPONDING = " (not responding)"


@record(frozen=True)
class Shades:
    """Colours of a title bar, 0xRRGGBB."""

    top: int
    bottom: int
    text: int
    sign: int
    border: int
    line: int
    """Under the title bar."""
    shine: int
    """Along its upper edge."""


@record(frozen=True)
class Theme:
    """Colours of all decorations."""

    active: Shades
    inactive: Shades
    hover: int
    """Behind a sign under the pointer."""
    close: int
    """Behind the sign that closes."""
    warning: int
    """The title of a window that does not respond."""
    shadow_active: float
    """Darkness at the frame, 0 to 1."""
    shadow_inactive: float


DARK = Theme(
    active=Shades(0x2D3A5C, 0x212C49, 0xF0F4FB, 0xD3DCEC, 0x0D1424, 0x151D33, 0x46567F),
    inactive=Shades(0x242C40, 0x1E2536, 0x8D99B0, 0x76829A, 0x10151F, 0x171C29, 0x2F3950),
    hover=0x42517A,
    close=0xE5484D,
    warning=0xFFC266,
    shadow_active=0.68,
    shadow_inactive=0.44,
)
LIGHT = Theme(
    active=Shades(0xFCFDFE, 0xEDF0F6, 0x1C2539, 0x47536C, 0xA9B2C3, 0xD3D9E4, 0xFFFFFF),
    inactive=Shades(0xF4F5F8, 0xECEEF2, 0x8A93A5, 0x98A1B1, 0xBCC3D0, 0xDCE0E8, 0xFFFFFF),
    hover=0xD5DBE7,
    close=0xE5484D,
    warning=0xB26A00,
    shadow_active=0.48,
    shadow_inactive=0.3,
)


def draw_titlebar(width: int, look: TitlebarLook, scale: float = 1.0, theme: Theme = DARK) -> Pixels:
    """Draw a title bar.

    Args:
        width: of the frame, layout pixels.
        look: what it says and shows.
        scale: output pixels per layout pixel.

    Returns:
        (round(METRICS.titlebar_height * scale), round(width * scale)) uint32, premultiplied ARGB8888,
        opaque but for the rounded corners of a floating window; read-only.
    """
    shades = theme.active if look.active else theme.inactive
    columns, rows = max(1, round(width * scale)), max(1, round(METRICS.titlebar_height * scale))
    pixels = np.empty((rows, columns), np.uint32)
    pixels[:] = _background(rows, scale, shades, look.floating)[:, None]
    bar = pixels.view(np.uint8).reshape(rows, columns, 4)
    places = layout(width - 2 * METRICS.border if look.floating else width, 1, look.floating, look.resizable)
    origin = places.frame.x, places.frame.y
    _draw_title(bar, places.title.translate(-origin[0], -origin[1]), look, scale, theme, shades)
    for part, rect in places.buttons.items():
        _draw_button(bar, part, rect.translate(-origin[0], -origin[1]), look, scale, theme, shades)
    if look.floating:
        _round_corners(bar, scale, shades)
    pixels.flags.writeable = False
    return pixels


def _bgra(colour: int) -> npt.NDArray[np.uint8]:
    return np.array([colour & 255, colour >> 8 & 255, colour >> 16 & 255, 255], np.uint8)


@lru_cache(maxsize=32)
def _background(rows: int, scale: float, shades: Shades, bordered: bool) -> Pixels:
    """One column, (rows,)."""
    t = np.linspace(0, 1, rows)[:, None]
    column = np.floor(_bgra(shades.top) * (1 - t) + _bgra(shades.bottom) * t + 0.5).astype(np.uint8)
    line = max(1, round(scale))
    border = max(1, round(METRICS.border * scale)) if bordered else 0
    column[border : border + line] = _bgra(shades.shine)
    column[:border] = _bgra(shades.border)
    column[-line:] = _bgra(shades.line)
    return column.view(np.uint32)[:, 0]


def _lay(bar: npt.NDArray[np.uint8], coverage: npt.NDArray[np.uint8], x: int, y: int, colour: int) -> None:
    """Lay a colour over an opaque picture where the coverage, put at x, y, says; what juts out is cut."""
    height, width = coverage.shape
    left, top = max(0, -x), max(0, -y)
    right, bottom = min(width, bar.shape[1] - x), min(height, bar.shape[0] - y)
    if left >= right or top >= bottom:
        return
    area = bar[y + top : y + bottom, x + left : x + right]
    below = area.astype(np.int32)
    mixed = (_bgra(colour).astype(np.int32) - below) * coverage[top:bottom, left:right, None]
    area[:] = below + (mixed + 127) // 255


def _draw_title(
    bar: npt.NDArray[np.uint8], rect: Rect, look: TitlebarLook, scale: float, theme: Theme, shades: Shades
) -> None:
    size = max(6, round(TITLE_SIZE * scale))
    room = int(rect.width * scale)
    suffix = "" if look.responsive else _NOT_RESPONDING
    shown = text.elide(look.title, size, max(0, room - text.text_width(suffix, size))) + suffix
    width = text.text_width(shown, size)
    if not shown or width > room:
        return
    line = text.draw_line(shown, size)
    # In the middle of the bar if that leaves the buttons free, else as near as possible.
    x = min((bar.shape[1] - width) // 2, int((rect.x + rect.width) * scale) - width)
    # Capital letters, about 0.72 of the size, look centred.
    y = round((bar.shape[0] + size * 0.72) / 2) - line.baseline
    _lay(
        bar, line.coverage, max(int(rect.x * scale), x), y, shades.text if look.responsive else theme.warning
    )


def _draw_button(
    bar: npt.NDArray[np.uint8],
    part: Part,
    rect: Rect,
    look: TitlebarLook,
    scale: float,
    theme: Theme,
    shades: Shades,
) -> None:
    centre_x, centre_y = (rect.x + rect.width / 2) * scale, (rect.y + rect.height / 2) * scale
    colour = shades.sign
    if look.hovered is part:
        disc = _disc(scale)
        x, y = round(centre_x - disc.shape[1] / 2), round(centre_y - disc.shape[0] / 2)
        _lay(bar, disc, x, y, theme.close if part is Part.CLOSE else theme.hover)
        colour = 0xFFFFFF if part is Part.CLOSE else theme.active.text
    sign = _sign(part, look.maximized, scale)
    _lay(bar, sign, round(centre_x - sign.shape[1] / 2), round(centre_y - sign.shape[0] / 2), colour)


@lru_cache(maxsize=16)
def _disc(scale: float) -> npt.NDArray[np.uint8]:
    radius = _HOVER_RADIUS * scale
    size = 2 * round(radius + 1)
    away = np.hypot(*(np.mgrid[0:size, 0:size] - (size - 1) / 2))
    return np.asarray(np.clip((radius - away + 0.5) * 255, 0, 255).astype(np.uint8))


@lru_cache(maxsize=32)
def _sign(part: Part, maximized: bool, scale: float) -> npt.NDArray[np.uint8]:
    """Coverage of a button's sign."""
    from PIL import Image, ImageDraw

    size = max(6, 2 * round(_SIGN_SIZE * scale / 2))
    stroke = max(1, round(1.25 * scale)) if part is not Part.CLOSE else 1.45 * scale
    image = Image.new("L", (size * _FINE, size * _FINE))
    pen = ImageDraw.Draw(image)

    def line(*points: tuple[float, float]) -> None:
        pen.line([(x * _FINE, y * _FINE) for x, y in points], fill=255, width=round(stroke * _FINE))

    def box(left: float, top: float, right: float, bottom: float) -> None:
        corners = [left * _FINE, top * _FINE, right * _FINE - 1, bottom * _FINE - 1]
        pen.rounded_rectangle(corners, 1.2 * scale * _FINE, outline=255, width=round(stroke * _FINE))

    if part is Part.CLOSE:
        edge = 0.8 * scale
        line((edge, edge), (size - edge, size - edge))
        line((size - edge, edge), (edge, size - edge))
    elif part is Part.MINIMIZE:
        middle = (size + stroke) // 2
        pen.rectangle([0, (middle - stroke) * _FINE, size * _FINE, middle * _FINE - 1], fill=255)
    elif maximized:
        back = round(2.5 * scale)
        box(back, 0, size, size - back)
        pen.rectangle([0, back * _FINE, (size - back) * _FINE - 1, size * _FINE - 1], fill=0)
        box(0, back, size - back, size)
    else:
        box(0, 0, size, size)
    return np.asarray(image.reduce(_FINE), np.uint8)


def _round_corners(bar: npt.NDArray[np.uint8], scale: float, shades: Shades) -> None:
    border = max(1, round(METRICS.border * scale))
    colour = _bgra(shades.border)
    bar[:, :border] = colour
    bar[:, -border:] = colour
    radius = min(METRICS.corner_radius * scale, bar.shape[0], bar.shape[1] / 2)
    size = min(int(radius) + 1, bar.shape[0], bar.shape[1])
    outer, inner = _corner(size, radius, border)
    for corner in (bar[:size, :size], bar[:size, ::-1][:, :size]):
        filled = corner * inner + colour * (1 - inner)
        corner[:] = np.floor(filled * outer + 0.5).astype(np.uint8)


@lru_cache(maxsize=16)
def _corner(size: int, radius: float, border: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Coverage of a rounded upper left corner, and of what is inside its border, (size, size, 1)."""
    y, x = np.mgrid[0:size, 0:size] + 0.5
    away = np.hypot(np.maximum(radius - x, 0), np.maximum(radius - y, 0))
    outer = np.clip(radius - away + 0.5, 0, 1)
    inner = np.clip(radius - border - away + 0.5, 0, 1)
    return outer[:, :, None], inner[:, :, None]


def draw_shadow(
    piece: ShadowPiece,
    width: int,
    height: int,
    frame_size: tuple[int, int],
    active: bool = True,
    scale: float = 1.0,
    theme: Theme = DARK,
    all_round: bool = False,
) -> Pixels:
    """Draw one piece of a shadow: black, with nothing where the frame is.

    Args:
        piece: which.
        width, height: of the piece as `shadow_rects` has it, layout pixels.
        frame_size: from `shadow_size`.
        all_round: whether the lower corners of the frame are as round as the upper ones.

    Returns:
        (round(height * scale), round(width * scale)) uint32, premultiplied ARGB8888, read-only.
    """
    columns, rows = max(1, round(width * scale)), max(1, round(height * scale))
    reach, corner = shadow_reach(), shadow_corner(*frame_size)
    sides = piece.value.split("-")
    x = _inside(
        "left" in sides, "right" in sides, width, columns, frame_size[0], corner, reach.left, reach.right
    )
    y = _inside(
        "top" in sides, "bottom" in sides, height, rows, frame_size[1], corner, reach.top, reach.bottom
    )
    # The shadow hangs lower than the window.
    drop = METRICS.shadow_drop
    darkness = (_falloff(y[0] - drop) * _falloff(y[1] + drop))[:, None] * (_falloff(x[0]) * _falloff(x[1]))
    darkness *= theme.shadow_active if active else theme.shadow_inactive
    hidden = ((y[0] >= 0) & (y[1] >= 0))[:, None] & ((x[0] >= 0) & (x[1] >= 0))
    # In the corners the shadow shows as far as they are round.
    radius = METRICS.corner_radius
    near = np.minimum(*y) if all_round else y[0]
    aside, above = np.maximum(radius - np.minimum(*x), 0), np.maximum(radius - near, 0)
    arc = np.clip((radius - np.hypot(aside[None, :], above[:, None])) * scale + 0.5, 0, 1)
    arc[above == 0] = 1
    arc[:, aside == 0] = 1
    pixels = np.floor(darkness * (1 - arc * hidden) * 255 + 0.5).astype(np.uint32) << np.uint32(24)
    pixels.flags.writeable = False
    return np.asarray(pixels)


def _inside(
    first: bool, last: bool, length: int, count: int, frame: int, corner: int, before: int, after: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """How far each pixel's middle of a piece lies inside the frame, from both sides, layout pixels.

    Args:
        first, last: whether the piece is at that end of the frame, else in its middle.
        length, count: of the piece, in layout and in output pixels.
        frame, corner: length of the frame as the shadow sees it, and of its corners.
        before, after: how far the shadow reaches beyond the frame.
    """
    place = (np.arange(count) + 0.5) * (length / count)
    far = np.full(count, np.inf)
    long = frame >= 2 * (METRICS.shadow_radius + METRICS.shadow_drop)
    if first:
        near = place - before
        return near, far if long else frame - near
    if last:
        near = length - after - place
        return far if long else frame - near, near
    return (far, far) if long else (corner + place, frame - corner - place)


def _falloff(inside: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """How dark a soft edge is at a distance into what casts the shadow; 0 from the radius outwards."""
    t = np.clip((inside / METRICS.shadow_radius + 1) / 2, 0, 1)
    return np.asarray(t**2.2 * (3 - 2 * t))


def register(painter: ArtPainter, theme: Theme = DARK) -> None:
    """Have a painter draw the arts of `compositor.model.window_frame`: "titlebar", "border", "shadow"."""
    solid = {
        active: SolidContent(*(_bgra(shades.border)[[2, 1, 0]] / 255))
        for active, shades in ((True, theme.active), (False, theme.inactive))
    }

    def titlebar(art: Art, scale: float) -> Content:
        look = TitlebarLook(*art.detail)  # type: ignore[arg-type]
        return Content(draw_titlebar(art.rect.width, look, scale, theme), ARGB8888)

    def border(art: Art, scale: float) -> SolidContent:
        return solid[bool(art.detail[0])]

    def shadow(art: Art, scale: float) -> Content:
        piece, active, *frame_size = art.detail[:4]
        pixels = draw_shadow(
            piece,  # type: ignore[arg-type]
            art.rect.width,
            art.rect.height,
            tuple(frame_size),  # type: ignore[arg-type]
            bool(active),
            scale,
            theme,
            len(art.detail) > 4,
        )
        return Content(pixels, ARGB8888)

    painter.register("titlebar", titlebar)
    painter.register("border", border)
    painter.register("shadow", shadow)
