"""What the lint has found, for those who run a compositor with ``--lint``."""

from __future__ import annotations

from typing import Any

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.registry import method


class LintMethods:
    """The namespace ``lint``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @method("lint.findings")
    def findings(self) -> list[dict[str, Any]]:
        """Everything found so far, in the order first seen; clients that live on are judged as of now."""
        lint = self._host.lint
        if lint is None:
            raise RequestError(Code.UNSUPPORTED, "lint.findings: the compositor was started without --lint")
        lint.look_at_all()
        found: list[dict[str, Any]] = lint.findings.list()
        return found
