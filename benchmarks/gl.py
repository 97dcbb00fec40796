"""What drawing with OpenGL costs, on Mesa's software renderer: CPU time, and bytes uploaded against damage.

python -m benchmarks.gl                    the renderers alone, off screen
python -m benchmarks.gl --window           compositors in windows of an Xvfb: Weddell and Weston

llvmpipe is far slower than any GPU and equally slow for everybody, so the ratios mean something and the
milliseconds do not. CPU time is the whole process's, its threads included.
"""

from __future__ import annotations

import argparse
import os
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.compositors import HEIGHT, REFRESH_HZ, WIDTH, Compositor, StartError, Weddell
from benchmarks.loads import YARDSTICK, Load
from benchmarks.measure import LoadError, Measurement, measure
from benchmarks.toolchain import BuildError
from compositor.geometry import Rect, Region
from compositor.model import formats
from compositor.model.changes import Changes
from compositor.model.content import Content
from compositor.model.node import Node
from compositor.render.base import Renderer
from compositor.render.capture import Canvas
from compositor.render.cpu import CpuRenderer

WHOLE = Rect(0, 0, WIDTH, HEIGHT)

Frame = tuple[list[Node], Region]
"""Nodes and damage; the damage of each node is noted in its changes."""


# The renderers alone


def window(x: int, y: int, width: int, height: int, alpha: bool) -> Node:
    """A surface of a client's."""
    rng = np.random.default_rng(width)
    pixels = rng.integers(0, 1 << 24, (height, width), np.uint32) & np.uint32(0x7F7F7F) | np.uint32(128 << 24)
    form = formats.ARGB8888 if alpha else formats.XRGB8888
    node = Node(Content(pixels, form), Rect(x, y, width, height))
    node.changes = Changes()
    return node


def grid(count: int, width: int, height: int, alpha: bool) -> list[Node]:
    """Surfaces in a grid over a still one."""
    columns = WIDTH // width
    made = [window(0, 0, WIDTH, HEIGHT, False)]
    for number in range(count):
        place = number % columns * width, number // columns * height % (HEIGHT - height + 1)
        made.append(window(*place, width, height, alpha))
    return made


def scenes() -> dict[str, Callable[[], Frame]]:
    """The yardstick's loads as frames: each call notes what changed and returns the frame."""

    def all_change(nodes: list[Node]) -> Callable[[], Frame]:
        damage = Region.from_rects(node.dst for node in nodes)
        rects = [(node.changes, Rect(0, 0, node.dst.width, node.dst.height)) for node in nodes]

        def frame() -> Frame:
            for changes, rect in rects:
                assert changes is not None
                changes.add(rect)
            return drawn[id(nodes)], damage

        return frame

    drawn: dict[int, list[Node]] = {}

    def over_still(nodes: list[Node]) -> Callable[[], Frame]:
        moving = nodes[1:]
        drawn[id(moving)] = nodes
        return all_change(moving)

    full = [window(0, 0, WIDTH, HEIGHT, False)]
    drawn[id(full)] = full
    small = [window(0, 0, WIDTH, HEIGHT, False)]

    def small_damage() -> Frame:
        rect = Rect(640, 360, 64, 64)
        assert small[0].changes is not None
        small[0].changes.add(rect)
        return small, Region.from_rect(rect)

    return {
        "fullscreen": all_change(full),
        "alpha-large": over_still(grid(4, 940, 530, True)),
        "alpha-50": over_still(grid(50, 64, 64, True)),
        "opaque-1000": over_still(grid(1000, 16, 16, False)),
        "small-damage": small_damage,
    }


def cpu_us(call: Callable[[], object], seconds: float) -> float:
    """CPU time of a call in µs, all threads: the mean over some seconds."""
    for _ in range(3):
        call()
    count = 0
    end = time.monotonic() + seconds
    before = time.process_time()
    while time.monotonic() < end:
        call()
        count += 1
    return (time.process_time() - before) / count * 1e6


def renderers(seconds: float) -> None:
    """Compare the renderers off screen."""
    from compositor.render.gl.api import GL
    from compositor.render.gl.renderer import GlRenderer

    gl = GlRenderer()
    cpu: Renderer = CpuRenderer()
    print(f"{gl.name}\n{cpu.name}\n")
    print(f"{'frame':<14}{'GL':>10}{'GL, read back':>15}{'CPU':>10}{'uploaded':>12}{'damage':>12}")
    for name, frame in scenes().items():
        canvas = gl.new_canvas(WIDTH, HEIGHT)
        memory = Canvas(WIDTH, HEIGHT)
        nodes, _ = frame()
        gl.draw(canvas, nodes, Region.from_rect(WHOLE), 0)

        def draw(frame: Callable[[], Frame] = frame, canvas: Any = canvas) -> None:
            nodes, damage = frame()
            gl.draw(canvas, nodes, damage, 0)
            GL.glFinish()

        def read_back(frame: Callable[[], Frame] = frame, memory: Canvas = memory) -> None:
            nodes, damage = frame()
            gl.render(memory, nodes, damage)

        def on_cpu(frame: Callable[[], Frame] = frame, memory: Canvas = memory) -> None:
            nodes, damage = frame()
            cpu.render(memory, nodes, damage)

        before = gl.pictures.uploaded_bytes
        _, damage = frame()
        draw()
        uploaded = gl.pictures.uploaded_bytes - before
        times = [cpu_us(call, seconds) for call in (draw, read_back)]
        for node in nodes:
            node.plan = node.content.cache = None
        times.append(cpu_us(on_cpu, seconds))
        changed = sum(rect.area for rect in damage.rects) * 4
        row = f"{times[0]:>8.0f}µs{times[1]:>13.0f}µs{times[2]:>8.0f}µs{uploaded:>12}{changed:>12}"
        print(f"{name:<14}{row}")
        gl.delete_canvas(canvas)
    gl.close()


# Compositors in windows


class WeddellWindow(Weddell):
    """In a window of an X server."""

    renderer = "gl"

    def __init__(self, display: str) -> None:
        self.display = display

    def environment(self, outputs: int) -> dict[str, str]:
        return {**super().environment(outputs), "DISPLAY": self.display}

    def command(self, runtime_dir: Path, outputs: int) -> list[str]:
        return [
            *(self.program, "-m", "compositor", "run", "--window", "--renderer", self.renderer),
            *("--socket", "wayland-1", "--output", f"{WIDTH}x{HEIGHT}@{REFRESH_HZ}"),
        ]


class WeddellPlainWindow(WeddellWindow):
    renderer = "cpu"


class WestonWindow(Compositor):
    """Weston's X11 backend with its GL renderer."""

    program = "weston"
    package = "weston"

    def __init__(self, display: str) -> None:
        self.display = display

    def environment(self, outputs: int) -> dict[str, str]:
        return {"DISPLAY": self.display}

    def command(self, runtime_dir: Path, outputs: int) -> list[str]:
        return [
            *("weston", "--backend=x11-backend.so", "--no-config", "--idle-time=0", "--socket=wayland-1"),
            *(f"--width={WIDTH}", f"--height={HEIGHT}"),
        ]


@contextmanager
def x_server() -> Iterator[str]:
    """Run an Xvfb of the outputs' size; yields its display."""
    read_end, write_end = os.pipe()
    size = f"{WIDTH}x{HEIGHT}x24"
    arguments = ["Xvfb", "-displayfd", str(write_end), "-nolisten", "tcp", "-screen", "0", size]
    process = subprocess.Popen(
        arguments, pass_fds=(write_end,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as reader:
            ready, _, _ = select.select([reader], [], [], 20)
            number = reader.readline().strip() if ready else ""
        if not number:
            raise StartError("Xvfb did not start")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


def windows(seconds: float, runs: int) -> None:
    """Compare compositors in windows of an X server, in turns, so that a busy machine slows all alike."""
    kinds = {"weddell-gl": WeddellWindow, "weddell-cpu": WeddellPlainWindow, "weston-gl": WestonWindow}
    print(f"CPU time of the compositor per frame, µs (frames per second), medians of {runs}\n")
    print(f"{'load':<14}" + "".join(f"{name:>20}" for name in kinds) + f"{'GL : Weston':>14}")
    for load in YARDSTICK:
        costs: dict[str, list[float]] = {name: [] for name in kinds}
        rates: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(runs):
            for name, kind in kinds.items():
                try:
                    measured = in_window(name, kind, load, seconds)
                except (LoadError, StartError, BuildError) as error:
                    print(f"{name}, {load.name}: {str(error).splitlines()[0]}", file=sys.stderr)
                    continue
                costs[name].append(measured.cpu_us)
                rates[name].append(measured.units / measured.seconds)
        row = f"{load.name:<14}"
        for name in kinds:
            cost, rate = costs[name], rates[name]
            cell = f"{statistics.median(cost):.0f} ({statistics.median(rate):.0f}/s)" if cost else "-"
            row += f"{cell:>20}"
        # Of runs that followed each other.
        ratios = [
            ours / theirs for ours, theirs in zip(costs["weddell-gl"], costs["weston-gl"], strict=False)
        ]
        print(row + (f"{statistics.median(ratios):>14.2f}" if ratios else f"{'-':>14}"), flush=True)


def in_window(name: str, kind: type[WeddellWindow | WestonWindow], load: Load, seconds: float) -> Measurement:
    """Measure one compositor in a window of an X server of its own."""
    with x_server() as display:
        compositor = kind(display)
        type(compositor).name = name
        why = compositor.missing()
        if why is not None:
            raise StartError(why)
        return measure(compositor, load, seconds=seconds)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gl", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--window", action="store_true", help="compare compositors in windows of an Xvfb")
    parser.add_argument("--seconds", type=float, default=2.0, help="per figure (default 2)")
    parser.add_argument("--runs", type=int, default=3, help="with --window; medians are shown (default 3)")
    options = parser.parse_args()
    if not options.window:
        renderers(options.seconds)
        return 0
    if shutil.which("Xvfb") is None:
        print("Xvfb is not installed (Debian package xvfb)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        windows(options.seconds, options.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
