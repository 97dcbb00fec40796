"""Pool: a file that somebody else made, as the side that reads it sees it.

It owns the descriptor, has the file judged at every size, and hands out pixels: through a mapping where
the judge allows one, by reading into private memory always. It maps nothing for writing and writes only
where its user asks it to. It knows no protocol.
The shared-memory protocol and anybody who consumes shared pixels import it.
"""

from __future__ import annotations

import os
from typing import Any

import numpy.typing as npt

from compositor.descriptor import Descriptor
from compositor.errors import WeddellError
from compositor.memory.bounds import BadRectangle
from compositor.memory.filekind import Refused
from compositor.memory.judgement import SealPolicy, Verdict, judge, judge_more
from compositor.memory.mapping import Mapping, pixel_view
from compositor.memory.seals import Seal

# Rows of one preadv, half of the kernel's IOV_MAX: each takes a vector for itself and one for its gap.
_ROWS_AT_ONCE = 512
# Gaps up to this are cheaper read and thrown away than stepped over with a system call per row
# (measured: 0.3 µs a call against 4 KiB copied in 0.1 µs).
_GAP_BYTES = 4096


_new = object.__new__


class ShortRead(WeddellError):
    """A file gave fewer bytes than its owner promised.

    Attributes:
        position: byte of the file at which it ended, or failed.
    """

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"the file ends at byte {position}, within the pool: {reason}")
        self.position = position


class WriteFailed(WeddellError):
    """A file does not take what its owner asked to have written.

    Attributes:
        position: byte of the file at which it failed.
    """

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"the pool cannot be written at byte {position}: {reason}")
        self.position = position


class Pool:
    """Pixels in a file made by somebody who is not trusted.

    Args:
        fd: belongs to the pool from this call on, whatever its outcome.
        size: bytes that the owner claims.
        policy: what to do with files that are not sealed against shrinking.
        may_be_short: take unsealed memory with fewer bytes for now; reading what it lacks is a `ShortRead`.

    Attributes:
        size: bytes, as claimed by the owner and found true, unless the file may be short.
        verdict: what the judge said last. COPY may turn into SEALED at a resize; nothing turns into COPY.
        seals: of the file, when it was judged last.
        file_size: bytes that the file had then.
        mapping: the mapping of the present size; None when the verdict is COPY, and once closed.
        policy: what it is judged by.
        growths: how often a resize made it larger.

    All of them are the pool's own to set.

    Raises:
        Refused: by the judge; `fd` is closed.
    """

    __slots__ = ("_file", "file_size", "growths", "mapping", "policy", "seals", "size", "verdict")

    # Attributes and no properties: a frame of a client that resizes asks for them a dozen times.
    size: int
    verdict: Verdict
    seals: Seal
    file_size: int
    mapping: Mapping | None
    policy: SealPolicy
    growths: int

    def __init__(
        self, fd: int, size: int, policy: SealPolicy = SealPolicy.ADOPT, may_be_short: bool = False
    ) -> None:
        self._file = Descriptor(fd)
        self.policy = policy
        self.growths = 0
        self.mapping = None
        try:
            judgement = judge(fd, size, policy, may_be_short)
            if judgement.verdict is not Verdict.COPY:
                self.mapping = Mapping(fd, size)
        except BaseException:
            self._file.close()
            raise
        self.size = size
        self.verdict = judgement.verdict
        self.seals = judgement.seals
        self.file_size = judgement.file_size

    @classmethod
    def of_plain(cls, fd: int, size: int, file_size: int, policy: SealPolicy) -> Pool:
        """Return the pool of a file that is plain memory without seals, see `plain_bytes`.

        Args:
            fd: belongs to the pool from this call on.
            size: bytes that its owner claims.
            file_size: bytes that it has.
            policy: not REQUIRE.
        """
        pool = _new(cls)
        pool._file = Descriptor(fd)
        pool.policy = policy
        pool.growths = 0
        pool.mapping = None
        pool.size = size
        pool.verdict = Verdict.COPY
        pool.seals = Seal.SEAL
        pool.file_size = file_size
        return pool

    def __repr__(self) -> str:
        return f"<Pool {self.size} bytes, {self.verdict.value}, {self.growths} growths>"

    @property
    def mapped_bytes(self) -> int:
        """Bytes of `mapping`. Earlier sizes that views keep alive show the same pages."""
        return self.mapping.size if self.mapping is not None else 0

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._file.closed

    def fileno(self) -> int:
        """Return the descriptor, which stays the pool's.

        Raises:
            ValueError: if the pool is closed.
        """
        return self._file.fileno()

    def resize(self, size: int) -> None:
        """Make the pool larger, after judging the file again.

        Views of earlier sizes stay valid and show the same bytes.

        Args:
            size: bytes, not fewer than now.

        Raises:
            Refused: if it would become smaller, or by the judge; the pool is then as before, usable.
            ValueError: if the pool is closed.
        """
        if size < self.size:
            raise Refused(f"a pool of {self.size} bytes cannot shrink to {size}")
        mapping = self.mapping
        fd = self._file.fileno() if mapping is None else self._file.number
        if mapping is not None:
            judgement = judge_more(fd, size, self.verdict)
            mapping = mapping.grown(fd, size)
        else:
            judgement = judge(fd, size, self.policy)
            if judgement.verdict is not Verdict.COPY:
                mapping = Mapping(fd, size)
        self.growths += size > self.size
        self.mapping, self.size, self.verdict = mapping, size, judgement.verdict
        self.seals, self.file_size = judgement.seals, judgement.file_size

    def look(self) -> os.stat_result | None:
        """Return what fstat(2) says of the file now, None if the pool is closed."""
        fd = self._file.number
        return None if fd < 0 else os.fstat(fd)

    def view(
        self, offset: int, height: int, stride: int, width: int, dtype: npt.DTypeLike
    ) -> npt.NDArray[Any]:
        """Return a rectangle of pixels through the mapping, without copying.

        The array keeps its mapping alive: it survives `resize` and `close`.

        Args:
            offset: byte of the first pixel.
            height: rows.
            stride: bytes from one row to the next.
            width: pixels of a row.
            dtype: of one pixel. A subarray type such as ``(np.uint8, (3,))`` gives a third axis.

        Returns:
            (height, width) of `dtype`, buffer pixels, read-only; its bytes may change under you.

        Raises:
            BadRectangle: if the rectangle does not lie within the pool.
            ValueError: if the verdict is COPY or the pool closed: there is no mapping.
        """
        if self.mapping is None:
            raise ValueError("the pool is closed" if self.closed else "the file is copied, never mapped")
        return pixel_view(self.mapping.contents, offset, height, stride, width, dtype)

    def read_rows(self, out: npt.NDArray[Any], offset: int, stride: int, y0: int, y1: int) -> None:
        """Read rows of a rectangle of pixels into private memory; right for every verdict.

        Holes read as zeros and cost no memory. For part of the width pass a slice of the columns and the
        offset of its first pixel.

        Args:
            out: (height, width) or (height, width, channels), writable, each row contiguous; rows `y0` to
                `y1` are filled.
            offset: byte of pixel (0, 0) of `out` in the file.
            stride: bytes from one row to the next in the file.
            y0: first row.
            y1: row after the last.

        Raises:
            ShortRead: if the file ends early or cannot be read; some rows may have been filled.
            BadRectangle: if the rows do not lie within the pool, or within `out`.
            ValueError: if the pool is closed.
        """
        fd = self._file.fileno()
        if not 0 <= y0 <= y1 <= out.shape[0]:
            raise BadRectangle(f"rows {y0} to {y1} of {out.shape[0]}")
        if y0 == y1:
            return
        rows = out[y0:y1]
        row_bytes = rows[0].nbytes
        # The last row counts without its padding, so that a slice of columns may end at the pool's end.
        if offset < 0 or stride < row_bytes or offset + stride * (y1 - 1) + row_bytes > self.size:
            raise BadRectangle(f"{y1} rows of {stride} bytes from {offset}: not in {self.size}")
        position = offset + stride * y0
        if stride == row_bytes and rows.flags.c_contiguous:
            _read_exactly(fd, [rows.data.cast("B")], position)
            return
        lines = [row.data.cast("B") for row in rows]
        gap = stride - row_bytes
        if gap > _GAP_BYTES:
            for index, line in enumerate(lines):
                _read_exactly(fd, [line], position + index * stride)
            return
        waste = memoryview(bytearray(gap))
        for first in range(0, len(lines), _ROWS_AT_ONCE):
            vectors: list[memoryview] = []
            for line in lines[first : first + _ROWS_AT_ONCE]:
                vectors += (line, waste)
            vectors.pop()
            _read_exactly(fd, vectors, position + first * stride)

    def write_rows(self, pixels: npt.NDArray[Any], offset: int, stride: int, y0: int, y1: int) -> None:
        """Write rows of a rectangle of pixels into the owner's file, for those who are asked to fill it.

        The bytes between two rows stay as they are. The file is not made larger: what it lacks of its
        claimed size is an error.

        Args:
            pixels: (height, width) or (height, width, channels); copied first unless each row is contiguous.
            offset: byte of pixel (0, 0) of `pixels` in the file.
            stride: bytes from one row to the next in the file.
            y0: first row.
            y1: row after the last.

        Raises:
            WriteFailed: if the file cannot be written (read-only, sealed, full, too short); some rows may
                have been.
            BadRectangle: if the rows do not lie within the pool, or within `pixels`.
            ValueError: if the pool is closed.
        """
        fd = self._file.fileno()
        if not 0 <= y0 <= y1 <= pixels.shape[0]:
            raise BadRectangle(f"rows {y0} to {y1} of {pixels.shape[0]}")
        if y0 == y1:
            return
        rows = pixels[y0:y1]
        if not rows[0].flags.c_contiguous:
            rows = rows.copy(order="C")
        row_bytes = rows[0].nbytes
        end = offset + stride * (y1 - 1) + row_bytes
        if offset < 0 or stride < row_bytes or end > self.size:
            raise BadRectangle(f"{y1} rows of {stride} bytes from {offset}: not in {self.size}")
        # A file that can shrink may be shorter by now, and writing past its end would make it larger.
        if self.verdict is Verdict.COPY and os.fstat(fd).st_size < end:
            raise WriteFailed(offset, "the file is shorter than the pool")
        position = offset + stride * y0
        if stride == row_bytes and rows.flags.c_contiguous:
            _write_exactly(fd, rows.data.cast("B"), position)
            return
        for index, row in enumerate(rows):
            _write_exactly(fd, row.data.cast("B"), position + index * stride)

    def close(self) -> None:
        """Close the descriptor and let go of the mapping; views that exist stay valid."""
        self.mapping = None
        self._file.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _read_exactly(fd: int, vectors: list[memoryview], position: int) -> None:
    """Fill all vectors from consecutive bytes of a file.

    A read may return less for reasons that are nobody's fault (a signal, the limit of 2 GiB), so only
    reading nothing means that the file has ended.
    """
    while vectors:
        try:
            got = os.preadv(fd, vectors, position)
        except OSError as error:
            raise ShortRead(position, f"{error.strerror}") from error
        if got == 0:
            raise ShortRead(position, "nothing more to read")
        position += got
        done = 0
        while done < len(vectors) and got >= len(vectors[done]):
            got -= len(vectors[done])
            done += 1
        vectors = vectors[done:]
        if got:
            vectors[0] = vectors[0][got:]


def _write_exactly(fd: int, data: memoryview, position: int) -> None:
    """Write all of `data` at a place of a file; a short write goes on, one of nothing is an error."""
    while data:
        try:
            put = os.pwrite(fd, data, position)
        except OSError as error:
            raise WriteFailed(position, f"{error.strerror}") from error
        if put == 0:
            raise WriteFailed(position, "nothing was written")
        position += put
        data = data[put:]
