"""Pools and growable buffers under any sequence of operations, honest and not.

After every operation the mappings must hold (the kernel is asked, with MADV_POPULATE_READ, which answers
EFAULT where a touch would be a SIGBUS), old views must show what was written last, and at the end no
descriptor and no mapping may be left.
"""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Collection
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from compositor.memory import (
    BadRectangle,
    GrowableBuffer,
    Pool,
    Refused,
    Seal,
    SealPolicy,
    ShortRead,
    Verdict,
    add_seals,
    get_seals,
)

MADV_POPULATE_READ = 22
PAGE = os.sysconf("SC_PAGE_SIZE")
INT32 = 2**31
SEALS = [Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE, Seal.SEAL]

_libc = ctypes.CDLL(None, use_errno=True)
_libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

sizes = st.integers(1, 6 * PAGE)
numbers = st.one_of(
    st.integers(-4, 300), st.sampled_from([PAGE, INT32 - 1, INT32, -INT32, 2**32, 2**63, 2**64 + 8])
)
dtypes = st.sampled_from(["u1", "<u2", "<u4", ("u1", (3,))])


def usage() -> tuple[int, int]:
    """Open descriptors, and mappings of memfds, of this process."""
    gc.collect()
    maps = sum("memfd:" in line for line in Path("/proc/self/maps").read_text().splitlines())
    return len(os.listdir("/proc/self/fd")), maps


def readable(array: np.ndarray) -> bool:
    """Whether every page of an array can be read without a fault."""
    start = array.ctypes.data & ~(PAGE - 1)
    length = array.ctypes.data + (array.shape[0] - 1) * array.strides[0] + array[0].nbytes - start
    return int(_libc.madvise(start, length, MADV_POPULATE_READ)) == 0


def strangers_file(size: int, sealable: bool, seals: Collection[Seal], flags: int) -> int:
    """Return a descriptor of a memfd that somebody else has made."""
    made = os.memfd_create("memfd-stranger", os.MFD_CLOEXEC | (os.MFD_ALLOW_SEALING if sealable else 0))
    os.ftruncate(made, size)
    if sealable and seals:
        add_seals(made, Seal(sum(seals)))
    fd = os.open(f"/proc/self/fd/{made}", flags | os.O_CLOEXEC)
    os.close(made)
    return fd


def wanted_verdict(
    size: int, claimed: int, sealable: bool, seals: Collection[Seal], flags: int, policy: SealPolicy
) -> Verdict | None:
    """Return what has to be said of it; None for a refusal."""
    promised = sealable and Seal.SHRINK in seals
    can_be = sealable and Seal.SEAL not in seals and flags == os.O_RDWR
    if not 1 <= claimed <= size or (policy is SealPolicy.REQUIRE and not promised):
        return None
    if policy is not SealPolicy.COPY and promised:
        return Verdict.SEALED
    return Verdict.ADOPTED if policy is SealPolicy.ADOPT and can_be else Verdict.COPY


def lies_within(size: int, offset: int, height: int, stride: int, width: int, dtype: Any) -> bool:
    """Whether a rectangle of pixels is one of a pool."""
    return (
        0 <= offset < INT32
        and 0 < height < INT32
        and 0 < width
        and width * np.dtype(dtype).itemsize <= stride < INT32
        and stride % np.dtype(dtype).base.itemsize == 0
        and offset + stride * height <= size
    )


class Owner:
    """Somebody else's file, and what we think of it."""

    def __init__(self, fd: int, pool: Pool, buffer: GrowableBuffer | None) -> None:
        self.fd = fd
        self.pool = pool
        self.buffer = buffer
        self.best = pool.verdict


class Pools(RuleBasedStateMachine):
    owners: Bundle[Owner] = Bundle("owners")

    @initialize()
    def begin(self) -> None:
        self.before = usage()
        self.alive: list[Owner] = []
        self.views: list[np.ndarray] = []

    def admit(self, fd: int, size: int, policy: SealPolicy, buffer: GrowableBuffer | None) -> Owner | None:
        """Offer a file to a new pool, as a client does; the pool gets a duplicate."""
        file_size = os.fstat(fd).st_size
        try:
            pool = Pool(os.dup(fd), size, policy)
        except Refused:
            return None
        assert 1 <= size <= file_size
        owner = Owner(fd, pool, buffer)
        self.alive.append(owner)
        return owner

    @rule(target=owners, size=sizes, policy=st.sampled_from(SealPolicy))
    def honest(self, size: int, policy: SealPolicy) -> object:
        buffer = GrowableBuffer(size)
        owner = self.admit(os.dup(buffer.fd), size, policy, buffer)
        assert owner is not None, "an honest producer is never refused"
        assert owner.pool.verdict is (Verdict.COPY if policy is SealPolicy.COPY else Verdict.SEALED)
        return owner

    @rule(
        target=owners,
        size=sizes,
        claimed=st.one_of(sizes, numbers),
        sealable=st.booleans(),
        seals=st.sets(st.sampled_from(SEALS)),
        flags=st.sampled_from([os.O_RDWR, os.O_RDONLY]),
        policy=st.sampled_from(SealPolicy),
    )
    def stranger(
        self, size: int, claimed: int, sealable: bool, seals: set[Seal], flags: int, policy: SealPolicy
    ) -> object:
        fd = strangers_file(size, sealable, seals, flags)
        before = get_seals(fd)
        owner = self.admit(fd, claimed, policy, None)
        wanted = wanted_verdict(size, claimed, sealable, seals, flags, policy)
        assert wanted == (None if owner is None else owner.pool.verdict)
        if wanted is not Verdict.ADOPTED:
            assert before == get_seals(fd), "only adopting changes a file"
        if owner is None:
            os.close(fd)
            return multiple()
        return owner

    @rule(owner=owners, size=st.one_of(sizes, numbers))
    def resize(self, owner: Owner, size: int) -> None:
        if owner.pool.closed:
            return
        before = (owner.pool.size, owner.pool.growths, owner.pool.mapping)
        file_size = os.fstat(owner.fd).st_size
        try:
            owner.pool.resize(size)
        except Refused:
            assert before == (owner.pool.size, owner.pool.growths, owner.pool.mapping)
        else:
            assert before[0] <= size <= file_size
            assert (size, before[1] + (size > before[0])) == (owner.pool.size, owner.pool.growths)
        assert file_size == os.fstat(owner.fd).st_size, "a resize changes nobody's file"

    @rule(owner=owners, size=sizes)
    def grow(self, owner: Owner, size: int) -> None:
        if owner.buffer is None or size < owner.buffer.size:
            return
        owner.buffer.grow(size)
        assert size == owner.buffer.size <= os.fstat(owner.fd).st_size

    @rule(owner=owners, size=st.integers(0, 8 * PAGE))
    def truncate(self, owner: Owner, size: int) -> None:
        """The owner makes its file smaller or larger behind our back, or tries to."""
        shrinks = size < os.fstat(owner.fd).st_size
        try:
            os.ftruncate(owner.fd, size)
        except OSError:
            return
        assert not (shrinks and owner.pool.verdict is not Verdict.COPY), "what is mapped cannot shrink"

    @rule(owner=owners, offset=st.integers(0, 4), length=st.integers(1, 4))
    def punch(self, owner: Owner, offset: int, length: int) -> None:
        """The owner punches a hole; readers see zeros."""
        _libc.fallocate(owner.fd, 3, ctypes.c_int64(offset * PAGE), ctypes.c_int64(length * PAGE))

    @rule(owner=owners, byte=st.integers(0, 255), place=st.integers(0, 2**16))
    def draw(self, owner: Owner, byte: int, place: int) -> None:
        """What the producer writes is what every view of that byte shows."""
        if owner.buffer is None or owner.pool.closed or owner.pool.mapping is None:
            return
        place %= min(owner.buffer.size, owner.pool.size)
        owner.buffer.contents[place] = byte
        assert byte == owner.pool.mapping.contents[place]

    @rule(owner=owners, offset=numbers, height=numbers, stride=numbers, width=numbers, dtype=dtypes)
    def view(self, owner: Owner, offset: int, height: int, stride: int, width: int, dtype: object) -> None:
        if owner.pool.closed or owner.pool.mapping is None:
            return
        fits = lies_within(owner.pool.size, offset, height, stride, width, dtype)
        try:
            seen = owner.pool.view(offset, height, stride, width, dtype)  # type: ignore[arg-type]
        except BadRectangle:
            assert not fits
            return
        assert fits
        assert ((height, width), False) == (seen.shape[:2], seen.flags.writeable)
        self.views.append(seen)

    @rule(
        owner=owners, rows=st.integers(1, 4), width=st.integers(1, 40), past=st.integers(-1, 1), dtype=dtypes
    )
    def view_at_the_edge(self, owner: Owner, rows: int, width: int, past: int, dtype: object) -> None:
        """Ask for the very end of a pool, and for a byte less and more."""
        stride = width * np.dtype(dtype).itemsize  # type: ignore[call-overload]
        offset = owner.pool.size - stride * rows + past
        self.view(owner, offset, rows, stride, width, dtype)
        self.read(owner, owner.pool.size - 3 * width + past, width, 0)

    @rule(owner=owners, offset=st.integers(-2, 40), width=st.integers(1, 40), gap=st.integers(-1, 5000))
    def read(self, owner: Owner, offset: int, width: int, gap: int) -> None:
        if owner.pool.closed:
            return
        out = np.full((3, width), 0xEE, np.uint8)
        stride = width + gap
        last = offset + 2 * stride + width
        try:
            owner.pool.read_rows(out, offset, stride, 0, 3)
        except BadRectangle:
            assert offset < 0 or gap < 0 or last > owner.pool.size
        except ShortRead:
            assert os.fstat(owner.fd).st_size < last
            assert owner.pool.verdict is Verdict.COPY
        else:
            for row in range(3):
                assert os.pread(owner.fd, width, offset + row * stride) == out[row].tobytes()

    @rule(owner=consumes(owners))
    def close(self, owner: Owner) -> None:
        self.release(owner)

    @rule()
    def forget_views(self) -> None:
        self.views.clear()

    def release(self, owner: Owner) -> None:
        self.alive.remove(owner)
        owner.pool.close()
        os.close(owner.fd)
        if owner.buffer is not None:
            owner.buffer.close()

    @invariant()
    def mappings_hold(self) -> None:
        for owner in getattr(self, "alive", []):
            mapping = owner.pool.mapping
            assert (mapping is None) == (owner.pool.verdict is Verdict.COPY)
            if owner.best is not Verdict.COPY:
                assert owner.pool.verdict is not Verdict.COPY, "a verdict never gets worse"
            owner.best = owner.pool.verdict
            if mapping is not None:
                assert owner.pool.size == mapping.size == owner.pool.mapped_bytes
                assert get_seals(owner.fd) & Seal.SHRINK
                assert readable(mapping.contents.reshape(1, -1))
        for view in getattr(self, "views", []):
            assert readable(view)

    def teardown(self) -> None:
        if not hasattr(self, "before"):
            return
        for owner in list(self.alive):
            self.release(owner)
        self.views.clear()
        assert self.before == usage()


@pytest.mark.parametrize("policy", SealPolicy)
@pytest.mark.parametrize("sealable", [True, False])
@pytest.mark.parametrize("flags", [os.O_RDWR, os.O_RDONLY])
def test_every_file_at_every_size_gets_its_verdict(policy: SealPolicy, sealable: bool, flags: int) -> None:
    every = [seal for count in range(len(SEALS) + 1) for seal in combinations(SEALS, count)]
    for seals in every if sealable else [()]:
        for claimed in (-1, 0, 1, PAGE - 1, PAGE, PAGE + 1, INT32):
            fd = strangers_file(PAGE, sealable, seals, flags)
            before = get_seals(fd)
            wanted = wanted_verdict(PAGE, claimed, sealable, seals, flags, policy)
            try:
                pool = Pool(os.dup(fd), claimed, policy)
            except Refused:
                assert wanted is None
            else:
                assert wanted is pool.verdict
                pool.close()
            added = Seal.SHRINK if wanted is Verdict.ADOPTED else Seal(0)
            assert before | added == get_seals(fd)
            os.close(fd)


@pytest.mark.parametrize("dtype", ["u1", "<u2", "<u4", ("u1", (3,))], ids=str)
def test_every_rectangle_about_the_edges_is_seen_or_refused(dtype: Any) -> None:
    size = 1000
    with GrowableBuffer(size) as buffer, Pool(os.dup(buffer.fd), size) as pool:
        numbers = (-1, 0, 1, 2, 9, 10, 11, 12, 100)
        offsets = (-1, 0, 1, 4, 879, 880, 881, 900, 996, 999, 1000, INT32 - 1, INT32, 2**64)
        strides = (-40, 0, 1, 10, 11, 12, 22, 24, 30, 36, 40, 44, 120, INT32)
        for offset, height, stride, width in product(offsets, numbers, strides, numbers):
            if lies_within(size, offset, height, stride, width, dtype):
                assert (height, width) == pool.view(offset, height, stride, width, dtype).shape[:2]
            else:
                with pytest.raises(BadRectangle):
                    pool.view(offset, height, stride, width, dtype)


TestPools = Pools.TestCase
TestPools.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
