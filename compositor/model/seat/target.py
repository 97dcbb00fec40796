"""What a drag is over: what its client would accept, and what both sides agree on.

Source: wl_data_offer and wl_data_source. A `Target` is one stay of a drag
over one client; that of a drop lives on until the client has the data.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from compositor.model.selection import DragAction, Source

if TYPE_CHECKING:
    from compositor.model.seat.drag import Drag


class TargetState(Enum):
    """How far what the drag is over has come."""

    OVER = "over"
    DROPPED = "dropped"
    FINISHED = "finished"
    INERT = "inert"


class Target:
    """One stay of the drag over one client: what that client would accept.

    Attributes:
        state: requests count while OVER and DROPPED.
        source: what is offered; None once it is gone or the drag went elsewhere.
        mime_type: what the client accepted last.
        actions, preferred: what it would do.
        action: what both sides agree on.
        asking: whether the drop left the action to the person.
        negotiates: whether it speaks of actions and ends with `finish` (wl_data_offer version 3).
        offers: protocol objects that stand for it.
    """

    __slots__ = (
        "action",
        "actions",
        "asking",
        "drag",
        "mime_type",
        "negotiates",
        "offers",
        "preferred",
        "source",
        "state",
    )

    def __init__(self, drag: Drag, source: Source) -> None:
        self.drag = drag
        self.source: Source | None = source
        self.state = TargetState.OVER
        self.mime_type: str | None = None
        self.actions = DragAction.NONE
        self.preferred = DragAction.NONE
        self.action = DragAction.NONE
        self.asking = False
        self.negotiates = True
        self.offers: list[Any] = []
        source.on_destroy.append(self._source_destroyed)

    @property
    def active(self) -> bool:
        """Whether the client may still negotiate."""
        return self.source is not None and self.state in (TargetState.OVER, TargetState.DROPPED)

    def add_offer(self, offer: Any, negotiates: bool) -> None:
        """Note a protocol object that stands for it.

        Args:
            offer: told of actions by ``send_action(action)``.
            negotiates: whether its version knows actions.
        """
        self.offers.append(offer)
        self.negotiates = negotiates
        self.update_action()

    def accept(self, mime_type: str | None) -> None:
        """The client would take this type, or nothing."""
        source = self.source
        if source is None or not self.active:
            return
        self.mime_type = mime_type if mime_type in source.mime_types else None
        source.target(self.mime_type)

    def set_actions(self, actions: DragAction, preferred: DragAction) -> None:
        """The client would do one of these, and likes one best."""
        if self.active:
            self.actions = actions
            self.preferred = preferred
            self.update_action()

    def choose_action(self) -> DragAction:
        """Return the action that source, target and modifiers make together."""
        source = self.source
        if source is None:
            return DragAction.NONE
        theirs = self.actions if self.negotiates else DragAction.COPY
        ours = source.actions if source.actions is not None else DragAction.COPY
        both = theirs & ours
        for wish in (self.drag.wish if not self.asking else DragAction.NONE, self.preferred):
            if wish & both:
                return wish
        for action in (DragAction.COPY, DragAction.MOVE, DragAction.ASK):
            if action & both:
                return action
        return DragAction.NONE

    def update_action(self) -> None:
        """Tell both sides what they agree on, where that has changed."""
        if self.source is None:
            return
        action = self.choose_action()
        if action == self.action:
            return
        self.action = action
        if self.asking:
            # The source hears the final choice with the finish.
            return
        self.source.action(action)
        for offer in self.offers:
            offer.send_action(action)

    @property
    def droppable(self) -> bool:
        """Whether a drop now would do something."""
        return self.mime_type is not None and self.action != DragAction.NONE

    def dropped(self) -> None:
        """The drag ended over it."""
        self.state = TargetState.DROPPED
        self.asking = self.action == DragAction.ASK

    def finish(self) -> None:
        """The client has all it wanted."""
        source = self.source
        if source is not None and self.state is TargetState.DROPPED:
            if self.asking:
                source.action(self.action)
            self._let_go(TargetState.FINISHED)
            source.finished()

    def remove_offer(self, offer: Any) -> None:
        """A protocol object is gone; with the last one the client has given up, or is old and done."""
        if offer in self.offers:
            self.offers.remove(offer)
        source = self.source
        if self.offers or source is None or self.state is not TargetState.DROPPED:
            return
        if not self.negotiates:
            self.finish()
        else:
            self._let_go(TargetState.INERT)
            source.cancelled()

    def left(self) -> None:
        """The drag went elsewhere without a drop."""
        source = self.source
        if source is not None and self.state is TargetState.OVER:
            self._let_go(TargetState.INERT)
            if self.mime_type is not None:
                source.target(None)
            if self.action != DragAction.NONE:
                source.action(DragAction.NONE)

    def _let_go(self, state: TargetState) -> None:
        if self.source is not None:
            self.source.on_destroy.remove(self._source_destroyed)
        self.state = state
        self.source = None

    def _source_destroyed(self, source: Source) -> None:
        self._let_go(TargetState.INERT)
