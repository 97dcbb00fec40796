"""Who a client is, how it came in, and why it may do what it may do.

The server notes it when a connection is taken over; `clients.list` and
privileged globals ask. Source: compositor.memory.identity for what the kernel vouches for.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from compositor.memory import Executable, Peer
from compositor.record import record

if TYPE_CHECKING:
    from compositor.control.launcher import Launch
    from compositor.wire import Client


class Way(Enum):
    """How a client's connection came about."""

    PUBLIC = "public socket"
    """Anybody who can reach the socket's file: a matter of its mode."""
    ABSTRACT = "abstract socket"
    """Anybody in the network namespace: only credentials protect."""
    PRIVATE = "private connection"
    """Inherited from us: that program and what it started."""
    CHECKED_IN = "checked in"
    """The public socket, with the token that only the launched program was told."""


@record()
class Identity:
    """One client.

    Attributes:
        peer: its process, held by a pidfd; of a private connection the process that we started.
        way: how it came in.
        program: what it ran then, or None where that could not be seen.
        launch: the program started here that it is, as far as it proved it.
        denied: why it was last refused a privileged protocol, or None.
    """

    peer: Peer
    way: Way
    program: Executable | None = None
    launch: Launch | None = None
    denied: str | None = None


def identity_of(client: Client) -> Identity | None:
    """Return who a client is; None for one that the server never looked at."""
    found: Identity | None = client.data.get("identity")
    return found


def describe_identity(client: Client, for_all: bool) -> dict[str, Any]:
    """Return what drivers are told of a client's identity and rights.

    Args:
        client: which.
        for_all: whether every client of this user is privileged.
    """
    identity = identity_of(client)
    privileged, why = _rights(client, identity, for_all)
    return {
        "user": client.uid,
        "way": identity.way.value if identity is not None else None,
        "executable": identity.program.path if identity is not None and identity.program else None,
        "alive": identity.peer.alive if identity is not None else None,
        "privileged": privileged,
        "why": why,
    }


def _rights(client: Client, identity: Identity | None, for_all: bool) -> tuple[bool, str]:
    if client.sandbox is not None:
        return False, "inside a security context"
    if identity is not None and identity.denied is not None:
        return False, identity.denied
    if client.privileged is True:
        how = identity.way.value if identity is not None else "trusted"
        return True, f"launched as trusted, {how}"
    if for_all:
        return True, "every client of this user (--privileged all)"
    if identity is not None and identity.launch is not None:
        return False, "launched, not as trusted (--privileged launched)"
    return False, "not launched here (--privileged launched)"
