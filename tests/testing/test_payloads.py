"""What is too large for a line travels frozen: traces and texts, as pictures and the clipboard do."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

import pytest

from compositor.locate import clients_dir
from compositor.memory import FROZEN, freeze, get_seals, open_frozen
from compositor.testing import Compositor, RequestRefused

BUBBLES = [sys.executable, str(clients_dir() / "textpad.py"), "--frames", "3"]


@pytest.fixture(scope="module")
def compositor() -> Iterator[Compositor]:
    with Compositor(outputs=["640x480"]) as compositor:
        yield compositor


def test_a_trace_of_a_while_comes_frozen(compositor: Compositor) -> None:
    with compositor.connect() as connection:
        connection.call("trace.start")
        with pytest.raises(RequestRefused, match="already"):
            connection.call("trace.start")
        assert 0 == compositor.launch(BUBBLES).wait()
        result, descriptors = connection.exchange("trace.stop")
        assert FROZEN & get_seals(descriptors[0].fileno()) == FROZEN
        with open_frozen(descriptors[0].take()) as message:
            lines = [json.loads(line) for line in message.tobytes().splitlines()]
        assert len(lines) == result["lines"]
        assert {"wl_surface", "xdg_toplevel"} <= {line["interface"] for line in lines}
        assert 0 == result["dropped"]
        with pytest.raises(RequestRefused, match="no trace"):
            connection.call("trace.stop")


def test_the_newest_lines_are_kept_and_the_others_are_counted(compositor: Compositor) -> None:
    with compositor.connect() as connection:
        connection.call("trace.start", max_bytes=4096)
        assert 0 == compositor.launch(BUBBLES).wait()
        result, descriptors = connection.exchange("trace.stop")
        assert result["dropped"] > 10
        assert result["size"] <= 4096
        with open_frozen(descriptors[0].take()) as message:
            assert json.loads(message.tobytes().splitlines()[0])["client"]


def test_a_trace_ends_with_who_started_it(compositor: Compositor) -> None:
    with compositor.connect() as connection:
        connection.call("trace.start")
    with compositor.connect() as connection:
        compositor.wait_until(("client",), lambda: _can_start(connection), None, lambda: "it is not ended")
        connection.call("trace.stop")


def _can_start(connection: object) -> bool:
    try:
        connection.call("trace.start")  # type: ignore[attr-defined]
    except RequestRefused:
        return False
    return True


def test_a_text_can_be_typed_from_a_frozen_memfd(compositor: Compositor) -> None:
    window = compositor.launch(BUBBLES[:2]).window()
    window.focus()
    before = window.screenshot()
    with compositor.connect() as connection, freeze(b"seals never shrink") as message:
        connection.exchange("keyboard.type", {"data": 0}, [message.fd])
    window.wait_for(lambda _: (window.screenshot() != before).any())
    window.close()


@pytest.mark.parametrize("params", [{}, {"text": "a", "data": 0}])
def test_it_is_one_of_the_two(compositor: Compositor, params: dict[str, object]) -> None:
    with (
        compositor.connect() as connection,
        freeze(b"a") as message,
        pytest.raises(RequestRefused, match="either"),
    ):
        connection.exchange("keyboard.type", params, [message.fd] if params else [])


def test_a_text_that_somebody_could_still_change_is_refused(compositor: Compositor) -> None:
    fd = os.memfd_create("text")
    os.write(fd, b"text")
    with compositor.connect() as connection, pytest.raises(RequestRefused, match="not frozen"):
        connection.exchange("keyboard.type", {"data": 0}, [fd])
    os.close(fd)
