"""Programs that cannot run in Weddell, and why: for the page, and for the test that starts each."""

from __future__ import annotations

from typing import NamedTuple


class Unsupported(NamedTuple):
    """One program.

    Attributes:
        name: of the program.
        package: of Debian.
        says: what its output holds when it ends.
        why: for people.
    """

    name: str
    package: str
    says: str
    why: str


_DMABUF = "buffers of a graphics card (linux-dmabuf), which Weddell does not take: it runs without one"
_PRIVATE = "speaks a protocol of Weston's own that no other compositor has: "

UNSUPPORTED = (
    Unsupported(
        "weston-content_protection",
        "weston",
        "content-protection object is NULL",
        _PRIVATE + "weston_content_protection, which asks a display's hardware for HDCP",
    ),
    Unsupported("weston-simple-dmabuf-egl", "weston", "No zwp_linux_dmabuf global", _DMABUF),
    Unsupported("weston-simple-dmabuf-feedback", "weston", "dma-buf feedback is not supported", _DMABUF),
    Unsupported("weston-simple-dmabuf-v4l", "weston", "", _DMABUF + ", and a camera"),
    Unsupported(
        "weston-screenshooter", "weston", "support screenshooter", _PRIVATE + "weston_screenshooter; use grim"
    ),
    Unsupported(
        "weston-touch-calibrator",
        "weston",
        "does not expose the calibration interface",
        _PRIVATE + "weston_touch_calibration, which sets up touch screens of hardware",
    ),
    Unsupported("weston-debug", "weston", "", _PRIVATE + "weston_debug_v1; use `weddell trace`"),
)
