"""A framebuffer can be watched by everybody and written by nobody else: the kernel sees to it."""

import fcntl
import mmap
import os
from collections.abc import Iterator

import numpy as np
import pytest

from compositor.render.framebuffer import Framebuffer


@pytest.fixture
def framebuffer() -> Iterator[Framebuffer]:
    framebuffer = Framebuffer(40, 30, background=0x00123456)
    yield framebuffer
    framebuffer.close()


def test_a_new_framebuffer_shows_the_background_with_the_unused_byte_set(framebuffer: Framebuffer) -> None:
    assert (30, 40) == framebuffer.pixels.shape
    assert np.uint32 == framebuffer.pixels.dtype
    assert {0xFF123456} == set(np.unique(framebuffer.pixels).tolist())


def test_a_viewer_sees_pixels_as_they_are_drawn(framebuffer: Framebuffer) -> None:
    view = mmap.mmap(framebuffer.object.fd, framebuffer.size, prot=mmap.PROT_READ)
    framebuffer.pixels[3, 5] = 0xFFABCDEF
    assert 0xFFABCDEF == int.from_bytes(view[3 * framebuffer.stride + 20 :][:4], "little")


def test_a_viewer_cannot_map_for_writing_even_when_it_reopens_the_file(framebuffer: Framebuffer) -> None:
    with pytest.raises(PermissionError):
        mmap.mmap(framebuffer.object.fd, framebuffer.size)
    again = os.open(f"/proc/self/fd/{framebuffer.object.fd}", os.O_RDWR)
    try:
        with pytest.raises(PermissionError):
            mmap.mmap(again, framebuffer.size)
        with pytest.raises(PermissionError):
            os.write(again, b"x")
        with pytest.raises(PermissionError):
            os.ftruncate(again, 0)
        with pytest.raises(PermissionError):
            fcntl.fcntl(again, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
    finally:
        os.close(again)


def test_closing_gives_back_every_descriptor_and_keeps_the_pixels() -> None:
    before = os.listdir("/proc/self/fd")
    framebuffer = Framebuffer(4, 4)
    pixels = framebuffer.pixels
    framebuffer.close()
    framebuffer.close()
    pixels[0, 0] = 1
    del framebuffer, pixels
    assert len(before) == len(os.listdir("/proc/self/fd"))


def test_a_framebuffer_without_pixels_is_refused_and_leaks_nothing() -> None:
    before = os.listdir("/proc/self/fd")
    with pytest.raises(ValueError, match="0×5"):
        Framebuffer(0, 5)
    assert len(before) == len(os.listdir("/proc/self/fd"))
