"""Names of pointer buttons. Source: linux/input-event-codes.h."""

from __future__ import annotations

from compositor.testing.errors import DriverError

BUTTONS = {"left": 0x110, "right": 0x111, "middle": 0x112, "side": 0x113, "extra": 0x114}


def button_code(button: str | int) -> int:
    """Return the evdev code of a pointer button: left, right, middle, side, extra, or the code itself.

    Raises:
        DriverError: if there is no such button.
    """
    if isinstance(button, int):
        return button
    code = BUTTONS.get(button.lower())
    if code is None:
        raise DriverError(f"there is no button {button!r} (there are: {', '.join(BUTTONS)})")
    return code
