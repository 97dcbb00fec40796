"""Questions and answers over a socket, with large payloads as frozen messages.

The small part of a message is JSON; the large part, if any, is a frozen message whose descriptor travels
beside it: the receiver reads it in place and knows that nobody can change it any more. Payloads that are
not frozen are refused. One question at a time per connection, blocking. Anybody may import it; the
control socket of the compositor has its own, public format.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from compositor.descriptor import Descriptor, close_socket
from compositor.errors import WeddellError
from compositor.memory.fdpass import BrokenMessage, close_all, recv_fds, send_fds
from compositor.memory.frozen import FrozenMessage, open_frozen

MAX_TEXT_BYTES = 1 << 20
"""Bytes of the JSON part of one message; anything larger belongs into the payload."""

_MAGIC = 0x5EA1
# Magic, number of descriptors, bytes of JSON.
_HEADER = struct.Struct("=HHI")

Handler: TypeAlias = Callable[[Any, FrozenMessage | None], tuple[Any, FrozenMessage | None]]
"""Called with the parameters and the payload; returns the result and a payload. Both payloads are closed
by the connection: the question's when the handler returns, the answer's when it is sent."""


class RemoteError(WeddellError):
    """The other side answered that it could not do what was asked."""


class RpcConnection:
    """One end of a connection; asks with `call`, answers with `serve`.

    Args:
        sock: a connected Unix stream socket, blocking; belongs to the connection.
        max_payload: bytes that a received payload may have.
    """

    __slots__ = ("_max_payload", "_sock")

    def __init__(self, sock: socket.socket, *, max_payload: int = 1 << 30) -> None:
        self._sock = sock
        self._max_payload = max_payload

    def call(
        self, method: str, params: Any = None, payload: FrozenMessage | None = None
    ) -> tuple[Any, FrozenMessage | None]:
        """Ask, and wait for the answer.

        Args:
            method: name of what to do.
            params: anything JSON can say.
            payload: stays the caller's.

        Returns:
            The result, and the payload of the answer, which belongs to the caller.

        Raises:
            RemoteError: with the text of the other side.
            BrokenMessage: if the answer is none; the connection is closed.
            Refused: if the payload of the answer is not frozen.
            EOFError: if the other side has closed.
            OSError: if the connection fails.
        """
        self._send({"method": method, "params": params}, payload)
        answer, answered = self._receive()
        try:
            if "error" in answer:
                raise RemoteError(str(answer["error"]))
            return answer.get("result"), _opened(answered, self._max_payload)
        finally:
            close_all(answered)

    def serve(self, handlers: Mapping[str, Handler]) -> None:
        """Answer questions until the other side closes.

        What a handler raises of `WeddellError` goes back as text; any other exception is a bug of ours,
        and ends the connection as it goes up.

        Raises:
            BrokenMessage: if something arrives that is no question; the connection is closed.
            OSError: if the connection fails.
        """
        while True:
            try:
                question, descriptors = self._receive()
            except EOFError:
                return
            try:
                self._answer(question, descriptors, handlers)
            finally:
                close_all(descriptors)

    def close(self) -> None:
        """Close the socket."""
        close_socket(self._sock)

    def __enter__(self) -> RpcConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(
        self, question: dict[str, Any], descriptors: list[Descriptor], handlers: Mapping[str, Handler]
    ) -> None:
        handler = handlers.get(str(question.get("method")))
        if handler is None:
            self._send({"error": f"no method {question.get('method')!r}"}, None)
            return
        payload = answered = None
        try:
            payload = _opened(descriptors, self._max_payload)
            result, answered = handler(question.get("params"), payload)
            self._send({"result": result}, answered)
        except WeddellError as error:
            self._send({"error": str(error)}, None)
        finally:
            for message in (payload, answered):
                if message is not None:
                    message.close()

    def _send(self, content: dict[str, Any], payload: FrozenMessage | None) -> None:
        text = json.dumps(content).encode()
        if len(text) > MAX_TEXT_BYTES:
            raise BrokenMessage(f"{len(text)} bytes of JSON; a payload carries more than {MAX_TEXT_BYTES}")
        fds = [payload.fd] if payload is not None else []
        send_fds(self._sock, _HEADER.pack(_MAGIC, len(fds), len(text)) + text, fds)

    def _receive(self) -> tuple[dict[str, Any], list[Descriptor]]:
        """Receive one message whole; on any doubt about where the next begins, close the connection."""
        descriptors: list[Descriptor] = []
        try:
            header, descriptors = recv_fds(self._sock, _HEADER.size, 1)
            magic, count, length = _HEADER.unpack(header)
            if magic != _MAGIC or count != len(descriptors) or not 0 < length <= MAX_TEXT_BYTES:
                raise BrokenMessage("this is no message")
            try:
                text, _ = recv_fds(self._sock, length)
            except EOFError as error:
                raise BrokenMessage("the other side closed in the middle") from error
            try:
                content = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise BrokenMessage(f"the text is not JSON: {error}") from error
            if not isinstance(content, dict):
                raise BrokenMessage("the text is not a JSON object")
            return content, descriptors
        except BrokenMessage:
            close_all(descriptors)
            self.close()
            raise
        except BaseException:
            close_all(descriptors)
            raise


def _opened(descriptors: list[Descriptor], max_size: int) -> FrozenMessage | None:
    return open_frozen(descriptors[0].take(), max_size=max_size) if descriptors else None
