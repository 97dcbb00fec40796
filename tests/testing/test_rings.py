"""A ring of an output's frames: whole, without asking, for the one who was granted it, until taken back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from compositor.locate import clients_dir
from compositor.testing import Compositor, RequestRefused


@pytest.fixture(scope="module")
def compositor() -> Iterator[Compositor]:
    with Compositor(outputs=["160x120"], clock="manual", arguments=["--no-wallpaper"]) as compositor:
        yield compositor


def test_frames_come_without_asking(compositor: Compositor) -> None:
    output = compositor.outputs[0]
    with output.ring() as ring:
        first = ring.latest()
        assert first is not None
        assert (120, 160) == first.pixels.shape
        expected = compositor.screenshot()
        assert (expected[:, :, 0] == (first.pixels >> 16 & 255)).all()
        program = compositor.launch([sys.executable, str(clients_dir() / "flower.py"), "--size", "60x40"])
        program.window()
        seen = set()
        for _ in range(6):
            compositor.clock.advance_frames(1)
            compositor.wait_idle()
            frame = ring.latest()
            assert frame is not None
            seen.add(frame.number)
        assert len(seen) > 3
        assert len(ring.numbers) == 4
        program.terminate()
        compositor.clock.advance_frames(2)
        frame = ring.latest()
        assert frame is not None
        picture = compositor.screenshot()
        assert (picture[:, :, 2] == (frame.pixels & 255)).all()


def test_it_is_taken_back_with_the_connection(compositor: Compositor) -> None:
    with compositor.outputs[0].ring(2) as ring:
        assert ring.latest() is not None
    compositor.call("server.info")
    assert ring.latest() is None
    assert ring.ended


def test_a_change_of_mode_ends_it(compositor: Compositor) -> None:
    output = compositor.outputs[0]
    with output.ring() as ring:
        output.configure(width=200, height=150)
        compositor.clock.advance_frames(2)
        compositor.screenshot()
        compositor.clock.advance_frames(2)
        assert ring.ended
        assert ring.latest() is not None
    output.configure(width=160, height=120)


def test_a_ticket_is_good_once(compositor: Compositor) -> None:
    with compositor.connect() as connection:
        ticket = connection.call("ring.open")["ticket"]
        connection.call("ring.redeem", ticket=ticket)
        with pytest.raises(RequestRefused, match="used or revoked"):
            connection.call("ring.redeem", ticket=ticket)
        with pytest.raises(RequestRefused, match="no such ticket"):
            connection.call("ring.redeem", ticket="0" * 64)


def test_a_ticket_for_another_process_is_that_processes(compositor: Compositor) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from compositor.testing.connection import Connection\n"
        "from compositor.memory import FrameRingView, RingShape\n"
        "ticket = sys.stdin.readline().strip()\n"
        "with Connection(Path(sys.argv[1])) as connection:\n"
        "    result, fds = connection.exchange('ring.redeem', {'ticket': ticket})\n"
        "    view = FrameRingView(fds[0], RingShape(result['slots'], result['width'], result['height']))\n"
        "    print(view.latest().pixels.shape)\n"
    )
    with (
        compositor.connect() as connection,
        subprocess.Popen(
            [sys.executable, "-c", script, str(connection.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as viewer,
    ):
        ticket = connection.call("ring.open", pid=viewer.pid)["ticket"]
        with pytest.raises(RequestRefused, match="not for process"):
            connection.call("ring.redeem", ticket=ticket)
        assert "(120, 160)\n" == viewer.communicate(ticket + "\n", timeout=60)[0]


def test_rings_are_bounded_and_closed_ones_make_room(compositor: Compositor) -> None:
    with compositor.connect() as connection:
        rings = [connection.call("ring.open")["ring"] for _ in range(16)]
        with pytest.raises(RequestRefused, match="16 rings"):
            connection.call("ring.open")
        connection.call("ring.close", ring=rings[0])
        connection.call("ring.open")
        with pytest.raises(RequestRefused, match="there is no ring"):
            connection.call("ring.close", ring=rings[0])
        with pytest.raises(RequestRefused, match="process 1073741823"):
            connection.call("ring.close", ring=rings[1])
            connection.call("ring.open", pid=(1 << 30) - 1)
