"""Buffers with new memory, each made of the one that it replaces.

Who draws every frame into a new file sends the same each time: the buffer that came back is destroyed; a
pool, one buffer in it, and the pool's end follow. What goes and what comes are alike, so the new buffer, its
pool and who shares that are copies of the old ones with another file in them, and nothing is computed. The
client has no more than before; but settings may have been read again since, so the limits are asked. What is
not exactly so is left to `wl_shm` and `shm_rows`, which do the same. Tests hold the ways against each other.
For express frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compositor.alike import Alike
from compositor.descriptor import Descriptor
from compositor.memory import Pool, Verdict
from compositor.memory.plain import plain_bytes
from compositor.memory.seals import Seal
from compositor.protocol.shm_account import SharedPool
from compositor.protocol.shm_copy import CopiedBuffer, CopiedContent
from compositor.protocol.shm_rows import CREATE_BUFFER, CREATE_POOL, DESTROY_POOL
from compositor.protocol.wl_shm import WlBuffer, WlShm
from compositor.wire.interface import request_header
from compositor.wire.ordinary import DELETE_ID
from compositor.words import put3

if TYPE_CHECKING:
    from compositor.wire import Client

# Numbers of the compiler's own, where there is one: no object is made to compare one with what was read.
_DESTROY_BUFFER: int = request_header(WlBuffer, "destroy")
_CREATE_POOL: int = CREATE_POOL
_CREATE_BUFFER: int = CREATE_BUFFER
_DESTROY_POOL: int = DESTROY_POOL
_DELETE_ID: int = DELETE_ID
_COPY = Verdict.COPY
_SEAL = Seal.SEAL
_pools = Alike(Pool)
_shared = Alike(SharedPool)
_copied = Alike(CopiedBuffer)
_buffers = Alike(WlBuffer)


def exchange(
    client: Client, rows: Any, content: CopiedContent, format_code: int, made: int, taken: int, fd: int
) -> WlBuffer | None:
    """Handle those requests if they are the first four of what was read.

    Args:
        rows: `compositor.words.Rows` of what was read.
        content: what the new buffer will be shown in. The caller sees to that.
        format_code: wl_shm's, of the content's format.
        made: id that the new buffer has to have.
        taken: an id that it must not have, nor its pool.
        fd: the one descriptor that came with them.

    Returns:
        The new buffer, locked and owed to the client; `fd` is its pool's. None, with nothing done, if they
        are something else, or need more than that.
    """
    objects: list[Any] = client.objects
    known = len(objects)
    gone, h0, shm, h1, pid, size, o1, h2, oid, offset, wide, high, stride, code, o2, h3 = rows.row(0)
    if (
        h0 != _DESTROY_BUFFER
        or h1 != _CREATE_POOL
        or h2 != _CREATE_BUFFER
        or h3 != _DESTROY_POOL
        or not pid == o1 == o2
        or oid != made
        or gone >= known
        or not 0 < pid < known
        or not 0 < oid < known
        or pid in (oid, taken)
        or oid == taken
        or objects[pid] is not None
        or objects[oid] is not None
        or type(objects[gone]) is not WlBuffer
        or shm >= known
        or type(objects[shm]) is not WlShm
        or client.incoming_fds
    ):
        return None
    old: Any = objects[gone]
    if type(old.buffer) is not CopiedBuffer:
        return None
    spent: Any = old.buffer
    shared: Any = spent.shared
    pool: Any = shared.pool
    account: Any = shared.account
    totals: Any = account.totals
    pools: list[Any] = account.pools
    display = client.display
    limits: Any = display.limits
    pixels = content.format
    spent_wide, spent_high, spent_stride = spent.width, spent.height, spent.stride
    spent_offset, pool_size, file_size = spent.offset, pool.size, pool.file_size
    content_wide, content_high, end = content.width, content.height, spent.end
    if (
        # Its client has been told already that it may go: else what is not copied yet would have to be.
        spent.owed
        or spent_wide != wide
        or spent_high != high
        or spent_offset != offset
        or spent_stride != stride
        or spent.format is not pixels
        or code != format_code
        or content_wide != wide
        or content_high != high
        or shared.resource_alive
        or shared.buffers != 1
        or shared.sparse_bytes
        or pool_size != size
        or pool.seals is not _SEAL
        or file_size < end
        # `make_picture` and `Account.check_pool`, of one that comes when one has gone.
        or pool.policy is not display.context.seal_policy
        or spent.width > limits.buffer_side_px
        or spent.height > limits.buffer_side_px
        or pool.size > limits.pool_bytes
        or len(pools) > limits.pools
        or account.pool_bytes > limits.pool_bytes_total
        or totals.pool_bytes > limits.pool_bytes_in_all
        or account.mappings >= limits.mappings
        or totals.mappings >= limits.mappings_in_all
        or plain_bytes(fd) != file_size
    ):
        return None
    # All that can fail is made before anything is changed: there may be no memory for it.
    file = Descriptor(fd)
    next_pool: Any = _pools.make(pool)
    next_shared: Any = _shared.make(shared)
    held: Any = _copied.make(spent)
    shown: Any = _buffers.make(old)
    number = client.data["pool_number"] + 1
    # What `WlBuffer.retire` does, and `SharedPool.let_go`. Few wait to be closed: one a frame.
    objects[gone] = None
    spent.resource = None
    shared.buffers = 0
    pools.remove(shared)
    display.leaving.append(pool)
    # What `shm_rows.make_picture` does, and `SharedPool`.
    next_pool._file = file
    next_pool.growths = 0
    client.data["pool_number"] = number
    next_shared.pool = next_pool
    next_shared.id = number
    next_shared.buffers = 1
    pools.append(next_shared)
    account.verdicts[_COPY] += 1
    held.shared = shown.shared = next_shared
    held.resource = shown
    held.locks = 1
    held.owed = True
    held._content = content
    shown.buffer = held
    shown.oid = oid
    objects[oid] = shown
    out = client.out
    put3(out, 1, _DELETE_ID, gone)
    put3(out, 1, _DELETE_ID, pid)
    client.messages += 4
    return shown  # type: ignore[no-any-return]
