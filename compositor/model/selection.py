"""Selections: what was copied last, and who provides it.

A source names the types it can give; readers get its bytes through a
descriptor that the source writes to, the compositor never in between. The
clipboard and the primary selection are one `Selection` each. Protocols make
sources of clients' objects; the compositor may have its own.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, IntFlag
from typing import TYPE_CHECKING, Any

from compositor.descriptor import close_fd

if TYPE_CHECKING:
    from compositor.model.seat.toplevel_drag import ToplevelDrag


class DragAction(IntFlag):
    """What a drop does; bits of wl_data_device_manager.dnd_action."""

    NONE = 0
    COPY = 1
    MOVE = 2
    ASK = 4


ALL_ACTIONS = DragAction.COPY | DragAction.MOVE | DragAction.ASK


class SourceUse(Enum):
    """What a source was given for; it has one use in its life."""

    UNUSED = "unused"
    SELECTION = "selection"
    DRAG = "drag"


class Source:
    """Something that can be pasted or dropped. Providers derive from it.

    Attributes:
        client: identity of the owner, None for the compositor's own.
        mime_types: in the order offered, each once.
        actions: what a drag of it allows; None when it never said.
        use: what it was given for.
        toplevel_drag: a window that a drag of it carries along, or None.
        alive: whether it can still be asked for data.
        on_destroy: called once when it goes.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self.mime_types: list[str] = []
        self.actions: DragAction | None = None
        self.use = SourceUse.UNUSED
        self.toplevel_drag: ToplevelDrag | None = None
        self.alive = True
        self.on_destroy: list[Callable[[Source], None]] = []

    def offer(self, mime_type: str) -> None:
        """Add a type."""
        if mime_type not in self.mime_types:
            self.mime_types.append(mime_type)

    def request(self, mime_type: str, fd: int) -> None:
        """Have the bytes written to `fd`, which belongs to this call: for a type not offered, nothing is."""
        if self.alive and mime_type in self.mime_types:
            self.send(mime_type, fd)
        else:
            close_fd(fd)

    def send(self, mime_type: str, fd: int) -> None:
        """Write the bytes of an offered type to `fd` and close it, whatever happens; must not block."""
        raise NotImplementedError

    def cancelled(self) -> None:
        """It will not be asked any more: replaced, or the drag came to nothing."""

    def target(self, mime_type: str | None) -> None:
        """What the drag is over would take this type, or nothing."""

    def action(self, action: DragAction) -> None:
        """What dropping it now would do."""

    def drop_performed(self) -> None:
        """It was dropped; the target may fetch the data."""

    def finished(self) -> None:
        """The target has all it wanted."""

    def destroy(self) -> None:
        """It is gone. Harmless when repeated."""
        if self.alive:
            self.alive = False
            for hook in reversed(list(self.on_destroy)):
                hook(self)
            self.on_destroy.clear()


class Selection:
    """The clipboard or the primary selection of a seat.

    Attributes:
        source: what it offers, or None.
        serial: of the request that set it.
        on_change: called with nothing after `source` has changed.
    """

    __slots__ = ("on_change", "serial", "source")

    def __init__(self) -> None:
        self.source: Source | None = None
        self.serial = 0
        self.on_change: list[Callable[[], None]] = []

    def set(self, source: Source | None, serial: int = 0) -> None:
        """Offer `source` from now on; the one before is told that it was replaced.

        A source that is gone already counts as none. A source set again stays, untold.
        """
        if source is not None and not source.alive:
            source = None
        old = self.source
        self.serial = serial
        if source is old:
            return
        self.source = source
        if old is not None:
            old.on_destroy.remove(self._source_destroyed)
            old.cancelled()
        if source is not None:
            source.use = SourceUse.SELECTION
            source.on_destroy.append(self._source_destroyed)
        for hook in list(self.on_change):
            hook()

    def _source_destroyed(self, source: Source) -> None:
        self.source = None
        for hook in list(self.on_change):
            hook()
