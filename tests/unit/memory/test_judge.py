"""The judge, asked about every kind of file a stranger may send."""

from __future__ import annotations

import mmap
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from compositor.memory import Refused, Seal, SealPolicy, Verdict, add_seals, filekind, get_seals, judge
from compositor.memory.judgement import judge_more

from .files import disk_file, hugetlb_memfd, memfd, reopened, shm_file

Keep = Callable[[int], int]
SIZE = 8192


def refusal(fd: int, size: int = SIZE, policy: SealPolicy = SealPolicy.ADOPT) -> str:
    with pytest.raises(Refused) as caught:
        judge(fd, size, policy)
    return caught.value.reason


@pytest.mark.parametrize("policy", [SealPolicy.ADOPT, SealPolicy.REQUIRE])
def test_a_file_sealed_against_shrinking_is_mapped(owned: Keep, policy: SealPolicy) -> None:
    answer = judge(owned(memfd(SIZE + 5, Seal.SHRINK)), SIZE, policy)
    expected = (Verdict.SEALED, Seal.SHRINK, SIZE, SIZE + 5, True)
    assert expected == (answer.verdict, answer.seals, answer.size, answer.file_size, answer.mappable)


@pytest.mark.parametrize(
    "more", [Seal.SEAL, Seal.GROW, Seal.WRITE, Seal.FUTURE_WRITE, Seal.GROW | Seal.WRITE | Seal.SEAL]
)
def test_further_seals_change_nothing(owned: Keep, more: Seal) -> None:
    fd = owned(memfd(SIZE, Seal.SHRINK | more))
    assert Verdict.SEALED is judge(fd, SIZE, SealPolicy.REQUIRE).verdict


def test_an_unsealed_memfd_is_adopted_and_can_then_not_shrink(owned: Keep) -> None:
    fd = owned(memfd(SIZE))
    answer = judge(fd, SIZE)
    assert (Verdict.ADOPTED, Seal.SHRINK) == (answer.verdict, answer.seals)
    assert Seal.SHRINK == get_seals(fd)
    with pytest.raises(PermissionError):
        os.ftruncate(fd, SIZE - 1)


def test_an_adopted_file_counts_as_sealed_from_then_on(owned: Keep) -> None:
    fd = owned(memfd(SIZE))
    judge(fd, SIZE)
    assert Verdict.SEALED is judge(fd, SIZE, SealPolicy.REQUIRE).verdict


def test_other_seals_do_not_make_up_for_shrink(owned: Keep) -> None:
    seals = Seal.GROW | Seal.FUTURE_WRITE | Seal.SEAL
    fd = owned(memfd(SIZE, seals))
    assert Verdict.COPY is judge(fd, SIZE).verdict
    assert "not sealed against shrinking" in refusal(fd, SIZE, SealPolicy.REQUIRE)
    assert seals == get_seals(fd)


def test_require_refuses_what_it_could_have_sealed(owned: Keep) -> None:
    fd = owned(memfd(SIZE))
    assert "not sealed against shrinking" in refusal(fd, SIZE, SealPolicy.REQUIRE)
    assert Seal(0) == get_seals(fd)


def test_the_copy_policy_maps_nothing_and_seals_nothing(owned: Keep) -> None:
    sealed, unsealed = owned(memfd(SIZE, Seal.SHRINK)), owned(memfd(SIZE))
    assert Verdict.COPY is judge(sealed, SIZE, SealPolicy.COPY).verdict
    assert Verdict.COPY is judge(unsealed, SIZE, SealPolicy.COPY).verdict
    assert Seal(0) == get_seals(unsealed)


def test_an_unsealed_memfd_through_a_read_only_descriptor_is_copied(owned: Keep) -> None:
    fd = owned(reopened(memfd(SIZE), os.O_RDONLY))
    assert Verdict.COPY is judge(fd, SIZE).verdict
    assert Seal(0) == get_seals(fd)


def test_a_sealed_memfd_through_a_read_only_descriptor_is_mapped(owned: Keep) -> None:
    fd = owned(reopened(memfd(SIZE, Seal.SHRINK), os.O_RDONLY))
    assert Verdict.SEALED is judge(fd, SIZE, SealPolicy.REQUIRE).verdict


@pytest.mark.parametrize(
    "make",
    [lambda: memfd(SIZE, sealable=False), lambda: shm_file(SIZE), lambda: disk_file(SIZE)],
    ids=["memfd without sealing", "shm_open", "disk"],
)
def test_what_cannot_be_sealed_is_copied_or_refused(owned: Keep, make: Callable[[], int]) -> None:
    fd = owned(make())
    assert Verdict.COPY is judge(fd, SIZE).verdict
    refusal(fd, SIZE, SealPolicy.REQUIRE)


def test_an_anonymous_shared_mapping_is_not_taken_for_a_memfd(owned: Keep) -> None:
    # Memory of the same device as a memfd that shrinks for nobody, yet cannot say so.
    memory = mmap.mmap(-1, SIZE)
    for line in os.listdir("/proc/self/map_files"):
        path = f"/proc/self/map_files/{line}"
        if os.readlink(path).startswith("/dev/zero"):
            try:
                fd = owned(os.open(path, os.O_RDWR | os.O_CLOEXEC))
            except PermissionError:
                pytest.skip("opening /proc/self/map_files needs privilege here")
            break
    else:
        pytest.skip("/proc/self/map_files does not show the mapping")
    assert Verdict.COPY is judge(fd, os.fstat(fd).st_size).verdict
    memory.close()


@pytest.mark.parametrize("policy", list(SealPolicy))
def test_memory_of_huge_pages_is_refused_although_sealed(owned: Keep, policy: SealPolicy) -> None:
    try:
        fd = owned(hugetlb_memfd())
    except OSError as error:
        pytest.skip(f"this kernel gives no hugetlb memfd: {error}")
    assert Seal.SHRINK in get_seals(fd)
    assert "huge pages" in refusal(fd, SIZE, policy)


def test_a_pipe_is_refused(owned: Keep) -> None:
    read, write = (owned(end) for end in os.pipe())
    assert "neither memory nor a file" in refusal(read)
    refusal(write)


def test_a_socket_an_eventfd_a_device_a_directory_and_a_fifo_are_refused(
    owned: Keep, tmp_path: os.PathLike[str]
) -> None:
    fifo = os.path.join(tmp_path, "fifo")
    os.mkfifo(fifo)
    with socket.socket() as sock:
        refusal(sock.fileno())
        refusal(owned(os.eventfd(0)))
        refusal(owned(os.open("/dev/zero", os.O_RDONLY)), 1)
        refusal(owned(os.open("/dev/shm", os.O_RDONLY)), 1)
        assert "it is not a regular file" == refusal(owned(os.open(tmp_path, os.O_RDONLY)), 1)
        assert "it is not a regular file" == refusal(owned(os.open(fifo, os.O_RDWR | os.O_NONBLOCK)), 1)


def test_a_file_of_proc_is_refused(owned: Keep) -> None:
    assert "lies on proc" in refusal(owned(os.open("/proc/self/maps", os.O_RDONLY)), 1)


def test_a_descriptor_that_cannot_read_is_refused(owned: Keep) -> None:
    assert "not open for reading" in refusal(owned(reopened(memfd(SIZE, Seal.SHRINK), os.O_WRONLY)))
    assert "not open for reading" in refusal(owned(reopened(disk_file(SIZE), os.O_WRONLY)))


def test_a_descriptor_of_a_path_alone_is_refused(owned: Keep) -> None:
    assert "seals cannot be read" in refusal(owned(reopened(memfd(SIZE, Seal.SHRINK), os.O_PATH)))


def test_a_number_that_is_no_descriptor_is_refused() -> None:
    assert "seals cannot be read" in refusal(1_000_000)


@pytest.mark.parametrize("size", [0, -1, -(2**31)])
def test_a_size_that_is_no_size_is_refused(owned: Keep, size: int) -> None:
    assert f"a size of {size} bytes" == refusal(owned(memfd(SIZE, Seal.SHRINK)), size)


@pytest.mark.parametrize("size", [SIZE + 1, 2**31 - 1, 2**63, 2**200])
@pytest.mark.parametrize("policy", list(SealPolicy))
def test_a_file_smaller_than_claimed_is_refused(owned: Keep, size: int, policy: SealPolicy) -> None:
    fd = owned(memfd(SIZE, Seal.SHRINK))
    assert f"it has {SIZE} bytes, not the {size} claimed" == refusal(fd, size, policy)
    if policy is not SealPolicy.REQUIRE:
        refusal(owned(disk_file(SIZE)), size, policy)


def test_a_size_of_exactly_the_file_is_allowed_page_or_not(owned: Keep) -> None:
    assert judge(owned(memfd(4097, Seal.SHRINK)), 4097).mappable


def test_the_size_is_looked_at_after_the_seal(owned: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that shrinks between the two looks loses the race, in either order of its moves."""
    fd = owned(memfd(SIZE))
    real = filekind.memfd_device()

    def shrink_meanwhile() -> int:
        # Runs between the first fstat, which is only about the device, and the seal.
        os.ftruncate(fd, 100)
        return real

    monkeypatch.setattr(filekind, "memfd_device", shrink_meanwhile)
    assert f"it has 100 bytes, not the {SIZE} claimed" == refusal(fd)


def test_a_short_file_may_be_copied_where_its_size_was_not_promised(owned: Keep) -> None:
    for make in (lambda: memfd(SIZE), lambda: memfd(SIZE, sealable=False)):
        fd = owned(make())
        assert Verdict.COPY is judge(fd, SIZE + 1, may_be_short=True).verdict
        assert not get_seals(fd) & Seal.SHRINK
    for fd in (owned(memfd(SIZE, Seal.SHRINK)), owned(memfd(0)), owned(disk_file(SIZE))):
        for policy in (SealPolicy.ADOPT, SealPolicy.COPY):
            with pytest.raises(Refused):
                judge(fd, SIZE + 1, policy, may_be_short=True)


def test_the_judge_reads_no_byte_and_allocates_no_page(owned: Keep) -> None:
    fd = owned(memfd(1 << 30, Seal.SHRINK))
    judge(fd, 1 << 30)
    assert 0 == os.fstat(fd).st_blocks


def test_under_strict_overcommit_nothing_is_mapped(owned: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filekind, "holes_can_fault", lambda: True)
    assert Verdict.COPY is judge(owned(memfd(SIZE, Seal.SHRINK)), SIZE).verdict
    unsealed = owned(memfd(SIZE))
    assert Verdict.COPY is judge(unsealed, SIZE).verdict
    assert Seal(0) == get_seals(unsealed)


@pytest.mark.parametrize(("answer", "faults"), [(b"0\n", False), (b"1\n", False), (b"2\n", True)])
def test_strict_overcommit_is_what_the_kernel_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: bytes, faults: bool
) -> None:
    (tmp_path / "overcommit_memory").write_bytes(answer)
    asked: list[str] = []

    def opened(path: str, mode: str) -> BinaryIO:
        asked.append(path)
        return (tmp_path / Path(path).name).open("rb")

    monkeypatch.setattr(filekind, "open", opened, raising=False)
    assert faults is filekind.holes_can_fault.__wrapped__()
    assert ["/proc/sys/vm/overcommit_memory"] == asked


def test_memory_of_a_kind_that_nobody_knows_is_refused(owned: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    # Memory of another mount than memfds have, on a kernel that has one more kind of it.
    fd = owned(shm_file(SIZE))
    assert Verdict.COPY is judge(fd, SIZE).verdict
    monkeypatch.setattr(filekind, "_TMPFS_MAGIC", 0)
    assert "unknown kind" in refusal(fd)


def test_somebody_seals_the_seals_before_we_can(owned: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    fd = owned(memfd(SIZE))
    real = filekind.memfd_device()

    def seal_meanwhile() -> int:
        add_seals(fd, Seal.SEAL)
        return real

    monkeypatch.setattr(filekind, "memfd_device", seal_meanwhile)
    assert Verdict.COPY is judge(fd, SIZE).verdict


def test_more_of_a_file_that_may_be_mapped_is_judged_by_its_size(owned: Keep) -> None:
    fd = owned(memfd(SIZE, Seal.SHRINK))
    before = judge(fd, SIZE)
    with pytest.raises(Refused, match=f"it has {SIZE} bytes, not the {SIZE + 1} claimed"):
        judge_more(fd, SIZE + 1, before.verdict)
    os.ftruncate(fd, 3 * SIZE)
    add_seals(fd, Seal.GROW)
    after = judge_more(fd, 2 * SIZE, before.verdict)
    assert (Verdict.SEALED, Seal.SHRINK | Seal.GROW, 2 * SIZE) == (after.verdict, after.seals, after.size)
    assert after == judge(fd, 2 * SIZE), "as if nothing had been known"


def test_nothing_is_known_about_a_file_that_is_copied(owned: Keep) -> None:
    fd = owned(memfd(SIZE, Seal.SEAL))
    with pytest.raises(AssertionError):
        judge_more(fd, SIZE, judge(fd, SIZE).verdict)
