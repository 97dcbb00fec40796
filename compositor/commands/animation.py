"""Pictures one after the other, and their file. A picture that equals the one before only prolongs it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compositor.testing.picture import Image

_MAX_PICTURES = 3000


class Animation:
    """Collects pictures at a steady pace.

    Args:
        fps: pictures per second.
        width: to scale down to, pixels; as they are if None.
    """

    def __init__(self, fps: float, width: int | None = None) -> None:
        self._interval_s = 1 / fps
        self._width = width
        self._next = time.monotonic()
        self._pictures: list[Any] = []
        self._durations_ms: list[float] = []
        self._last: bytes = b""
        self._last_time = 0.0

    @property
    def count(self) -> int:
        """Pictures that differ from the one before."""
        return len(self._pictures)

    def add(self, image: Image) -> None:
        """Add what is shown now."""
        import zlib

        from PIL import Image as Pillow

        now = time.monotonic()
        if self._pictures:
            self._durations_ms[-1] += (now - self._last_time) * 1000
        self._last_time = now
        digest = zlib.crc32(image.tobytes()).to_bytes(4, "little")
        if digest == self._last or len(self._pictures) >= _MAX_PICTURES:
            return
        self._last = digest
        picture = Pillow.fromarray(image, "RGBA").convert("RGB")
        if self._width is not None and picture.width > self._width:
            height = round(picture.height * self._width / picture.width)
            picture = picture.resize((self._width, height), Pillow.Resampling.BILINEAR)
        self._pictures.append(picture)
        self._durations_ms.append(0.0)

    def wait(self) -> None:
        """Wait until the next picture is due."""
        self._next += self._interval_s
        left = self._next - time.monotonic()
        if left > 0:
            time.sleep(left)
        else:
            self._next = time.monotonic()

    def save(self, path: Path) -> None:
        """Write the file; its name's ending says the format."""
        if not self._pictures:
            return
        first, *rest = self._pictures
        durations = [max(10, round(ms or self._interval_s * 1000)) for ms in self._durations_ms]
        options: dict[str, Any] = {"quality": 60, "method": 0} if path.suffix.lower() == ".webp" else {}
        first.save(path, save_all=True, append_images=rest, duration=durations, loop=0, **options)
