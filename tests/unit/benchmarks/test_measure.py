"""The load client against real compositors: short runs whose result is known beforehand."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import startup
from benchmarks.compositors import COMPOSITORS, Compositor, Weddell
from benchmarks.loads import LOADS, Load
from benchmarks.measure import LoadError, measure


@pytest.fixture(params=list(COMPOSITORS))
def compositor(request: pytest.FixtureRequest, need_built: Callable[[str], Path]) -> Iterator[Compositor]:
    found = COMPOSITORS[request.param]
    if reason := found.missing():
        pytest.skip(reason)
    need_built("load")
    yield found


def test_every_surface_gets_a_callback_for_every_frame(compositor: Compositor) -> None:
    load = Load("few", "few", ("--root-still", "--children", "3", "--child", "32x32"), animated=3)
    seen = measure(compositor, load, seconds=0.5, warmup=0.5)
    # Ten and more, if nobody else had the machine.
    assert seen.units >= 3
    assert 1.0 == pytest.approx(seen.completeness, abs=0.1)
    assert 0 < seen.cpu_us < 16_667
    assert seen.rss_kib > 1024


def test_a_load_that_cannot_be_played_is_an_error_and_leaves_no_process(compositor: Compositor) -> None:
    too_many = Load("outputs", "outputs", ("--outputs", "2"), outputs=1)
    with pytest.raises(LoadError, match="2 outputs wanted"):
        measure(compositor, too_many, seconds=0.2, warmup=0.1)


def test_a_compositor_is_gone_when_the_measurement_is_over(compositor: Compositor) -> None:
    with compositor.running() as running:
        pid, runtime_dir = running.pid, running.runtime_dir
        startup.first_answer(runtime_dir, lambda: True)
    assert not runtime_dir.exists()
    assert subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False).returncode == 1


def test_live_resizing_shows_every_size(compositor: Compositor) -> None:
    seen = measure(compositor, LOADS["resize"], seconds=0.5, warmup=0.3)
    # Ten and more, if nobody else had the machine.
    assert seen.units >= 3


class _EverySecondFrame(Weddell):
    """Refreshes half as often as it is asked to."""

    name = "half"

    def command(self, runtime_dir: Path, outputs: int) -> list[str]:
        command = super().command(runtime_dir, outputs)
        command[command.index("--output") + 1] = "1920x1080@30"
        return command


def test_frames_that_pass_without_a_callback_are_missed(need_built: Callable[[str], Path]) -> None:
    need_built("load")
    load = Load("one", "one", ("--windowed", "--size", "32x32"), fullscreen=False)
    seen = measure(_EverySecondFrame(), load, seconds=0.7, warmup=0.3)
    # Two refreshes of 60 Hz from one frame to the next: one is missed. More, if others had the machine.
    assert seen.units >= 3
    assert seen.missed >= seen.units - 2
