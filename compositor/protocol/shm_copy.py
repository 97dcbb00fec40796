"""Buffers whose file cannot be sealed: their pixels are copied, when somebody looks at them.

Nothing is copied that nobody sees: a frame that is shown to nobody, or that the next one replaces before
it was drawn, costs no pixel. Until it is copied the buffer is the compositor's, as one that is mapped; then
it goes back to the client at once, though it is still shown. For wl_shm and what handles its rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect, make_rect
from compositor.memory import ShortRead
from compositor.model.buffer import AnyContent, Buffer, CaptureError
from compositor.model.content import Content
from compositor.model.damage import Areas
from compositor.model.formats import PixelFormat
from compositor.protocol.shm_account import Account, SharedPool

_MAX_RECTS = 32


class CopiedContent(Content):
    """Pixels of a file that cannot be trusted to stay.

    Attributes:
        source: the buffer that holds what was not copied yet; None when there is none.
        outdated: whether all is to be copied, wherever there was damage.
    """

    __slots__ = ("_account", "_bytes", "_damage", "_shown", "_writable", "outdated", "source")

    def __init__(self, width: int, height: int, format: PixelFormat, account: Account) -> None:
        self.format = format
        self.width = width
        self.height = height
        self.cache = None
        self.source: CopiedBuffer | None = None
        self._account = account
        self._bytes = width * height * format.bytes_per_pixel
        self._damage: list[Rect] = []
        self.outdated = True
        self._writable: npt.NDArray[Any] | None = None
        self._shown: npt.NDArray[Any] | None = None
        account.add_copied_bytes(self._bytes)

    def __del__(self) -> None:
        if hasattr(self, "_bytes"):
            self._account.add_copied_bytes(-self._bytes)

    @property
    def pixels(self) -> npt.NDArray[Any]:  # type: ignore[override]
        """As `Content.pixels`; they are copied first if that is due."""
        if self.source is not None or self._shown is None:
            self.ready()
        assert self._shown is not None
        return self._shown

    @property
    def waits(self) -> bool:  # type: ignore[override]
        """Whether there is something to copy."""
        return self.source is not None

    def take(self, buffer: CopiedBuffer, damage: list[Rect] | None) -> None:
        """Show another buffer from now on.

        Args:
            buffer: of the same size and format.
            damage: buffer pixels that differ from the one before; None means all.
        """
        old = self.replace(buffer, damage)
        if old is not None:
            old.give_back()

    def replace(self, buffer: CopiedBuffer, damage: list[Rect] | None) -> CopiedBuffer | None:
        """As `take`, but return the buffer before, if there is one that has yet to be given back."""
        if not self.outdated:
            self.note(damage)
        old, self.source = self.source, buffer
        buffer.taken(self)
        return None if old is buffer else old

    def note(self, damage: list[Rect] | None) -> None:
        """Note what is to be copied, of a content of which not all is."""
        if damage is None or len(self._damage) + len(damage) > _MAX_RECTS:
            self.outdated = True
            self._damage = []
        else:
            self._damage += damage

    def ready(self) -> None:
        """Copy what is to be copied, and let the client have its buffer."""
        source = self.source
        self.copy()
        if source is not None:
            source.give_back()

    def copy(self) -> None:
        """Copy what is to be copied."""
        source, self.source = self.source, None
        out = self._writable
        if out is None:
            shape = (self.height, self.width)
            pixel_shape = (*shape, 3) if self.format.bytes_per_pixel == 3 else shape
            # Where nothing can be read any more there is nothing, and never what lay in our own memory.
            out = self._writable = np.zeros(pixel_shape, self.format.dtype)
            self._shown = out.view()
            self._shown.flags.writeable = False
        if source is not None:
            damage = [Rect(0, 0, self.width, self.height)] if self.outdated else self._damage
            self._damage = []
            self.outdated = False
            source.copy_to(out, damage)


class CopiedBuffer(Buffer):
    """A buffer in a file that is never mapped.

    Attributes:
        offset, stride: byte of its first pixel in the pool, bytes from one row to the next.
        end: offset of the byte after its last one.
        owed: whether the client has yet to be told that it may draw again.
    """

    __slots__ = ("_content", "end", "format", "offset", "owed", "shared", "stride")

    copies = True

    def __init__(
        self,
        shared: SharedPool,
        offset: int,
        width: int,
        height: int,
        stride: int,
        format: PixelFormat,
    ) -> None:
        # As Buffer has it; one call less, for who brings a new one with every frame.
        self.width = width
        self.height = height
        self.content = None
        self.locks = 0
        self.resource = None
        self.shared = shared
        self.offset = offset
        self.stride = stride
        self.format = format
        self._content: CopiedContent | None = None
        self.end = offset + stride * (height - 1) + width * format.bytes_per_pixel
        self.owed = False

    def show_in(self, content: AnyContent, damage: Areas) -> bool:
        if (
            type(content) is not CopiedContent
            or content.width != self.width
            or content.height != self.height
            or content.format is not self.format
        ):
            return False
        shared = self.shared
        if not shared.buffers and not shared.resource_alive:
            return False
        found = shared.pool.look()
        if found is None or found.st_size < self.end:
            return False
        rects = []
        for area in damage:
            # Not as a comprehension, which is a call, with every frame.
            rects.append(make_rect(area))  # noqa: PERF401
        content.take(self, rects)
        return True

    def capture(self, previous: AnyContent | None, damage: list[Rect] | None) -> AnyContent:
        if (
            damage is not None
            and isinstance(previous, CopiedContent)
            and previous.width == self.width
            and previous.height == self.height
            and previous.format is self.format
        ):
            content = previous
        else:
            account = self.shared.account
            too_much = account.check_copy(self.width * self.height * self.format.bytes_per_pixel)
            if too_much is not None:
                raise CaptureError(too_much)
            content = CopiedContent(self.width, self.height, self.format, account)
        shared = self.shared
        found = shared.pool.look() if shared.buffers or shared.resource_alive else None
        if found is None:
            # Destroyed between attach and commit: what it holds is undefined (wl_buffer.destroy). The
            # file may be open yet, and will not be when somebody looks.
            return content
        if found.st_size < self.end:
            raise CaptureError(str(ShortRead(found.st_size, "nothing more to read")))
        content.take(self, damage)
        return content

    def taken(self, content: CopiedContent) -> None:
        """Note who will copy from it."""
        other, self._content = self._content, content
        if other is not None and other is not content and other.source is self:
            # On two surfaces: the first has its copy now, so that one release answers for both.
            other.copy()
        self.owed = True

    def copy_to(self, out: npt.NDArray[Any], damage: list[Rect]) -> None:
        """Copy rows into an array of the buffer's size."""
        try:
            if not self.shared.pool.closed:
                for first, last in _row_spans(damage, self.width, self.height):
                    self.shared.pool.read_rows(out, self.offset, self.stride, first, last)
        except ShortRead as error:
            if self.resource is not None:
                self.resource.fault(str(error))

    def give_back(self) -> None:
        """Tell the client that the buffer is its own again, once for each time it was taken."""
        if self.is_owed() and self.resource is not None:
            self.resource.release()

    def is_owed(self) -> bool:
        """As `give_back`, but leave it to the caller to tell; returns whether that is due."""
        self._content = None
        owed, self.owed = self.owed, False
        return owed

    def unlock(self) -> None:
        self.locks -= 1
        assert self.locks >= 0, "a buffer was unlocked more often than locked"
        if not self.locks:
            content = self._content
            if content is not None and content.source is self:
                content.source = None
            self.give_back()

    def settle(self) -> None:
        """Copy what is still to be copied: its memory goes, and nobody is told."""
        content = self._content
        if content is not None and content.source is self:
            content.copy()
            self.is_owed()


def _row_spans(damage: list[Rect], width: int, height: int) -> Iterator[tuple[int, int]]:
    """Yield the disjoint spans of rows that damage touches."""
    bounds = Rect(0, 0, width, height)
    spans = sorted((r.y, r.y2) for r in (rect.intersect(bounds) for rect in damage) if not r.empty)
    start = end = -1
    for first, last in spans:
        if first > end:
            if end > start:
                yield start, end
            start, end = first, last
        else:
            end = max(end, last)
    if end > start:
        yield start, end
