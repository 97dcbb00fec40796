"""What drawing costs: µs per primitive and per frame of the yardstick loads, with numpy and with libpixman.

python benchmarks/render.py [--json] [--repeat N]

Each figure is the best of N runs, so that a busy machine disturbs it little; compare figures of one run only.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import timeit
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect, Region, Transform
from compositor.model import formats
from compositor.model.content import Content, SolidContent
from compositor.model.formats import PixelFormat
from compositor.model.node import Node
from compositor.render import pixman
from compositor.render.capture import Canvas
from compositor.render.cpu import CpuRenderer
from compositor.render.scanout import decide
from compositor.render.schedule import schedule

WIDTH, HEIGHT = 1920, 1080
WHOLE = Region.from_rect(Rect(0, 0, WIDTH, HEIGHT))
# A run lasts about this long, whatever is measured.
_RUN_SECONDS = 0.05

Frame = tuple[list[Node], Region]


def best_us(call: Callable[[], object], repeat: int) -> float:
    """The shortest time of one call, in µs."""
    call()
    once = max(min(timeit.repeat(call, number=1, repeat=3)), 1e-7)
    number = max(1, int(_RUN_SECONDS / once))
    return min(timeit.repeat(call, number=number, repeat=repeat)) / number * 1e6


def content(width: int, height: int, format: PixelFormat) -> Content:
    """Random valid pixels."""
    rng = np.random.default_rng(width * height)
    if format.bytes_per_pixel != 4:
        shape = (height, width, 3) if format.bytes_per_pixel == 3 else (height, width)
        return Content(rng.integers(0, 1 << 8 * format.dtype.itemsize, shape, format.dtype), format)
    alpha = rng.integers(0, 256, (height, width), np.uint32)
    pixels = alpha << np.uint32(24)
    for shift in (0, 8, 16):
        pixels |= rng.integers(0, 256, alpha.shape, np.uint32) * alpha // 255 << np.uint32(shift)
    return Content(pixels, format)


def node(width: int, height: int, format: PixelFormat, x: int = 0, y: int = 0, **more: Any) -> Node:
    return Node(content(width, height, format), Rect(x, y, width, height), **more)


def loads() -> dict[str, Frame]:
    """The loads of the yardstick, as frames."""
    full = node(WIDTH, HEIGHT, formats.XRGB8888)
    quarters = [node(940, 530, formats.ARGB8888, x, y) for x in (10, 970) for y in (5, 545)]
    alpha64 = [node(64, 64, formats.ARGB8888, i % 10 * 70, i // 10 * 70) for i in range(50)]
    alpha64_damage = Region.from_rects(small.dst for small in alpha64)
    opaque16 = [node(16, 16, formats.XRGB8888, i % 50 * 20, i // 50 * 20) for i in range(1000)]
    windows = [node(800, 600, formats.XRGB8888, 60 * i, 40 * i) for i in range(10)]
    return {
        "1 × 1920×1080 opaque": ([full], WHOLE),
        "4 × 940×530 alpha over 1920×1080 opaque": ([full, *quarters], WHOLE),
        "50 × 64×64 alpha, damage bound over nothing": (alpha64, Region.from_rect(alpha64_damage.bounds)),
        "50 × 64×64 alpha, each its own damage": (alpha64, alpha64_damage),
        "1000 × 16×16 opaque, full damage over nothing": (opaque16, WHOLE),
        "1 × 1920×1080 opaque, 64×64 damage": ([full], Region.from_rect(Rect(100, 100, 64, 64))),
        "10 × 800×600 opaque, overlapping": ([full, *windows], WHOLE),
    }


def primitives() -> dict[str, Frame]:
    """One node over all of 1920 × 1080, in all ways it may be drawn."""
    rect = Rect(0, 0, WIDTH, HEIGHT)
    frames = {
        f"{entry.name}": ([Node(content(WIDTH, HEIGHT, entry), rect)], WHOLE)
        for entry in formats.FORMATS.values()
    }
    frames["ARGB8888, node alpha 0.5"] = ([node(WIDTH, HEIGHT, formats.ARGB8888, alpha=0.5)], WHOLE)
    frames["solid, opaque"] = ([Node(SolidContent(1, 0, 0), rect)], WHOLE)
    frames["solid, alpha 0.5"] = ([Node(SolidContent(0.5, 0, 0, 0.5), rect)], WHOLE)
    for name, entry in (("XRGB8888", formats.XRGB8888), ("ARGB8888", formats.ARGB8888)):
        frames[f"{name}, turned by 90°"] = (
            [Node(content(HEIGHT, WIDTH, entry), rect, None, Transform.ROTATE_90)],
            WHOLE,
        )
        frames[f"{name}, turned by 180°"] = (
            [Node(content(WIDTH, HEIGHT, entry), rect, None, Transform.ROTATE_180)],
            WHOLE,
        )
        frames[f"{name}, enlarged × 1.5"] = ([Node(content(1280, 720, entry), rect)], WHOLE)
        frames[f"{name}, shrunk to 2/3"] = ([Node(content(2880, 1620, entry), rect)], WHOLE)
        frames[f"{name}, shrunk to 1/3"] = ([Node(content(5760, 3240, entry), rect)], WHOLE)
    return frames


def bindings(repeat: int) -> dict[str, float]:
    """One 16 × 16 copy through each way to call the library."""
    library = pixman.load()
    if library is None:
        return {}
    target = library.image(pixman.A8R8G8B8, np.zeros((HEIGHT, WIDTH), np.uint32))
    source = library.image(pixman.X8R8G8B8, np.zeros((16, 16), np.uint32))
    plain = library.composite
    typed = ctypes.CDLL("libpixman-1.so.0").pixman_image_composite32
    typed.restype = None
    typed.argtypes = [ctypes.c_int, *[ctypes.c_void_p] * 3, *[ctypes.c_int32] * 8]
    numbers = (0, 0, 0, 0, 200, 100, 16, 16)
    op, s, t = pixman.OP_SRC, source.pointer, target.pointer
    rows: npt.NDArray[np.uint32] = target.pixels[100:116, 200:216]  # type: ignore[index]
    tile = np.zeros((16, 16), np.uint32)
    opaque = np.uint32(0xFF000000)
    result = {
        "ctypes without argtypes": best_us(lambda: plain(op, s, None, t, *numbers), repeat),
        "ctypes with argtypes": best_us(lambda: typed(op, s, None, t, *numbers), repeat),
        "numpy.copyto": best_us(lambda: np.copyto(rows, tile), repeat),
        "numpy.bitwise_or": best_us(lambda: np.bitwise_or(tile, opaque, out=rows), repeat),
    }
    try:
        import cffi  # type: ignore[import-untyped]
    except ImportError:
        return result
    ffi = cffi.FFI()
    ffi.cdef(
        "void pixman_image_composite32(int, void *, void *, void *, " + ", ".join(["int32_t"] * 8) + ");"
    )
    call = ffi.dlopen("libpixman-1.so.0").pixman_image_composite32
    s_cffi, t_cffi = ffi.cast("void *", s.value), ffi.cast("void *", t.value)
    result["cffi, ABI mode"] = best_us(lambda: call(op, s_cffi, ffi.NULL, t_cffi, *numbers), repeat)
    return result


def decisions(repeat: int) -> dict[str, float]:
    """What is worked out before any pixel moves."""
    frames = loads()
    thousand, damage = frames["1000 × 16×16 opaque, full damage over nothing"]
    full, _ = frames["1 × 1920×1080 opaque"]
    windows, _ = frames["10 × 800×600 opaque, overlapping"]
    a, b = Region.from_rect(Rect(0, 0, 100, 100)), Rect(50, 50, 100, 100)
    return {
        "schedule, 1000 nodes": best_us(lambda: schedule(thousand, damage), repeat),
        "schedule, 10 overlapping windows": best_us(lambda: schedule(windows, WHOLE), repeat),
        "scanout.decide, yes": best_us(lambda: decide(full, WIDTH, HEIGHT), repeat),
        "scanout.decide, no, 1000 nodes": best_us(lambda: decide(thousand, WIDTH, HEIGHT), repeat),
        "Region.intersect, one rectangle each": best_us(lambda: a.intersect(b), repeat),
        "Region.subtract, one rectangle each": best_us(lambda: a.subtract(b), repeat),
        "Region.union, one rectangle each": best_us(lambda: a.union(b), repeat),
    }


def measure(repeat: int) -> dict[str, dict[str, dict[str, float]]]:
    """Every figure: group → what → way → µs."""
    renderers = [CpuRenderer(use_pixman=False)]
    if pixman.load() is not None:
        renderers.insert(0, CpuRenderer(use_pixman=True))
    target = Canvas(WIDTH, HEIGHT)
    groups: dict[str, dict[str, dict[str, float]]] = {}
    for group, frames in (("frame", loads()), ("primitive, 1920×1080", primitives())):
        for name, (nodes, damage) in frames.items():
            groups.setdefault(group, {})[name] = {
                renderer.name: best_us(lambda r=renderer: r.render(target, nodes, damage), repeat)  # type: ignore[misc] # noqa: B023
                for renderer in renderers
            }
    groups["decision"] = {name: {"": figure} for name, figure in decisions(repeat).items()}
    groups["16×16 opaque blit, one call"] = {name: {"": figure} for name, figure in bindings(repeat).items()}
    return groups


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object, µs")
    parser.add_argument("--repeat", type=int, default=5, help="runs per figure (default 5)")
    options = parser.parse_args()
    groups = measure(options.repeat)
    if options.json:
        print(json.dumps(groups, ensure_ascii=False))
        return
    for group, figures in groups.items():
        print(f"{group} (µs)")
        for name, ways in figures.items():
            columns = "  ".join(f"{way + ' ' if way else ''}{figure:10.2f}" for way, figure in ways.items())
            print(f"  {name:46} {columns}")


if __name__ == "__main__":
    main()
