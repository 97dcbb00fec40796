"""The clipboard and the primary selection, read and set by drivers. Data travels as frozen memfds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

from compositor.clock import RealClock
from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.params import Milliseconds, Range
from compositor.control.registry import Deferred, method
from compositor.control.transfer import Transfer, Unwritable
from compositor.descriptor import Descriptor, close_fd, close_own
from compositor.errors import WeddellError
from compositor.logs import Log
from compositor.model.selection import Selection, Source
from compositor.timers import Timer

if TYPE_CHECKING:
    from compositor.memory import FrozenMessage

log = Log(__name__)

SelectionName = Literal["clipboard", "primary"]
MAX_TYPE_LENGTH = 1000
MAX_TYPES = 100
MimeType = Annotated[str, Range(1, MAX_TYPE_LENGTH)]
MAX_BYTES = 256 << 20
MAX_READERS = 64
"""Readers of one source at once; who comes while so many stall gets nothing."""


class DriverSource(Source):
    """What a driver has copied.

    Args:
        loop: the event loop, since readers may be slow.
        messages: the bytes of each type.
    """

    def __init__(self, loop: Any, messages: dict[str, FrozenMessage]) -> None:
        super().__init__(None)
        self._loop = loop
        self._messages = messages
        self._transfers: list[Transfer] = []
        for mime_type in messages:
            self.offer(mime_type)

    def send(self, mime_type: str, fd: int) -> None:
        self._transfers = [transfer for transfer in self._transfers if not transfer.done]
        try:
            if len(self._transfers) < MAX_READERS:
                self._transfers.append(Transfer(self._loop, fd, memoryview(self._messages[mime_type].memory)))
        except (Unwritable, WeddellError) as error:
            log.warning("a descriptor to paste into is refused: %s", error)
        finally:
            close_fd(fd)

    def cancelled(self) -> None:
        self.destroy()


class _Reading:
    """One read of a selection: from a pipe into memory, then frozen."""

    def __init__(self, loop: Any, fd: int, deferred: Deferred, mime_type: str, timeout_ms: float) -> None:
        self._loop = loop
        self._fd = fd
        self._data = bytearray()
        self._deferred = deferred
        self._mime_type = mime_type
        loop.add_reader(fd, self._readable)
        deadline = RealClock().now_ns() + round(timeout_ms * 1e6)
        self._timer: Timer = loop.timers.call_at(deadline, self._late)
        deferred.cancelled = self.stop

    def _readable(self) -> None:
        try:
            part = os.read(self._fd, 1 << 18)
        except BlockingIOError:
            return
        except OSError as error:
            self.stop()
            self._deferred.fail(RequestError(Code.FAILED, f"clipboard.get: {error.strerror}"))
            return
        if part:
            self._data += part
            if len(self._data) > MAX_BYTES:
                self.stop()
                text = f"clipboard.get: more than {MAX_BYTES} bytes"
                self._deferred.fail(RequestError(Code.FAILED, text))
            return
        self.stop()
        try:
            from compositor.memory import freeze

            message = freeze(bytes(self._data), "weddell-clipboard")
        except OSError as error:
            self._deferred.fail(RequestError(Code.FAILED, f"clipboard.get: {error.strerror}"))
            return
        value = {"fd": 0, "size": len(self._data), "mime_type": self._mime_type}
        self._deferred.resolve(value, [Descriptor(message.take())])

    def _late(self) -> None:
        self.stop()
        came = len(self._data)
        text = f"clipboard.get: the owner did not send {self._mime_type!r} in time ({came} bytes came)"
        self._deferred.fail(RequestError(Code.TIMEOUT, text))

    def stop(self) -> None:
        """Read no more. Harmless when repeated."""
        self._timer.cancel()
        if self._fd >= 0:
            self._loop.remove(self._fd)
            close_own(self._fd)
            self._fd = -1


class Clipboard:
    """The namespace ``clipboard``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def _selection(self, name: str) -> Selection:
        seat = self._host.desktop.seat
        return seat.primary if name == "primary" else seat.selection

    @method("clipboard.types")
    def types(self, selection: SelectionName = "clipboard") -> list[str]:
        """The MIME types it can be had as; none when it is empty."""
        source = self._selection(selection).source
        return list(source.mime_types) if source is not None else []

    @method("clipboard.get")
    def get(
        self, mime_type: MimeType, selection: SelectionName = "clipboard", timeout_ms: Milliseconds = 10_000.0
    ) -> Deferred:
        """Ask the owner for what was copied."""
        source = self._selection(selection).source
        if source is None:
            raise RequestError(Code.NOT_FOUND, f"clipboard.get: the {selection} is empty")
        if mime_type not in source.mime_types:
            known = ", ".join(source.mime_types)
            text = f"clipboard.get: the {selection} cannot be had as {mime_type!r} (it can as: {known})"
            raise RequestError(Code.NOT_FOUND, text)
        # Only our end: it belongs to the open file, and the writer's is another.
        read, write = map(Descriptor, os.pipe2(os.O_CLOEXEC))
        os.set_blocking(read.fileno(), False)
        deferred = Deferred()
        _Reading(self._host.loop, read.fileno(), deferred, mime_type, timeout_ms)
        read.take()
        source.request(mime_type, write.take())
        return deferred

    @method("clipboard.set")
    def set(
        self,
        data: Descriptor | None = None,
        mime_types: Annotated[list[MimeType], Range(1, MAX_TYPES)] | None = None,
        contents: dict[str, Descriptor] | None = None,
        selection: SelectionName = "clipboard",
    ) -> None:
        """Copy frozen memfds: `data` under each of `mime_types`, or `contents` by MIME type."""
        if (data is None) == (not contents) or (data is None) == (mime_types is not None):
            text = 'clipboard.set: either "data" with "mime_types", or "contents" by MIME type'
            raise RequestError(Code.INVALID_PARAMS, text)
        if data is not None:
            message = _open("data", data)
            messages = dict.fromkeys(mime_types or [], message)
        else:
            messages = _open_each(contents or {})
        source = DriverSource(self._host.loop, messages)
        self._selection(selection).set(source, self._host.display.next_serial())

    @method("clipboard.clear")
    def clear(self, selection: SelectionName = "clipboard") -> None:
        """Empty it."""
        self._selection(selection).set(None, self._host.display.next_serial())


def _open(where: str, data: Descriptor) -> FrozenMessage:
    try:
        from compositor.memory import open_frozen

        return open_frozen(data.take(), max_size=MAX_BYTES)
    except WeddellError as error:
        raise RequestError(Code.INVALID_PARAMS, f'clipboard.set: "{where}" is refused: {error}') from None


def _open_each(contents: dict[str, Descriptor]) -> dict[str, FrozenMessage]:
    """Open what came for each MIME type; several may name the same descriptor."""
    if len(contents) > MAX_TYPES or not all(0 < len(name) <= MAX_TYPE_LENGTH for name in contents):
        text = f'clipboard.set: "contents" takes {MAX_TYPES} types of 1 to {MAX_TYPE_LENGTH} characters'
        raise RequestError(Code.INVALID_PARAMS, text)
    opened: dict[int, FrozenMessage] = {}
    for name, data in contents.items():
        if id(data) not in opened:
            opened[id(data)] = _open(f"contents[{name[:40]}]", data)
    return {name: opened[id(data)] for name, data in contents.items()}
