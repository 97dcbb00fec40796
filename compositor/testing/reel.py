"""Pictures one after the other, kept small, and the animation file they make: WebP, GIF or PNG.

A picture that equals the one before only prolongs it. They are kept compressed, since a second of a large
screen would take hundreds of megabytes, and unpacked one by one while the file is written. Recordings, the
pytest plugin and the demo use it.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compositor.testing.picture import Image

ANIMATIONS = (".webp", ".gif", ".png", ".apng")
"""Endings of the formats that Pillow animates."""
_SHORTEST_MS = 10
_LAST_S = 1.0
_OPTIONS: dict[str, dict[str, Any]] = {".webp": {"quality": 75, "method": 0}}

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class _Shot:
    """One picture: zlib of its RGB bytes, and when it was shown first."""

    packed: bytes
    size: tuple[int, int]
    time_s: float


class Reel:
    """Collects pictures.

    Args:
        width: to scale wider pictures down to, pixels; as they are if None.
        keep: how many to keep, the last ones; all if None.
    """

    def __init__(self, width: int | None = None, keep: int | None = None) -> None:
        self._width = width
        self._shots: deque[_Shot] = deque(maxlen=keep)
        self._last: int | None = None

    @property
    def count(self) -> int:
        """Pictures kept; each differs from the one before."""
        return len(self._shots)

    def add(self, image: Image, time_s: float) -> bool:
        """Add what is shown at a time; returns whether it differs from what was shown before.

        Args:
            image: (height, width, 4) uint8 RGBA; alpha is left out.
            time_s: on any clock, never less than before.
        """
        import numpy as np
        from PIL import Image as Pillow

        image = np.ascontiguousarray(image)
        digest = zlib.crc32(image.data)
        if digest == self._last:
            return False
        self._last = digest
        # Alpha is left out at the end: Pillow leaves it out faster than numpy, and of fewer pixels.
        picture = Pillow.frombuffer("RGBX", (image.shape[1], image.shape[0]), image, "raw", "RGBX", 0, 1)
        if self._width is not None and picture.width > self._width:
            if picture.width % self._width == 0:
                picture = picture.reduce(picture.width // self._width)
            else:
                height = max(1, round(picture.height * self._width / picture.width))
                picture = picture.resize((self._width, height), Pillow.Resampling.BILINEAR)
        picture = picture.convert("RGB")
        self._shots.append(_Shot(zlib.compress(picture.tobytes(), 1), picture.size, time_s))
        return True

    def save(self, path: Path, end_s: float | None = None, progress: Progress | None = None) -> None:
        """Write the file; its name's ending says the format. Without pictures nothing is written.

        Args:
            path: of the file.
            end_s: when the last picture ended, on the clock of the others.
            progress: called with how many pictures are unpacked, and how many there are.

        Raises:
            OSError: if it cannot be written.
            ValueError: if Pillow has no such format.
        """
        if not self._shots:
            return
        times = [shot.time_s for shot in self._shots]
        ends = [*times[1:], times[-1] + _LAST_S if end_s is None else end_s]
        durations = [
            max(_SHORTEST_MS, round((end - start) * 1000)) for start, end in zip(times, ends, strict=True)
        ]
        film = _film(list(self._shots), progress)
        options = _OPTIONS.get(path.suffix.lower(), {})
        kind = {"format": "PNG"} if path.suffix.lower() == ".apng" else {}
        film.save(path, save_all=True, duration=durations, loop=0, **options, **kind)


def _film(shots: list[_Shot], progress: Progress | None) -> Any:
    """Return a Pillow image of many frames that has one unpacked at a time."""
    from PIL import Image as Pillow

    size = shots[0].size

    def unpack(number: int) -> Any:
        shot = shots[number]
        picture = Pillow.frombytes("RGB", shot.size, zlib.decompress(shot.packed))
        # An output that changed its size in between gets the first one's.
        return picture if shot.size == size else picture.resize(size)

    class Film(Pillow.Image):
        """What Pillow's writers ask of an image with frames."""

        n_frames = len(shots)
        is_animated = len(shots) > 1

        def __init__(self) -> None:
            super().__init__()
            self._number = -1
            self.seek(0)

        def seek(self, frame: int) -> None:
            if not 0 <= frame < len(shots):
                raise EOFError("no more pictures")
            if frame != self._number:
                picture = unpack(frame)
                self._number = frame
                self._mode, self._size, self.im = picture.mode, picture.size, picture.im
                if progress is not None:
                    progress(frame + 1, len(shots))

        def tell(self) -> int:
            return self._number

    return Film()
