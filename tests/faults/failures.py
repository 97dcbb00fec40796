"""How each call can fail: what its manual page names and a system in trouble does."""

from __future__ import annotations

_NO_DESCRIPTOR = ("EMFILE", "ENOMEM")
ERRORS: dict[str, tuple[str, ...]] = {
    "accept4": (*_NO_DESCRIPTOR, "ECONNABORTED", "EINTR", "EAGAIN", "EPERM"),
    "access": ("ENOMEM", "EACCES"),
    "addseals": ("EPERM", "EBUSY", "ENOMEM"),
    "close": ("EINTR", "EIO"),
    # Not EMFILE: at that one the client that holds most has to go (hostile/test_descriptors.py).
    "dup": ("ENOMEM",),
    "epoll_add": ("ENOMEM", "ENOSPC"),
    "epoll_wait": ("EINTR",),
    "fcntl": ("EACCES", "ENOMEM"),
    "fork": ("EAGAIN", "ENOMEM"),
    "fstat": ("ENOMEM", "EACCES"),
    "fstatfs": ("ENOMEM", "EINTR"),
    "ftruncate": ("ENOSPC", "EINTR", "EIO"),
    "getcwd": ("ENOMEM", "ENOENT"),
    "getpeername": ("ENOBUFS", "ENOTCONN"),
    # Python opens /dev/urandom for good where there is no such call (ENOSYS), which is no leak of ours.
    "getrandom": ("EINTR",),
    "getrlimit": ("EPERM",),
    "getseals": ("EACCES", "ENOMEM"),
    "getsockname": ("ENOBUFS",),
    "getsockopt": ("ENOBUFS", "EMFILE"),
    "ioctl": ("ENOMEM", "EACCES"),
    "kill": ("ESRCH", "EPERM"),
    "lseek": ("EOVERFLOW",),
    "malloc": ("ENOMEM",),
    "memfd_create": _NO_DESCRIPTOR,
    "mmap": ("ENOMEM", "EPERM"),
    "open": (*_NO_DESCRIPTOR, "EACCES", "EINTR"),
    "opendir": (*_NO_DESCRIPTOR, "EACCES"),
    "pidfd_open": (*_NO_DESCRIPTOR, "ESRCH", "ENODEV"),
    "pipe": ("EMFILE", "ENFILE"),
    "poll": ("ENOMEM", "EINTR"),
    "posix_fallocate": ("ENOSPC", "ENOMEM", "EINTR"),
    "pread": ("EIO", "EINTR"),
    "preadv": ("EIO", "ENOMEM", "EINTR"),
    "pwrite": ("ENOSPC", "EIO", "EINTR"),
    "read": ("EIO", "EINTR"),
    "readdir": ("EIO", "ENOENT"),
    "readlink": ("ENOMEM", "EACCES"),
    "recv": ("ECONNRESET", "ENOMEM", "EINTR"),
    "recvmsg": ("ECONNRESET", "ENOMEM", "EINTR", "EAGAIN"),
    "send": ("EPIPE", "ENOBUFS", "EINTR", "EAGAIN"),
    "sendmsg": ("EPIPE", "ENOMEM", "ETOOMANYREFS", "EAGAIN"),
    "setrlimit": ("EPERM",),
    "shutdown": ("ENOTCONN",),
    "socket": (*_NO_DESCRIPTOR, "ENOBUFS"),
    "socketpair": (*_NO_DESCRIPTOR, "ENOBUFS"),
    "spawn": ("EAGAIN", "ENOMEM"),
    "stat": ("ENOMEM", "EACCES"),
    "unlink": ("EIO", "EACCES"),
    "waitpid": ("EINTR", "ECHILD"),
    "write": ("ENOSPC", "EIO", "EPIPE", "EINTR"),
}
"""By the names that shim.c gives them."""

ITS_OWN_END = {"ECONNRESET", "EPIPE"}
"""What ends the connection that it is told of. The honest client's goes on only because it is not told."""

AT_START: dict[str, tuple[str, ...]] = {
    **{call: errors[:2] for call, errors in ERRORS.items()},
    "bind": ("EADDRINUSE", "ENOSPC"),
    "epoll_create": ("EMFILE", "ENOMEM"),
    "flock": ("ENOLCK", "EINTR"),
    "listen": ("EADDRINUSE",),
}
"""The same while a compositor starts, runs one program and ends."""
