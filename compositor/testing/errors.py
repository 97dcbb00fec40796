"""What can go wrong for a driver; every text says what was there instead."""

from __future__ import annotations

from typing import Any

from compositor.errors import WeddellError


class DriverError(WeddellError):
    """Base of the driver's errors."""


class ConnectionFailed(DriverError):
    """No compositor answers at the control socket, or it went away."""


class CompositorDied(DriverError):
    """The compositor's process ended by itself; the text has the end of its log."""


class RequestRefused(DriverError):
    """The compositor answered a request with an error.

    Attributes:
        code: JSON-RPC error code.
        data: what came with it, or None.
    """

    def __init__(self, message: str, code: int, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


class WaitTimeout(DriverError, TimeoutError):
    """What was waited for did not come in time."""


class RequestTimedOut(RequestRefused, WaitTimeout):
    """The compositor itself waited for something that did not come; the text says for what."""


class WindowGone(DriverError):
    """A window that is no more was asked for something."""


class ImageMismatch(DriverError, AssertionError):
    """A picture differs from what was expected."""
