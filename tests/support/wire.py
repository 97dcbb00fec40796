"""The wire format by hand: words of 32 bits in the machine's order, strings and arrays padded to words.

Source: the wire format chapter of the Wayland book. Deliberately plain and slow.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from support.tables import Argument


def word(value: int) -> bytes:
    """Return one unsigned word; a negative number is taken as the signed one of the same bits."""
    return struct.pack("=I", value & 0xFFFF_FFFF)


def padded(data: bytes) -> bytes:
    """Return length, bytes, and zeros up to the next word."""
    return word(len(data)) + data + bytes(-len(data) % 4)


def string(text: str | None) -> bytes:
    """Return a string argument; None is the null string."""
    return word(0) if text is None else padded(text.encode() + b"\0")


def message(oid: int, opcode: int, *parts: bytes) -> bytes:
    """Return a whole message: object, size and opcode, arguments."""
    body = b"".join(parts)
    return word(oid) + word((8 + len(body)) << 16 | opcode) + body


def encode(arguments: Sequence[Argument], values: Sequence[Any]) -> tuple[bytes, list[int]]:
    """Return the bytes of a request's arguments and the descriptors that go with them.

    Objects and new ids are given as numbers; an untyped new id as (interface, version, id).
    """
    assert len(arguments) == len(values), (arguments, values)
    body = b""
    fds: list[int] = []
    for argument, value in zip(arguments, values, strict=True):
        match argument.kind:
            case "h":
                fds.append(value)
            case "f":
                body += word(round(value * 256))
            case "s":
                body += string(value)
            case "a":
                body += padded(value)
            case "N":
                name, version, oid = value
                body += string(name) + word(version) + word(oid)
            case _:
                body += word(value)
    return body, fds


class Reader:
    """Takes an event's arguments apart."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.position = 0

    def uint(self) -> int:
        (value,) = struct.unpack_from("=I", self.body, self.position)
        self.position += 4
        return int(value)

    def int_(self) -> int:
        (value,) = struct.unpack_from("=i", self.body, self.position)
        self.position += 4
        return int(value)

    def bytes_(self) -> bytes:
        length = self.uint()
        data = self.body[self.position : self.position + length]
        assert len(data) == length, "an array or string runs past its message"
        self.position += length + -length % 4
        return data

    def string(self) -> str | None:
        data = self.bytes_()
        if not data:
            return None
        assert data.endswith(b"\0") and b"\0" not in data[:-1], data
        return data[:-1].decode()

    def end(self) -> None:
        assert self.position == len(self.body), "a message is longer than its arguments"
