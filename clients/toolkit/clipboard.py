"""The clipboard: wl_data_device selections of plain text, moved through pipes by the event loop."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .connection import Connection

MIME = "text/plain;charset=utf-8"
_MIMES = (MIME, "UTF8_STRING", "text/plain")
LIMIT = 8 << 20
"""Bytes at most that are taken from another client's selection."""


class Clipboard:
    """Text in and out. Without wl_data_device_manager or a seat it works within the program only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._source: Any = None
        self._text = ""  # what we offer
        self._offers: dict[Any, set[str]] = {}  # offers announced, with their types
        self._selection: Any = None
        self._device: Any = None
        manager, seat = connection.data_device_manager, connection.seat
        if manager is not None and seat is not None and seat.proxy is not None:
            self._device = manager.get_data_device(seat.proxy)
            self._device.dispatcher["data_offer"] = self._on_data_offer
            self._device.dispatcher["selection"] = self._on_selection
            self._device.dispatcher["enter"] = self._on_drag_enter

    def copy(self, text: str) -> None:
        """Offer `text` to everybody, in answer to the latest input event."""
        self._text = text
        if self._device is None:
            return
        seat = self._connection.seat
        assert seat is not None
        source = self._connection.data_device_manager.create_data_source()
        source.dispatcher["send"] = self._on_send
        source.dispatcher["cancelled"] = self._on_cancelled
        for mime in _MIMES:
            source.offer(mime)
        self._device.set_selection(source, seat.serial)
        self._source = source

    def paste(self, receive: Callable[[str], None]) -> None:
        """Fetch the selection; `receive` is called with its text once it has all arrived, if there is any."""
        if self._source is not None or self._device is None:
            receive(self._text)  # our own: no need to send it to ourselves
            return
        mime = next((mime for mime in _MIMES if mime in self._offers.get(self._selection, ())), None)
        if mime is None:
            return
        reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._selection.receive(mime, writer)
        os.close(writer)  # libwayland has duplicated it; end of file comes when the sender closes its own
        chunks: list[bytes] = []

        def more() -> None:
            try:
                chunk = os.read(reader, 65536)
            except BlockingIOError:
                return
            except OSError:
                chunk = b""
            chunks.append(chunk)
            if not chunk or sum(map(len, chunks)) > LIMIT:
                self._connection.unwatch(reader)
                os.close(reader)
                receive(b"".join(chunks)[:LIMIT].decode(errors="replace"))

        self._connection.watch(reader, True, more)

    def _on_data_offer(self, device: Any, offer: Any) -> None:
        types = self._offers[offer] = set()
        offer.dispatcher["offer"] = lambda _, mime: types.add(mime)

    def _on_selection(self, device: Any, offer: Any) -> None:
        self._selection = offer
        for other in [old for old in self._offers if old is not offer]:
            del self._offers[other]
            other.destroy()

    def _on_drag_enter(self, device: Any, serial: int, surface: Any, x: float, y: float, offer: Any) -> None:
        if offer is not None:
            offer.accept(serial, None)  # nothing can be dropped on us

    def _on_send(self, source: Any, mime: str, fd: int) -> None:
        rest = memoryview(self._text.encode())
        os.set_blocking(fd, False)

        def more() -> None:
            nonlocal rest
            try:
                while rest:
                    rest = rest[os.write(fd, rest) :]
            except BlockingIOError:
                return
            except OSError:
                pass  # the reader has gone; nobody misses the rest
            self._connection.unwatch(fd)
            os.close(fd)

        self._connection.watch(fd, False, more)

    def _on_cancelled(self, source: Any) -> None:
        source.destroy()
        if source is self._source:
            self._source = None
