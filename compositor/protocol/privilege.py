"""Who may bind the protocols that see or steer other programs.

By default every client of the user, as in other compositors; never a client
inside a security context; under ``--privileged launched`` only programs that
the compositor started as trusted.
"""

from __future__ import annotations

from collections.abc import Callable

from compositor.model.desktop import Desktop
from compositor.wire import Client


def privileged(desktop: Desktop) -> Callable[[Client], bool]:
    """Return the test that decides for a client, for `Display.add_global(visible=...)`."""

    def visible(client: Client) -> bool:
        if client.sandbox is not None or not (desktop.privileged_for_all or client.privileged is True):
            return False
        # The registry asks again at every bind: a process can become another program after connecting.
        return desktop.second_look is None or desktop.second_look(client)

    return visible
