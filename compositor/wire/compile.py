"""From signatures to code: one decoder per request, one encoder per event.

For each class the source of its functions is written once, from the
annotations, and executed: a fixed-size message becomes one `struct` call.
This is the hot path of the compositor; what it generates is meant to be read:
`interface_source(WlSurface)` returns it.

Bad messages raise as libwayland does (wayland-server.c,
wl_client_connection_data): ``wl_display.error.invalid_method`` for arguments
that do not fit, naming interface, object and request.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from struct import Struct
from typing import Any, NoReturn

from compositor.descriptor import Descriptor
from compositor.errors import ProtocolError
from compositor.wire.interface import (
    INTERFACES,
    Interface,
    Message,
    Resource,
    Sequence,
    interface_class,
    make_lazy,
)

MAX_EVENT_BYTES = 4096
"""What every libwayland client can receive in one message (connection.c, before 1.23)."""

INVALID_OBJECT, INVALID_METHOD, NO_MEMORY, IMPLEMENTATION = 0, 1, 2, 3
"""wl_display.error"""

Tracer = Callable[[Resource, Message, bool, tuple[Any, ...]], None]
"""Called with the resource, the message, whether it is an event, and its arguments."""

_tracers: list[Tracer] = []
_tracer: Tracer | None = None
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
_FIXED_SIZE = {"i": "i", "u": "I", "f": "i", "o": "I", "n": "I"}


def add_tracer(tracer: Tracer) -> None:
    """Report every message to `tracer` from now on: requests before they are handled.

    The classes are compiled anew, so that no tracer costs nothing.
    """
    _tracers.append(tracer)
    _retrace()


def remove_tracer(tracer: Tracer) -> None:
    """Report no more to `tracer`. Harmless when repeated."""
    if tracer in _tracers:
        _tracers.remove(tracer)
        _retrace()


def tracing() -> bool:
    """Whether messages are reported to anybody."""
    return _tracer is not None


def _retrace() -> None:
    global _tracer
    if len(_tracers) > 1:
        several = tuple(_tracers)

        def tell(resource: Resource, message: Message, is_event: bool, args: tuple[Any, ...]) -> None:
            for tracer in several:
                tracer(resource, message, is_event, args)

        _tracer = tell
    else:
        _tracer = _tracers[0] if _tracers else None
    for cls in INTERFACES.values():
        make_lazy(cls)


def bad_arguments(resource: Resource, message: str, why: str) -> NoReturn:
    """Refuse a message whose bytes do not fit its signature.

    Raises:
        ProtocolError: wl_display.error.invalid_method.
    """
    text = f"invalid arguments for {resource!r}.{message}: {why}"
    raise ProtocolError(resource.client.display_resource, INVALID_METHOD, text)


def too_new(resource: Resource, message: str, since: int) -> NoReturn:
    """Refuse a request that the bound version does not have.

    Raises:
        ProtocolError: wl_display.error.invalid_method.
    """
    text = f"{resource!r}.{message} exists since version {since}, bound was {resource.version}"
    raise ProtocolError(resource.client.display_resource, INVALID_METHOD, text)


def event_too_long(resource: Resource, message: str, size: int) -> NoReturn:
    """Refuse to send what a client's libwayland could not receive: our bug, never the client's."""
    raise ValueError(f"{resource!r}.{message}: {size} bytes, clients can receive {MAX_EVENT_BYTES}")


def fixed(value: float) -> int:
    """Return a number as signed 24.8, cut to what that can hold: a client chooses how far away things are."""
    return max(-0x8000_0000, min(round(value * 256), 0x7FFF_FFFF))


def _nothing() -> None:
    """A body that is a text and nothing else."""


def _dots() -> None: ...


_EMPTY_BODIES = (_nothing.__code__.co_code, _dots.__code__.co_code)


def _does_nothing(function: Callable[..., Any]) -> bool:
    """Whether a handler need not be called: many destructors are nothing but `retire`."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_code in _EMPTY_BODIES


class _Writer:
    """Collects the source of one class and the objects it refers to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {
            "Descriptor": Descriptor,
            "close": os.close,
            "fixed": fixed,
            "bad": bad_arguments,
            "too_new": too_new,
            "too_long": event_too_long,
            "PADDING": _PADDING,
            "u32": Struct("=I").unpack_from,
        }

    def add(self, line: str) -> None:
        self.lines.append(line)

    def bind(self, prefix: str, value: Any) -> str:
        name = f"{prefix}{len(self.names)}"
        self.names[name] = value
        return name


def _write_object(w: _Writer, m: Message, index: int, interface: str | None, nullable: bool) -> None:
    """Turn the id in a{index} into the resource it names."""
    a = f"a{index}"
    w.add(f"    if {a}:")
    w.add("        try:")
    w.add(f"            o = client.objects[{a}]")
    w.add("        except IndexError:")
    w.add(f"            o = client.server_objects.get({a})")
    if interface is None:
        w.add("        if o is None:")
        w.add(f"            bad(self, {m.name!r}, f'no object {{{a}}}')")
    else:
        cls = w.bind("T", interface_class(interface))
        w.add(f"        if o.__class__ is not {cls}:")
        w.add(f"            bad(self, {m.name!r}, f'object {{{a}}} is {{o!r}}, not a {{{cls}.NAME}}')")
    w.add(f"        {a} = o")
    w.add("    else:")
    if nullable:
        w.add(f"        {a} = None")
    else:
        w.add(f"        bad(self, {m.name!r}, 'null where an object is due')")


def _write_string(w: _Writer, m: Message, index: int, kind: str, nullable: bool) -> None:
    """Decode a string or array at p; advances p past its padding."""
    a = f"a{index}"
    w.add("    if p + 4 > end:")
    w.add(f"        bad(self, {m.name!r}, 'message too short')")
    w.add("    n, = u32(data, p)")
    w.add("    p += 4")
    w.add("    q = p + n")
    w.add("    if q > end:")
    w.add(f"        bad(self, {m.name!r}, f'length {{n}} runs past the message')")
    if kind == "a":
        w.add(f"    {a} = bytes(data[p:q])")
    else:
        w.add("    if n == 0:")
        if nullable:
            w.add(f"        {a} = None")
        else:
            w.add(f"        bad(self, {m.name!r}, 'null where a string is due')")
        w.add("    else:")
        w.add("        raw = bytes(data[p:q])")
        w.add("        if raw.find(0) != n - 1:")
        w.add(f"            bad(self, {m.name!r}, 'a string must end with its only NUL')")
        # Not every program sends UTF-8 that is one; none of them should die of a title.
        w.add(f"        {a} = raw[:-1].decode('utf-8', 'replace')")
    w.add("    p = q + 3 & ~3")


def _write_sequence(w: _Writer, s: Sequence) -> None:
    """Try a row of requests at the head of the first one's decoder: all of them in one `struct` call.

    Whatever is not as it nearly always is, an error above all, is left to the decoders of each.
    """
    first = s.requests[0]
    size = sum(8 + 4 * len(m.arguments) for m in s.requests)
    own_size = 8 + 4 * len(first.arguments)
    layout = "="
    names: list[str] = []
    values: list[str] = []
    conditions: list[str] = []
    objects: list[tuple[str, str]] = []
    for k, m in enumerate(s.requests):
        layout += "II"
        names += [f"o{k}", f"h{k}"]
        if k:
            conditions.append(f"h{k} == {m.header}")
        for argument in m.arguments:
            name = f"a{len(values)}"
            layout += _FIXED_SIZE[argument.kind]
            names.append(name)
            values.append(name)
            if argument.kind == "o":
                assert argument.interface is not None
                objects.append((name, w.bind("T", interface_class(argument.interface))))
            elif argument.kind == "n":
                conditions.append(name)
    conditions.append(" == ".join([f"o{k}" for k in range(len(s.requests))]))
    since = max(m.since for m in s.requests)
    if since > 1:
        conditions.append(f"self.version >= {since}")
    w.add(f"    if size == {own_size} and pos + {size} <= client.read_end:")
    if s.rows is not None:
        w.add(f"        n = {w.bind('rows', s.rows())}(client, data, pos)")
        w.add("        if n:")
        w.add(f"            client.messages += n // {size} * {len(s.requests)} - 1")
        w.add(f"            return n - {own_size}")
    w.add(f"        {', '.join(names)} = {w.bind('unpack', Struct(layout).unpack_from)}(data, pos)")
    w.add(f"        if {' and '.join(conditions)}:")
    for name, _ in objects:
        w.add(f"            {name} = objects[{name}] if {name} < len(objects) else None")
    types = "".join(f"{name}.__class__ is {cls} and " for name, cls in objects)
    w.add(f"            if {types}{w.bind('take', s.function)}({', '.join(['self', *values])}):")
    w.add(f"                client.messages += {len(s.requests) - 1}")
    w.add(f"                return {size - own_size}")


def _write_request(w: _Writer, m: Message, sequences: Iterable[Sequence] = ()) -> None:
    args = m.arguments
    kinds = [a.kind for a in args]
    w.add(f"def request_{m.opcode}(self, data, pos, size):")
    if m.since > 1:
        w.add(f"    if self.version < {m.since}:")
        w.add(f"        too_new(self, {m.name!r}, {m.since})")
    # What tracers are told is each request by itself.
    sequences = [s for s in sequences if s.requests[0] is m] if _tracer is None else []
    rows = m.rows if _tracer is None else None
    if sequences or rows is not None or {"o", "h"} & set(kinds):
        w.add("    client = self.client")
    if rows is not None:
        w.add(f"    n = {w.bind('rows', rows())}(client, data, pos)")
        w.add("    if n:")
        w.add("        return n - size")
    if sequences:
        w.add("    objects = client.objects")
    for s in sequences:
        _write_sequence(w, s)
    if {"s", "a", "N"} & set(kinds):
        _write_variable(w, m)
    else:
        fixed = [(i, k) for i, k in enumerate(kinds) if k != "h"]
        w.add(f"    if size != {8 + 4 * len(fixed)}:")
        w.add(f"        bad(self, {m.name!r}, f'{{size}} bytes instead of {8 + 4 * len(fixed)}')")
        if fixed:
            unpack = w.bind("unpack", Struct("=" + "".join(_FIXED_SIZE[k] for _, k in fixed)).unpack_from)
            w.add(f"    {', '.join(f'a{i}' for i, _ in fixed)}, = {unpack}(data, pos + 8)")
    for i, arg in enumerate(args):
        if arg.kind == "o":
            _write_object(w, m, i, arg.interface, arg.nullable)
        elif arg.kind == "f":
            w.add(f"    a{i} = a{i} / 256")
        elif arg.kind == "n":
            w.add(f"    if not a{i}:")
            w.add(f"        bad(self, {m.name!r}, 'new id 0')")
        elif arg.kind == "h":
            w.add("    if not client.incoming_fds:")
            w.add(f"        bad(self, {m.name!r}, 'no descriptor came with it')")
            w.add(f"    a{i} = Descriptor(client.incoming_fds.popleft())")
    values = [f"a{i}" for i in range(len(args))]
    if _tracer is not None:
        trace = w.bind("trace", _tracer)
        message = w.bind("message", m)
        w.add(f"    {trace}(self, {message}, False, ({', '.join(values)}{',' if values else ''}))")
    call = f"{w.bind('handle', m.function)}({', '.join(['self', *values])})"
    if "h" in kinds:
        w.add("    try:")
        w.add(f"        {call}")
        w.add("    finally:")
        for i, kind in enumerate(kinds):
            if kind == "h":
                w.add(f"        if a{i}.number >= 0:")
                w.add(f"            a{i}.close()")
    elif not _does_nothing(m.function):
        w.add(f"    {call}")
    if m.destructor:
        w.add("    self.retire()")


def _write_variable(w: _Writer, m: Message) -> None:
    """Decode a message with strings or arrays, argument after argument."""
    w.add("    p = pos + 8")
    w.add("    end = pos + size")
    for i, arg in enumerate(m.arguments):
        if arg.kind in "sa":
            _write_string(w, m, i, arg.kind, arg.nullable)
        elif arg.kind == "N":
            _write_string(w, m, i, "s", False)
            unpack = w.bind("unpack", Struct("=II").unpack_from)
            w.add("    if p + 8 > end:")
            w.add(f"        bad(self, {m.name!r}, 'message too short')")
            w.add(f"    a{i} = (a{i}, *{unpack}(data, p))")
            w.add(f"    if not a{i}[2]:")
            w.add(f"        bad(self, {m.name!r}, 'new id 0')")
            w.add("    p += 8")
        elif arg.kind != "h":
            unpack = w.bind("unpack", Struct("=" + _FIXED_SIZE[arg.kind]).unpack_from)
            w.add("    if p + 4 > end:")
            w.add(f"        bad(self, {m.name!r}, 'message too short')")
            w.add(f"    a{i}, = {unpack}(data, p)")
            w.add("    p += 4")
    w.add("    if p != end:")
    w.add(f"        bad(self, {m.name!r}, f'{{size}} bytes instead of {{p - pos}}')")


def _value(kind: str, name: str, nullable: bool) -> str:
    """Return the expression that turns an event's argument into a number."""
    if kind == "f":
        return f"fixed({name})"
    if kind in "on":
        return f"({name}.oid if {name} is not None else 0)" if nullable else f"{name}.oid"
    return name


def _write_event(w: _Writer, cls: type[Interface], m: Message) -> None:
    args = m.arguments
    names = [a.name for a in args]
    w.add(f"def event_{m.opcode}({', '.join(['self', *names])}):")
    if m.since > 1:
        w.add(f"    if self.version < {m.since}:")
        for a in args:
            if a.kind == "h":
                w.add(f"        close({a.name})")
        w.add("        return")
    if _tracer is not None:
        trace = w.bind("trace", _tracer)
        message = w.bind("message", m)
        w.add(f"    {trace}(self, {message}, True, ({', '.join(names)}{',' if names else ''}))")
    w.add("    _client = self.client")
    w.add("    _out = _client.out")
    w.add("    if not _out and not _client.dirty:")
    w.add("        _client.dirty = True")
    w.add("        _client.display.dirty.append(_client)")
    if any(a.kind in "sa" for a in args):
        _write_long_event(w, m)
        return
    sent = [a for a in args if a.kind != "h"]
    layout = "=II" + "".join(_FIXED_SIZE[a.kind] for a in sent)
    header = (8 + 4 * len(sent)) << 16 | m.opcode
    values = ["self.oid", str(header), *(_value(a.kind, a.name, a.nullable) for a in sent)]
    for a in args:
        if a.kind == "h":
            w.add(f"    _client.queue_fd({a.name})")
    if m.destructor and _tracer is None and cls.destroyed is Resource.destroyed:
        # The common end of a wl_callback: the event and wl_display.delete_id in one piece.
        pack = w.bind("pack", Struct(layout + "III").pack)
        w.add("    _oid = self.oid")
        w.add("    _objects = _client.objects")
        w.add("    if _oid < len(_objects) and _objects[_oid] is self:")
        w.add("        _objects[_oid] = None")
        w.add(f"        _out += {pack}({', '.join(['_oid', *values[1:]])}, 1, {12 << 16 | 1}, _oid)")
        pack = w.bind("pack", Struct(layout).pack)
        w.add("    elif self.alive:")
        w.add(f"        _out += {pack}({', '.join(values)})")
        w.add("        self.retire()")
        return
    pack = w.bind("pack", Struct(layout).pack)
    w.add(f"    _out += {pack}({', '.join(values)})")
    if m.destructor:
        w.add("    self.retire()")


def _write_long_event(w: _Writer, m: Message) -> None:
    """Encode an event with strings or arrays."""
    pieces: list[str] = []
    for i, a in enumerate(m.arguments):
        if a.kind == "h":
            continue
        if a.kind in "sa":
            tail = " + b'\\0'" if a.kind == "s" else ""
            encode = f"{a.name}.encode('utf-8', 'replace')" if a.kind == "s" else f"bytes({a.name})"
            w.add(f"    if {a.name} is None:")
            w.add(f"        _b{i} = bytes(4)")
            w.add("    else:")
            w.add(f"        _b{i} = {encode}{tail}")
            pack = w.bind("pack", Struct("=I").pack)
            w.add(f"        _b{i} = {pack}(len(_b{i})) + _b{i} + PADDING[len(_b{i}) & 3]")
            pieces.append(f"_b{i}")
        else:
            pack = w.bind("pack", Struct("=" + _FIXED_SIZE[a.kind]).pack)
            pieces.append(f"{pack}({_value(a.kind, a.name, a.nullable)})")
    header = w.bind("pack", Struct("=II").pack)
    w.add(f"    _body = {' + '.join(pieces)}")
    w.add("    _size = len(_body) + 8")
    w.add(f"    if _size > {MAX_EVENT_BYTES}:")
    w.add(f"        too_long(self, {m.name!r}, _size)")
    for a in m.arguments:
        if a.kind == "h":
            w.add(f"    _client.queue_fd({a.name})")
    w.add(f"    _out += {header}(self.oid, _size << 16 | {m.opcode})")
    w.add("    _out += _body")
    if m.destructor:
        w.add("    self.retire()")


def _write_class(cls: type[Interface]) -> _Writer:
    w = _Writer()
    for m in cls.REQUESTS:
        _write_request(w, m, cls.SEQUENCES)
    for m in cls.EVENTS:
        _write_event(w, cls, m)
    return w


def interface_source(cls: type[Interface]) -> str:
    """Return the Python source that `compile_interface` runs for the class."""
    return "\n".join(_write_class(cls).lines)


def compile_interface(cls: type[Interface]) -> None:
    """Give the class its decoders and encoders."""
    w = _write_class(cls)
    exec(compile("\n".join(w.lines), f"<{cls.NAME}>", "exec"), w.names)
    cls._compiled = True
    cls._dispatch = tuple(w.names[f"request_{m.opcode}"] for m in cls.REQUESTS)
    for m in cls.EVENTS:
        encoder = w.names[f"event_{m.opcode}"]
        encoder.__doc__ = m.function.__doc__
        setattr(cls, m.function.__name__, encoder)
