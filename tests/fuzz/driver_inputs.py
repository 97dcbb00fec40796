"""Inputs of the control socket's target: lines made from the methods' own signatures, and changed."""

from __future__ import annotations

import inspect
import json
import random
import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from fuzz.drivers import DRIVERS, MAX_LINES

import compositor.control.methods as methods
from compositor.control.params import Range
from compositor.descriptor import Descriptor

_WORDS = (
    *("", "HEADLESS-1", "text/plain", "a", "us", "de", "ctrl+a", "é漢\U0001f600", "\ud800", "x" * 300),
    *("window", "frame", "client", "primary", "protanopia", "90", "\0", "\n", "null"),
)
_EDGES = (0, 1, 2, -1, 3, 5, 60_000, 272, 30, 2**31, 2**53, 2**53 + 1, -(2**63), 2**64, 10**400)
_TOKENS = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b":",
        b",",
        b"null",
        b"true",
        b"NaN",
        b"1e999",
        b"-0",
        b"\\u0000",
        b"\\ud800",
    ),
    *(
        b"\xff",
        b"\0",
        b"\r",
        b" ",
        b'"fds":1',
        b'"fds":16',
        b'"id":null',
        b'"id":1',
        b"[" * 200,
        b'{"a":' * 200,
    ),
)
_FILES = (
    *("memfd/4096/sgwS", "memfd/0/sgwS", "memfd/4096/s", "memfd/4096/", "memfd/65536/sgw", "pipe", "pipe-w"),
    # Not sparse, so that it is frozen.
    *("memfd/96/sgwSc", "memfd/4096/sgwSc"),
    *("null", "socket", "dir", "huge/2097152/s", "none", "ro/4096"),
)


@cache
def signatures() -> dict[str, dict[str, Any]]:
    """Return the annotations of every method's parameters; those that need not be given too."""
    found: dict[str, dict[str, Any]] = {}
    for kind in vars(methods).values():
        for function in vars(kind).values() if inspect.isclass(kind) else ():
            name = getattr(function, "control_name", None)
            if name is not None:
                hints = get_type_hints(function, include_extras=True)
                names = [p for p in inspect.signature(function).parameters if p not in ("self", "call")]
                found[name] = {name: hints[name] for name in names}
    return found


def lawful(annotation: Any, chance: random.Random, bounds: Range | None = None) -> Any:
    """Return a value that a parameter takes."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return lawful(inner[0], chance, next((e for e in inner[1:] if isinstance(e, Range)), bounds))
    if origin is Literal:
        return chance.choice(inner)
    if origin is list:
        return [lawful(inner[0], chance) for _ in range(chance.randint(1, 2))]
    if origin is dict:
        return {chance.choice(_WORDS): lawful(inner[1], chance)}
    if origin in (Union, types.UnionType):
        return lawful(chance.choice(inner), chance, bounds)
    if annotation in (int, float):
        low, high = (bounds.low, bounds.high) if bounds is not None else (0, 400)
        few = low + chance.randint(0, 4)
        return min(high, chance.choice((few, few, low + chance.randint(0, 300), low, high)))
    if annotation is str:
        return chance.choice(_WORDS)
    if annotation is bool:
        return chance.random() < 0.5
    return 0 if annotation is Descriptor else None


def line(name: str, chance: random.Random, all_parameters: bool = False) -> bytes:
    """Return a line that calls a method as it wants to be called."""
    message: dict[str, Any] = {"jsonrpc": "2.0", "id": chance.randint(0, 9), "method": name}
    params = {}
    fds = 0
    for parameter, annotation in signatures()[name].items():
        if all_parameters or chance.random() < 0.7:
            params[parameter] = lawful(annotation, chance)
            fds += "Descriptor" in str(annotation)
    if params:
        message["params"] = params
    if fds:
        message["fds"] = fds
    words = [f"+{chance.choice(_FILES[:2] if all_parameters else _FILES)} " for _ in range(fds)]
    return "".join(words).encode() + json.dumps(message, separators=(",", ":")).encode()


def sample(name: str) -> bytes:
    """Return an input that calls one method with everything it takes, and once with nothing."""
    nothing = json.dumps({"jsonrpc": "2.0", "id": "b", "method": name}).encode()
    return b"0 " + line(name, random.Random(name), True) + b"\n1 " + nothing + b"\n- advance 20\n"


class Mutator:
    """Changes inputs: lines, values, words, bytes.

    Args:
        seed: of its chance.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def mutate(self, data: bytes, max_size: int) -> bytes:
        """Return a changed input."""
        lines = data.split(b"\n")[:MAX_LINES]
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            self._change(lines)
        if self.chance.random() < 0.05:
            lines.insert(0, b"- with cadence")
        return b"\n".join(lines)[:max_size]

    def cross(self, one: bytes, other: bytes, max_size: int) -> bytes:
        """Return an input with lines of two."""
        lines, more = one.split(b"\n"), other.split(b"\n")
        place = self.chance.randrange(len(lines) + 1)
        start = self.chance.randrange(len(more))
        lines[place:place] = more[start : start + self.chance.randint(1, 12)]
        return b"\n".join(lines[:MAX_LINES])[:max_size]

    def _change(self, lines: list[bytes]) -> None:
        chance = self.chance
        way = chance.randrange(10)
        place = chance.randrange(len(lines) + 1)
        if way < 4 or place == len(lines):
            lines.insert(place, self._new())
        elif way == 4:
            del lines[place]
        elif way == 5:
            lines[place:place] = lines[place : place + chance.choice((1, 1, 3))]
        elif way == 6:
            self._change_value(lines, place)
        else:
            text = bytearray(lines[place])
            at = chance.randrange(2, len(text)) if len(text) > 2 else len(text)
            match chance.randrange(4):
                case 0:
                    text[at:at] = chance.choice(_TOKENS)
                case 1:
                    del text[at : at + chance.choice((1, 1, 3, 12))]
                case 2 if at < len(text):
                    text[at] = chance.randrange(256)
                case _:
                    text[at : at + 1] = chance.choice(_TOKENS)
            lines[place] = bytes(text)

    def _new(self) -> bytes:
        chance = self.chance
        head = f"{chance.randrange(DRIVERS)} ".encode()
        match chance.randrange(12):
            case 0:
                return f"- advance {chance.choice((0, 17, 17, 200, 2000))}".encode()
            case 1:
                return head + chance.choice((b"deaf", b"hear", b"hangup", b"hangup"))
            case 2:
                return head + f"cut {chance.choice((0, 1, 5, 40))}".encode()
            case 3:
                return head + f"raw {chance.choice(_TOKENS).hex()}".encode()
        return head + line(chance.choice(sorted(signatures())), chance)

    def _change_value(self, lines: list[bytes], place: int) -> None:
        head, brace, rest = lines[place].partition(b"{")
        try:
            message = json.loads(brace + rest)
        except (ValueError, RecursionError):
            return
        target = message
        if isinstance(message.get("params"), dict) and message["params"] and self.chance.random() < 0.7:
            target = message["params"]
        key = self.chance.choice(list(target))
        if self.chance.random() < 0.15:
            del target[key]
        else:
            others = (None, True, [], {}, [0], {"a": 0}, 1.5, -0.0, 1e300)
            target[key] = self.chance.choice(self.chance.choice((_WORDS, _EDGES, others)))
        lines[place] = head + json.dumps(message, separators=(",", ":")).encode()
