"""One measurement: one compositor under one load, from its start to its end."""

from __future__ import annotations

import contextlib
import json
import os
import select
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from benchmarks import process, toolchain
from benchmarks.compositors import Compositor, Running
from benchmarks.loads import Load

WARMUP_SECONDS = 1.0
#: How long the client may take beyond its own time before it counts as stuck.
PATIENCE_SECONDS = 30.0


class LoadError(Exception):
    """The load could not be played, or did not play as described."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one compositor cost under one load."""

    compositor: str
    load: str
    run: int
    unit: str
    seconds: float
    #: Frames the leading surface was told of (motions sent, for the pointer load).
    units: int
    #: Compositor CPU time per unit, µs.
    cpu_us: float
    #: Share of one CPU, 0 to 1.
    cpu_share: float
    #: Refreshes of the compositor's own that passed without a frame.
    missed: int
    #: From commit to frame callback (from motion request to event, for the pointer load), µs.
    latency_us: int
    latency_p99_us: int
    wakeups: float
    rss_kib: int
    #: Callbacks per frame and animated surface: below 1 means the compositor skipped work.
    completeness: float
    captures_per_s: float | None = None
    instructions: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(
    compositor: Compositor,
    load: Load,
    *,
    run: int = 1,
    seconds: float = 3.0,
    warmup: float = WARMUP_SECONDS,
) -> Measurement:
    """Start ``compositor``, play ``load`` for ``seconds`` after ``warmup``, and end both.

    Raises LoadError or StartError with what went wrong.
    """
    if load.outputs > compositor.max_outputs:
        raise LoadError(f"{compositor.name} headless has at most {compositor.max_outputs} output")
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(compositor.running(load.outputs))
        reader = stack.enter_context(_helper("reader", [], running)) if load.reader else None
        if reader:
            reader.event("ready", PATIENCE_SECONDS)
        times = ["--warmup", str(warmup), "--seconds", str(seconds)]
        client = stack.enter_context(_helper("load", [*load.arguments, *times], running))
        client.event("start", warmup + PATIENCE_SECONDS)
        before = process.sample(running.pid)
        counter = stack.enter_context(_InstructionCounter(running.pid)) if perf_works() else None
        seen = client.event("stop", seconds + PATIENCE_SECONDS)
        after = process.sample(running.pid)
        instructions = counter.stop() if counter else None
        read = reader.close_and_read() if reader else None
        captures = read["captures"] / read["seconds"] if read else None
        return _measurement(load, compositor.name, run, before, after, seen, captures, instructions)


def _measurement(
    load: Load,
    name: str,
    run: int,
    before: process.Sample,
    after: process.Sample,
    seen: dict[str, Any],
    captures_per_s: float | None,
    instructions: int | None,
) -> Measurement:
    units = int(seen["frames"])
    if units == 0:
        raise LoadError("no frame callback came")
    if load.fullscreen and not seen["fullscreen"]:
        raise LoadError("the window did not become fullscreen")
    cpu_ns = after.cpu_ns - before.cpu_ns
    elapsed_ns = after.at_ns - before.at_ns
    if load.unit == "frame":
        completeness = seen["callbacks"] / (units * load.animated)
        missed = int(seen["missed"])
    else:
        completeness = seen["motions_seen"] / units
        missed = 0
    return Measurement(
        compositor=name,
        load=load.name,
        run=run,
        unit=load.unit,
        seconds=seen["seconds"],
        units=units,
        cpu_us=cpu_ns / units / 1e3,
        cpu_share=cpu_ns / elapsed_ns,
        missed=missed,
        latency_us=seen["latency_us"],
        latency_p99_us=seen["latency_p99_us"],
        wakeups=(after.voluntary_switches - before.voluntary_switches) / units,
        rss_kib=after.rss_kib,
        completeness=completeness,
        captures_per_s=captures_per_s,
        instructions=instructions / units if instructions else None,
    )


class _Helper:
    """A program of benchmarks/load/ that speaks one JSON object per line."""

    def __init__(self, child: subprocess.Popen[bytes], running: Running) -> None:
        self._child = child
        self._running = running
        self._selector = selectors.DefaultSelector()
        assert child.stdout is not None
        self._stdout = child.stdout
        self._selector.register(child.stdout, selectors.EVENT_READ)
        self._pending = b""

    def event(self, name: str, patience: float) -> dict[str, Any]:
        """Wait for the next line; it must be the event ``name``."""
        deadline = time.monotonic() + patience
        while b"\n" not in self._pending:
            if not self._selector.select(max(0.0, deadline - time.monotonic())):
                raise LoadError(f"no answer from the load client within {patience:.0f} s")
            chunk = self._stdout.read1(4096)  # type: ignore[attr-defined]
            if not chunk:
                raise LoadError(self._complaint())
            self._pending += chunk
        line, _, self._pending = self._pending.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        if message["event"] != name:
            raise LoadError(f"expected the event {name!r}, got {message}")
        return message

    def close_and_read(self) -> dict[str, Any]:
        """Close its standard input, which ends it, and return its last line."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        return self.event("stop", PATIENCE_SECONDS)

    def close(self) -> None:
        self._selector.close()
        with contextlib.suppress(BrokenPipeError):
            if self._child.stdin:
                self._child.stdin.close()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for stream in (self._child.stdout, self._child.stderr):
            if stream:
                stream.close()

    def _complaint(self) -> str:
        assert self._child.stderr is not None
        said = self._child.stderr.read().decode(errors="replace").strip()
        if "closed the connection" in said:
            # If it crashed, its last words take a moment.
            _wait_for_end(self._running.pid, 2.0)
            log = self._running.log.read_text(errors="replace").strip().splitlines()[-2:]
            return "\n".join([said, *log])
        return said.removeprefix("load: ") or "the load client ended early"


def _wait_for_end(pid: int, seconds: float) -> None:
    with contextlib.suppress(ProcessLookupError), open(os.pidfd_open(pid)) as pidfd:
        select.select([pidfd], [], [], seconds)


@contextlib.contextmanager
def _helper(name: str, arguments: list[str], running: Running) -> Iterator[_Helper]:
    child = subprocess.Popen(
        [str(toolchain.program(name)), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=running.client_environment,
    )
    helper = _Helper(child, running)
    try:
        yield helper
    finally:
        helper.close()


@cache
def perf_works() -> bool:
    """Whether ``perf stat`` can count instructions here (virtual machines often cannot)."""
    if shutil.which("perf") is None:
        return False
    done = subprocess.run(
        ["perf", "stat", "-x", ",", "-e", "instructions:u", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0 and parse_instructions(done.stderr) is not None


def parse_instructions(text: str) -> int | None:
    """The count in the output of ``perf stat -x, -e instructions:u``, or None when it is not supported."""
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) > 2 and fields[2].startswith("instructions") and fields[0].isdigit():
            return int(fields[0])
    return None


class _InstructionCounter:
    """``perf stat`` attached to a process."""

    def __init__(self, pid: int) -> None:
        self._perf = subprocess.Popen(
            ["perf", "stat", "-x", ",", "-e", "instructions:u", "-p", str(pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> _InstructionCounter:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int | None:
        if self._perf.poll() is not None:
            return None
        self._perf.send_signal(signal.SIGINT)
        _, said = self._perf.communicate(timeout=10)
        return parse_instructions(said)
