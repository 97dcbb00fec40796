"""Clients and their shared memory, as the compositor sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compositor.control.host import Host
from compositor.control.identity import describe_identity
from compositor.control.launcher import Launch, Launcher
from compositor.control.registry import method
from compositor.control.usage import program_of, usage_of
from compositor.memory import Verdict, exclusive_access

if TYPE_CHECKING:
    from compositor.wire import Client


def launch_of(client: Client, launcher: Launcher) -> Launch | None:
    """Return the program started here that a client belongs to, or None."""
    if "launch" not in client.data:
        client.data["launch"] = launcher.of_process(client.pid)
    launch: Launch | None = client.data["launch"]
    return launch


class Clients:
    """The namespaces ``clients`` and ``pools``."""

    def __init__(self, host: Host, launcher: Launcher) -> None:
        self._host = host
        self._launcher = launcher

    @method("clients.list")
    def clients(self) -> list[dict[str, Any]]:
        """Every connection."""
        from compositor.protocol.wl_shm import account_of

        found = []
        for client in self._host.display.clients:
            account = account_of(client)
            launch = launch_of(client, self._launcher)
            found.append(
                {
                    "client": client.name,
                    "pid": client.pid,
                    "uid": client.uid,
                    "peer": client.peer,
                    "program": program_of(client.pid),
                    "launch": launch.id if launch is not None else None,
                    "objects": sum(1 for one in client.objects if one is not None)
                    + len(client.server_objects),
                    "messages": client.messages,
                    "pools": len(account.pools),
                    "pool_bytes": account.pool_bytes,
                    "copied_bytes": account.copied_bytes,
                    **usage_of(client),
                    "windows": [w.id for w in self._host.desktop.windows if w.client is client],
                    **describe_identity(client, self._host.desktop.privileged_for_all),
                }
            )
        return found

    @method("pools.list")
    def pools(self) -> list[dict[str, Any]]:
        """Every wl_shm pool: what it promises, and what was made of that."""
        from compositor.protocol.wl_shm import account_of

        found = []
        for client in self._host.display.clients:
            program = program_of(client.pid)
            for shared in account_of(client).pools:
                pool = shared.pool
                mapped = pool.verdict is not Verdict.COPY
                found.append(
                    {
                        "client": client.name,
                        "pid": client.pid,
                        "program": program,
                        "pool": shared.id,
                        "size": pool.size,
                        "seals": [seal.name for seal in pool.seals],
                        "verdict": pool.verdict.name.lower(),
                        "growths": pool.growths,
                        "buffers": shared.buffers,
                        "mapped_bytes": pool.size if mapped else 0,
                        # What can be copied and not mapped may have other users; a lease would tell.
                        "exclusive": None if mapped else exclusive_access(pool.fileno()).value,
                    }
                )
        return found
