"""Inputs of the codec's target: read, made, changed and shown.

wl_surface            interface
6 2 7                 version, descriptors that come with the stream, bytes of each piece (0: all at once)
…                     the stream
"""

from __future__ import annotations

import random
import struct
from functools import cache

from fuzz.grammar import tables


@cache
def neighbours(interface: str) -> tuple[str, ...]:
    """Return the interface, and those that its requests can name; object 2 and those after it."""
    found = {interface: None}
    for entry in tables()[interface].requests.values():
        found |= {a.interface: None for a in entry.arguments if a.kind == "o" and a.interface}
    return tuple(found)


def split(data: bytes) -> tuple[str, int, int, int, bytes]:
    """Return interface, version, descriptors, bytes of a piece, and the stream."""
    name, _, rest = data.partition(b"\n")
    numbers, _, stream = rest.partition(b"\n")
    interface = name.decode("ascii", "replace")
    if interface not in tables() or interface == "wl_display":
        interface = "wl_surface"
    words = [int(word) for word in numbers.split()[:3] if word.isdigit() and len(word) < 6]
    version, descriptors, piece = (*words, *(1, 1, 0)[len(words) :])
    return interface, max(1, min(version, tables()[interface].version)), min(descriptors, 20), piece, stream


def sample(interface: str) -> bytes:
    """Return an input with one lawful message for every request of an interface."""
    names = neighbours(interface)
    stream = b""
    fds = 0
    destructors = b""
    for entry in tables()[interface].requests.values():
        body = b""
        for argument in entry.arguments:
            match argument.kind:
                case "o":
                    oid = 2 + names.index(argument.interface) if argument.interface else 2
                    body += struct.pack("=I", oid)
                case "s":
                    body += struct.pack("=I", 5) + b"text\0\0\0\0"
                case "a":
                    body += struct.pack("=I", 3) + b"abc\0"
                case "N":
                    body += struct.pack("=I", 8) + b"wl_seat\0" + struct.pack("=II", 1, 9)
                case "h":
                    fds += 1
                case _:
                    body += struct.pack("=I", 9)
        message = struct.pack("=II", 2, len(body) + 8 << 16 | entry.opcode) + body
        if entry.destructor:
            destructors = destructors or message
        else:
            stream += message
    head = f"{interface}\n{tables()[interface].version} {fds} 0\n"
    return head.encode() + stream + destructors


class Mutator:
    """Changes inputs: interface, pieces, messages, words, bytes.

    Args:
        seed: of its chance.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def mutate(self, data: bytes, max_size: int) -> bytes:
        """Return a changed input."""
        chance = self.chance
        interface, version, fds, piece, stream = split(data)
        if chance.random() < 0.05:
            interface = chance.choice(sorted(tables()))
            _, version, fds, _, stream = split(sample(interface))
        if chance.random() < 0.2:
            version = chance.randint(1, tables()[interface].version)
            fds = chance.randrange(6)
            piece = chance.choice((0, 0, 1, 4, 7, 8, 12, 13, 64))
        messages = messages_of(stream)
        for _ in range(chance.choice((1, 1, 2, 4))):
            self._change(messages, interface)
        head = f"{interface}\n{version} {fds} {piece}\n".encode()
        return (head + b"".join(messages))[:max_size]

    def _change(self, messages: list[bytes], interface: str) -> None:
        chance = self.chance
        if not messages or chance.random() < 0.2:
            _, _, _, _, stream = split(sample(interface))
            more = messages_of(stream) or [bytes(8)]
            messages.insert(chance.randrange(len(messages) + 1), chance.choice(more))
            return
        place = chance.randrange(len(messages))
        message = bytearray(messages[place])
        way = chance.randrange(8)
        if way == 0:
            del messages[place]
            return
        if way == 1:
            messages.insert(place, bytes(message))
            return
        if way == 2 and len(message) >= 4:
            at = 4 * chance.randrange(len(message) // 4)
            value = chance.choice((0, 1, 2, 3, 4, 5, 9, 255, 2**31, 2**32 - 1, 4096, len(message)))
            struct.pack_into("=I", message, at, value)
        elif way == 3 and message:
            message[chance.randrange(len(message))] = chance.randrange(256)
        elif way == 4:
            at = chance.randrange(len(message) + 1)
            message[at:at] = chance.randbytes(chance.choice((1, 4, 4, 8)))
        elif way == 5 and message:
            at = chance.randrange(len(message))
            del message[at : at + chance.choice((1, 4, 4, 8))]
        elif len(message) >= 8:
            # Another size than it says, or one that fits.
            size = chance.choice((len(message), len(message), len(message) & ~3, len(message) + 4, 7, 65535))
            (word,) = struct.unpack_from("=I", message, 4)
            struct.pack_into("=I", message, 4, size << 16 & 0xFFFF0000 | word & 0xFFFF)
            if way == 7:
                message[4] = chance.randrange(20)
        messages[place] = bytes(message)

    def cross(self, one: bytes, other: bytes, max_size: int) -> bytes:
        """Return one's head with messages of both."""
        interface, version, fds, piece, stream = split(one)
        *_, second = split(other)
        messages = messages_of(stream)
        more = messages_of(second)
        place = self.chance.randrange(len(messages) + 1)
        messages[place:place] = more[: self.chance.randrange(len(more) + 1)]
        head = f"{interface}\n{version} {fds} {piece}\n".encode()
        return (head + b"".join(messages))[:max_size]


def messages_of(stream: bytes) -> list[bytes]:
    """Return a stream's messages as their sizes have it; the last is what is left."""
    found = []
    while len(stream) >= 8:
        size = struct.unpack_from("=I", stream, 4)[0] >> 16
        if size < 8 or size > len(stream):
            break
        found.append(stream[:size])
        stream = stream[size:]
    return [*found, stream] if stream else found


def show(data: bytes) -> str:
    """Return an input for people: a line for each message."""
    interface, version, fds, piece, stream = split(data)
    lines = [f"{interface} version {version}, {fds} descriptors, pieces of {piece or 'any'} bytes"]
    names = ["", "wl_display", *neighbours(interface)]
    for message in messages_of(stream):
        if len(message) < 8:
            lines.append(message.hex(" "))
            continue
        oid, word = struct.unpack_from("=II", message)
        name = names[oid] if oid < len(names) else "?"
        requests = list(tables()[name].requests) if name in tables() else []
        request = requests[word & 0xFFFF] if word & 0xFFFF < len(requests) else f"opcode {word & 0xFFFF}"
        lines.append(f"{name}#{oid}.{request} ({word >> 16} bytes) {message[8:].hex(' ', 4)}")
    return "\n".join(lines) + "\n"
