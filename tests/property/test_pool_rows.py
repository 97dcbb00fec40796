"""Whether a pool with its only buffer is made at once or by three requests, clients are told the same.

Two compositors get the same bytes of a client that makes a pool for each picture, as toolkits do whose memory
cannot be sealed, and does something about it wrong now and then.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.client import Client
from support.pixels import XRGB, Memory
from support.stage import Stage
from support.windows import Toplevel

from compositor.memory import SealPolicy, Verdict
from compositor.protocol import shm_rows
from compositor.protocol.shm_account import account_of
from compositor.protocol.wl_shm import WlShm
from compositor.wire.interface import Rows, make_lazy

SIDE = 16
BYTES = SIDE * SIDE * 4


class Picture(NamedTuple):
    """What a client sends for one."""

    file: str = "unsealable"
    size: int = BYTES
    offset: int = 0
    width: int = SIDE
    height: int = SIDE
    stride: int = 4 * SIDE
    format: int = XRGB
    last: str = "destroy"
    colour: int = 7


def send(client: Client, picture: Picture) -> Any:
    flags = os.MFD_ALLOW_SEALING if picture.file in ("sealed", "sealable") else 0
    memory = Memory(0 if picture.file == "empty" else BYTES, 0, flags)
    client.keep.append(memory)
    if memory.size:
        memory.write((0xFF00_0000 + picture.colour).to_bytes(4, "little") * SIDE * SIDE)
    if picture.file == "sealed":
        fcntl.fcntl(memory.fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    fd = memory.fd
    if picture.file == "written only":
        fd = os.open(f"/proc/self/fd/{memory.fd}", os.O_WRONLY)
    elif picture.file == "pipe":
        fd, other = os.pipe()
        os.close(other)
    pool = client.get("wl_shm").create_pool(fd, picture.size)
    if picture.last == "resize":
        pool.resize(picture.size)
    buffer = pool.create_buffer(picture.offset, picture.width, picture.height, picture.stride, picture.format)
    if picture.last == "second":
        pool.create_buffer(0, 1, 1, 4, XRGB)
    if picture.last != "keep":
        pool.destroy()
    client.flush()
    if fd != memory.fd:
        os.close(fd)
    return buffer


def play(stage: Stage, script: list[Picture]) -> list[object]:
    """Show pictures, one after the other; returns all that can be seen of it."""
    client = stage.connect()
    window = Toplevel(client).start()
    # Ids that were used before are what a client has that draws for a while.
    for region in [client.get("wl_compositor").create_region() for _ in range(3)]:
        region.destroy()
    client.roundtrip()
    seen: list[object] = []
    before = None
    for picture in script:
        try:
            buffer = send(client, picture)
            window.surface.attach(buffer, 0, 0)
            window.surface.damage_buffer(0, 0, SIDE, SIDE)
            window.surface.commit()
            client.roundtrip()
            if before is not None:
                before.destroy()
            before = buffer
            client.roundtrip()
        except (AssertionError, OSError):
            break
        stage.frame()
        served = stage.server.display.clients[-1]
        account = account_of(served)
        seen.append((account.pool_bytes, account.copied_bytes, account.mappings, dict(account.verdicts)))
        seen.append((served.messages, len(served.incoming_fds), len(account.pools)))
        seen.append(stage.pixel(stage.window.x + 3, stage.window.y + 3))
    return [*seen, client.error, client.events, stage.errors, stage.bugs]


@contextmanager
def a_stage(policy: str) -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), seal=SealPolicy(policy))
        try:
            yield stage
        finally:
            stage.close()


numbers = st.sampled_from([-1, 0, 1, 3, 4, 63, 64, 65, BYTES - 4, BYTES, BYTES + 4, 2**31 - 1, -(2**31)])
pictures = st.builds(
    lambda file, last, colour: Picture(file, last=last, colour=colour),
    st.sampled_from(["unsealable"] * 7 + ["sealed", "sealable", "empty", "written only", "pipe"]),
    st.sampled_from(["destroy"] * 7 + ["keep", "resize", "second"]),
    st.integers(1, 200),
)
wrong = st.builds(
    lambda picture, field, number: picture._replace(**{field: number}),
    pictures,
    st.sampled_from(["size", "offset", "width", "height", "stride", "format"]),
    numbers,
)


@given(
    script=st.lists(st.one_of(pictures, pictures, wrong), min_size=1, max_size=6),
    policy=st.sampled_from(["adopt", "adopt", "copy", "require"]),
)
@example(script=[Picture(size=1 << 21)], policy="adopt")
@example(script=[Picture(width=0)], policy="adopt")
@example(script=[Picture(height=0)], policy="adopt")
@example(script=[Picture()], policy="require")
@example(script=[Picture(offset=-4)], policy="adopt")
@example(script=[Picture(width=SIDE // 2, stride=4 * SIDE - 2)], policy="adopt")
@example(script=[Picture(format=0x34324742, stride=3 * SIDE + 1)], policy="adopt")
@example(script=[Picture("empty")], policy="adopt")
@example(script=[Picture("written only")], policy="adopt")
@example(script=[Picture(offset=4, height=SIDE - 1), Picture(format=0)], policy="copy")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_clients_are_told_does_not_depend_on_how_pools_are_made(
    script: list[Picture], policy: str
) -> None:
    seen = []
    for least in (shm_rows._BYTES, 1 << 40):
        with a_stage(policy) as stage, mock.patch.object(shm_rows, "_BYTES", least):
            stage.server.options.limits.pool_bytes = 1 << 20
            seen.append(play(stage, [Picture("sealed" if policy == "require" else "unsealable"), *script]))
    assert seen[1] == seen[0]


@pytest.mark.parametrize("file, taken", [("unsealable", True), ("sealed", False), ("sealable", False)])
def test_pools_that_take_no_seals_are_made_at_once(file: str, taken: bool) -> None:
    sizes: list[int] = []

    def take(client: Any, data: memoryview, position: int, real: Rows = shm_rows.take_pool) -> int:
        sizes.append(real(client, data, position))
        return sizes[-1]

    with a_stage("adopt") as stage, mock.patch.object(shm_rows, "take_pool", take):
        make_lazy(WlShm)
        play(stage, [Picture(file), Picture(file), Picture(file, colour=9)])
        assert 9 == stage.pixel(stage.window.x, stage.window.y)
        (verdicts,) = [account_of(client).verdicts for client in stage.server.display.clients]
    make_lazy(WlShm)
    assert 3 == len(sizes)
    # Before the first one there is no account: that is left to others.
    assert [0, *[shm_rows._BYTES * taken] * 2] == sizes
    assert (Verdict.COPY in verdicts) == taken
