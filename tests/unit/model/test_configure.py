"""The life of a proposal: inflight, acknowledged, committed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compositor.model.configure import ConfigureQueue, ConfigureState


def queue(limit: int = 10) -> ConfigureQueue[str]:
    return ConfigureQueue(limit)


def test_nothing_proposed_is_idle() -> None:
    q = queue()
    assert (ConfigureState.IDLE, None, False) == (q.state, q.newest, q.full)
    assert q.committed() is None


def test_a_proposal_is_shown_once_acknowledged_and_committed() -> None:
    q = queue()
    q.sent(1, "a")
    assert ConfigureState.INFLIGHT is q.state
    assert q.committed() is None
    assert q.ack(1)
    assert ConfigureState.ACKED is q.state
    assert "a" == q.committed()
    assert (ConfigureState.COMMITTED, "a", None) == (q.state, q.current, q.committed())


def test_an_ack_covers_what_was_sent_before_it() -> None:
    q = queue()
    for serial, proposal in enumerate("abc", 1):
        q.sent(serial, proposal)
    assert q.ack(2)
    assert [(3, "c")] == list(q.inflight)
    assert "b" == q.committed()
    # A newer one is still under way.
    assert ConfigureState.INFLIGHT is q.state
    assert not q.ack(1)
    assert not q.ack(2)
    assert q.ack(3)


def test_only_the_last_of_two_acks_is_committed() -> None:
    q = queue()
    q.sent(1, "a")
    q.sent(2, "b")
    q.ack(1)
    q.ack(2)
    assert "b" == q.committed()


def test_the_newest_is_what_the_client_was_told_last() -> None:
    q = queue()
    q.sent(1, "a")
    q.ack(1)
    assert "a" == q.newest
    q.sent(2, "b")
    assert "b" == q.newest
    q.committed()
    assert "b" == q.newest


def test_it_is_full_when_too_many_wait() -> None:
    q = queue(2)
    q.sent(1, "a")
    q.sent(2, "b")
    assert q.full
    q.ack(1)
    assert not q.full


def test_reset_forgets_everything() -> None:
    q = queue()
    q.sent(1, "a")
    q.ack(1)
    q.committed()
    q.sent(2, "b")
    q.reset()
    assert (ConfigureState.IDLE, None, None) == (q.state, q.newest, q.current)
    assert not q.ack(1)


def test_an_answer_that_crossed_the_reset_agrees_to_nothing() -> None:
    q = queue()
    for serial, proposal in enumerate("abc", 1):
        q.sent(serial, proposal)
    q.reset()
    q.sent(4, "d")
    assert q.ack(2)
    assert (None, [(4, "d")], [3]) == (q.committed(), list(q.inflight), list(q.void))
    assert not q.ack(2)
    assert q.ack(4)
    assert not q.ack(3)


def test_what_was_missed_is_told_once_there_is_room() -> None:
    q = queue(2)
    q.sent(1, "a")
    q.sent(2, "b")
    q.missed = True
    assert not q.catch_up()
    q.ack(1)
    assert (True, False) == (q.catch_up(), q.catch_up())


@given(st.lists(st.sampled_from(["send", "ack", "old", "commit"]), max_size=40))
def test_no_order_of_events_shows_what_was_not_acknowledged(events: list[str]) -> None:
    q: ConfigureQueue[int] = ConfigureQueue(1000)
    serial = acknowledged = 0
    for event in events:
        if event == "send":
            serial += 1
            q.sent(serial, serial)
        elif event == "ack" and serial > acknowledged:
            acknowledged = serial
            assert q.ack(serial)
        elif event == "old":
            assert not q.ack(acknowledged)
        elif event == "commit":
            q.committed()
            assert (acknowledged or None) == q.current
        assert serial - acknowledged == len(q.inflight)
