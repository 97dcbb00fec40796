"""Buffer: what a client attaches to a surface, counted by those who still read it.

The model knows a buffer's size and when it may go back to the client; where
its pixels lie is the affair of the protocol that made it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from compositor.errors import WeddellError
from compositor.model.content import Content, SolidContent

if TYPE_CHECKING:
    from compositor.geometry import Rect
    from compositor.model.damage import Areas


class CaptureError(WeddellError):
    """The pixels of a buffer cannot be taken; the text says why."""


AnyContent = Content | SolidContent


class BufferResource(Protocol):
    """What stands for a buffer on its client's connection: its wl_buffer."""

    oid: int

    def release(self) -> None:
        """Tell the client that it may draw into the buffer again."""

    def fault(self, why: str) -> None:
        """The client's memory is shorter than it promised."""


class Buffer:
    """A client's buffer whose pixels are read in place for as long as it is locked.

    Attributes:
        width, height: buffer pixels.
        content: its pixels, or None where each commit copies them out (`capture`).
        resource: hears of what happens to it; None once the client destroyed it.
    """

    __slots__ = ("content", "height", "locks", "resource", "width")

    copies = False
    """Whether `capture` makes a content of its own, into which the pixels are copied when somebody looks."""

    def __init__(self, width: int, height: int, content: AnyContent | None) -> None:
        self.width = width
        self.height = height
        self.content = content
        self.locks = 0
        self.resource: BufferResource | None = None

    def lock(self) -> None:
        """Note one more reader."""
        self.locks += 1

    def unlock(self) -> None:
        """Note one reader less; the client hears of it when it was the last."""
        self.locks -= 1
        assert self.locks >= 0, "a buffer was unlocked more often than locked"
        if not self.locks and self.resource is not None:
            self.resource.release()

    def show_in(self, content: AnyContent, damage: Areas) -> bool:
        """Have a content that another buffer is shown in show this one from now on. Who calls locks it.

        For buffers that make contents of their own, and without damage that has to be kept.

        Args:
            content: what the surface shows.
            damage: x, y, width, height in buffer pixels of what differs from that.

        Returns:
            False, with nothing done, if that takes more: `capture` says what.
        """
        return False

    def capture(self, previous: AnyContent | None, damage: list[Rect] | None) -> AnyContent:
        """Return the content to show from this commit on. The buffer is locked.

        Args:
            previous: what the surface showed before, which may be updated in place, or None.
            damage: buffer pixels that differ from `previous`; None means all.

        Raises:
            CaptureError: if they would take too much memory, or the file has less than was promised.
        """
        assert self.content is not None
        return self.content
