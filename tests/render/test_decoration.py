"""Pictures of title bars and shadows."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest

from compositor.geometry import Rect
from compositor.model.decoration import Part, ShadowPiece, TitlebarLook, layout, shadow_rects, shadow_size
from compositor.render import text
from compositor.render.decoration import DARK, LIGHT, Theme, draw_shadow, draw_titlebar


def _channels(pixels: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    return pixels.view(np.uint8).reshape(*pixels.shape, 4)


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.25, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("width", [1, 2, 9, 40, 130, 1000])
@pytest.mark.parametrize("floating", [True, False])
def test_a_title_bar_has_its_size_and_valid_premultiplied_colours(
    width: int, scale: float, floating: bool
) -> None:
    look = TitlebarLook("A title", hovered=Part.CLOSE, floating=floating, maximized=not floating)
    pixels = draw_titlebar(width, look, scale)
    assert (round(30 * scale), max(1, round(width * scale))) == pixels.shape
    channels = _channels(pixels)
    assert (channels[:, :, :3] <= channels[:, :, 3:]).all()
    if not floating:
        assert (channels[:, :, 3] == 255).all()


def test_the_corners_of_a_floating_window_are_round_and_alike() -> None:
    alpha = _channels(draw_titlebar(200, TitlebarLook()))[:, :, 3]
    assert 0 == alpha[0, 0] == alpha[0, -1] == alpha[1, 1]
    assert (alpha[:, 12:-12] == 255).all() and (alpha[12:] == 255).all()
    np.testing.assert_array_equal(alpha, alpha[:, ::-1])
    # A quarter circle of radius 10 leaves out this much of its square.
    missing = (255 - alpha[:10, :10].astype(float)).sum() / 255
    assert missing == pytest.approx(100 * (1 - np.pi / 4), abs=0.7)


@pytest.mark.parametrize(
    "other",
    [
        TitlebarLook("Other title"),
        TitlebarLook("Title", active=False),
        TitlebarLook("Title", maximized=True),
        TitlebarLook("Title", responsive=False),
        TitlebarLook("Title", hovered=Part.CLOSE),
        TitlebarLook("Title", hovered=Part.MAXIMIZE),
        TitlebarLook("Title", hovered=Part.MINIMIZE),
        TitlebarLook("Title", resizable=False),
        TitlebarLook("Title", floating=False),
    ],
)
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_everything_a_look_says_shows(other: TitlebarLook, theme: Theme) -> None:
    usual = draw_titlebar(300, TitlebarLook("Title"), theme=theme)
    assert (usual != draw_titlebar(300, other, theme=theme)).any()


def test_the_title_never_touches_the_buttons() -> None:
    for width in range(60, 400, 7):
        empty = draw_titlebar(width, TitlebarLook(""))
        full = draw_titlebar(width, TitlebarLook("wide WIDE wide " * 10))
        places = layout(width - 2, 1)
        changed = (empty != full).any(axis=0).nonzero()[0] + places.frame.x
        if changed.size:
            assert places.title.x <= changed.min() and changed.max() < places.title.x2


@pytest.mark.parametrize(
    "title",
    [
        "",
        " ",
        "\n\0\x1b",
        "é" * 10_000,
        "日本語",
        "🙂" * 50,
        "مرحبا",
        "a\u0301" * 300,
        "\ud800",
        "\u202e" * 40,
        "﷽" * 300,
    ],
)
def test_no_title_is_too_strange(title: str) -> None:
    draw_titlebar(300, TitlebarLook(title))
    draw_titlebar(300, TitlebarLook(title, responsive=False), 2.0)


def test_text_is_elided_to_a_width() -> None:
    for width in range(0, 200, 9):
        shown = text.elide("The quick brown seal", 13, width)
        assert text.text_width(shown, 13) <= width
    assert "The quick brown seal" == text.elide("The  quick\nbrown seal", 13, 500)
    assert text.elide("The quick brown seal", 13, 60).endswith("…")


def test_characters_that_the_bundled_font_lacks_are_looked_for_elsewhere() -> None:
    if text._fallback("DejaVuSans.ttf", 13) is None:
        pytest.skip("DejaVuSans.ttf is missing (Debian package fonts-dejavu-core)")
    pictures = {bytes(text.draw_line(char, 13).coverage) for char in "éΩЖ"}
    assert 3 == len(pictures)


@pytest.mark.parametrize("size", [(300, 200), (40, 31), (3, 31), (57, 58)])
@pytest.mark.parametrize("scale", [1, 2])
def test_shadow_pieces_join_without_a_seam(size: tuple[int, int], scale: int) -> None:
    frame = Rect(40, 40, *size)
    width, height = (size[0] + 80) * scale, (size[1] + 80) * scale
    alpha = np.zeros((height, width), np.int32)
    for piece, rect in shadow_rects(frame).items():
        pixels = draw_shadow(piece, rect.width, rect.height, shadow_size(frame), scale=float(scale))
        assert (pixels & 0xFFFFFF == 0).all(), "shadows are black"
        x, y = rect.x * scale, rect.y * scale
        assert (alpha[y : y + pixels.shape[0], x : x + pixels.shape[1]] == 0).all()
        alpha[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels >> 24
    inside = alpha[50 * scale : (40 + size[1]) * scale, 40 * scale : (40 + size[0]) * scale]
    assert (inside == 0).all(), "nothing under the window"
    assert alpha[(40 + size[1]) * scale, (40 + size[0] // 2) * scale] > 60 if size[0] > 60 else True
    assert (alpha[0] == 0).all() and (alpha[-1] == 0).all() and (alpha[:, 0] == 0).all()
    # Outside the frame neighbours differ little, across pieces as well.
    outside = alpha.copy()
    outside[40 * scale : (40 + size[1]) * scale, 40 * scale : (40 + size[0]) * scale] = -1
    for one, two in ((outside[:, 1:], outside[:, :-1]), (outside[1:], outside[:-1])):
        both = (one >= 0) & (two >= 0)
        assert np.abs(one - two)[both].max() < 24 / scale + 4


def test_an_active_window_casts_the_darker_shadow() -> None:
    active = draw_shadow(ShadowPiece.BOTTOM, 50, 28, (56, 56), True)
    assert (active >> 24).sum() > (draw_shadow(ShadowPiece.BOTTOM, 50, 28, (56, 56), False) >> 24).sum()


def test_pillow_is_not_imported_before_something_is_drawn() -> None:
    code = (
        "import sys, compositor.server, compositor.render.decoration, compositor.render.cursors\n"
        "import compositor.render.wallpaper\n"
        "compositor.render.cursors.cursor_image('default', 24)\n"
        "assert 'PIL' not in sys.modules, 'PIL'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
