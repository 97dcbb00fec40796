"""The demo programs in the compositor they were made for: input, time, memory and lies."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from support.demo_clients import CLIENTS, DRAWING

from compositor.memory import GrowableBuffer
from compositor.testing import Application, Compositor, Window

Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

PAPER, INK = (0xF4, 0xF1, 0xEA), (0x2F, 0x7F, 0xC1)
CARET = (0xFF, 0xD0, 0x7A)


@pytest.fixture(scope="module")
def shared() -> Iterator[Compositor]:
    """Return a compositor for the tests of this module; they close what they open."""
    with Compositor(outputs=["1000x700"]) as compositor:
        yield compositor


@pytest.fixture
def compositor(shared: Compositor) -> Iterator[Compositor]:
    before = len(shared.applications)
    yield shared
    for application in shared.applications[before:]:
        if application.running:
            application.terminate()


def launch(compositor: Compositor, program: str, *arguments: str) -> Application:
    return compositor.launch([sys.executable, str(CLIENTS / program), *arguments])


def show(compositor: Compositor, program: str, *arguments: str) -> Window:
    return launch(compositor, program, *arguments).window()


def colours(picture: Picture) -> set[tuple[int, ...]]:
    return {tuple(pixel) for pixel in picture[:, :, :3].reshape(-1, 3).tolist()}


def test_all_programs_end_after_their_frames_without_a_word_too_many(compositor: Compositor) -> None:
    for program in DRAWING:
        application = launch(compositor, program, "--frames", "5", "--json")
        assert 0 == application.wait(), application.output
        assert 5 == json.loads(application.output)["frames"], program


@pytest.mark.parametrize("arguments", [
    ("flower.py",), ("bubbles.py",), ("video.py",), ("clock.py", "--time", "10:09:36"), ("resizer.py",),
], ids=lambda arguments: arguments[0])  # fmt: skip
def test_two_runs_under_a_manual_clock_show_the_same_pixels(arguments: tuple[str, ...]) -> None:
    pictures = []
    for _ in range(2):
        with Compositor(outputs=["800x600"], clock="manual") as compositor:
            window = show(compositor, *arguments)
            before = window.screenshot()
            for _ in range(25):
                compositor.clock.advance_frames(1)
            pictures.append(compositor.screenshot())
            assert before.shape != window.screenshot().shape or (before != window.screenshot()).any()
    assert (pictures[0] == pictures[1]).all()


def test_a_stroke_with_the_pointer_is_drawn_where_it_went(compositor: Compositor) -> None:
    window = show(compositor, "paint.py")
    window.drag((200, 100), (200, 300))
    compositor.wait_idle()
    picture = window.screenshot()
    assert INK == tuple(picture[200, 200, :3])
    assert PAPER == tuple(picture[200, 230, :3])


def test_two_fingers_draw_two_strokes(compositor: Compositor) -> None:
    window = show(compositor, "paint.py")
    for finger, x in ((1, 150), (2, 400)):
        compositor.touch.down(*window.to_layout(x, 120), id=finger)
    for y in range(130, 300, 10):
        for finger, x in ((1, 150), (2, 400)):
            compositor.touch.move(*window.to_layout(x, y), id=finger)
    compositor.touch.up(1)
    compositor.touch.up(2)
    compositor.wait_idle()
    picture = window.screenshot()
    assert [INK, INK] == [tuple(picture[200, x, :3]) for x in (150, 400)]


def test_text_goes_from_one_pad_to_another_by_the_clipboard(compositor: Compositor) -> None:
    one, two = (show(compositor, "textpad.py", "--title", title) for title in ("one", "two"))
    one.focus()
    one.type("seals\nnever shrink")
    one.press("shift+Home")
    one.press("ctrl+x")
    # Who copies and who pastes are two programs: the one has to be done before the other asks.
    compositor.wait_idle()
    two.focus()
    two.press("ctrl+v")
    compositor.wait_idle()
    one.focus()
    one.press("ctrl+v")
    compositor.wait_idle()
    # Both pads now end in the same line; the first has the typed one above it.
    line = slice(22 + 3 * 26, 22 + 4 * 26)
    first = one.screenshot()[22 + 4 * 26 : 22 + 5 * 26, :150]
    second = two.screenshot()[line, :150]
    ink = [np.all(picture[:, :, :3] > 150, axis=2) for picture in (first, second)]
    assert ink[0].sum() > 50
    assert (ink[0] == ink[1]).all()


def test_the_caret_follows_the_focus(compositor: Compositor) -> None:
    window = show(compositor, "textpad.py")
    compositor.wait_idle()
    assert CARET in colours(window.screenshot())
    other = show(compositor, "flower.py", "--size", "100x100")
    other.focus()
    window.wait_for(lambda _: CARET not in colours(window.screenshot()))


def test_a_held_key_repeats_in_frame_time() -> None:
    with Compositor(outputs=["800x600"], clock="manual") as compositor:
        window = show(compositor, "textpad.py", "--size", "620x200")
        compositor.keyboard.down("a")
        widths = []
        for _ in range(4):
            for _ in range(15):
                compositor.clock.advance_frames(1)
            line = window.screenshot()[22 + 3 * 26 : 22 + 4 * 26]
            widths.append(int(np.all(line[:, :, :3] > 150, axis=2).any(axis=0).sum()))
        compositor.keyboard.up("a")
        for _ in range(30):
            compositor.clock.advance_frames(1)
        line = window.screenshot()[22 + 3 * 26 : 22 + 4 * 26]
        assert widths[-1] == int(np.all(line[:, :, :3] > 150, axis=2).any(axis=0).sum())
    assert widths[0] < widths[2] < widths[3]


def test_a_menu_is_walked_with_the_pointer(compositor: Compositor) -> None:
    window = show(compositor, "menu.py")
    window.click(70, 40)
    compositor.wait_idle()
    window.hover(100, 110)
    compositor.wait_idle()
    window.click(300, 110)
    window.wait_title("Menu: Krill")


def test_a_menu_is_walked_with_the_keyboard(compositor: Compositor) -> None:
    window = show(compositor, "menu.py")
    for key in ("Down", "Down", "Right", "Down", "Return"):
        window.press(key)
        compositor.wait_idle()
    window.wait_title("Menu: Silverfish")


def test_a_click_elsewhere_closes_the_menu(compositor: Compositor) -> None:
    window = show(compositor, "menu.py")
    closed = window.screenshot()
    window.click(70, 40)
    compositor.wait_idle()
    assert (compositor.screenshot()[:, :, :3] == 0x14).any()
    compositor.pointer.move(990, 690)
    compositor.pointer.click()
    window.wait_for(lambda _: (window.screenshot()[100:] == closed[100:]).all())


def test_a_click_between_bubbles_reaches_what_is_below(compositor: Compositor) -> None:
    below = show(compositor, "paint.py", "--size", "900x600")
    below.move(0, 0)
    above = show(compositor, "bubbles.py", "--size", "400x300", "--count", "1")
    above.move(100, 100)
    above.focus()
    opaque = above.screenshot()[:, :, 3] > 0
    y, x = next((y, x) for y in range(20, 280, 20) for x in range(20, 380, 20)
                if not opaque[max(0, y - 60) : y + 60, max(0, x - 60) : x + 60].any())  # fmt: skip
    compositor.pointer.move(100 + x, 100 + y)
    compositor.pointer.click()
    below.wait_for(lambda _: below.focused)


def test_a_clicked_bubble_pops(compositor: Compositor) -> None:
    window = show(compositor, "bubbles.py", "--size", "300x200", "--count", "1")
    window.move(100, 100)
    rows, columns = np.nonzero(window.screenshot()[:, :, 3] > 40)
    centre = float(columns.mean()), float(rows.mean())
    window.click(*centre)
    x, y = round(centre[0]), round(centre[1])
    window.wait_for(lambda _: not (window.screenshot()[y - 4 : y + 4, x - 4 : x + 4, 3] > 0).any())


def test_the_video_pauses_and_goes_on(compositor: Compositor) -> None:
    window = show(compositor, "video.py")
    window.press("space")
    compositor.wait_idle()
    still = compositor.screenshot()
    assert (still == compositor.screenshot()).all()
    window.press("space")
    window.wait_for(lambda _: (still != compositor.screenshot()).any())


def test_a_resized_picture_is_sharp_again_when_it_rests(compositor: Compositor) -> None:
    window = show(compositor, "picture.py", "--size", "300x200")
    assert (500, 310) == window.resize(500, 310)
    compositor.wait_idle()
    fresh = show(compositor, "picture.py", "--size", "500x310", "--title", "fresh")
    compositor.wait_idle()
    assert (fresh.screenshot() == window.screenshot()).all()


def test_a_window_that_grows_has_one_sealed_pool(compositor: Compositor) -> None:
    window = show(compositor, "resizer.py")
    window.wait_for(lambda _: any(pool["growths"] > 1 for pool in compositor.call("pools.list")))
    client = window.info["client"]
    pools = [pool for pool in compositor.call("pools.list") if pool["client"] == client]
    assert ["SEALED"] == [pool["verdict"].upper() for pool in pools]
    assert "SHRINK" in str(pools[0]["seals"]).upper()


@pytest.mark.parametrize("kind", ["memfd", "shm", "disk"])
def test_unsealed_memory_is_copied_and_given_back_when_looked_at(compositor: Compositor, kind: str) -> None:
    # Nobody looks: the one that is shown is held until the next one is, which is another.
    application = launch(compositor, "unsealed.py", "--kind", kind, "--frames", "20", "--json")
    assert 0 == application.wait(), application.output
    assert 2 == json.loads(application.output)["buffers_made"]
    # Somebody looks at every frame: each is copied, and given back at once.
    with compositor.output.live_view():
        application = launch(compositor, "unsealed.py", "--kind", kind, "--frames", "20", "--json")
        assert 0 == application.wait(), application.output
    assert 1 == json.loads(application.output)["buffers_made"]


LIES = {
    "shrink-sealed": ("frame kept", None),
    "resize-past-file": ("protocol error", "invalid_fd"),
    "truncate-after-commit": ("protocol error", "invalid_fd"),
    "truncate-before-commit": ("protocol error", "invalid_fd"),
    "pool-past-file": ("protocol error", "invalid_fd"),
    "shrink-pool": ("protocol error", "invalid_fd"),
    "stride-too-short": ("protocol error", "invalid_stride"),
    "stride-too-long": ("protocol error", "invalid_stride"),
    "stride-overflow": ("protocol error", "invalid_stride"),
    "offset-past-end": ("protocol error", "invalid_stride"),
    "offset-negative": ("protocol error", "invalid_stride"),
    "size-zero": ("protocol error", "invalid_stride"),
    "format-unknown": ("protocol error", "invalid_format"),
    "pipe-as-pool": ("protocol error", "invalid_fd"),
    "punch-hole": ("frame kept", None),
}


def test_every_lie_is_answered_and_the_compositor_lives(compositor: Compositor) -> None:
    application = launch(compositor, "liar.py", "--json")
    assert 0 == application.wait(60), application.output
    results = json.loads(application.output)
    assert LIES == {result["lie"]: (result["outcome"], result.get("error")) for result in results}
    assert "EPERM" == results[0]["kernel"]
    assert show(compositor, "flower.py").exists


def test_a_line_that_is_too_long_wraps_and_the_caret_goes_with_it(compositor: Compositor) -> None:
    window = show(compositor, "textpad.py", "--size", "300x300")
    window.press("ctrl+a")
    window.type("word " * 12)
    compositor.wait_idle()

    def rows_with_ink() -> list[bool]:
        light = np.all(window.screenshot()[:, :, :3] > 150, axis=2)
        return [bool(light[22 + 26 * row : 48 + 26 * row].any()) for row in range(5)]

    assert [True, True, True, False, False] == rows_with_ink()
    assert not np.all(window.screenshot()[:200, 285:, :3] > 150, axis=2).any()
    window.resize(620, 300)
    compositor.wait_idle()
    assert [True, False, False, False, False] == rows_with_ink()
    window.resize(300, 300)
    # The caret goes up by rows, not by lines: what is typed there lands in the first row.
    window.press("Up")
    window.press("Up")
    window.press("Home")
    before = window.screenshot()[22:48].copy()
    window.type("X")
    compositor.wait_idle()
    assert (window.screenshot()[22:48] != before).any()


@pytest.mark.parametrize(("frame", "protocol"), [("poster", "buffers"), ("env:POSTER", "exports")])
def test_the_first_frame_of_a_program_can_be_painted_by_who_starts_it(frame: str, protocol: str) -> None:
    painted = GrowableBuffer(200 * 150 * 4)
    painted.view(0, 150, 200 * 4, 200, "u4")[:] = 0xFF336699
    command = [sys.executable, str(CLIENTS / "flower.py"), "--size", "200x150", "--first-frame", frame]
    given: dict[str, dict[str, int]] = {protocol: {frame.removeprefix("env:"): painted.fd}}
    with Compositor(outputs=["800x600"], clock="manual") as compositor:
        program = compositor.launch([*command, "--frames", "1"], **given)  # type: ignore[arg-type]
        window = program.window()
        picture = window.screenshot()
        assert (150, 200, 4) == picture.shape
        assert {(0x33, 0x66, 0x99)} == colours(picture)
        assert "checked in" == compositor.call("launch.list")[0]["handshake"]
        compositor.clock.advance_frames(1)
        assert 0 == program.wait()
        window = compositor.launch(command, **given).window()  # type: ignore[arg-type]
        compositor.clock.advance_frames(3)
        assert {(0x33, 0x66, 0x99)} != colours(window.screenshot())


def test_a_first_frame_that_was_not_inherited_or_has_another_size_is_refused(compositor: Compositor) -> None:
    command = [sys.executable, str(CLIENTS / "flower.py"), "--size", "200x150", "--first-frame", "poster"]
    small = GrowableBuffer(4096)
    by_string = compositor.launch([*command[:-1], "env:NOTHING"])
    assert 1 == by_string.wait()
    assert "does not name an inherited buffer" in by_string.output
    for buffers, said in (
        ({}, "no buffer named 'poster' was inherited"),
        ({"poster": small.fd}, "'poster' has 4096 bytes, 200x150 is 120000"),
    ):
        program = compositor.launch(command, buffers=buffers)
        assert 1 == program.wait()
        assert said in program.output
