"""The toolkit's pure parts: boxes and damage, the arena in the pool, key repeat, drawing, the title bar."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from menu import MENU, RULE, layout
from textpad import Text
from toolkit import boxes, decoration, palette
from toolkit.boxes import Box
from toolkit.canvas import Canvas, premultiplied, text_width
from toolkit.cursor import SIZE, draw_cursor
from toolkit.decoration import Part
from toolkit.keyboard import Repeat
from toolkit.swapchain import Arena

PAGE = 4096
BOXES = st.builds(Box, st.integers(-50, 50), st.integers(-50, 50), st.integers(0, 40), st.integers(0, 40))


def pixels_of(*some: Box) -> set[tuple[int, int]]:
    """Return the pixels some boxes cover."""
    return {(x, y) for box in some for x in range(box.x, box.x2) for y in range(box.y, box.y2)}


# Boxes


@given(BOXES, BOXES)
def test_an_intersection_is_the_pixels_of_both(a: Box, b: Box) -> None:
    assert pixels_of(a) & pixels_of(b) == pixels_of(a.intersection(b))


@given(st.lists(BOXES, max_size=30), st.integers(1, 6))
def test_a_damage_list_loses_no_pixel_and_stays_short(some: list[Box], limit: int) -> None:
    damage: list[Box] = []
    for box in some:
        boxes.add(damage, box, limit)
    assert len(damage) <= limit
    assert pixels_of(*some) <= pixels_of(*damage)


def test_scaling_a_box_never_loses_a_part_of_a_pixel() -> None:
    assert Box(1, 4, 4, 5) == Box(1, 3, 2, 3).scaled(1.5)


# The pool


def test_the_first_allocation_leaves_room_for_a_second() -> None:
    arena = Arena()
    assert (0, PAGE) == (arena.allocate(100), arena.allocate(PAGE))
    assert 2 * PAGE == arena.size


def test_freed_room_is_used_again_before_the_pool_grows() -> None:
    arena = Arena()
    first, second, third = (arena.allocate(4 * PAGE) for _ in range(3))
    size = arena.size
    arena.free(second)
    assert second == arena.allocate(3 * PAGE)
    arena.free(first)
    assert (first, third) == (arena.allocate(4 * PAGE), 8 * PAGE)
    assert size == arena.size


@given(st.lists(st.one_of(st.integers(1, 20 * PAGE), st.integers(-5, -1)), max_size=60))
def test_ranges_never_overlap_and_lie_within_the_pool(steps: list[int]) -> None:
    arena, size = Arena(), 0
    for step in steps:
        if step > 0:
            arena.allocate(step)
        elif len(arena.taken) >= -step:
            arena.free(sorted(arena.taken)[step])
        ends = [0]
        for offset in sorted(arena.taken):
            assert offset >= ends[-1]
            ends.append(offset + arena.taken[offset])
        assert ends[-1] <= arena.size
        assert arena.size >= size, "a pool never shrinks"
        size = arena.size


# Key repeat


def repeats(times_ms: list[int], rate: int = 25, delay_ms: int = 400) -> list[int]:
    repeat = Repeat()
    repeat.rate, repeat.delay_ms = rate, delay_ms
    repeat.press(30)
    return [repeat.due(time_ms) for time_ms in times_ms]


def test_a_held_key_repeats_after_the_delay_at_the_rate() -> None:
    assert [0, 0, 1, 0, 1, 2] == repeats([1000, 1399, 1400, 1416, 1440, 1520])


def test_a_rate_of_zero_turns_repeat_off() -> None:
    assert [0, 0, 0] == repeats([0, 1000, 2000], rate=0)


def test_a_long_pause_does_not_type_a_page() -> None:
    assert [0, 8, 0, 1] == repeats([0, 60_000, 60_016, 60_040])


# Drawing


def blank(width: int, height: int, colour: int = 0xFF000000) -> Canvas:
    return Canvas(np.full((height, width), colour, np.uint32))


def test_a_disc_has_the_area_of_a_disc_and_an_opaque_background_stays_opaque() -> None:
    canvas = blank(40, 40)
    canvas.disc(20.3, 19.6, 12.5, 0xFFFFFFFF)
    assert abs((canvas.pixels & 255).sum() / 255 - np.pi * 12.5**2) < 3
    assert (canvas.pixels >> 24 == 255).all()


def test_half_transparent_white_over_nothing_is_premultiplied() -> None:
    canvas = blank(4, 4, 0)
    canvas.fill(0, 0, 4, 4, 0x80FFFFFF)
    assert {0x80808080} == set(canvas.pixels.ravel().tolist())
    assert 0x80808080 == premultiplied(0x80FFFFFF)


def test_nothing_is_drawn_outside_the_clip() -> None:
    whole, clipped = blank(60, 40), blank(60, 40)
    clipped.clip = Box(20, 10, 15, 12)
    for canvas in (whole, clipped):
        canvas.rounded(3, 3, 50, 30, 8, palette.GLACIER)
        canvas.frame(5, 5, 40, 28, 6, 2, palette.SUN)
        canvas.ring(30, 20, 11, 3, palette.KRILL)
        canvas.line(2, 38, 58, 1, 4, palette.ICE)
        canvas.text(8, 26, "Weddell", 14, palette.AURORA)
        canvas.image(np.full((9, 9), palette.DUSK, np.uint32), 15, 6)
    inside = np.zeros((40, 60), bool)
    inside[10:22, 20:35] = True
    assert (clipped.pixels[inside] == whole.pixels[inside]).all()
    assert (clipped.pixels[~inside] == 0xFF000000).all()


def test_shapes_partly_outside_the_buffer_are_cut_off() -> None:
    canvas = blank(10, 10)
    canvas.disc(0, 0, 30, 0xFFFFFFFF)
    canvas.text(-5, 5, "wide text", 20, 0xFFFFFFFF)
    canvas.fill(-50, -50, 20, 20, 0xFFFF0000)
    assert {0xFFFFFFFF} == set(canvas.pixels.ravel().tolist())


def test_text_is_as_wide_as_it_says_and_aligned() -> None:
    canvas = blank(200, 30)
    canvas.text(180, 20, "Seal", 16, 0xFFFFFFFF, align=1)
    columns = np.nonzero((canvas.pixels & 255).any(axis=0))[0]
    assert abs(180 - text_width("Seal", 16) - columns[0]) <= 3
    assert abs(180 - columns[-1]) <= 3


def test_every_cursor_is_visible_and_premultiplied() -> None:
    for shape in ("default", "text", "crosshair", "ew-resize", "nwse-resize"):
        pixels, x, y = draw_cursor(shape, 2)
        assert (2 * SIZE, 2 * SIZE) == pixels.shape
        assert 0 <= x < SIZE and 0 <= y < SIZE
        alpha = pixels >> 24
        assert alpha.max() == 255
        assert all(((pixels >> shift & 255) <= alpha).all() for shift in (16, 8, 0))


# The title bar


def test_each_button_of_the_title_bar_is_where_it_is_drawn() -> None:
    for part in (Part.CLOSE, Part.MAXIMIZE, Part.MINIMIZE):
        box = decoration.button_box(part, 300)
        assert part is decoration.part_at(box.x + box.width / 2, box.y + box.height / 2, 300)
    assert Part.BAR is decoration.part_at(20, 10, 300)
    assert Part.CONTENT is decoration.part_at(290, decoration.HEIGHT, 300)


def test_corners_resize_both_ways_and_the_middle_not_at_all() -> None:
    points = [(1, 1), (299, 1), (1, 199), (299, 199), (150, 1), (150, 199), (1, 100), (299, 100), (150, 100)]
    assert [5, 9, 6, 10, 1, 2, 4, 8, 0] == [decoration.edges_at(x, y, 300, 200) for x, y in points]


# What programs keep


def test_a_menu_is_laid_out_without_gaps_or_overlaps() -> None:
    items, _, height = layout(MENU)
    assert all(upper.y2 == lower.y for upper, lower in pairwise(items))
    assert RULE == items[3].height
    assert height > items[-1].y2


def test_typing_replaces_the_selection_across_lines() -> None:
    text = Text("one two\nthree\nfour")
    text.anchor, text.caret = (0, 4), (2, 2)
    assert "two\nthree\nfo" == text.selected()
    text.insert("X\nY")
    assert ["one X", "Yur"] == text.lines
    assert (1, 1) == text.caret == text.anchor


def test_deleting_at_the_start_of_a_line_joins_it_to_the_one_above() -> None:
    text = Text("ab\ncd")
    text.move((1, 0), select=False)
    text.delete(-1, word=False)
    assert (["abcd"], (0, 2)) == (text.lines, text.caret)


def test_words_are_passed_and_deleted_whole() -> None:
    text = Text("swim under ice")
    assert [(0, 11), (0, 5), (0, 0)] == [
        text.beside((0, 14), -1, word=True), text.beside((0, 11), -1, word=True),
        text.beside((0, 5), -1, word=True),
    ]  # fmt: skip
    text.delete(-1, word=True)
    assert ["swim under "] == text.lines


def test_moving_past_either_end_of_the_text_stays() -> None:
    text = Text("a")
    assert ((0, 0), (0, 1)) == (text.beside((0, 0), -1), text.beside((0, 1), 1))
