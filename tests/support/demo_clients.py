"""The demo clients as programs: where they lie, and how tests run them against a compositor."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

from compositor.locate import clients_dir

CLIENTS = clients_dir()

PROGRAMS = sorted(path.name for path in CLIENTS.glob("*.py"))
DRAWING = [name for name in PROGRAMS if name != "liar.py"]


class Server(NamedTuple):
    """A compositor the clients can connect to."""

    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def run(self, program: str, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a client to its end."""
        command = [sys.executable, str(CLIENTS / program), *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a client and return at once."""
        command = [sys.executable, str(CLIENTS / program), *arguments]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
