"""The table of pixel formats against drm_fourcc.h and wl_shm."""

import pytest

from compositor.model.formats import FORMATS


@pytest.mark.parametrize(
    ("code", "name", "size", "has_alpha"),
    [
        (0, "ARGB8888", 4, True),
        (1, "XRGB8888", 4, False),
        (0x34324241, "ABGR8888", 4, True),
        (0x34324258, "XBGR8888", 4, False),
        (0x36314752, "RGB565", 2, False),
        (0x34324752, "RGB888", 3, False),
        (0x34324742, "BGR888", 3, False),
        (0x30335258, "XRGB2101010", 4, False),
        (0x30335241, "ARGB2101010", 4, True),
        (0x30334258, "XBGR2101010", 4, False),
        (0x30334241, "ABGR2101010", 4, True),
    ],
)
def test_a_format_has_the_code_and_size_of_wl_shm(code: int, name: str, size: int, has_alpha: bool) -> None:
    entry = FORMATS[code]
    assert (name, size, has_alpha) == (entry.name, entry.bytes_per_pixel, entry.has_alpha)
    assert size == entry.dtype.itemsize * (3 if size == 3 else 1)


def test_no_other_format_is_announced() -> None:
    assert 11 == len(FORMATS)
