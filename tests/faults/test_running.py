"""Every system call of a running compositor fails once, in every way that it can: the others are served.

For each provocation the calls that it causes are counted, and then each of them fails: the first time it is
made, the second, and so on. Whoever provoked it may lose its connection or be told an error. The compositor
lives, calls it no bug, keeps no descriptor, and the honest client goes on with its frames.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.failures import ERRORS, ITS_OWN_END
from faults.provocations import PROVOCATIONS, Provocation
from faults.shim import NOTHING, Faults, names
from support.arena import Honest
from support.process import DEADLINE_S, Process

pytestmark = pytest.mark.slow

THE_INTERPRETERS = {("has_the_settings_read_again", "write")}
"""A signal's number is written by the interpreter's own handler, into a socket that has room for it."""
DEEPEST = 3
"""How many calls of a kind fail in turn: later ones come from the same places."""


class Ground:
    """One compositor for all cases, and the honest client in it."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.process = Process("--output", "320x240@240", env=faults.environment)
        faults.watch(self.process.pid)
        before = self._sockets()
        client = self.process.connect()
        client.roundtrip()
        (self._spare,) = self._sockets() - before
        self.honest = Honest(client)
        self.honest.frames(2)
        self._log_read = 0

    def _sockets(self) -> set[int]:
        folder = Path(f"/proc/{self.process.pid}/fd")
        return {int(fd) for fd in os.listdir(folder) if os.readlink(folder / fd).startswith("socket:")}

    def arm(self, call: str, error: str, skip: int) -> None:
        """Have a call fail, though no end of the honest client's connection be told."""
        spare = self._spare if error in ITS_OWN_END else NOTHING
        self.faults.arm(call, getattr(errno, error), skip, spare=spare)

    def provoke(self, provocation: Provocation, case: str = "before") -> None:
        """Have something happen; that it does not come to its end is no matter."""
        try:
            provocation(self.process)
        except (AssertionError, OSError, KeyError, ValueError) as error:
            waited = isinstance(error, TimeoutError) or "no answer in time" in str(error)
            assert not waited, f"{case}: neither served nor disconnected\n{self.process.log}"

    def check(self, case: str) -> None:
        """Fail unless everybody else is as before."""
        self.faults.disarm()
        try:
            self.honest.frames(1)
        except AssertionError as error:
            raise AssertionError(f"{case}: {error}\n{self.process.log}") from error
        log = self.process.log
        new, self._log_read = log[self._log_read :], len(log)
        assert "bug:" not in new, f"{case}:\n{new}"
        assert "Traceback" not in new, f"{case}:\n{new}"
        assert self.process.alive, case

    def settle(self, before: int, case: str) -> None:
        """Wait until the descriptors are as many as before."""
        deadline = time.monotonic() + DEADLINE_S
        while self.process.descriptors() > before:
            assert time.monotonic() < deadline, f"{case}: {self.process.descriptors() - before} left open"
            self.honest.frames(1)

    def close(self) -> None:
        """End it."""
        self.honest.client.close()
        self.process.close()


@pytest.fixture(scope="module")
def ground(need_compiler: None) -> Iterator[Ground]:
    """The compositor whose calls fail."""
    with Faults() as faults:
        ground = Ground(faults)
        yield ground
        ground.close()


@pytest.mark.parametrize("provocation", PROVOCATIONS, ids=lambda function: function.__name__)
def test_whatever_fails_the_others_are_served(ground: Ground, provocation: Provocation) -> None:
    faults = ground.faults
    # Twice before: what is imported and cached then is not what is asked about.
    for _ in range(2):
        ground.provoke(provocation)
    ground.check("before")
    descriptors = ground.process.descriptors()
    counted = faults.counts()
    ground.provoke(provocation)
    ground.check("before")
    ground.settle(descriptors, "before")
    counts = {name: count - counted[name] for name, count in faults.counts().items()}
    failed = 0
    for call, count in counts.items():
        if not count or (provocation.__name__, call) in THE_INTERPRETERS:
            continue
        for error in ERRORS[call]:
            case = f"{provocation.__name__}, {call}: {error}"
            for skip in range(min(count, DEEPEST)):
                ground.arm(call, error, skip)
                ground.provoke(provocation, case)
                failed += faults.hits
            ground.check(case)
            ground.settle(descriptors, case)
    assert failed >= sum(map(bool, counts.values())) - len(THE_INTERPRETERS)


CALLS_OF = {
    "clone": "fork",
    "clone3": "fork",
    "vfork": "fork",
    "epoll_create1": "epoll_create",
    "epoll_ctl": "epoll_add",
    "fallocate": "posix_fallocate",
    "getdents64": "readdir",
    "lstat": "stat",
    "newfstatat": "stat",
    "openat": "open",
    "pipe2": "pipe",
    "pread64": "pread",
    "preadv2": "preadv",
    "prlimit64": "setrlimit",
    "pwrite64": "pwrite",
    "recvfrom": "recv",
    "sendto": "send",
    "statfs": "fstatfs",
    "wait4": "waitpid",
}
"""What the kernel calls otherwise than libc."""
NEVER_FAIL = {
    "the kernel answers from what it knows, and its manual page has no error": """
        getegid geteuid getgid getpgid getpid getppid getsid gettid getuid rt_sigreturn sched_yield umask""",
    "fails for a wrong argument alone, and ours are constants": """
        clock_gettime clock_nanosleep dup2 getrusage prctl rt_sigaction rt_sigprocmask sched_getaffinity
        setpriority sigaltstack sysinfo uname""",
    "the allocator's: what it cannot have fails as malloc does": "brk madvise mbind mprotect mremap munmap",
    "a lock of the interpreter's, which asks again": "futex",
    "libc's, when a program or a thread starts": "arch_prctl rseq set_robust_list set_tid_address",
    "of the child that becomes a program; its failure is told through a pipe": "close_range execve setsid",
    "does not come back": "exit exit_group",
}
"""System calls that no test has fail, by the reason why not."""


def test_no_system_call_was_forgotten(
    need_compiler: None, need_program: Callable[[str, str], str], tmp_path: Path
) -> None:
    counts = tmp_path / "counts"
    # With the threads and what becomes of the children: the programs that are started make no other calls.
    strace = [need_program("strace", "strace"), "-c", "-f", "-o", str(counts)]
    process = Process("--output", "320x240", wrapper=strace)
    try:
        for provocation in PROVOCATIONS:
            provocation(process)
        os.kill(process.pid, signal.SIGTERM)
        process.process.wait(DEADLINE_S)
    finally:
        process.close()
    lines = counts.read_text().splitlines()
    called = {line.split()[-1] for line in lines if line.strip()[:1].isdigit()} - {"total"}
    assert "recvmsg" in called
    never = {name for listed in NEVER_FAIL.values() for name in listed.split()}
    assert set() == {CALLS_OF.get(name, name) for name in called} - set(names()) - never
    assert not never & set(names())
