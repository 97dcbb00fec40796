"""Memory that only a parent and its children can see, with real children."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from compositor.memory import (
    ChangedBuffer,
    GrowableBuffer,
    Refused,
    Seal,
    StaleBuffer,
    StartAttributes,
    UnknownBuffer,
    add_seals,
    import_buffer,
    inherited,
)
from compositor.memory.inherit import VARIABLE

from .files import disk_file, memfd, shm_file

Keep = Callable[[int], int]


@pytest.fixture
def buffer() -> Iterator[GrowableBuffer]:
    with GrowableBuffer(4096) as made:
        made.contents[:6] = list(b"parent")
        yield made


@pytest.fixture
def start() -> Iterator[StartAttributes]:
    with StartAttributes() as attributes:
        yield attributes


def run(start: StartAttributes, program: str, *argv: str) -> str:
    """Run a Python program that inherits, and return what it prints."""
    preamble = "import os, sys\nfrom compositor.memory import *\n"
    with start.spawn(
        [sys.executable, "-c", preamble + program, *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as child:
        out, _ = child.communicate(timeout=60)
    return str(out.decode().strip())


def test_a_child_gets_a_buffer_by_name_and_both_see_the_same_bytes(
    start: StartAttributes, buffer: GrowableBuffer
) -> None:
    start.attach("canvas", buffer.fd)
    program = """
got = inherited("canvas")
print(got.size, bool(got.seals & Seal.SHRINK), os.get_inheritable(got.fileno()))
print(os.pread(got.fileno(), 6, 0).decode())
os.pwrite(got.fileno(), b"child!", 0)
"""
    assert ["4096 True False", "parent"] == run(start, program).splitlines()
    assert b"child!" == buffer.contents[:6].tobytes()


def test_a_child_imports_a_buffer_by_string(start: StartAttributes, buffer: GrowableBuffer) -> None:
    text = start.export(buffer.fd)
    program = """
with Pool(import_buffer(sys.argv[1]).take(), 4096, SealPolicy.REQUIRE) as pool:
    print(pool.view(0, 1, 6, 6, "u1").tobytes().decode())
"""
    assert "parent" == run(start, program, text)
    assert text.isascii() and " " not in text and len(text) <= 128


def test_only_listed_buffers_are_inherited(start: StartAttributes, buffer: GrowableBuffer) -> None:
    other = os.dup(buffer.fd)
    os.set_inheritable(other, True)
    start.attach("canvas", buffer.fd)
    try:
        program = """
names = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if int(fd) > 2
         and os.path.exists(f"/proc/self/fd/{fd}")]
print(sum("memfd:" in name for name in names))
"""
        assert "1" == run(start, program)
    finally:
        os.close(other)


def test_several_buffers_by_both_protocols(start: StartAttributes) -> None:
    with GrowableBuffer(10) as one, GrowableBuffer(20) as two, GrowableBuffer(30) as three:
        start.attach("one", one.fd)
        start.attach("two", two.fd)
        text = start.export(three.fd)
        program = "print(*(b.size for b in (inherited('two'), inherited('one'), import_buffer(sys.argv[1]))))"
        assert "20 10 30" == run(start, program, text)


def test_the_caller_may_close_its_descriptor_before_starting(start: StartAttributes) -> None:
    with GrowableBuffer(64) as made:
        start.attach("canvas", made.fd)
    assert "64" == run(start, "print(inherited('canvas').size)")


def test_one_buffer_never_uses_both_protocols(start: StartAttributes, buffer: GrowableBuffer) -> None:
    start.attach("canvas", buffer.fd)
    with pytest.raises(ValueError, match="never both"):
        start.export(buffer.fd)
    duplicate = os.dup(buffer.fd)
    with pytest.raises(ValueError, match="never both"):
        start.export(duplicate)
    os.close(duplicate)
    with GrowableBuffer(1) as other:
        start.export(other.fd)
        with pytest.raises(ValueError, match="never both"):
            start.attach("other", other.fd)


def test_exporting_twice_gives_the_same_string(start: StartAttributes, buffer: GrowableBuffer) -> None:
    assert start.export(buffer.fd) == start.export(buffer.fd)
    assert 1 == len(start.descriptors)


@pytest.mark.parametrize("name", ["", "a=b", "a,b", "a b", "é", "x" * 65])
def test_a_name_that_could_be_misread_is_refused(
    start: StartAttributes, buffer: GrowableBuffer, name: str
) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        start.attach(name, buffer.fd)


def test_a_name_is_given_once(start: StartAttributes, buffer: GrowableBuffer) -> None:
    start.attach("canvas", buffer.fd)
    with GrowableBuffer(1) as other, pytest.raises(ValueError, match="attached already"):
        start.attach("canvas", other.fd)
    assert 1 == len(start.descriptors)


def test_only_plain_memory_is_inherited(start: StartAttributes, owned: Keep) -> None:
    for fd in (owned(disk_file(1)), owned(shm_file(1)), owned(os.eventfd(0))):
        with pytest.raises(Refused):
            start.attach("canvas", fd)
        with pytest.raises(Refused):
            start.export(fd)
    assert () == start.descriptors


def test_an_unknown_name_is_an_error(start: StartAttributes, buffer: GrowableBuffer) -> None:
    start.attach("canvas", buffer.fd)
    program = """
try:
    inherited("canvass")
except UnknownBuffer as error:
    print(error)
"""
    assert "no buffer named 'canvass' was inherited" == run(start, program)
    with pytest.raises(UnknownBuffer):
        inherited("canvas", {})


def test_a_name_is_good_once_and_does_not_reach_grandchildren(
    start: StartAttributes, buffer: GrowableBuffer
) -> None:
    start.attach("canvas", buffer.fd)
    program = f"""
import subprocess
inherited("canvas")
try:
    inherited("canvas")
except UnknownBuffer:
    print("taken", {VARIABLE!r} in os.environ)
"""
    assert "taken False" == run(start, program)


def test_a_string_of_another_process_is_stale(start: StartAttributes, buffer: GrowableBuffer) -> None:
    """Neither a stranger, nor the exporter itself, nor a child started without the list may use it."""
    text = start.export(buffer.fd)
    with pytest.raises(StaleBuffer):
        import_buffer(text)
    program = """
try:
    import_buffer(sys.argv[1])
except StaleBuffer as error:
    print("stale")
"""
    with StartAttributes() as nothing:
        assert "stale" == run(nothing, program, text)


def test_a_descriptor_number_that_means_another_buffer_is_stale(
    start: StartAttributes, buffer: GrowableBuffer, owned: Keep
) -> None:
    text = start.export(buffer.fd)
    fd = owned(memfd(4096, Seal.SHRINK))
    os.set_inheritable(fd, True)
    kind, _, *rest = text.split(":")
    with pytest.raises(StaleBuffer, match="not the buffer that was exported"):
        import_buffer(":".join([kind, str(fd), *rest]))
    assert os.fstat(fd), "what is not ours to take is not closed"


def test_a_buffer_taken_twice_is_stale(start: StartAttributes, buffer: GrowableBuffer) -> None:
    text = start.export(buffer.fd)
    program = """
first = import_buffer(sys.argv[1])
for again in range(2):
    try:
        import_buffer(sys.argv[1])
    except StaleBuffer:
        print("stale")
    first.close()
"""
    assert ["stale", "stale"] == run(start, program, text).splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "memory-1",
        "memory-1:1:2:3:4",
        "memory-1:1:2:3:4:5:6",
        "memory-2:1:2:3:4:5",
        "memory-1:-1:2:3:4:5",
        "memory-1:1:2:3:4:x",
        "memory-1:1:2:3:4:",
        "memory-1:99999999999999999999:2:3:4:5",
        "memory-1:1000000:2:3:4:5",
        "memory-1:٣:2:3:4:5",
        "x" * 100_000,
    ],
)
def test_a_malformed_string_is_stale(text: str) -> None:
    with pytest.raises(StaleBuffer):
        import_buffer(text)


def test_a_buffer_of_another_size_than_stated_is_refused_and_closed(
    start: StartAttributes, buffer: GrowableBuffer
) -> None:
    text = start.export(buffer.fd)
    buffer.grow(8192)
    program = """
try:
    import_buffer(sys.argv[1])
except ChangedBuffer as error:
    print(error)
print(any("memfd:" in os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
          if os.path.lexists(f"/proc/self/fd/{fd}")))
"""
    assert ["the buffer has 8192 bytes, 4096 were stated", "False"] == run(start, program, text).splitlines()


def test_a_buffer_with_other_seals_than_stated_is_refused(
    start: StartAttributes, buffer: GrowableBuffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.attach("canvas", buffer.fd)
    add_seals(buffer.fd, Seal.GROW)
    program = """
try:
    inherited("canvas")
except ChangedBuffer as error:
    print(error)
"""
    assert run(start, program).startswith("the buffer has seals SHRINK|GROW")


def test_memory_that_was_not_inherited_cannot_be_imported_by_any_string(owned: Keep) -> None:
    fd = owned(memfd(4096, Seal.SHRINK))
    status = os.fstat(fd)
    forged = f"memory-1:{fd}:{status.st_dev}:{status.st_ino}:4096:2"
    with pytest.raises(StaleBuffer):
        import_buffer(forged)
    os.set_inheritable(fd, True)
    with import_buffer(forged) as got:
        assert fd == got.take()
    with pytest.raises(ChangedBuffer):
        os.set_inheritable(other := os.dup(fd), True)
        import_buffer(f"memory-1:{other}:{status.st_dev}:{status.st_ino}:4097:2")


def test_a_program_that_cannot_be_started_leaves_nothing_open(
    start: StartAttributes, buffer: GrowableBuffer
) -> None:
    start.attach("canvas", buffer.fd)
    with pytest.raises(FileNotFoundError):
        start.spawn(["/nonexistent"])


def test_further_descriptors_can_be_passed_along(start: StartAttributes, buffer: GrowableBuffer) -> None:
    start.attach("canvas", buffer.fd)
    read, write = os.pipe()
    with start.spawn(
        [sys.executable, "-c", f"import os; os.write({write}, b'via pipe')"], pass_fds=[write]
    ) as child:
        os.close(write)
        assert b"via pipe" == os.read(read, 100)
        assert 0 == child.wait(30)
    os.close(read)
