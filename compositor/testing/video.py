"""The last seconds of what a compositor showed, for the report of a test that failed.

A thread with a connection of its own takes a picture when there was a frame, a few times a second, and keeps
the last ones at half their size. Without frames it does nothing. The pytest plugin uses it.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compositor.errors import WeddellError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from compositor.testing.compositor import Compositor

KEPT = 50
"""Pictures; at five a second the last ten seconds in which something moved."""


class Recorder:
    """Pictures of the first output, each with the time it was taken at.

    Args:
        compositor: what to watch.
        fps: pictures a second at most.
    """

    def __init__(self, compositor: Compositor, fps: float = 5.0) -> None:
        self._interval_s = 1 / fps
        self._pictures: deque[tuple[float, npt.NDArray[np.uint8]]] = deque(maxlen=KEPT)
        self._stopping = threading.Event()
        self._connection = compositor.connect()
        self._connection.call("events.subscribe", kinds=["frame"])
        self._thread = threading.Thread(target=self._watch, name="weddell-video", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        try:
            while not self._stopping.is_set():
                event = self._connection.next_event(60)
                if event is not None and not self._stopping.wait(self._interval_s):
                    self._take()
        except WeddellError:
            # The compositor has ended, or we are told to.
            pass
        finally:
            self._connection.close()

    def _take(self) -> None:
        from compositor.testing.picture import open_picture

        image = open_picture(*self._connection.exchange("capture", {}))
        # Frames that came meanwhile are in the picture already.
        while self._connection.next_event(0) is not None:
            pass
        self._pictures.append((time.monotonic(), image[::2, ::2, :3].copy()))

    def stop(self) -> None:
        """End the watch. Harmless when repeated."""
        self._stopping.set()
        if self._thread.is_alive():
            try:
                with socket.socket(fileno=os.dup(self._connection.fileno())) as sock:
                    sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                # It has closed by itself in between.
                pass
            self._thread.join(10)

    def save(self, path: Path) -> bool:
        """Stop, and write an animation whose pictures last as long as they did; False if there are none."""
        from PIL import Image

        self.stop()
        pictures: list[Any] = []
        times: list[float] = []
        for taken, pixels in self._pictures:
            picture = Image.fromarray(pixels)
            # An output that changed its size in between gets the first one's.
            pictures.append(picture if not pictures else picture.resize(pictures[0].size))
            times.append(taken)
        if not pictures:
            return False
        ends = [*times[1:], times[-1] + 2]
        durations = [max(20, round(1000 * (end - start))) for start, end in zip(times, ends, strict=True)]
        pictures[0].save(
            path, save_all=True, append_images=pictures[1:], duration=durations, loop=0, quality=60, method=0
        )
        return True
