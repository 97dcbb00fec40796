"""wl_data_offer: what a client may paste or receive by a drop."""

from __future__ import annotations

from enum import IntEnum

from compositor.model.seat.target import Target, TargetState
from compositor.model.selection import DragAction, Source
from compositor.protocol.wl_data_device_manager.source import ACTION_MASK
from compositor.wire import Fd, Interface, String, Uint, event, request


class WlDataOffer(Interface, name="wl_data_offer", version=4):
    """What a client may paste or receive by a drop.

    Attributes:
        source: of the selection it was made for; None for drags.
        target: the stay of the drag it was made for; None for selections.
    """

    __slots__ = ("source", "target")

    source: Source | None
    target: Target | None

    class Error(IntEnum):
        INVALID_FINISH = 0
        INVALID_ACTION_MASK = 1
        INVALID_ACTION = 2
        INVALID_OFFER = 3

    @request()
    def accept(self, serial: Uint, mime_type: String | None) -> None:
        if self.target is not None:
            self.target.accept(mime_type)

    @request()
    def receive(self, mime_type: String, fd: Fd) -> None:
        source = self.source if self.target is None else self.target.source
        if source is not None:
            source.request(mime_type, fd.take())

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def offer(self, mime_type: String) -> None:
        """One type it can give."""

    @request(since=3)
    def finish(self) -> None:
        target = self.target
        if target is None:
            raise self.error(self.Error.INVALID_FINISH, "finish: it is not an offer of a drag")
        if target.source is None:
            return
        if target.state is not TargetState.DROPPED or target.mime_type is None:
            why = "nothing was dropped yet" if target.state is TargetState.OVER else "no type was accepted"
            raise self.error(self.Error.INVALID_FINISH, f"finish: {why}")
        if target.action in (DragAction.NONE, DragAction.ASK):
            raise self.error(self.Error.INVALID_OFFER, f"finish: the action is {target.action.name}")
        target.finish()

    @request(since=3)
    def set_actions(self, dnd_actions: Uint, preferred_action: Uint) -> None:
        if dnd_actions & ~ACTION_MASK:
            raise self.error(self.Error.INVALID_ACTION_MASK, f"set_actions: {dnd_actions:#x} is no mask")
        single = preferred_action & (preferred_action - 1) == 0
        if preferred_action and not (single and preferred_action & dnd_actions):
            text = f"set_actions: {preferred_action:#x} is not one of {dnd_actions:#x}"
            raise self.error(self.Error.INVALID_ACTION, text)
        if self.target is None:
            raise self.error(self.Error.INVALID_OFFER, "set_actions: it is not an offer of a drag")
        self.target.set_actions(DragAction(dnd_actions), DragAction(preferred_action))

    @event(since=3)
    def source_actions(self, source_actions: Uint) -> None:
        """What the source allows."""

    @event(since=3)
    def action(self, dnd_action: Uint) -> None:
        """What both sides agree on."""

    def send_action(self, action: DragAction) -> None:
        """Tell what both sides agree on (for compositor.model.seat.drag.Target)."""
        if self.alive:
            self.action(action)

    def destroyed(self) -> None:
        if self.target is not None:
            self.target.remove_offer(self)
