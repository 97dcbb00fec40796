"""A renderer reads the pixels of a buffer and not one byte beside them.

Buffers lie between two pages that cannot be touched, in a forked child: a stray read kills the child.
"""

from __future__ import annotations

import ctypes
import faulthandler
import mmap
import os
import signal
import traceback
from typing import Any

import numpy as np
import pytest

from compositor.geometry import Rect, Region, Transform
from compositor.model.content import Content
from compositor.model.formats import FORMATS, PixelFormat
from compositor.model.node import Node
from compositor.render import pixman
from compositor.render.capture import Canvas
from compositor.render.cpu import CpuRenderer

PAGE = mmap.PAGESIZE
_PROT_NONE = 0


def fenced(length: int, at_end: bool) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Bytes that touch an unreadable page in front or behind."""
    room = -(-length // PAGE) * PAGE
    memory = np.frombuffer(mmap.mmap(-1, room + 2 * PAGE), np.uint8)
    start = memory.__array_interface__["data"][0]
    libc = ctypes.CDLL(None, use_errno=True)
    for page in (start, start + PAGE + room):
        assert 0 == libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(PAGE), _PROT_NONE)
    inside = memory[PAGE : PAGE + room]
    return inside[room - length :] if at_end else inside[:length]


def fenced_content(width: int, height: int, entry: PixelFormat, at_end: bool) -> Content:
    row = width * entry.bytes_per_pixel
    stride = -(-row // 4) * 4
    memory = fenced(stride * (height - 1) + row, at_end)
    shape = (height, width, 3) if entry.bytes_per_pixel == 3 else (height, width)
    strides = (stride, entry.bytes_per_pixel, 1)[: len(shape)]
    return Content(np.ndarray(shape, entry.dtype, memory.data, strides=strides), entry)


def draw_in_every_way(renderer: CpuRenderer, entry: PixelFormat, at_end: bool) -> None:
    target = Canvas(60, 50)
    whole = Region.from_rect(Rect(0, 0, 60, 50))
    for transform in Transform:
        for width, height in ((1, 1), (17, 13), (33, 7)):
            content = fenced_content(width, height, entry, at_end)
            turned = transform.size(width, height)
            for dst in (Rect(2, 3, *turned), Rect(-3, 30, *turned), Rect(0, 0, 60, 50), Rect(5, 5, 3, 2)):
                for src in (None, (0.0, 0.0, turned[0] * 0.7, turned[1] * 0.9)):
                    for alpha in (1.0, 0.5):
                        renderer.render(target, [Node(content, dst, src, transform, alpha)], whole)


def survives(work: Any) -> tuple[bool, str]:
    """Run `work` in a forked child; say whether it came back."""
    pid = os.fork()
    if pid == 0:
        status = 1
        faulthandler.disable()
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return False, signal.Signals(os.WTERMSIG(status)).name
    return os.WEXITSTATUS(status) == 0, f"exit {os.WEXITSTATUS(status)}"


@pytest.mark.parametrize("use_pixman", [False, True], ids=["numpy", "pixman"])
@pytest.mark.parametrize("entry", FORMATS.values(), ids=lambda entry: entry.name)
def test_no_byte_beside_the_buffer_is_read(use_pixman: bool, entry: PixelFormat) -> None:
    if use_pixman and pixman.load() is None:
        pytest.skip("libpixman is missing (Debian package libpixman-1-0)")
    for at_end in (False, True):
        alive, how = survives(lambda end=at_end: draw_in_every_way(CpuRenderer(use_pixman), entry, end))
        assert alive, f"{how} with the fence {'behind' if at_end else 'in front of'} the buffer"


def test_the_fence_bites() -> None:
    memory = fenced(64, at_end=True)
    beyond = memory.__array_interface__["data"][0] + 64
    assert (False, "SIGSEGV") == survives(lambda: ctypes.string_at(beyond, 1))
