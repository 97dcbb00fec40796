"""One target fuzzed for a while: libFuzzer in a process of its own, watched, and what it found."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fuzz.targets import Target

HANG_S = 60
"""An input that takes longer is a finding. Most take a hundredth of a second; the machine may be busy."""
MEMORY_MB = 2048
CORPUS_BYTES = 160 << 10
"""What the corpus of one target may have in the repository."""
TELL_EVERY_S = 5.0
_STATUS = re.compile(r"#(\d+)\s+(\w+)\s+cov: (\d+) ft: (\d+) corp: (\d+)/\S+.*?exec/s: (\d+)")
_SAVED = re.compile(r"Test unit written to (\S+)")


@dataclass(slots=True)
class Result:
    """What came of it.

    Attributes:
        executions: inputs that were run.
        coverage: places of the compositor's code that were reached (basic blocks and comparisons).
        start_coverage: those that the corpus reached by itself.
        features: what libFuzzer counts: places, and how often they were reached.
        inputs: kept, since each reaches something that the others do not.
        findings: files that show them.
        trouble: why the fuzzer itself ended badly, if it did.
    """

    target: str
    seconds: float = 0.0
    executions: int = 0
    start_coverage: int = 0
    coverage: int = 0
    features: int = 0
    inputs: int = 0
    findings: list[str] = field(default_factory=list)
    trouble: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return asdict(self)

    def __str__(self) -> str:
        rate = self.executions / self.seconds if self.seconds else 0.0
        text = (
            f"{self.target}: {self.executions:,} inputs in {self.seconds:.0f} s ({rate:.0f} a second), "
            f"coverage {self.start_coverage:,} → {self.coverage:,}, {self.inputs:,} inputs kept, "
            f"{len(self.findings)} findings"
        )
        for path in self.findings:
            text += f"\n  python -m tests.fuzz --target {self.target} {path}"
        if self.trouble:
            text += f"\n  the fuzzer ended badly: {self.trouble}"
        return text


class Campaign:
    """Fuzzes one target.

    Args:
        target: what.
        seconds: how long.
        findings: folder for the inputs that find something.
        work: folder for what is kept, by target; None for one that is thrown away.
        seed: of libFuzzer's chance; 0 for another every time.
    """

    def __init__(self, target: Target, seconds: float, findings: Path, work: Path | None, seed: int) -> None:
        self.target = target
        self._seconds = seconds
        self._findings = findings
        self._seed = seed
        self._told = 0.0
        self._folder = Path(tempfile.mkdtemp(prefix="fuzz-")) if work is None else work
        self._kept = self._folder / target.name
        self._kept.mkdir(parents=True, exist_ok=True)
        self._throw_away = work is None

    def _command(self, *options: str) -> list[str]:
        guided = Path(__file__).with_name("guided.py")
        return [
            sys.executable,
            str(guided),
            self.target.name,
            f"-artifact_prefix={self._findings}/{self.target.name}-",
            f"-max_len={self.target.max_bytes}",
            f"-timeout={HANG_S}",
            f"-report_slow_units={HANG_S}",
            f"-rss_limit_mb={MEMORY_MB}",
            "-len_control=0",
            "-use_value_profile=0",
            *options,
        ]

    def run(self, quiet: bool = False) -> Result:
        """Fuzz until the time is over or something is found."""
        result = Result(self.target.name)
        options = [f"-max_total_time={max(1, round(self._seconds))}"]
        if self._seed:
            options.append(f"-seed={self._seed}")
        folders = [str(self._kept)]
        if self.target.corpus.is_dir():
            folders.append(str(self.target.corpus))
        child = subprocess.Popen(
            self._command(*options, *folders),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        started = time.monotonic()
        tail: list[str] = []
        assert child.stdout is not None
        try:
            for line in child.stdout:
                self._hear(line.rstrip("\n"), result, quiet)
                tail = [*tail[-60:], line]
        finally:
            if child.poll() is None:
                child.terminate()
            child.wait()
            child.stdout.close()
        result.seconds = time.monotonic() - started
        if child.returncode != 0:
            if not result.findings:
                result.trouble = f"status {child.returncode}"
            text = "".join(tail)
            if not quiet:
                sys.stdout.write(text)
            for path in result.findings:
                Path(path + ".txt").write_text(text, encoding="utf-8")
        return result

    def _hear(self, line: str, result: Result, quiet: bool) -> None:
        if found := _SAVED.search(line):
            result.findings.append(found[1])
        status = _STATUS.match(line)
        if status is None:
            return
        executions, kind, coverage, features, inputs, rate = status.groups()
        result.executions = int(executions)
        result.coverage, result.features, result.inputs = int(coverage), int(features), int(inputs)
        if kind == "INITED":
            result.start_coverage = result.coverage
        now = time.monotonic()
        if not quiet and now > self._told + TELL_EVERY_S:
            self._told = now
            text = f"{self.target.name}: {result.executions:,} inputs, {rate} a second"
            print(f"{text}, coverage {result.coverage:,}, {result.inputs:,} kept", flush=True)

    def update_corpus(self) -> None:
        """Have the corpus be the smallest inputs that reach what all reach, as far as there is room."""
        with tempfile.TemporaryDirectory() as name:
            merged = Path(name)
            folders = [str(merged), str(self._kept), str(self.target.corpus)]
            subprocess.run(
                # By places alone: how often each was reached would keep ten times as much.
                self._command("-merge=1", "-use_counters=0", *folders),
                check=True,
                capture_output=True,
            )
            # What was recorded keeps its name and its place; the rest goes in as there is room.
            named = [p for p in self.target.corpus.iterdir() if not re.fullmatch(r"[0-9a-f]{40}", p.name)]
            room = CORPUS_BYTES - sum(path.stat().st_size for path in named)
            known = {path.read_bytes() for path in named}
            for path in self.target.corpus.iterdir():
                if path not in named:
                    path.unlink()
            for path in sorted(merged.iterdir(), key=lambda path: path.stat().st_size):
                size = path.stat().st_size
                if size <= room and path.read_bytes() not in known:
                    room -= size
                    shutil.copy(path, self.target.corpus / path.name)

    def close(self) -> None:
        """Throw away what nobody asked to keep."""
        if self._throw_away:
            with contextlib.suppress(OSError):
                shutil.rmtree(self._folder)
