"""Memory that a parent hands to a child it starts, and that nobody else can see.

Two protocols, as NSPR has them. By name: the parent attaches a buffer to the child's start attributes,
and the child asks for it by that name. By string: the parent exports a buffer, gives the string to the
child by any means of its own, and the child imports it. One buffer uses one protocol, never both. Only
listed buffers are inherited. Launchers and the programs they start import it.

A string is no secret and no capability: it says which of the inherited descriptors is meant, and what
must be true of it. In any other process it is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from compositor.descriptor import Descriptor
from compositor.errors import WeddellError
from compositor.memory import filekind
from compositor.memory.seals import Seal, get_seals

if TYPE_CHECKING:
    import subprocess

VARIABLE = "WEDDELL_INHERITED"
"""Environment variable that carries the names; an implementation detail of the first protocol."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_FORMAT = "memory-1"
# Longer numbers than any descriptor, size or inode has are a forgery, not a number.
_NUMBER = re.compile(r"[0-9]{1,20}")


class InheritError(WeddellError):
    """A buffer that was not inherited as stated."""


class UnknownBuffer(InheritError):
    """No buffer of that name was attached, or it was taken already."""


class StaleBuffer(InheritError):
    """The string is not for this process: its descriptor is closed, or opens something else."""


class ChangedBuffer(InheritError):
    """The buffer is there, with another size or other seals than stated."""


class Inherited:
    """A buffer that a child got from its parent. Owns the descriptor, which is close-on-exec by now.

    Attributes:
        size: bytes, as stated by the parent and found true.
        seals: as stated by the parent and found true.
    """

    __slots__ = ("_file", "seals", "size")

    def __init__(self, file: Descriptor, size: int, seals: Seal) -> None:
        self._file = file
        self.size = size
        self.seals = seals

    def fileno(self) -> int:
        """Return the descriptor, which stays owned here."""
        return self._file.fileno()

    def take(self) -> int:
        """Return the descriptor and leave closing it to the caller: `Pool(it.take(), it.size)`."""
        return self._file.take()

    def close(self) -> None:
        """Close the descriptor."""
        self._file.close()

    def __enter__(self) -> Inherited:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class StartAttributes:
    """The buffers that one child, or several, will inherit. The parent's side of both protocols."""

    __slots__ = ("_exported", "_files", "_named")

    def __init__(self) -> None:
        self._files: dict[tuple[int, int], Descriptor] = {}
        self._named: dict[str, str] = {}
        self._exported: dict[tuple[int, int], str] = {}

    def attach(self, name: str, fd: int) -> None:
        """Let the child have a buffer under a name (first protocol).

        Args:
            name: letters, digits, ``_ . -``; at most 64.
            fd: a memfd; duplicated, so the caller may close it.

        Raises:
            ValueError: if the name is taken or malformed, or the buffer is inherited already.
            Refused: if it is not memory.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a buffer")
        if name in self._named:
            raise ValueError(f"a buffer named {name!r} is attached already")
        self._named[name] = self._list(fd)[1]

    def export(self, fd: int) -> str:
        """Let the child have a buffer, and return the string to import it with (second protocol).

        Args:
            fd: a memfd; duplicated, so the caller may close it. Asked twice, the answer is the same.

        Returns:
            ASCII without spaces, at most 128 characters.

        Raises:
            ValueError: if the buffer is attached by name.
            Refused: if it is not memory.
        """
        known = self._exported.get(_identity(fd))
        if known is not None:
            return known
        identity, text = self._list(fd)
        self._exported[identity] = text
        return text

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The descriptors to leave open in the child, under these numbers."""
        return tuple(file.fileno() for file in self._files.values())

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return an environment for the child: `base`, or ours, with the names in it."""
        result = dict(os.environ if base is None else base)
        result.pop(VARIABLE, None)
        if self._named:
            result[VARIABLE] = ",".join(f"{name}={text}" for name, text in self._named.items())
        return result

    def spawn(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[Any]:
        """Start a child that inherits these buffers, the standard streams and no other descriptor.

        Args:
            argv: program and arguments.
            env: environment; ours when not given. The names are added to it.
            options: for subprocess.Popen; ``pass_fds`` may list more descriptors.

        Raises:
            OSError: if the program cannot be started.
        """
        import subprocess

        listed = (*self.descriptors, *options.pop("pass_fds", ()))
        return subprocess.Popen(argv, env=self.environment(env), pass_fds=listed, close_fds=True, **options)

    def close(self) -> None:
        """Close the duplicates. Children keep theirs."""
        for file in self._files.values():
            file.close()
        self._files.clear()
        self._named.clear()
        self._exported.clear()

    def __enter__(self) -> StartAttributes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _list(self, fd: int) -> tuple[tuple[int, int], str]:
        identity = _identity(fd)
        if identity in self._files:
            raise ValueError("this buffer is inherited already: by name or by string, never both")
        file = Descriptor(os.dup(fd))
        try:
            text = _describe(file.fileno())
        except BaseException:
            file.close()
            raise
        self._files[identity] = file
        return identity, text


def inherited(name: str, environ: MutableMapping[str, str] | None = None) -> Inherited:
    """Take the buffer that the parent attached under a name.

    A name is good once: it is removed from the environment, so that it cannot reach a grandchild, for
    whom the number would mean something else.

    Args:
        name: as attached.
        environ: where to look; os.environ when not given.

    Raises:
        UnknownBuffer: if there is none, or it was taken.
        StaleBuffer: if the descriptor is not there, or opens something else.
        ChangedBuffer: if its size or seals are not those stated; it is then closed.
    """
    variables = os.environ if environ is None else environ
    entries = [entry.partition("=") for entry in variables.get(VARIABLE, "").split(",") if entry]
    found = [text for key, _, text in entries if key == name]
    if not found:
        raise UnknownBuffer(f"no buffer named {name!r} was inherited")
    rest = [f"{key}={text}" for key, _, text in entries if key != name]
    if rest:
        variables[VARIABLE] = ",".join(rest)
    else:
        variables.pop(VARIABLE, None)
    return import_buffer(found[0])


def import_buffer(text: str) -> Inherited:
    """Take the buffer that the parent exported as a string.

    Args:
        text: what `StartAttributes.export` returned.

    Raises:
        StaleBuffer: if the string is malformed or not for this process: its descriptor is closed, was
            taken already, or opens something else.
        ChangedBuffer: if its size or seals are not those stated; it is then closed.
    """
    kind, *fields = text.split(":")
    if kind != _FORMAT or len(fields) != 5 or not all(map(_NUMBER.fullmatch, fields)):
        raise StaleBuffer(f"{text[:80]!r} does not name an inherited buffer")
    fd, device, inode, size, seals = map(int, fields)
    try:
        status = os.fstat(fd)
        inheritable = os.get_inheritable(fd)
    except (OSError, OverflowError) as error:
        raise StaleBuffer(f"descriptor {fd} is not open here") from error
    # The inode tells this buffer from whatever else has the number; only what was inherited still lacks
    # close-on-exec, so that no string can make a process import its own private memory.
    if (status.st_dev, status.st_ino) != (device, inode) or not inheritable:
        raise StaleBuffer(f"descriptor {fd} is not the buffer that was exported")
    file = Descriptor(fd)
    try:
        os.set_inheritable(fd, False)
        now = filekind.shmem_seals(fd)
        if now is None or device != filekind.memfd_device():
            raise StaleBuffer(f"descriptor {fd} is not plain memory")
        if status.st_size != size:
            raise ChangedBuffer(f"the buffer has {status.st_size} bytes, {size} were stated")
        if now != seals:
            raise ChangedBuffer(f"the buffer has seals {Seal(now)!s}, {Seal(seals)!s} were stated")
        return Inherited(file, size, Seal(now))
    except BaseException:
        file.close()
        raise


def _identity(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino


def _describe(fd: int) -> str:
    """The string of a buffer; the same for both protocols."""
    if filekind.shmem_seals(fd) is None or os.fstat(fd).st_dev != filekind.memfd_device():
        raise filekind.Refused("it is not plain memory")
    device, inode = _identity(fd)
    size = os.fstat(fd).st_size
    return f"{_FORMAT}:{fd}:{device}:{inode}:{size}:{int(get_seals(fd))}"
