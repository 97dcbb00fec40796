"""The tree of errors that Weddell raises on purpose.

Anybody may import this module; it imports nothing of the project.

    WeddellError
    ├── ConfigError        the person who started us asked for something impossible
    └── ProtocolError      a client broke the protocol; costs it the connection
"""

from __future__ import annotations

import errno
from typing import Any

_OURS = frozenset((errno.EBADF, errno.EFAULT, errno.EINVAL, errno.ENOTSOCK, None))


class WeddellError(Exception):
    """Base of every error that the project raises on purpose."""


class ConfigError(WeddellError):
    """A setting, option or environment that cannot work; the text says what to change."""


class ProtocolError(WeddellError):
    """A client broke the protocol.

    Handlers raise it; the connection posts it as ``wl_display.error``, sends
    what is queued and disconnects. Nothing else ever posts an error.

    Args:
        resource: the protocol object that the error is about (anything with an ``id``).
        code: value of the error enum of that object's interface.
        text: what was wrong, naming the request and the value.
    """

    def __init__(self, resource: Any, code: int, text: str) -> None:
        super().__init__(text)
        self.resource = resource
        self.code = int(code)
        self.text = text


def is_shortage(error: BaseException) -> bool:
    """Whether an exception says that the system refused something (memory, descriptors, a disk).

    Such a one costs whoever needed it, and is no bug of ours; a system call that was made wrongly is.
    """
    if isinstance(error, OSError):
        return error.errno not in _OURS
    return isinstance(error, MemoryError)
