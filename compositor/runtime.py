"""The runtime directory: where sockets lie, $XDG_RUNTIME_DIR or one of our own where nobody set it.

Containers, CI jobs and root shells often have none. Then ``weddell run`` makes
``weddell-UID`` in the folder for temporary files, and the other commands look
there. It stays when the compositor ends, for others may be about to use it.
"""

from __future__ import annotations

import contextlib
import os
import stat

from compositor.errors import ConfigError

VARIABLE = "XDG_RUNTIME_DIR"


def runtime_dir() -> str:
    """Return $XDG_RUNTIME_DIR, checked.

    Raises:
        ConfigError: if it is unset, no directory, another user's, or open to others.
    """
    value = os.environ.get(VARIABLE)
    if not value:
        raise ConfigError(
            f"{VARIABLE} is not set: the socket has no place to be (try: export {VARIABLE}=$(mktemp -d))"
        )
    return _checked(value, f"{VARIABLE}={value}")


def own_dir() -> str:
    """Return the folder that stands in where $XDG_RUNTIME_DIR is unset; it need not exist."""
    import tempfile

    return os.path.join(os.path.abspath(tempfile.gettempdir()), f"weddell-{os.geteuid()}")


def make_own_dir() -> str:
    """Make `own_dir`, and set $XDG_RUNTIME_DIR to it for us and for the programs we start.

    Raises:
        ConfigError: if it cannot be made, or somebody else has made it first.
    """
    path = own_dir()
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        # Others can make names in the folder for temporary files too: a link must not lead us elsewhere.
        if stat.S_ISLNK(os.lstat(path).st_mode):
            raise ConfigError(f"{path} is a link; remove it, or set {VARIABLE}")
    except OSError as error:
        raise ConfigError(
            f"cannot make {path}: {error.strerror} (set {VARIABLE} to a folder of yours)"
        ) from None
    _checked(path, path)
    os.environ[VARIABLE] = path
    return path


def find_dir() -> str | None:
    """Return where sockets of compositors are to be looked for, or None if there is no such place."""
    value = os.environ.get(VARIABLE)
    if value:
        return value
    path = own_dir()
    try:
        info = os.lstat(path)
    except OSError:
        return None
    return path if stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid() else None


def _checked(path: str, name: str) -> str:
    if not os.path.isabs(path):
        raise ConfigError(f"{name} is not an absolute path")
    try:
        info = os.stat(path)
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}") from None
    if not stat.S_ISDIR(info.st_mode):
        raise ConfigError(f"{name} is not a directory")
    if info.st_uid != os.geteuid():
        raise ConfigError(f"{name} is user {info.st_uid}'s, we are {os.geteuid()}")
    if info.st_mode & 0o077:
        raise ConfigError(
            f"{name} has mode {info.st_mode & 0o777:o}: others could reach the socket (try: chmod 700 {path})"
        )
    return path
