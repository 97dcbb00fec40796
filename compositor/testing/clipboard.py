"""The clipboard and the primary selection: any MIME type, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from compositor.testing.errors import DriverError

if TYPE_CHECKING:
    from compositor.testing.compositor import Compositor
    from compositor.testing.window import Match

TEXT = "text/plain;charset=utf-8"
_TEXT_TYPES = (TEXT, "UTF8_STRING", "text/plain", "TEXT", "STRING")


class Clipboard:
    """What was copied.

        compositor.clipboard.text = "krill"
        compositor.clipboard.set({"text/html": "<b>krill</b>", "text/plain": "krill"})
        assert compositor.clipboard.types == ["text/html", "text/plain"]
        assert compositor.clipboard.get("text/html") == b"<b>krill</b>"

    Args:
        compositor: whose.
        primary: the primary selection, which marking text sets, instead of the clipboard.
    """

    def __init__(self, compositor: Compositor, primary: bool = False) -> None:
        self._compositor = compositor
        self._selection = "primary" if primary else "clipboard"

    @property
    def types(self) -> list[str]:
        """The MIME types it can be had as; none when it is empty."""
        types: list[str] = self._compositor.call("clipboard.types", selection=self._selection)
        return types

    def get(self, mime_type: str, timeout_s: float | None = None) -> bytes:
        """Return what was copied, as the program that has it gives it.

        Raises:
            DriverError: if it is not there in that type, or the program does not give it in time.
        """
        from compositor.memory import open_frozen

        seconds = self._compositor.timeout_s if timeout_s is None else timeout_s
        params = {"selection": self._selection, "mime_type": mime_type, "timeout_ms": seconds * 1000}
        _, [descriptor] = self._compositor.exchange("clipboard.get", params, timeout_s=seconds + 5)
        with open_frozen(descriptor.take()) as message:
            return message.tobytes()

    def set(self, data: bytes | str | Mapping[str, bytes | str], mime_type: str | None = None) -> None:
        """Copy something.

        Args:
            data: text, bytes of a MIME type, or both by MIME type, as a browser copies a word:
                ``{"text/html": "<b>word</b>", "text/plain": "word"}``.
            mime_type: of `data`; text is offered as every usual type of text without it.

        Raises:
            DriverError: for bytes without a MIME type.
        """
        from compositor.memory import freeze

        if isinstance(data, Mapping):
            contents = dict(data)
        elif mime_type is not None:
            contents = {mime_type: data}
        elif isinstance(data, str):
            contents = dict.fromkeys(_TEXT_TYPES, data)
        else:
            raise DriverError("clipboard.set: bytes need a mime_type, such as image/png")
        with ExitStack() as stack:
            places: dict[bytes, int] = {}
            fds: list[int] = []
            params: dict[str, int] = {}
            for name, value in contents.items():
                value = value.encode() if isinstance(value, str) else bytes(value)
                if value not in places:
                    places[value] = len(fds)
                    fds.append(stack.enter_context(freeze(value)).fd)
                params[name] = places[value]
            request = {"selection": self._selection, "contents": params}
            self._compositor.exchange("clipboard.set", request, fds=fds)

    def clear(self) -> None:
        """Empty it."""
        self._compositor.call("clipboard.clear", selection=self._selection)

    @property
    def text(self) -> str:
        """What was copied, as text; empty when there is no text.

        Setting it copies the text.
        """
        types = self.types
        for mime_type in _TEXT_TYPES:
            if mime_type in types:
                return self.get(mime_type).decode("utf-8", "replace")
        return ""

    @text.setter
    def text(self, text: str) -> None:
        self.set(text)

    def wait_text(self, wanted: Match, timeout_s: float | None = None) -> str:
        """Wait until it holds a text, and return that.

        Args:
            wanted: a string that it equals, or a compiled pattern it has a match for.
            timeout_s: instead of the usual time.

        Raises:
            WaitTimeout: if it does not, naming what it holds instead.
        """

        def probe() -> str | None:
            text = self.text
            found = text == wanted if isinstance(wanted, str) else wanted.search(text)
            return text if found else None

        return self._compositor.wait_until(
            ("clipboard",),
            probe,
            timeout_s,
            lambda: (
                f"the {self._selection} does not hold {wanted!r} but {self.text!r}, of types {self.types}"
            ),
        )
