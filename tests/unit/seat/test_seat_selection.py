"""Selections, and what source and target of a drag agree on."""

from __future__ import annotations

import os
from typing import Any

import pytest

from compositor.model.seat.drag import Drag
from compositor.model.seat.target import Target, TargetState
from compositor.model.selection import DragAction, Selection, Source, SourceUse

NONE, COPY, MOVE, ASK = DragAction.NONE, DragAction.COPY, DragAction.MOVE, DragAction.ASK


class Told(Source):
    """Writes down what it was told."""

    def __init__(self, *mime_types: str, actions: DragAction | None = None) -> None:
        super().__init__("owner")
        for mime_type in mime_types:
            self.offer(mime_type)
        self.actions = actions
        self.told: list[Any] = []

    def send(self, mime_type: str, fd: int) -> None:
        self.told.append(("send", mime_type))
        os.close(fd)

    def cancelled(self) -> None:
        self.told.append("cancelled")

    def target(self, mime_type: str | None) -> None:
        self.told.append(("target", mime_type))

    def action(self, action: DragAction) -> None:
        self.told.append(("action", action))

    def finished(self) -> None:
        self.told.append("finished")


class Offer:
    def __init__(self) -> None:
        self.told: list[DragAction] = []

    def send_action(self, action: DragAction) -> None:
        self.told.append(action)


def test_setting_replaces_and_tells_the_one_before() -> None:
    selection, changes = Selection(), []
    selection.on_change.append(lambda: changes.append(selection.source))
    first, second = Told("a"), Told("b")
    selection.set(first)
    selection.set(first)
    selection.set(second)
    assert [first, second] == changes
    assert ["cancelled"] == first.told
    assert [] == second.told
    assert SourceUse.SELECTION is second.use


def test_a_source_that_goes_clears_the_selection_without_being_told() -> None:
    selection, source = Selection(), Told("a")
    selection.set(source)
    source.destroy()
    source.destroy()
    assert selection.source is None
    assert [] == source.told


def test_a_source_that_is_gone_already_counts_as_none() -> None:
    selection, source = Selection(), Told("a")
    source.destroy()
    selection.set(source)
    assert selection.source is None


def test_a_request_always_consumes_its_descriptor() -> None:
    source = Told("a")
    for mime_type in ("a", "unknown"):
        read, write = os.pipe()
        source.request(mime_type, write)
        with pytest.raises(OSError):
            os.fstat(write)
        os.close(read)
    assert [("send", "a")] == source.told
    source.destroy()
    read, write = os.pipe()
    source.request("a", write)
    with pytest.raises(OSError):
        os.fstat(write)
    os.close(read)


def _target(desk: Any, source: Told, negotiates: bool = True) -> tuple[Target, Offer]:
    target, offer = Target(Drag(desk.seat, source, "owner", None), source), Offer()
    target.add_offer(offer, negotiates)
    return target, offer


@pytest.mark.parametrize(
    ("ours", "theirs", "preferred", "wish", "expected"),
    [
        (COPY | MOVE, COPY | MOVE, NONE, NONE, COPY),
        (COPY | MOVE, COPY | MOVE, MOVE, NONE, MOVE),
        (COPY | MOVE, COPY | MOVE, COPY, MOVE, MOVE),
        (COPY, COPY | MOVE, MOVE, NONE, COPY),
        (MOVE, COPY, COPY, NONE, NONE),
        (None, COPY | MOVE, MOVE, NONE, COPY),
        (MOVE | ASK, MOVE | ASK, NONE, NONE, MOVE),
        (COPY | ASK, MOVE | ASK, NONE, COPY, ASK),
    ],
)
def test_the_action_is_what_modifiers_wish_then_what_the_target_prefers_then_the_first(
    desk: Any,
    ours: DragAction | None,
    theirs: DragAction,
    preferred: DragAction,
    wish: DragAction,
    expected: DragAction,
) -> None:
    target, _ = _target(desk, Told("a", actions=ours))
    target.drag.wish = wish
    target.set_actions(theirs, preferred)
    assert expected == target.action


def test_an_unchanged_action_is_told_once(desk: Any) -> None:
    source = Told("a", actions=COPY)
    target, offer = _target(desk, source)
    target.set_actions(COPY, COPY)
    target.set_actions(COPY | MOVE, COPY)
    assert [("action", COPY)] == source.told
    assert [COPY] == offer.told


def test_leaving_takes_type_and_action_back(desk: Any) -> None:
    source = Told("a", actions=COPY)
    target, _ = _target(desk, source)
    target.accept("a")
    target.set_actions(COPY, COPY)
    source.told.clear()
    target.left()
    assert [("target", None), ("action", NONE)] == source.told
    assert TargetState.INERT is target.state
    assert [] == source.on_destroy


def test_a_type_that_is_not_offered_is_not_accepted(desk: Any) -> None:
    source = Told("a", actions=COPY)
    target, _ = _target(desk, source)
    target.accept("b")
    target.set_actions(COPY, COPY)
    assert not target.droppable
    assert ("target", None) in source.told


def test_a_source_destroyed_after_the_drop_makes_the_target_inert(desk: Any) -> None:
    source = Told("a", actions=COPY)
    target, offer = _target(desk, source)
    target.dropped()
    source.destroy()
    target.finish()
    target.remove_offer(offer)
    assert TargetState.INERT is target.state
    assert [] == source.told
