"""Recordings of what a compositor shows: a picture for each frame, as often as wished.

Nothing is asked while nothing is shown. Times are those of the compositor's clock, so that a recording of a
manual one lasts as long as its time did.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compositor.errors import WeddellError
from compositor.testing.errors import DriverError
from compositor.testing.films import Film, open_film

if TYPE_CHECKING:
    from compositor.testing.compositor import Compositor
    from compositor.testing.connection import Connection
    from compositor.testing.picture import Image
    from compositor.testing.reel import Progress


_EARLY_S = 0.001
"""A frame that comes by so much too early counts: refreshes are whole nanoseconds."""


class Camera:
    """Takes a picture when there was a frame.

    Args:
        connection: for the camera alone.
        fps: pictures a second at most.
        params: of `capture`: output, window, cursor.

    Attributes:
        last_s: when the last frame was that it heard of.
        seen_s: of the last picture.
    """

    def __init__(self, connection: Connection, fps: float, params: dict[str, Any] | None = None) -> None:
        if not fps > 0:
            raise DriverError(f"{fps:g} pictures a second cannot be recorded")
        self._connection = connection
        self._interval_s = 1 / fps
        self._early_s = min(_EARLY_S, self._interval_s / 2)
        self._params = params or {}
        connection.call("events.subscribe", kinds=["frame"])
        clock = connection.call("clock.now")
        self._manual = clock["manual"]
        self.last_s: float = clock["now_ms"] / 1000
        self._due_s = self.seen_s = self.last_s
        self._real_due_s = time.monotonic()

    def shoot(self) -> tuple[Image, float]:
        """Return what is shown now, and when its frame was."""
        from compositor.testing.picture import open_picture

        # What is drawn after this look makes one more event, so that nothing is missed.
        while (event := self._connection.next_event(0)) is not None:
            self.last_s = event["time_ns"] / 1e9
        image = open_picture(*self._connection.exchange("capture", self._params))
        self.seen_s = self.last_s
        self._due_s = self.last_s + self._interval_s
        self._real_due_s = time.monotonic() + self._interval_s
        return image, self.last_s

    def wait(self, timeout_s: float, stopping: threading.Event | None = None) -> bool:
        """Wait until a picture is due; False if none was in time."""
        event = self._connection.next_event(timeout_s)
        if event is None:
            return False
        self.last_s = event["time_ns"] / 1e9
        if self._manual:
            return bool(self.last_s >= self._due_s - self._early_s)
        left = self._real_due_s - time.monotonic()
        if left > 0:
            (stopping or threading.Event()).wait(left)
        return True

    def end_s(self) -> float:
        """Return the time of the compositor's clock, or of the last frame when it has ended."""
        try:
            return float(self._connection.call("clock.now")["now_ms"]) / 1000
        except WeddellError:
            return self.last_s


class Recording:
    """A recording that runs beside the test, in a thread with a connection of its own.

    Made by `Compositor.record`; ends with its ``with`` block, or when it is stopped.

        recording = compositor.record("shot-%04d.png", fps=10)
        window.type("on the record")
        recording.stop()

    Args:
        compositor: what to watch.
        film: takes the pictures.
        fps: pictures a second at most.
        params: of `capture`: output, window, cursor.
        still: begin with what is shown already, instead of the first frame.
    """

    def __init__(
        self,
        compositor: Compositor,
        film: Film,
        fps: float = 20.0,
        params: dict[str, Any] | None = None,
        still: bool = True,
    ) -> None:
        self._compositor = compositor
        self._film = film
        self._params = params or {}
        self._still = still
        self._problem: Exception | None = None
        self._stopping = threading.Event()
        self._connection = compositor.connect()
        try:
            self._camera = Camera(self._connection, fps, params)
        except BaseException:
            self._connection.close()
            raise
        self._thread: threading.Thread | None = threading.Thread(
            target=self._watch, name="weddell-recording", daemon=True
        )
        self._thread.start()

    @property
    def count(self) -> int:
        """Pictures so far."""
        return self._film.count

    @property
    def seen_ms(self) -> float:
        """When the frame was, by the compositor's clock, that the last picture is of."""
        return float(self._camera.seen_s) * 1000

    def _watch(self) -> None:
        try:
            if self._still:
                self._film.add(*self._camera.shoot())
            while not self._stopping.is_set():
                if self._camera.wait(60, self._stopping) and not self._stopping.is_set():
                    self._film.add(*self._camera.shoot())
        except WeddellError:
            # The compositor or the window is gone, or we are told to end.
            pass
        except (OSError, ValueError) as error:
            self._problem = error

    def _join(self) -> None:
        thread, self._thread = self._thread, None
        self._stopping.set()
        if thread is None:
            return
        try:
            with socket.socket(fileno=os.dup(self._connection.fileno())) as sock:
                sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The other end was quicker.
            pass
        thread.join()
        self._connection.close()

    def abandon(self) -> None:
        """End the watch, and write nothing. Harmless when repeated."""
        self._join()

    def stop(self, progress: Progress | None = None) -> None:
        """End it with what is shown now, and write the file. Harmless when repeated.

        Args:
            progress: told how much of the file is written, where that takes its time.

        Raises:
            DriverError: if the file cannot be written.
        """
        if self._thread is None:
            return
        self._join()
        end_s = self._camera.last_s
        try:
            end_s = self._compositor.clock.now_ms / 1000
            self._film.add(self._compositor.capture(**self._params), end_s)
        except WeddellError:
            # What there is is worth keeping.
            pass
        try:
            self._film.close(end_s, progress)
        except (OSError, ValueError) as error:
            self._problem = self._problem or error
        if self._problem is not None:
            raise DriverError(f"the recording cannot be written: {self._problem}") from None

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def record(
    compositor: Compositor,
    path: str | os.PathLike[str],
    fps: float,
    width: int | None,
    params: dict[str, Any],
) -> Recording:
    """Start a recording to a file; see `Compositor.record`."""
    return Recording(compositor, open_film(Path(path), fps, width), fps, params)
