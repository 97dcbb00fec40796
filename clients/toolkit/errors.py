"""Why a client cannot start or go on. Each error carries the exit status a program ends with."""

from __future__ import annotations


class ClientError(Exception):
    """Base of all of them."""

    status = 1


class NoCompositor(ClientError):
    """Nobody listens at the Wayland socket (exit status 3)."""

    status = 3


class MissingGlobal(ClientError):
    """The compositor does not offer an interface this program cannot do without (exit status 4)."""

    status = 4


class Disconnected(ClientError):
    """The compositor ended the connection, perhaps for a protocol error of ours (exit status 5)."""

    status = 5
