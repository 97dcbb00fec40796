"""What a recording is written to: an animation, a folder of pictures, or a video.

`open_film` chooses by the file's name. Each is given pictures with the times they were shown at, and closed
with the time the last one ended at. `recording` uses them.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from compositor.testing.errors import DriverError
from compositor.testing.reel import ANIMATIONS, Progress, Reel

if TYPE_CHECKING:
    from compositor.testing.picture import Image

VIDEOS = {
    ".mp4": ("libx264", {"crf": "20", "preset": "veryfast"}),
    ".mkv": ("libx264", {"crf": "20", "preset": "veryfast"}),
    ".webm": ("libvpx-vp9", {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "7"}),
}
"""Codec and its options by the ending of a video's name."""
ENDINGS = f"{', '.join(ANIMATIONS)}; {', '.join(VIDEOS)} with PyAV; a folder, or shot-%04d.png"
_MS = Fraction(1, 1000)


class Film(Protocol):
    """Takes pictures in the order of their times."""

    @property
    def count(self) -> int:
        """Pictures so far."""

    def add(self, image: Image, time_s: float) -> bool:
        """Add what is shown from a time on; returns whether it is new."""

    def close(self, end_s: float, progress: Progress | None = None) -> None:
        """Finish the file; `progress` is told how much of it is done, where that takes its time."""


def open_film(path: Path, fps: float, width: int | None = None) -> Film:
    """Return what writes to a file.

    Args:
        path: .webp, .gif, .png or .apng for an animation, .mp4, .mkv or .webm for a video; a folder, or a
            name with a number such as ``shot-%04d.png``, for a picture each.
        fps: pictures a second at most, and of a folder.
        width: to scale wider pictures down to.

    Raises:
        DriverError: if there is no such format, or the library for it is missing.
    """
    ending = path.suffix.lower()
    if "%" in path.name or path.is_dir() or not ending:
        return PictureFolder(path, fps, width)
    if ending in (*ANIMATIONS, *VIDEOS) and not path.parent.is_dir():
        raise DriverError(f"cannot record to {path}: there is no folder {path.parent}")
    if ending in ANIMATIONS:
        return AnimationFile(path, width)
    if ending in VIDEOS:
        return VideoFile(path, fps, width)
    raise DriverError(f"cannot record to {path}: the name must end in one of {ENDINGS}")


class AnimationFile(Reel):
    """An animation: WebP, GIF or PNG, written when it is closed."""

    def __init__(self, path: Path, width: int | None = None, keep: int | None = None) -> None:
        super().__init__(width, keep)
        self._path = path

    def close(self, end_s: float, progress: Progress | None = None) -> None:
        """Write the file."""
        self.save(self._path, end_s, progress)


def _scaled(image: Image, width: int | None) -> Any:
    """Return a Pillow picture without alpha, no wider than that."""
    import numpy as np
    from PIL import Image as Pillow

    picture = Pillow.fromarray(np.ascontiguousarray(image[..., :3]), "RGB")
    if width is None or picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Pillow.Resampling.BILINEAR)


class PictureFolder:
    """One PNG for each 1/fps of a second, for tools that make something of their own of them.

    Args:
        path: a folder, made if need be, whose files are 00001.png and on; or a name with a number.
        fps: pictures a second.
        width: to scale wider pictures down to.

    Raises:
        DriverError: if the name has another placeholder than that of a number.
    """

    def __init__(self, path: Path, fps: float, width: int | None = None) -> None:
        self._pattern = str(path) if "%" in path.name else str(path / "%05d.png")
        try:
            first = Path(self._pattern % 1)
        except (TypeError, ValueError):
            raise DriverError(f"cannot record to {path}: the name needs one number such as %04d") from None
        if first.suffix.lower() != ".png":
            raise DriverError(f"cannot record to {path}: a picture each is written as .png")
        first.parent.mkdir(parents=True, exist_ok=True)
        self._fps = fps
        self._width = width
        self._start_s: float | None = None
        self._shown = b""
        self.count = 0

    def add(self, image: Image, time_s: float) -> bool:
        """Write what was shown until now, and keep what is."""
        if self._start_s is None:
            self._start_s = time_s
        self._fill(time_s)
        packed = io.BytesIO()
        _scaled(image, self._width).save(packed, "PNG", compress_level=1)
        new = packed.getvalue() != self._shown
        self._shown = packed.getvalue()
        return new

    def _fill(self, until_s: float) -> None:
        assert self._start_s is not None
        while self.count < round((until_s - self._start_s) * self._fps):
            self.count += 1
            Path(self._pattern % self.count).write_bytes(self._shown)

    def close(self, end_s: float, progress: Progress | None = None) -> None:
        """Write the last ones; there is one at least."""
        if self._start_s is not None:
            self._fill(max(end_s, self._start_s + 1 / self._fps))


class VideoFile:
    """A video, encoded as the pictures come.

    Args:
        path: whose ending says the format.
        fps: pictures a second at most; what does not change lasts longer.
        width: to scale wider pictures down to.

    Raises:
        DriverError: if PyAV is missing, or cannot write such a file.
    """

    def __init__(self, path: Path, fps: float, width: int | None = None) -> None:
        try:
            import av
        except ImportError:
            raise DriverError(
                f"recording to {path} needs PyAV: pip install 'weddell[video]' "
                f"(without it: {', '.join(ANIMATIONS)}, or a folder)"
            ) from None
        codec, options = VIDEOS[path.suffix.lower()]
        self._av = av
        self._width = width
        self._size: tuple[int, int] | None = None
        self._start_s = 0.0
        self._last: Any = None
        self._last_ms = -1
        self.count = 0
        try:
            self._container = av.open(str(path), "w")
            self._stream: Any = self._container.add_stream(codec, rate=Fraction(fps).limit_denominator(1000))
        except (OSError, ValueError) as error:
            raise DriverError(f"cannot record to {path}: {error}") from None
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = dict(options)
        self._stream.time_base = self._stream.codec_context.time_base = _MS

    def add(self, image: Image, time_s: float) -> bool:
        """Encode it, unless it is the picture before."""
        picture = _scaled(image, self._width)
        if self._size is None:
            # Colours have half the resolution: sides must be even.
            self._size = picture.width + 1 & ~1, picture.height + 1 & ~1
            self._stream.width, self._stream.height = self._size
            self._start_s = time_s
        if picture.size != self._size:
            picture = picture.resize(self._size)
        if self._last is not None and picture.tobytes() == self._last.tobytes():
            return False
        self._last = picture
        self._encode(time_s)
        self.count += 1
        return True

    def _encode(self, time_s: float) -> None:
        self._last_ms = max(self._last_ms + 1, round((time_s - self._start_s) * 1000))
        frame = self._av.VideoFrame.from_image(self._last)
        frame.pts, frame.time_base = self._last_ms, _MS
        self._container.mux(self._stream.encode(frame))

    def close(self, end_s: float, progress: Progress | None = None) -> None:
        """Show the last picture until the end, and finish the file."""
        if self._last is not None:
            self._encode(end_s)
            self._container.mux(self._stream.encode())
        self._container.close()
