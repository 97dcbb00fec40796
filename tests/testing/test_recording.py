"""Recordings: every format, times of the compositor's clock, and what is said when it fails."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from test_cli import MAIN, weddell

from compositor.testing import DriverError
from compositor.testing.films import AnimationFile, PictureFolder, open_film

FRAME_MS = 1000 / 60


@pytest.fixture
def compositor_args(compositor_args):
    return {**compositor_args, "clock": "manual", "outputs": ("320x240",)}


@pytest.fixture
def flower(compositor, demo):
    window = demo("flower", "--size", "200x160").window()
    compositor.wait_idle()
    return window


def play(compositor, path, frames=8, **options):
    """Record some frames one by one, each of which the recording has seen before the next."""
    with compositor.record(path, fps=60, **options) as recording:
        compositor.wait_until(("frame",), lambda: recording.count, None, lambda: "no first picture")
        for _ in range(frames):
            before = recording.seen_ms
            compositor.clock.advance_frames(1)
            compositor.wait_until(
                ("frame",), lambda seen=before: recording.seen_ms > seen, None, lambda: "no next picture"
            )
    return recording


@pytest.mark.parametrize("ending", ["webp", "gif", "png"])
def test_an_animation_lasts_as_long_as_the_clock_said(compositor, flower, tmp_path, ending):
    path = tmp_path / f"clip.{ending}"
    recording = play(compositor, path)
    with Image.open(path) as animation:
        assert recording.count == animation.n_frames >= 4
        assert (320, 240) == animation.size
        durations = []
        for number in range(animation.n_frames):
            animation.seek(number)
            animation.load()
            durations.append(animation.info["duration"])
    # GIF counts hundredths of a second.
    assert abs(sum(durations) - 8 * FRAME_MS) <= FRAME_MS + 5 * len(durations), durations


def test_a_folder_has_a_picture_for_each_tick(compositor, flower, tmp_path):
    play(compositor, tmp_path / "frames")
    names = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert [f"{n:05d}.png" for n in range(1, len(names) + 1)] == names
    assert 7 <= len(names) <= 9
    play(compositor, tmp_path / "shot-%02d.png", frames=2)
    assert (tmp_path / "shot-01.png").exists()


def test_a_folder_repeats_what_stays(tmp_path):
    film = PictureFolder(tmp_path / "frames", 10)
    black, white = np.zeros((4, 4, 4), np.uint8), np.full((4, 4, 4), 255, np.uint8)
    film.add(black, 5.0)
    film.add(white, 5.5)
    film.close(5.8)
    files = sorted((tmp_path / "frames").iterdir())
    assert [0] * 5 + [255] * 3 == [np.asarray(Image.open(file))[0, 0, 0] for file in files]


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm"])
def test_a_video_has_every_frame_at_its_time(compositor, flower, tmp_path, ending):
    av = pytest.importorskip("av", reason="PyAV is not installed (pip install 'weddell[video]')")
    path = tmp_path / f"clip.{ending}"
    recording = play(compositor, path, width=101, window=flower)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    # The last picture is there twice, so that it lasts until the end.
    assert recording.count + 1 == len(frames)
    assert (102, 82) == (frames[0].width, frames[0].height)
    times = [round(float(frame.pts * frame.time_base) * 1000) for frame in frames]
    assert 0 == times[0]
    assert times == sorted(times)
    assert 7 * FRAME_MS <= times[-1] + 1 <= 9 * FRAME_MS


def test_without_the_library_a_video_says_what_to_install(compositor, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "av", None)
    text = r"clip.mp4 needs PyAV: pip install 'weddell\[video\]' \(without it: .webp, .gif"
    with pytest.raises(DriverError, match=text):
        compositor.record(tmp_path / "clip.mp4")


def test_what_cannot_be_recorded_is_refused(compositor, tmp_path):
    with pytest.raises(DriverError, match=r"clip.txt: the name must end in one of .webp"):
        compositor.record(tmp_path / "clip.txt")
    with pytest.raises(DriverError, match="the name needs one number such as %04d"):
        open_film(tmp_path / "shot-%q.png", 10)
    with pytest.raises(DriverError, match=r"a picture each is written as .png"):
        open_film(tmp_path / "shot-%d.jpg", 10)
    with pytest.raises(DriverError, match="0 pictures a second"):
        compositor.record(tmp_path / "clip.webp", fps=0)
    with pytest.raises(DriverError, match=r"there is no folder .*nowhere"):
        compositor.record(tmp_path / "nowhere" / "clip.webp")
    there = tmp_path / "there"
    there.mkdir()
    recording = compositor.record(there / "clip.webp")
    there.rmdir()
    with pytest.raises(DriverError, match=r"the recording cannot be written: .*No such file"):
        recording.stop()
    recording.stop()


def test_only_the_last_pictures_are_kept_where_that_is_asked_for(tmp_path):
    film = AnimationFile(tmp_path / "tail.webp", keep=3)
    for n in range(10):
        film.add(np.full((8, 8, 4), n * 20, np.uint8), n / 10)
    film.close(1.0)
    assert 3 == Image.open(tmp_path / "tail.webp").n_frames


@pytest.fixture
def real(compositor_args):
    """A flower that moves by itself, and the variables that name its compositor."""
    from compositor.locate import clients_dir
    from compositor.testing import Compositor

    with Compositor(**{**compositor_args, "clock": None}) as made:
        made.launch([sys.executable, str(clients_dir() / "flower.py"), "--size", "200x160"]).window()
        folder, name = os.path.split(made.socket)
        yield {"WAYLAND_DISPLAY": name, "XDG_RUNTIME_DIR": folder}


def test_the_command_records_an_output_a_window_and_a_video(real, tmp_path):
    clip = tmp_path / "clip.webp"
    status, out, err = weddell("record", "--seconds", "1", "--fps", "10", clip, env=real)
    assert (0, "") == (status, out)
    count = int(re.search(rf"(\d+) pictures in {clip}$", err, re.MULTILINE)[1])
    with Image.open(clip) as animation:
        assert count == animation.n_frames > 1
        assert (320, 240) == animation.size
    window = tmp_path / "window.gif"
    options = ("--seconds", "0.5", "--window", "1", "--width", "100")
    assert 0 == weddell("record", *options, window, env=real)[0]
    assert (100, 80) == Image.open(window).size
    frames = f"{tmp_path}/frames/"
    assert 0 == weddell("record", "--seconds", "0.5", "--fps", "10", frames, env=real)[0]
    assert 3 <= len(os.listdir(frames)) <= 12
    status, _, err = weddell("record", tmp_path / "clip.txt", env=real)
    assert (1, True) == (status, "the name must end in one of .webp, .gif, .png" in err)
    status, _, err = weddell("record", "--window", "99", tmp_path / "no.webp", env=real)
    assert (1, True) == (status, "there is no window 99" in err)


def test_progress_is_shown_on_a_terminal_and_ctrl_c_ends_it(real, tmp_path):
    clip = tmp_path / "clip.webp"
    terminal, theirs = pty.openpty()
    command = [*MAIN, "record", "--fps", "10", str(clip)]
    with subprocess.Popen(command, env={**os.environ, **real}, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while b"3 pictures; Ctrl+C ends it" not in said:
            said += os.read(terminal, 4096)
        process.send_signal(2)
        try:
            while data := os.read(terminal, 4096):
                said += data
        except OSError:
            # A terminal whose other end is closed.
            pass
        assert 0 == process.wait(60)
    os.close(terminal)
    assert b"\rwriting" in said.replace(b"\x1b[K", b"")
    assert re.search(rb"\d+ pictures in ", said)
    assert Image.open(clip).n_frames >= 3
