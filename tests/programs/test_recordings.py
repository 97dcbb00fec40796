"""What real programs said is said again to a running compositor, without the programs.

The recordings are made by record.py; what is in them, support.recording says. A replay fails if the
compositor disconnects anybody, does not answer as it did then, or has other windows after any step.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.recording import read
from support.replay import ReplayError, replay

from compositor.testing import Compositor, WaitTimeout

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.jsonl"))


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_recording_is_served_as_it_was(path: Path) -> None:
    head, lines = read(path)
    with Compositor(outputs=head["outputs"], timeout_s=30) as compositor:
        assert replay(compositor, lines) > 50
        log = compositor.log.splitlines()
        assert [] == [line for line in log if "bug:" in line or "protocol error" in line]


def test_there_are_a_dozen_and_none_tells_of_the_machine_it_was_made_on() -> None:
    assert len(RECORDINGS) >= 12
    for path in RECORDINGS:
        assert path.stat().st_size < 120_000, path.name
        text = path.read_text("utf-8")
        assert [] == re.findall(r"/(?:home|root|tmp|work|run)/[^\"]*", text), path.name


def test_a_replay_notices_a_request_that_is_wrong(compositor: Compositor) -> None:
    _, lines = read(next(path for path in RECORDINGS if path.stem == "foot"))
    for line in lines:
        if isinstance(line, list) and line[3] == "create_buffer":
            # A stride that is too small for the width.
            line[4][4] = 4
    with pytest.raises(ReplayError, match="invalid_stride"):
        replay(compositor, lines)


def test_a_replay_notices_another_size(compositor: Compositor) -> None:
    _, lines = read(next(path for path in RECORDINGS if path.stem == "foot"))
    expected = next(line for line in lines if isinstance(line, dict) and line.get("windows"))
    expected["windows"][0]["width"] += 1
    with pytest.raises(WaitTimeout, match="they were"):
        replay(compositor, lines[: lines.index(expected) + 1], patience_s=1)
