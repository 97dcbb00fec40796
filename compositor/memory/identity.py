"""Who is at the other end of a socket, and whether that is still so.

The kernel vouches for a peer's pid and uid at the moment of connecting; a pidfd makes the pid mean one
process for ever. What program that process runs can change with every exec, so it is looked at again
whenever privilege is granted. Nothing here reads what the peer sends. Anybody may import it.

Source: unix(7) SO_PEERCRED, pidfd_open(2), proc_pid_exe(5), fcntl(2) "Leases"; SO_PEERPIDFD is Linux 6.5.
"""

from __future__ import annotations

import enum
import errno
import fcntl
import os
import select
import signal
import socket
import struct
from collections.abc import Collection, Iterable

from compositor.descriptor import Descriptor
from compositor.errors import WeddellError
from compositor.memory import filekind
from compositor.record import record

# asm-generic/socket.h; the socket module has no name for it.
_SO_PEERPIDFD = 77
_UCRED = struct.Struct("iII")
# What SO_PEERCRED answers for other kinds of sockets, and before connecting.
_NOBODY = 0xFFFFFFFF


class Denied(WeddellError):
    """A peer that may not do what it asked for.

    Attributes:
        reason: one clause, for the log. Do not send it to the peer.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@record(frozen=True)
class Executable:
    """The file of a program, by what cannot be forged: two paths to one inode are one program."""

    device: int
    inode: int
    path: str
    """Where it was seen; serves people only."""

    def same_as(self, other: Executable) -> bool:
        """Whether both are the same inode on the same device."""
        return (self.device, self.inode) == (other.device, other.inode)

    @classmethod
    def at(cls, path: str | os.PathLike[str]) -> Executable:
        """Return the program at a path.

        Raises:
            OSError: if there is none.
        """
        status = os.stat(path)
        return cls(status.st_dev, status.st_ino, os.fspath(path))


class Peer:
    """One process, held so that a reused pid cannot be mistaken for it.

    Over a socket made with socketpair(2) or inherited, the kernel names whoever made it.

    Attributes:
        pid: in our pid namespace; 0 if the process is not visible in it.
        uid: user at the time of connecting.
        gid: group at the time of connecting.
        exact: whether the kernel gave the pidfd with the socket (or we started the process). Otherwise it
            was opened by number, and a process that died in between could have been replaced.
    """

    __slots__ = ("_pidfd", "exact", "gid", "pid", "uid")

    def __init__(self, pid: int, uid: int, gid: int, pidfd: Descriptor | None, *, exact: bool) -> None:
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.exact = exact
        self._pidfd = pidfd

    def __repr__(self) -> str:
        return f"<Peer pid {self.pid}, uid {self.uid}, {'alive' if self.alive else 'gone'}>"

    @classmethod
    def of(cls, sock: socket.socket) -> Peer:
        """Return who is at the other end of a connected Unix socket.

        Raises:
            OSError: if it is not a connected Unix socket.
        """
        pid, uid, gid = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
        if uid == _NOBODY:
            raise OSError(errno.ENOTCONN, "the socket has no peer whom the kernel knows")
        try:
            pidfd = Descriptor(sock.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD))
        except OSError as error:
            # ESRCH or ENODATA: it has died. Anything else: the kernel does not know the option.
            gone = error.errno in (errno.ESRCH, errno.ENODATA)
            return cls(pid, uid, gid, None if gone else _open_pidfd(pid), exact=False)
        return cls(pid, uid, gid, pidfd, exact=True)

    @classmethod
    def process(cls, pid: int, uid: int | None = None, gid: int | None = None) -> Peer:
        """Return a process by number; safe for children that have not been waited for.

        Args:
            pid: of a child, or of a process known to live.
            uid: ours when not given.
            gid: ours when not given.

        Raises:
            ProcessLookupError: if there is none.
        """
        pidfd = Descriptor(os.pidfd_open(pid))
        return cls(
            pid, os.getuid() if uid is None else uid, os.getgid() if gid is None else gid, pidfd, exact=True
        )

    @property
    def alive(self) -> bool:
        """Whether the process has not ended. Without a pidfd the answer is no: nothing can be known."""
        if self._pidfd is None or self._pidfd.closed:
            return False
        poller = select.poll()
        poller.register(self._pidfd.fileno(), select.POLLIN)
        return not poller.poll(0)

    def same_process(self, other: Peer) -> bool:
        """Whether both are one process that is still alive, under one user."""
        # Two pidfds of living processes with one pid are one process: a pid is reused only after death.
        return (self.pid, self.uid) == (other.pid, other.uid) and self.pid > 0 and self.alive and other.alive

    def executable(self) -> Executable:
        """Return the program that the process runs now.

        Raises:
            Denied: if the process is gone, or may not be looked at.
        """
        try:
            path = f"/proc/{self.pid}/exe"
            status = os.stat(path)
            name = os.readlink(path)
        except OSError as error:
            raise Denied(f"the program of process {self.pid} is unknown: {error.strerror}") from error
        # Asked afterwards: alive now means that the number above was this process.
        if not self.alive:
            raise Denied(f"process {self.pid} is gone")
        return Executable(status.st_dev, status.st_ino, name)

    def close(self) -> None:
        """Let go of the process; it counts as gone from then on."""
        if self._pidfd is not None:
            self._pidfd.close()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Policy:
    """Who is let in, by user and by program. A denial beats an allowance.

    A program written in a scripting language is known by its interpreter, so allowing one such program
    allows all of that interpreter.

    Args:
        uids: users allowed; ours alone when not given.
        any_uid: allow every user instead.
        denied_uids: users refused all the same.
        executables: programs allowed, by path; None for every one. A path that does not exist allows
            nothing.
        denied_executables: programs refused all the same.
    """

    __slots__ = ("_allowed_exes", "_denied_exes", "_denied_uids", "_uids")

    def __init__(
        self,
        *,
        uids: Collection[int] | None = None,
        any_uid: bool = False,
        denied_uids: Collection[int] = (),
        executables: Iterable[str | os.PathLike[str]] | None = None,
        denied_executables: Iterable[str | os.PathLike[str]] = (),
    ) -> None:
        self._uids = None if any_uid else frozenset((os.getuid(),) if uids is None else uids)
        self._denied_uids = frozenset(denied_uids)
        self._allowed_exes = None if executables is None else tuple(executables)
        self._denied_exes = tuple(denied_executables)

    def check(self, peer: Peer, before: Executable | None = None) -> Executable | None:
        """Let a peer in or deny it; ask again each time it is given something.

        Args:
            peer: who asks.
            before: what the first check returned. A process that has exec'd another program since is
                denied: what was trusted is no longer what runs.

        Returns:
            The program that the peer runs, or None if no rule asks for programs and it is unknown.

        Raises:
            Denied: with the reason.
        """
        self.check_user(peer)
        if not peer.alive:
            raise Denied(f"process {peer.pid} is gone, or cannot be held on to")
        needed = self._allowed_exes is not None or bool(self._denied_exes) or before is not None
        try:
            program = peer.executable()
        except Denied:
            if needed:
                raise
            return None
        if any(program.same_as(denied) for denied in _present(self._denied_exes)):
            raise Denied(f"program {program.path} is denied")
        if self._allowed_exes is not None and not any(map(program.same_as, _present(self._allowed_exes))):
            raise Denied(f"program {program.path} is not allowed")
        if before is not None and not program.same_as(before):
            raise Denied(f"process {peer.pid} was {before.path} and is now {program.path}")
        return program

    def check_user(self, peer: Peer) -> None:
        """Let a peer in by its user alone, whom the kernel vouches for even when the process is gone.

        Raises:
            Denied: with the reason.
        """
        if peer.uid in self._denied_uids:
            raise Denied(f"user {peer.uid} is denied")
        if self._uids is not None and peer.uid not in self._uids:
            raise Denied(f"user {peer.uid} is not allowed")


class Exclusive(enum.Enum):
    """Whether nobody else has a file open."""

    YES = "yes"
    NO = "no"
    UNSUPPORTED = "unsupported"
    """The file system or the kind of file cannot tell."""


def exclusive_access(fd: int) -> Exclusive:
    """Ask whether nobody else has opened the file, by taking a write lease and giving it back.

    What it cannot see: duplicates of this very descriptor, in whatever process, since those are one open
    file. And memfds: there the kernel's count of writers starts wrong, so that a lease is refused to the
    only user and granted to one of two (measured, Linux 6.18); they answer UNSUPPORTED.

    Args:
        fd: a regular file of ours, open in any way.
    """
    try:
        if filekind.shmem_seals(fd) is not None and os.fstat(fd).st_dev == filekind.memfd_device():
            return Exclusive.UNSUPPORTED
    except filekind.Refused:
        return Exclusive.UNSUPPORTED
    before = fcntl.fcntl(fd, fcntl.F_GETSIG)
    # If somebody opens the file in between, the kernel tells us with a signal: one that is ignored unless
    # handled, in place of SIGIO, which would end the process.
    fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
    try:
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError as error:
        return Exclusive.NO if error.errno == errno.EAGAIN else Exclusive.UNSUPPORTED
    else:
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return Exclusive.YES
    finally:
        fcntl.fcntl(fd, fcntl.F_SETSIG, before)


def _open_pidfd(pid: int) -> Descriptor | None:
    try:
        return Descriptor(os.pidfd_open(pid)) if pid > 0 else None
    except OSError:
        return None


def _present(paths: Iterable[str | os.PathLike[str]]) -> Iterable[Executable]:
    """The programs at those paths now: an upgrade replaces the inode, so it is looked up each time."""
    for path in paths:
        try:
            yield Executable.at(path)
        except OSError:
            continue
