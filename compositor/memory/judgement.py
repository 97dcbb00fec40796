"""The judge: may a stranger's file be mapped, must it be copied, or is it refused?

`judge` looks at a descriptor and answers. It is the only defence against SIGBUS there is, so it is
asked again at every size a pool is ever mapped with. It maps nothing and reads no byte. Pools ask it;
anybody may. `judge_more`, and `plain_bytes` of the module `plain`, ask of its questions those that are open,
about files that can only be one thing.

The order of its questions matters, and each stands on the answer before:

1. F_GET_SEALS: is it memory at all? (No file system is asked, so a hostile one cannot make us wait.)
2. Is it on the device of plain memfds? (Excludes huge pages, and tmpfs mounts with a size limit, both of
   which can fault within their size.)
3. Does it have SHRINK, or can we add it?
4. Only now: is it as large as claimed? A size seen before the seal may be gone after it.

A file that is shorter than claimed is refused, and sealed by nobody but its owner. Who only ever reads copies
may take one whose size nobody has promised (`may_be_short`): it may grow yet.

Source: the facts are in tests/unit/memory; each was seen to hold on Linux 6.18.
"""

from __future__ import annotations

import enum
import fcntl
import functools
import os

from compositor.memory import filekind
from compositor.memory.filekind import Refused
from compositor.memory.seals import Seal
from compositor.record import record

__all__ = ["Judgement", "Refused", "SealPolicy", "Verdict", "judge", "judge_more"]

_SHRINK = fcntl.F_SEAL_SHRINK
_SEAL = fcntl.F_SEAL_SEAL
# fcntl(2); a reader of procfs has no other way in. Not among the fcntl module's names.
_O_ACCMODE = os.O_RDONLY | os.O_WRONLY | os.O_RDWR
# By value, as an enum makes members of combinations in Python, for each pool and size anew.
_seals_of = functools.cache(Seal)


class Verdict(enum.Enum):
    """How a file may be used."""

    SEALED = "sealed"
    """Map it: its owner sealed it against shrinking."""
    ADOPTED = "adopted"
    """Map it: it could be sealed and was not, so we did."""
    COPY = "copy"
    """Never map it; read what is needed into private memory."""

    # Members are equal to themselves alone; an enum hashes their names, in Python.
    __hash__ = object.__hash__


class SealPolicy(enum.Enum):
    """What to do about files that lack the seal."""

    ADOPT = "adopt"
    """Add the seal where the file takes it, copy where it does not."""
    REQUIRE = "require"
    """Refuse every file that its owner did not seal."""
    COPY = "copy"
    """Map nothing, sealed or not, and change no file."""


@record(frozen=True)
class Judgement:
    """The answer about one file at one size."""

    verdict: Verdict
    seals: Seal
    """The file's seals after judging; none for a file that is not memory."""
    size: int
    """Bytes that were judged: all of them may be read through a mapping, unless the verdict is COPY."""
    file_size: int
    """Bytes of the file when it was judged; fewer than `size` only if the verdict is COPY."""

    @property
    def mappable(self) -> bool:
        """Whether a mapping of `size` bytes can never fault."""
        return self.verdict is not Verdict.COPY


def judge(fd: int, size: int, policy: SealPolicy = SealPolicy.ADOPT, may_be_short: bool = False) -> Judgement:
    """Say how the first `size` bytes of the file behind `fd` may be used.

    Once a verdict other than COPY is given it holds for ever: seals are never removed, and a file with
    SHRINK never becomes smaller. It says nothing about a larger size; for that, judge again.

    Args:
        fd: a descriptor from anywhere; stays open and the caller's.
        size: bytes that its owner claims.
        policy: may add `Seal.SHRINK` to the file when ADOPT.
        may_be_short: answer COPY about unsealed memory that is shorter than `size`, unless it is empty.

    Raises:
        Refused: with the reason; nothing was mapped or read.
    """
    if size < 1:
        raise Refused(f"a size of {size} bytes")
    seals = filekind.shmem_seals(fd)
    if fcntl.fcntl(fd, fcntl.F_GETFL) & _O_ACCMODE == os.O_WRONLY:
        raise Refused("its descriptor is not open for reading")
    verdict = Verdict.COPY
    if seals is None:
        if policy is SealPolicy.REQUIRE:
            raise Refused("it cannot be sealed: it is not memory")
        filekind.check_disk_file(fd)
        file_size = os.fstat(fd).st_size
    else:
        looked = os.fstat(fd)
        file_size = looked.st_size
        if looked.st_dev != filekind.memfd_device():
            filekind.check_memory(fd)
        elif policy is not SealPolicy.COPY and not filekind.holes_can_fault():
            if seals & _SHRINK:
                verdict = Verdict.SEALED
            elif policy is SealPolicy.ADOPT and not seals & _SEAL and file_size >= size:
                try:
                    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SHRINK)
                except PermissionError:
                    pass  # Not open for writing, or somebody else sealed the seals just now.
                else:
                    seals |= _SHRINK
                    verdict = Verdict.ADOPTED
        if policy is SealPolicy.REQUIRE and not seals & _SHRINK:
            raise Refused("it is not sealed against shrinking")
        if verdict is Verdict.ADOPTED:
            # Another fstat: the one above is from before the seal.
            file_size = os.fstat(fd).st_size
    unpromised = may_be_short and verdict is Verdict.COPY and seals is not None and not seals & _SHRINK
    if file_size < size and not (unpromised and file_size):
        raise Refused(f"it has {file_size} bytes, not the {size} claimed")
    return Judgement(verdict, _seals_of(seals or 0), size, file_size)


def judge_more(fd: int, size: int, before: Verdict) -> Judgement:
    """Judge more bytes of a file that may be mapped, of which nothing but the size can have changed.

    Args:
        fd: the descriptor that was judged before.
        size: bytes that its owner claims now.
        before: what the verdict was. Not COPY: the file has the seal, and lies where nothing can fault.

    Raises:
        Refused: if the file is shorter.
    """
    assert before is not Verdict.COPY
    seals = fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    file_size = os.fstat(fd).st_size
    if file_size < size:
        raise Refused(f"it has {file_size} bytes, not the {size} claimed")
    # What we sealed is sealed for whoever asks from now on.
    return Judgement(Verdict.SEALED, _seals_of(seals), size, file_size)
