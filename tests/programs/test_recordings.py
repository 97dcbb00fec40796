"""What real programs said is said again to a running compositor, without the programs.

The recordings are made by record.py; what is in them, support.recording says. A replay fails if the
compositor disconnects anybody, does not answer as it did then, or has other windows after any step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.recording import read
from support.replay import ReplayError, replay
from support.zygote import Zygote

from compositor.testing import Compositor, WaitTimeout

OUTPUT = "1000x700"
RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.jsonl"))


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """What compositors of the recordings' output are forked from."""
    made = Zygote(["--output", OUTPUT], tmp_path_factory.mktemp("zygote"))
    yield made
    made.close()


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_recording_is_served_as_it_was(path: Path, zygote: Zygote) -> None:
    head, lines = read(path)
    requests = sum(isinstance(line, list) for line in lines)
    assert requests > 5
    assert [OUTPUT] == head["outputs"]
    if not head["options"]:
        with zygote.compositor() as compositor:
            assert requests == replay(compositor, lines)
        return
    with Compositor(outputs=[OUTPUT], arguments=head["options"], timeout_s=30) as compositor:
        assert requests == replay(compositor, lines)
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
    with pytest.raises(WaitTimeout, match="there was"):
        replay(compositor, lines[: lines.index(expected) + 1], patience_s=1)
