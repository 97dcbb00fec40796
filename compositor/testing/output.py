"""Outputs of the driver: screens that can be added, removed and changed while programs run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from compositor.testing.errors import DriverError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from compositor.memory import FrameRingView
    from compositor.testing.compositor import Compositor

TRANSFORMS = ("normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270")


class Output:
    """A screen. Its properties ask the compositor each time.

        second = compositor.add_output(2560, 1440, scale=2)
        second.configure(transform="90")
        window.move(second.info["x"] + 10, 10)
        image = second.screenshot()
        second.remove()

    Attributes:
        name: such as HEADLESS-1.
    """

    def __init__(self, compositor: Compositor, name: str) -> None:
        self._compositor = compositor
        self.name = name

    def __repr__(self) -> str:
        return f"<Output {self.name}>"

    @property
    def info(self) -> dict[str, Any]:
        """All that the compositor says of it.

        Raises:
            DriverError: if it is no more.
        """
        infos = self._compositor.call("outputs.list")
        for info in infos:
            if info["name"] == self.name:
                return dict(info)
        raise DriverError(f"there is no output {self.name}; there are: {', '.join(i['name'] for i in infos)}")

    @property
    def mode(self) -> tuple[int, int]:
        """Width and height of its mode, output pixels."""
        info = self.info
        return info["width"], info["height"]

    @property
    def scale(self) -> float:
        """Output pixels per layout pixel."""
        return float(self.info["scale"])

    @property
    def transform(self) -> str:
        """One of `TRANSFORMS`."""
        return str(self.info["transform"])

    @property
    def frames(self) -> int:
        """Frames shown since it was added."""
        return int(self.info["frames"])

    def configure(
        self,
        width: int | None = None,
        height: int | None = None,
        refresh_hz: float | None = None,
        scale: float | None = None,
        transform: str | None = None,
        x: int | None = None,
        y: int | None = None,
    ) -> None:
        """Change mode (output pixels, hertz), scale, transform or place (layout pixels)."""
        self._compositor.call(
            "output.configure",
            output=self.name,
            width=width,
            height=height,
            refresh_mhz=None if refresh_hz is None else round(refresh_hz * 1000),
            scale=scale,
            transform=transform,
            x=x,
            y=y,
        )
        self._compositor.pause()

    def remove(self) -> None:
        """Unplug it."""
        self._compositor.call("output.remove", output=self.name)

    @contextmanager
    def live_view(self) -> Iterator[npt.NDArray[np.uint32]]:
        """Map what it shows, for as long as the block lasts.

        Yields:
            (height, width) uint32 XRGB8888, output pixels, read-only; it changes under you with every
            frame. A change of mode ends that: the view then keeps the last frame.
        """
        from compositor.memory import ResourceMap

        with self._compositor.connect() as connection:
            result, descriptors = connection.exchange("output.map", {"output": self.name})
            yield ResourceMap.of(result, descriptors[0]).view()

    @contextmanager
    def ring(self, slots: int = 4) -> Iterator[FrameRingView]:
        """Have the last frames kept where they can be taken whole, without asking for each.

        Args:
            slots: how many frames.

        Yields:
            Its `latest`, `take` and `numbers` say what there is: XRGB8888, output pixels. It ends with the
            block, and with a change of mode.
        """
        from compositor.memory import FrameRingView, RingShape

        with self._compositor.connect() as connection:
            opened = connection.call("ring.open", output=self.name, slots=slots)
            result, descriptors = connection.exchange("ring.redeem", {"ticket": opened["ticket"]})
            shape = RingShape(result["slots"], result["width"], result["height"])
            yield FrameRingView(descriptors[0], shape)

    def screenshot(self, cursor: bool = False) -> npt.NDArray[np.uint8]:
        """Return what it shows: (height, width, 4) uint8 RGBA, output pixels, read-only."""
        return self._compositor.capture(output=self.name, cursor=cursor)
