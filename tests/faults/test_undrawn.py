"""A frame that cannot be drawn: clients go on, and the next frame makes up for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

from compositor.render.lazy import LazyRenderer

RED, GREEN = 0xFFFF0000, 0xFF00FF00


def test_what_was_not_drawn_is_drawn_with_the_next_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path, compose="always")
    client = stage.connect()
    window = Toplevel(client).show(60, 40, RED)
    stage.advance(50)
    x, y = stage.window.x, stage.window.y

    def draw(color: int, *damage: int) -> Any:
        window.surface.attach(Buffer(client, 60, 40, color), 0, 0)
        window.surface.damage_buffer(*damage)
        frame = window.surface.frame()
        window.surface.commit()
        client.roundtrip()
        return frame

    def no_room(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(LazyRenderer, "render", no_room)
        frame = draw(GREEN, 0, 0, 60, 40)
        with pytest.raises(MemoryError):
            stage.advance(50)
    client.roundtrip()
    assert 1 == len(frame.events)
    frame = draw(GREEN, 0, 0, 1, 1)
    stage.advance(50)
    client.roundtrip()
    assert 1 == len(frame.events)
    pixels = stage.server.backend.screens[stage.output].framebuffer.pixels
    assert 0x00FF00 == pixels[y + 39, x + 59] & 0xFFFFFF
    stage.close()
