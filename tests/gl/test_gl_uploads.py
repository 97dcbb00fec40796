"""What the GL renderer reads of its contents: what has changed, and nothing twice."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from compositor.geometry import Rect, Region, Transform
from compositor.model import formats
from compositor.model.buffer import Buffer
from compositor.model.changes import Changes
from compositor.model.content import Content
from compositor.model.node import Node
from compositor.model.scene import Scene
from compositor.model.surface import BUFFER, DAMAGE, SCALE, TRANSFORM, VIEWPORT, Surface
from compositor.render.framebuffer import Framebuffer

pytestmark = pytest.mark.needs_gl
NewTarget = Callable[..., Framebuffer]
WHOLE = Region.from_rect(Rect(0, 0, 1000, 1000))


def shared(width: int, height: int, value: int = 0, pad: int = 0) -> tuple[np.ndarray, Content]:
    """Memory that a client writes, and the content that reads it."""
    memory = np.full((height, width + pad), value, np.uint32)
    view = memory[:, :width]
    view.flags.writeable = False
    return memory, Content(view, formats.XRGB8888)


def watched(content: Content, dst: Rect) -> Node:
    node = Node(content, dst)
    node.changes = Changes()
    return node


def test_the_first_frame_reads_everything_and_the_next_reads_nothing(
    renderer: Any, new_target: NewTarget
) -> None:
    _, content = shared(50, 40, 0x123456, pad=3)
    node = watched(content, Rect(0, 0, 50, 40))
    target = new_target(100, 100)
    before = renderer.pictures.uploaded_bytes
    renderer.render(target, [node], WHOLE)
    assert 50 * 40 * 4 == renderer.pictures.uploaded_bytes - before
    renderer.render(target, [node], WHOLE)
    assert 50 * 40 * 4 == renderer.pictures.uploaded_bytes - before
    assert 0xFF123456 == target.pixels[39, 49]


def test_uploads_are_the_damage_and_leave_the_rest_as_it_was(renderer: Any, new_target: NewTarget) -> None:
    memory, content = shared(64, 64, 0x111111, pad=5)
    node = watched(content, Rect(0, 0, 64, 64))
    target = new_target(64, 64)
    renderer.render(target, [node], WHOLE)
    memory[:] = 0x222222
    before = renderer.pictures.uploaded_bytes
    node.changes.add(Rect(10, 20, 8, 4))
    node.changes.add(Rect(12, 20, 8, 4))
    node.changes.add(Rect(60, 60, 100, 100))
    renderer.render(target, [node], WHOLE)
    assert (10 * 4 + 4 * 4) * 4 == renderer.pictures.uploaded_bytes - before
    expected = np.full((64, 64), 0xFF111111, np.uint32)
    expected[20:24, 10:20] = 0xFF222222
    expected[60:, 60:] = 0xFF222222
    assert np.array_equal(expected, target.pixels)


def test_flipping_between_buffers_reads_the_damage_alone(renderer: Any, new_target: NewTarget) -> None:
    (_, first), (second_memory, second) = shared(32, 32, 0xAA), shared(32, 32, 0xAA)
    node = watched(first, Rect(0, 0, 32, 32))
    target = new_target(32, 32)
    renderer.render(target, [node], WHOLE)
    second_memory[4, 4] = 0xBB
    node.content = second
    node.changes.add(Rect(4, 4, 1, 1))
    before = renderer.pictures.uploaded_bytes
    renderer.render(target, [node], WHOLE)
    assert 4 == renderer.pictures.uploaded_bytes - before
    assert [0xFF0000AA, 0xFF0000BB] == target.pixels[4, 3:5].tolist()


def test_what_is_hidden_is_not_read_until_it_shows(renderer: Any, new_target: NewTarget) -> None:
    memory, content = shared(400, 400, 0x111111)
    below = watched(content, Rect(0, 0, 400, 400))
    above = watched(shared(400, 400, 0x222222)[1], Rect(0, 0, 400, 400))
    target = new_target(400, 400)
    renderer.render(target, [below, above], WHOLE)
    renderer.render(target, [below], WHOLE)
    memory[:] = 0x333333
    below.changes.add(Rect(0, 0, 400, 400))
    before = renderer.pictures.uploaded_bytes
    renderer.render(target, [below, above], WHOLE)
    assert before == renderer.pictures.uploaded_bytes
    renderer.render(target, [below], WHOLE)
    assert {0xFF333333} == set(target.pixels.ravel().tolist())


def test_a_window_that_is_resized_200_times_leaks_no_texture_and_shows_no_gap(
    renderer: Any, new_target: NewTarget
) -> None:
    target = new_target(500, 500)
    changes = Changes()
    renderer.render(target, [], WHOLE)
    alive = renderer.graveyard.alive
    made = set()
    for step in range(200):
        width, height = 40 + 2 * step, 440 - 2 * step
        _, content = shared(width, height, 0x010101 * (step + 1))
        node = Node(content, Rect(0, 0, width, height))
        node.changes = changes
        changes.add(Rect(0, 0, width, height))
        renderer.render(target, [node], WHOLE)
        made.add(changes.cache.texture.name)
        colour = 0xFF000000 | 0x010101 * (step + 1)
        assert {colour} == set(target.pixels[:height, :width].ravel().tolist())
        assert {0xFF000000} == set(target.pixels[height:].ravel().tolist())
    # Room to grow on: far fewer textures than sizes.
    assert 20 > len(made)
    del node, content, changes
    renderer.render(target, [], WHOLE)
    assert alive == renderer.graveyard.alive


def test_a_texture_of_another_format_is_another_texture(renderer: Any, new_target: NewTarget) -> None:
    changes = Changes()
    target = new_target(20, 20)
    for kind, value, expected in (
        (formats.XRGB8888, 0x00FF0000, 0xFFFF0000),
        (formats.XBGR8888, 0x00FF0000, 0xFF0000FF),
        (formats.ARGB8888, 0x00000000, 0xFF000000),
        (formats.RGB565, 0x07E0, 0xFF00FF00),
        (formats.XRGB2101010, 0x3FF, 0xFF0000FF),
    ):
        node = Node(Content(np.full((20, 20), value, kind.dtype), kind), Rect(0, 0, 20, 20))
        node.changes = changes
        renderer.render(target, [node], WHOLE)
        assert expected == target.pixels[10, 10]


@pytest.mark.parametrize("stride", [61 * 3, 184, 192, 185])
def test_rows_of_three_byte_pixels_may_have_any_stride(
    renderer: Any, new_target: NewTarget, stride: int
) -> None:
    memory = bytearray(stride * 20)
    pixels = np.ndarray((20, 61, 3), np.uint8, memory, strides=(stride, 3, 1))
    pixels[:] = np.arange(20 * 61 * 3).reshape(20, 61, 3) % 251
    target = new_target(61, 20)
    renderer.render(target, [watched(Content(pixels, formats.RGB888), Rect(0, 0, 61, 20))], WHOLE)
    shown = target.pixels.view(np.uint8).reshape(20, 61, 4)[..., :3]
    assert np.array_equal(pixels, shown)


def test_scaled_down_pictures_follow_their_changes(renderer: Any, new_target: NewTarget) -> None:
    memory, content = shared(200, 200, 0)
    node = watched(content, Rect(0, 0, 20, 20))
    target = new_target(20, 20)
    renderer.render(target, [node], WHOLE)
    assert 0xFF000000 == target.pixels[10, 10]
    memory[:] = 0xFFFFFF
    node.changes.add(Rect(0, 0, 200, 200))
    renderer.render(target, [node], WHOLE)
    assert {0xFFFFFFFF} == set(target.pixels.ravel().tolist())


# Surfaces keep the account.


def committed(surface: Surface, width: int = 40, height: int = 20) -> None:
    content = Content(np.zeros((height, width), np.uint32), formats.XRGB8888)
    surface.pending.buffer = Buffer(width, height, content)
    surface.pending.fields |= BUFFER
    surface.commit()


def watching(surface: Surface) -> Changes:
    surface.changes = Changes()
    surface.changes.take()
    return surface.changes


def test_a_commit_adds_its_damage_in_buffer_pixels() -> None:
    surface = Surface(None, Scene())
    committed(surface)
    changes = watching(surface)
    surface.pending.damage_buffer.append(Rect(1, 2, 3, 4))
    surface.pending.damage_surface.append(Rect(5, 6, 7, 8))
    surface.pending.fields |= DAMAGE
    surface.commit()
    assert [Rect(1, 2, 3, 4), Rect(5, 6, 7, 8)] == changes.take()


def test_surface_damage_goes_through_scale_crop_and_transform() -> None:
    surface = Surface(None, Scene())
    surface.pending.transform = Transform.ROTATE_90
    surface.pending.scale = 2
    surface.pending.fields |= TRANSFORM | SCALE
    # A buffer of 40 × 20 is a surface of 10 × 20: its top-left corner shows the buffer's bottom-left one.
    committed(surface)
    assert (10, 20) == (surface.width, surface.height)
    changes = watching(surface)
    surface.pending.damage_surface.append(Rect(0, 0, 1, 3))
    surface.pending.fields |= DAMAGE
    surface.commit()
    assert [Rect(0, 18, 6, 2)] == changes.take()
    surface.pending.source = (1.0, 2.0, 4.0, 5.0)
    surface.pending.destination = (8, 10)
    surface.pending.fields |= VIEWPORT
    surface.commit()
    changes.take()
    surface.pending.damage_surface.append(Rect(0, 0, 2, 2))
    surface.pending.fields |= DAMAGE
    surface.commit()
    assert [Rect(4, 16, 2, 2)] == changes.take()


def test_a_surface_that_was_without_buffer_is_read_whole() -> None:
    surface = Surface(None, Scene())
    committed(surface)
    changes = watching(surface)
    surface.pending.buffer = None
    surface.pending.fields |= BUFFER
    surface.commit()
    committed(surface)
    assert changes.take() is None


def test_many_rectangles_become_their_bound() -> None:
    changes = Changes()
    changes.take()
    for x in range(100):
        changes.add(Rect(x * 2, 0, 1, 1))
    rects = changes.take()
    assert rects is not None
    assert 33 > len(rects)
    assert Rect(0, 0, 199, 1) == Region.from_rects(rects).bounds
