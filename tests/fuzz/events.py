"""What the compositor sends to a client, taken apart and checked against grammar and table of objects."""

from __future__ import annotations

import os
import struct
from typing import Any

from fuzz.grammar import Argument, Entry, Table, tables
from fuzz.script import Step

SERVER_ID_BASE = 0xFF00_0000


class Finding(AssertionError):
    """Something that the compositor must not do."""


class Thing:
    """The client's end of an object.

    Attributes:
        serial: the last one that it was sent.
        dead: whether the client has destroyed it; `gone` once the compositor has said so too.
    """

    __slots__ = ("dead", "gone", "oid", "serial", "table", "version")

    def __init__(self, table: Table, oid: int, version: int) -> None:
        self.table = table
        self.oid = oid
        self.version = version
        self.serial = 0
        self.dead = False
        self.gone = False


class Listener:
    """The receiving half of a client.

    Attributes:
        strict: whether the table of objects is known to be right: not after raw bytes.
        pong: whether pings are answered.
        dones: how many callbacks were answered.
        error: (interface, code, text) of wl_display.error.
        serials: all that were sent, in their order.
        objects: by id; `made`: by interface, in the order made, the dead ones too.
        globals: (name, version) by interface.
        in_fds: descriptors that have come and that no event has taken.
    """

    def __init__(self) -> None:
        self.strict = True
        self.pong = False
        self.dones = 0
        self.error: tuple[str, int, str] | None = None
        self.serials: list[int] = []
        self.objects: dict[int, Thing] = {}
        self.made: dict[str, list[Thing]] = {}
        self.globals: dict[str, list[tuple[int, int]]] = {}
        self.in_fds: list[int] = []
        self.free: list[int] = []
        self.next_id = 1
        self._in = b""
        self.enter("wl_display", self.new_id(), 1)

    def send(self, step: Step) -> bool:
        """Queue a request; returns whether it made sense."""
        raise NotImplementedError

    def new_id(self) -> int:
        """Return the id that the next object gets: the lowest that is free, as libwayland does."""
        if self.free:
            self.free.sort()
            return self.free.pop(0)
        self.next_id += 1
        return self.next_id - 1

    def enter(self, interface: str, oid: int, version: int) -> Thing:
        """Note a new object."""
        thing = Thing(tables()[interface], oid, version)
        before = self.objects.get(oid)
        if before is None or before.dead or before.gone:
            # An id that is in use is refused, and stays what it is.
            self.objects[oid] = thing
        self.made.setdefault(interface, []).append(thing)
        return thing

    def hear(self, data: bytes) -> None:
        """Take apart what has come.

        Raises:
            Finding: if it is not what may come.
        """
        self._in += data
        position = 0
        while len(self._in) - position >= 8:
            oid, word = struct.unpack_from("=II", self._in, position)
            size = word >> 16
            if size < 8 or size % 4 or size > 4096:
                raise Finding(f"an event of {size} bytes for object {oid}")
            if size > len(self._in) - position:
                break
            self._event(oid, word & 0xFFFF, self._in[position + 8 : position + size])
            position += size
        self._in = self._in[position:]

    def _event(self, oid: int, opcode: int, body: bytes) -> None:
        thing = self.objects.get(oid)
        if thing is None or thing.gone:
            if self.strict:
                raise Finding(f"event {opcode} for object {oid}, which {'is gone' if thing else 'never was'}")
            return
        if opcode >= len(thing.table.events):
            if self.strict:
                raise Finding(f"event {opcode} for {thing.table.name}#{oid}")
            return
        entry = thing.table.events[opcode]
        where = f"{thing.table.name}#{oid}.{entry.name}"
        if entry.since > thing.version and self.strict:
            raise Finding(f"{where} is newer than version {thing.version}")
        values = self._values(thing, entry, body, where)
        if thing.table.name == "wl_display":
            self._display_event(entry.name, values)
        elif entry.name == "global" and thing.table.name == "wl_registry":
            offers = self.globals.setdefault(values[1], [])
            if (values[0], values[2]) not in offers:
                offers.append((values[0], values[2]))
        elif entry.name == "global_remove":
            for offers in self.globals.values():
                offers[:] = [offer for offer in offers if offer[0] != values[0]]
        elif entry.name == "done" and thing.table.name == "wl_callback":
            self.dones += 1
            thing.dead = True
        elif entry.name == "ping" and self.pong:
            self.send(Step(0, "xdg_wm_base.pong", arguments=(str(values[0]),)))
        if entry.destructor:
            thing.dead = True

    def _values(self, thing: Thing, entry: Entry, body: bytes, where: str) -> list[Any]:
        position = 0
        values: list[Any] = []
        for argument in entry.arguments:
            if argument.kind == "h":
                if not self.in_fds:
                    raise Finding(f"{where} came without its descriptor")
                os.close(self.in_fds.pop(0))
                continue
            if position + 4 > len(body):
                raise Finding(f"{where} is too short")
            (value,) = struct.unpack_from("=I", body, position)
            position += 4
            if argument.kind in "sa":
                data = body[position : position + value]
                if len(data) != value:
                    raise Finding(f"{where}: {argument.name} runs past the message")
                position += value + -value % 4
                if argument.kind == "s":
                    if value and (data.find(0) != value - 1):
                        raise Finding(f"{where}: {argument.name} is no string: {data!r}")
                    if not value and not argument.nullable:
                        raise Finding(f"{where}: {argument.name} is null")
                    values.append(data[:-1].decode())
                else:
                    values.append(data)
                continue
            if argument.kind == "n":
                before = self.objects.get(value)
                if value < SERVER_ID_BASE or (before is not None and not before.dead and self.strict):
                    raise Finding(f"{where}: {argument.name} is {value}, which is not for the server to use")
                self.enter(argument.interface, value, thing.version)
            elif argument.kind == "o":
                self._check_object(argument, value, where)
            elif "serial" in argument.name:
                self.serials.append(value)
                thing.serial = value
            values.append(value)
        if position != len(body):
            raise Finding(f"{where} is {len(body)} bytes, its arguments are {position}")
        return values

    def _check_object(self, argument: Argument, oid: int, where: str) -> None:
        if not oid:
            if not argument.nullable:
                raise Finding(f"{where}: {argument.name} is null")
            return
        thing = self.objects.get(oid)
        if not self.strict:
            return
        if thing is None or thing.gone:
            raise Finding(f"{where}: {argument.name} is object {oid}, which is not there")
        if argument.interface and thing.table.name != argument.interface:
            raise Finding(f"{where}: {argument.name} is a {thing.table.name}, not a {argument.interface}")

    def _display_event(self, name: str, values: list[Any]) -> None:
        if name == "delete_id":
            thing = self.objects.get(values[0])
            if thing is None or thing.gone:
                if self.strict:
                    raise Finding(f"wl_display.delete_id({values[0]}), of an object that is not there")
                return
            thing.dead = thing.gone = True
            if values[0] < self.next_id:
                self.free.append(values[0])
        else:
            subject = self.objects.get(values[0])
            self.error = (subject.table.name if subject else "nothing", values[1], values[2])
