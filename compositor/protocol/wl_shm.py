"""wl_shm, wl_shm_pool and wl_buffer: the client's memory, judged at every size.

A pool that the judge trusts is mapped and read in place. One whose file cannot
be sealed is copied, see `shm_copy`. Source: wayland.xml.
"""

from __future__ import annotations

import functools
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from compositor.errors import ProtocolError
from compositor.memory import (
    BadRectangle,
    Pool,
    Refused,
    SealPolicy,
    Verdict,
    WriteFailed,
    check_rectangle,
)
from compositor.model.buffer import Buffer
from compositor.model.content import Content
from compositor.model.formats import FORMATS, PixelFormat
from compositor.protocol.common import implementation_error
from compositor.protocol.shm_account import Account, SharedPool, account_of
from compositor.protocol.shm_copy import CopiedBuffer
from compositor.wire import Client, Fd, Int, Interface, NewId, Uint, event, request
from compositor.wire.interface import Rows


class MappedBuffer(Buffer):
    """Pixels read in place.

    Attributes:
        offset, stride: byte of its first pixel in the pool, bytes from one row to the next.
        format: of the pixels.
    """

    __slots__ = ("format", "offset", "stride")

    def __init__(
        self, width: int, height: int, content: Content, offset: int, stride: int, format: PixelFormat
    ) -> None:
        # As Buffer has it; one call less, for a live resize makes one per frame.
        self.width = width
        self.height = height
        self.content = content
        self.locks = 0
        self.resource = None
        self.offset = offset
        self.stride = stride
        self.format = format


class BufferPlace(NamedTuple):
    """Where in its pool a buffer's pixels lie: byte of the first, bytes from row to row."""

    offset: int
    stride: int
    format: PixelFormat


@functools.cache
def _dtype(element: str) -> Any:
    """Return the type of a pixel by the name that its format has for it."""
    return (np.uint8, (3,)) if element == "u1" else np.dtype(element)


class WlBuffer(Interface, name="wl_buffer", version=1):
    """Pixels that can be attached to surfaces.

    Attributes:
        buffer: the model of it.
        shared: the pool it keeps open, or None.
    """

    __slots__ = ("buffer", "shared")

    buffer: Buffer
    shared: SharedPool | None

    def attach_model(self, buffer: Buffer, shared: SharedPool | None = None) -> None:
        """Tie the resource to its model."""
        self.buffer = buffer
        self.shared = shared
        buffer.resource = self

    @property
    def place(self) -> BufferPlace | None:
        """Where in the pool it lies; None for one that is in no pool."""
        buffer = self.buffer
        if isinstance(buffer, (MappedBuffer, CopiedBuffer)):
            return BufferPlace(buffer.offset, buffer.stride, buffer.format)
        return None

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def release(self) -> None:
        """The compositor does not read the buffer any more."""

    def fault(self, why: str) -> None:
        """The file is shorter than promised: wl_shm.error.invalid_fd, at the end of this turn."""
        self.client.doom(unreadable(self.client, self.buffer, f"{self!r}: {why}"))

    def fill(self, pixels: npt.NDArray[np.uint32], rows: tuple[int, int]) -> bool:
        """Write rows of a picture into the client's memory, for the protocols that copy to it.

        Args:
            pixels: (height, width) uint32, as large as the buffer and of its format.
            rows: the first and the one after the last.

        Returns:
            False if the memory cannot be written, or the picture has another size.
        """
        shared, place = self.shared, self.place
        if shared is None or place is None or not self.alive:
            return False
        if pixels.shape != (self.buffer.height, self.buffer.width):
            return False
        try:
            shared.pool.write_rows(pixels, place.offset, place.stride, *rows)
        except (WriteFailed, BadRectangle, ValueError):
            return False
        return True

    def destroyed(self) -> None:
        # What is on the screen stays readable; nobody is told any more.
        buffer = self.buffer
        if buffer.copies and isinstance(buffer, CopiedBuffer) and self.client.alive and buffer.owed:
            buffer.settle()
        buffer.resource = None
        shared = self.shared
        if shared is not None:
            shared.buffers -= 1
            if not shared.resource_alive and not shared.buffers:
                shared.let_go()


class WlShmPool(Interface, name="wl_shm_pool", version=2):
    """A file of the client's, as large as it was when judged last."""

    __slots__ = ("shared",)

    shared: SharedPool

    @request()
    def create_buffer(
        self, id: NewId[WlBuffer], offset: Int, width: Int, height: Int, stride: Int, format: Uint
    ) -> None:
        shm_error = WlShm.Error
        pixel_format = FORMATS.get(format)
        if pixel_format is None:
            raise self.error(shm_error.INVALID_FORMAT, f"create_buffer: format {format:#x} is not announced")
        client, shared = self.client, self.shared
        limits = client.display.limits
        pool = shared.pool
        if not (0 < width <= limits.buffer_side_px and 0 < height <= limits.buffer_side_px):
            text = f"create_buffer: {width}x{height} is not within 1 to {limits.buffer_side_px}"
            raise self.error(shm_error.INVALID_STRIDE, text)
        pixel_bytes = pixel_format.bytes_per_pixel
        alignment = 1 if pixel_bytes == 3 else pixel_bytes
        try:
            buffer: Buffer
            if pool.verdict is Verdict.COPY:
                check_rectangle(pool.size, offset, height, stride, width, pixel_bytes, alignment)
                buffer = CopiedBuffer(shared, offset, width, height, stride, pixel_format)
            else:
                # It looks at the numbers, as above.
                pixels = pool.view(offset, height, stride, width, _dtype(pixel_format.element))
                shared.account.check_sparse(shared, height, stride, width * pixel_bytes)
                content = Content(pixels, pixel_format)
                buffer = MappedBuffer(width, height, content, offset, stride, pixel_format)
        except BadRectangle as error:
            raise self.error(shm_error.INVALID_STRIDE, f"create_buffer: {error}") from None
        except Refused as error:
            raise self.error(shm_error.INVALID_FD, f"create_buffer: {error}") from None
        resource = WlBuffer(client, id, 1)
        shared.buffers += 1
        resource.attach_model(buffer, shared)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def resize(self, size: Int) -> None:
        before = self.shared.pool.size
        if size <= 0 or size < before:
            text = f"resize: a pool of {before} bytes cannot become {size}"
            raise self.error(WlShm.Error.INVALID_FD, text)
        try:
            anew = self.shared.resize(size)
        except (Refused, OSError, ValueError) as error:
            raise self.error(WlShm.Error.INVALID_FD, f"resize to {size}: {error}") from None
        if anew:
            # A mapping may keep a descriptor.
            self.client.display.make_room(self.client)

    def destroyed(self) -> None:
        shared = self.shared
        shared.resource_alive = False
        if not shared.buffers:
            shared.let_go()


def _pool_rows() -> Rows:
    from compositor.protocol.shm_rows import take_pool

    return take_pool


class WlShm(Interface, name="wl_shm", version=2):
    """Takes the client's memory."""

    __slots__ = ()

    class Error(IntEnum):
        INVALID_FORMAT = 0
        INVALID_STRIDE = 1
        INVALID_FD = 2

    @request(rows=_pool_rows)
    def create_pool(self, id: NewId[WlShmPool], fd: Fd, size: Int) -> None:
        client = self.client
        account = account_of(client)
        if size <= 0:
            raise self.error(self.Error.INVALID_STRIDE, f"create_pool: {size} bytes is no size")
        try:
            account.check_pool(size)
            # A file need be no longer than what is read of it: libwayland's clients may rely on that.
            pool = Pool(fd.take(), size, client.display.context.seal_policy, may_be_short=True)
        except (Refused, OSError) as error:
            raise self.error(self.Error.INVALID_FD, f"create_pool: {error}") from None
        if pool.mapping is not None and not client.display.make_room(client):
            # Mapping it has taken a descriptor of the reserve, and this client had most.
            pool.close()
            return
        number = client.data["pool_number"] = client.data.get("pool_number", 0) + 1
        shared = SharedPool(pool, account, number)
        try:
            resource = WlShmPool(client, id, self.version)
        except ProtocolError:
            shared.resource_alive = False
            shared.let_go()
            raise
        resource.shared = shared

    @request(since=2, destructor=True)
    def release(self) -> None: ...

    @event()
    def format(self, format: Uint) -> None:
        """Announce a pixel format."""


def unreadable(client: Client, buffer: Buffer | None, why: str) -> ProtocolError:
    """Return the error for memory that turned out to be too small: of the buffer, as libwayland has it."""
    for resource in client.resources():
        if isinstance(resource, WlBuffer) and resource.buffer is buffer:
            return resource.error(WlShm.Error.INVALID_FD, why)
    return implementation_error(client.display_resource, why)


def bind_shm(client: Client, oid: int, version: int) -> WlShm:
    """Bind wl_shm and announce the formats."""
    resource = WlShm(client, oid, version)
    for code in FORMATS:
        resource.format(code)
    return resource


__all__ = ["Account", "SealPolicy", "WlBuffer", "WlShm", "WlShmPool", "account_of", "bind_shm"]
