"""Programs started inside the compositor."""

from __future__ import annotations

from typing import Annotated, Any

from compositor.control.jsonrpc import Code, RequestError
from compositor.control.launcher import Launch, Launcher, LaunchError, describe
from compositor.control.params import Identifier, Range
from compositor.control.registry import Deferred, method
from compositor.descriptor import Descriptor
from compositor.memory import Refused, StartAttributes


class LaunchMethods:
    """The namespace ``launch``."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher

    def _find(self, name: str, launch: int) -> Launch:
        found = self._launcher.launches.get(launch)
        if found is None:
            raise RequestError(Code.NOT_FOUND, f"{name}: there is no launch {launch}")
        return found

    @method("launch")
    def launch(
        self,
        argv: Annotated[list[str], Range(1, 10_000)],
        env: dict[str, str] | None = None,
        cwd: str | None = None,
        trusted: bool = False,
        stdin: Descriptor | None = None,
        stdout: Descriptor | None = None,
        stderr: Descriptor | None = None,
        buffers: dict[str, Descriptor] | None = None,
        exports: dict[str, Descriptor] | None = None,
    ) -> dict[str, int]:
        """Start a program.

        Descriptors sent along become its standard ones, memory that it inherits under a name (buffers), or
        memory that it imports by the string in an environment variable (exports).
        """
        streams = {
            name: stream.fileno()
            for name, stream in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr))
            if stream is not None
        }
        with StartAttributes() as attributes:
            try:
                for name, buffer in (buffers or {}).items():
                    attributes.attach(name, buffer.fileno())
            except (ValueError, Refused, OSError) as error:
                raise RequestError(Code.INVALID_PARAMS, f'launch: "buffers": {error}') from None
            try:
                strings = {name: attributes.export(one.fileno()) for name, one in (exports or {}).items()}
            except (ValueError, Refused, OSError) as error:
                raise RequestError(Code.INVALID_PARAMS, f'launch: "exports": {error}') from None
            env = {**(env or {}), **strings}
            try:
                launch = self._launcher.launch(argv, env, cwd, trusted, buffers=attributes, **streams)
            except LaunchError as error:
                raise RequestError(Code.FAILED, f"launch: {error}") from None
        return {"launch": launch.id, "pid": launch.pid}

    @method("launch.list")
    def list(self) -> Any:
        """Every program started here, ended or not."""
        return [describe(launch) for launch in self._launcher.launches.values()]

    @method("launch.status")
    def status(self, launch: Identifier) -> dict[str, Any]:
        """Its exit status, the negative of a signal's number, or null while it runs."""
        return describe(self._find("launch.status", launch))

    @method("launch.wait")
    def wait(self, launch: Identifier) -> Deferred | dict[str, int]:
        """Answered when the program ends."""
        found = self._find("launch.wait", launch)
        if found.status is not None:
            return {"status": found.status}
        deferred = Deferred(lambda: found.waiting.remove(deferred))
        found.waiting.append(deferred)
        return deferred

    @method("launch.signal")
    def signal(self, launch: Identifier, signal: Annotated[int, Range(1, 64)]) -> dict[str, bool]:
        """Send a signal to the program and what it started; returns whether it still ran."""
        return {"sent": self._find("launch.signal", launch).signal(signal)}
