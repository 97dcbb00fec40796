"""Pools of one picture: create_pool, create_buffer and the pool's destroy, handled at once.

What toolkits send for each frame whose memory cannot be sealed (GTK 3, cairo): a new file, one buffer in it,
and the pool is not needed any more. On its way through three handlers that is forty functions, each of
which has left the caches since the last frame. Here it is decoded and looked at in one; what is not exactly
such a row, an error above all, is left to `wl_shm`, which does the same. Tests hold the two ways against each
other. Only wl_shm imports this.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any

from compositor.memory import Pool, Refused, SealPolicy
from compositor.memory.plain import plain_bytes
from compositor.model.formats import FORMATS
from compositor.protocol.shm_account import SharedPool
from compositor.protocol.shm_copy import CopiedBuffer
from compositor.protocol.wl_shm import WlBuffer, WlShm, WlShmPool
from compositor.wire.interface import request_header

if TYPE_CHECKING:
    from compositor.wire import Client

_ROW = Struct("=IIIiIIIiiiiIII")
_BYTES = _ROW.size
_read = _ROW.unpack_from
_new: Any = object.__new__


CREATE_POOL = request_header(WlShm, "create_pool")
CREATE_BUFFER = request_header(WlShmPool, "create_buffer")
DESTROY_POOL = request_header(WlShmPool, "destroy")


def take_pool(client: Client, data: memoryview, position: int) -> int:
    """Handle the three requests at `position` of what was read; see `compositor.wire.interface.Rows`."""
    if client.read_end - position < _BYTES or not client.incoming_fds:
        return 0
    _, h0, pool_id, size, o1, h1, oid, offset, width, height, stride, code, o2, h2 = _read(data, position)
    if h0 != CREATE_POOL or h1 != CREATE_BUFFER or h2 != DESTROY_POOL or not pool_id == o1 == o2:
        return 0
    if not make_picture(client, pool_id, size, oid, offset, width, height, stride, code):
        return 0
    client.display_resource.delete_id(pool_id)
    client.messages += 2
    return _BYTES


def make_picture(
    client: Client,
    pool_id: int,
    size: int,
    oid: int,
    offset: int,
    width: int,
    height: int,
    stride: int,
    code: int,
) -> bool:
    """Make the buffer of such a pool, whose file is the first of the descriptors that came.

    Args:
        pool_id: id of the pool, which is gone afterwards; the client is yet to be told that.
        oid: id of the buffer.
        code: wl_shm's, of the format.

    Returns:
        Whether that could be done; if not, nothing was.
    """
    objects: list[Any] = client.objects
    known = len(objects)
    pixels = FORMATS.get(code)
    if pixels is None:
        return False
    pixel = pixels.bytes_per_pixel
    display = client.display
    side = display.limits.buffer_side_px
    account = client.data.get("shm")
    if (
        not 0 < pool_id < known
        or objects[pool_id] is not None
        or not 0 < oid < known
        or objects[oid] is not None
        or oid == pool_id
        or account is None
        or size <= 0
        or not 0 < width <= side
        or not 0 < height <= side
        or offset < 0
        or stride < width * pixel
        or stride % (1 if pixel == 3 else pixel)
        or offset + stride * height > size
        or display.context.seal_policy is SealPolicy.REQUIRE
    ):
        return False
    fd = client.incoming_fds[0]
    try:
        account.check_pool(size)
        file_size = plain_bytes(fd)
    except (OSError, Refused):
        return False
    if file_size < 0:
        return False
    # From here on nothing can go wrong.
    client.incoming_fds.popleft()
    number = client.data["pool_number"] = client.data.get("pool_number", 0) + 1
    pool = Pool.of_plain(fd, size, file_size, display.context.seal_policy)
    shared = SharedPool(pool, account, number)
    shared.resource_alive = False
    shared.buffers = 1
    resource: Any = _new(WlBuffer)
    resource.client = client
    resource.oid = oid
    resource.version = 1
    objects[oid] = resource
    buffer = CopiedBuffer(shared, offset, width, height, stride, pixels)
    resource.attach_model(buffer, shared)
    return True
