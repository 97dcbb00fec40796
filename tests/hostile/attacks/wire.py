"""Messages that are none: lengths, ids, strings and descriptors that do not add up."""

from __future__ import annotations

import os
import struct

from hostile.registry import DISCONNECTED, UNHARMED, Enemy, attack
from support import wire
from support.pixels import Buffer, Memory
from support.tables import table
from support.windows import Toplevel

INVALID_OBJECT = "wl_display.invalid_object"
INVALID_METHOD = "wl_display.invalid_method"
IMPLEMENTATION = "wl_display.implementation"
FAR = 0x0100_0000


def header(oid: int, size: int, opcode: int) -> bytes:
    """Return a message's first eight bytes, whatever follows."""
    return struct.pack("=II", oid, (size & 0xFFFF) << 16 | opcode)


def bind(number: int, interface: bytes, version: int, oid: int) -> bytes:
    """Return the arguments of wl_registry.bind."""
    return wire.word(number) + wire.padded(interface) + wire.word(version) + wire.word(oid)


for _size in (0, 4, 7, 9, 10):

    def _sized(enemy: Enemy, size: int = _size) -> None:
        enemy.client.send(header(1, size, 0) + bytes(64))

    attack(f"a message of {_size} bytes", INVALID_METHOD, DISCONNECTED, INVALID_OBJECT)(_sized)


@attack("a message of 65532 bytes", INVALID_METHOD, DISCONNECTED)
def longest(enemy: Enemy) -> None:
    enemy.client.send(header(1, 65532, 0) + bytes(65524))


@attack("a message announced and never finished")
def unfinished(enemy: Enemy) -> str:
    other = enemy.connect()
    other.send(header(1, 65532, 0) + bytes(1000))
    other.flush()
    enemy.client.roundtrip()
    return UNHARMED


@attack("one byte at a time")
def byte_by_byte(enemy: Enemy) -> None:
    client = enemy.client
    for oid in range(2, 20):
        for byte in wire.message(1, 1, wire.word(oid)):
            client.sock.send(bytes((byte,)))
    client.next_id = 20
    for oid in range(2, 20):
        client._enter("wl_registry", oid, 1)


for _what, _oid in {"object 0": 0, "an object that never was": 777, "an object of ours": 0xFF00_0000}.items():

    def _object(enemy: Enemy, oid: int = _oid) -> None:
        enemy.client.send(wire.message(oid, 0))

    attack(f"a request to {_what}", INVALID_OBJECT)(_object)


@attack("a request to an object that is destroyed", INVALID_OBJECT)
def destroyed(enemy: Enemy) -> None:
    region = enemy.client.get("wl_compositor").create_region()
    region.destroy()
    region.add(0, 0, 1, 1)


@attack("an opcode that no interface has", INVALID_METHOD)
def opcode(enemy: Enemy) -> None:
    enemy.client.send(wire.message(1, 0xFFFF))


@attack("a request newer than its object", INVALID_METHOD, INVALID_OBJECT)
def too_new(enemy: Enemy) -> None:
    surface = enemy.client.bind("wl_compositor", 1).create_surface()
    surface.set_buffer_scale(2)


@attack("too few arguments", INVALID_METHOD)
def too_few(enemy: Enemy) -> None:
    region = enemy.client.get("wl_compositor").create_region()
    enemy.client.send(wire.message(region.id, 1, wire.word(1)))


@attack("too many arguments", INVALID_METHOD, UNHARMED)
def too_many(enemy: Enemy) -> None:
    region = enemy.client.get("wl_compositor").create_region()
    enemy.client.send(wire.message(region.id, 1, *(wire.word(1) for _ in range(9))))


def _title(body: bytes):  # type: ignore[no-untyped-def]
    def run(enemy: Enemy) -> None:
        window = Toplevel(enemy.client)
        enemy.client.send(wire.message(window.toplevel.id, 2, body))

    return run


for _what, _body, _error in (
    ("without a NUL", wire.word(4) + b"abcd", INVALID_METHOD),
    ("with a NUL inside", wire.word(4) + b"a\0c\0", INVALID_METHOD),
    ("of four gigabytes", wire.word(0xFFFF_FFFF) + b"abcd", INVALID_METHOD),
    ("that runs past its message", wire.word(64) + b"abcd", INVALID_METHOD),
    ("that is null where none may be", wire.word(0), INVALID_METHOD),
):
    attack(f"a string {_what}", _error, DISCONNECTED, UNHARMED)(_title(_body))

attack("a string that is no UTF-8", UNHARMED)(_title(wire.padded(b"\xff\xfe\xc0\x80\0")))


@attack("an array of four gigabytes", INVALID_METHOD, DISCONNECTED, standard=False)
def array(enemy: Enemy) -> None:
    number, version = enemy.client.registry and enemy.client.globals["xdg_toplevel_tag_manager_v1"][0]
    del number, version
    window = Toplevel(enemy.client)
    manager = enemy.client.get("xdg_toplevel_tag_manager_v1")
    enemy.client.send(
        wire.message(manager.id, 1, wire.word(window.toplevel.id), wire.word(0xFFFF_FFF0) + b"1234")
    )


@attack("an object of another interface", INVALID_METHOD, INVALID_OBJECT)
def wrong_interface(enemy: Enemy) -> None:
    client = enemy.client
    region = client.get("wl_compositor").create_region()
    surface = client.get("wl_compositor").create_surface()
    client.send(wire.message(surface.id, 1, wire.word(region.id), wire.word(0), wire.word(0)))


@attack("null where an object is due", INVALID_METHOD, INVALID_OBJECT)
def null_object(enemy: Enemy) -> None:
    enemy.client.get("xdg_wm_base").get_xdg_surface(0)


@attack("a new id that is in use", INVALID_OBJECT, INVALID_METHOD)
def id_in_use(enemy: Enemy) -> None:
    region = enemy.client.get("wl_compositor").create_region()
    enemy.client.send(wire.message(1, 0, wire.word(region.id)))


for _what, _oid in {"0": 0, "1": 1, "far ahead": FAR, "of our range": 0xFF00_0001}.items():

    def _id(enemy: Enemy, oid: int = _oid) -> None:
        enemy.client.send(wire.message(1, 0, wire.word(oid)))

    _own, _other = (INVALID_METHOD, INVALID_OBJECT) if _oid == 0 else (INVALID_OBJECT, INVALID_METHOD)
    attack(f"the new id {_what}", _own, _other)(_id)


for _what, _name, _version in (
    ("version 0", None, 0),
    ("version 4294967295", None, 0xFFFF_FFFF),
    ("the name of another", b"wl_shm\0", 1),
    ("no name", b"", 1),
    ("a number that never was", b"number", 1),
):

    def _bind(enemy: Enemy, name: bytes | None = _name, version: int = _version) -> None:
        client = enemy.client
        registry = client.registry
        number = client.globals["wl_compositor"][0][0]
        if name == b"number":
            number, name = 123_456, b"wl_compositor\0"
        name = b"wl_compositor\0" if name is None else name
        client.send(wire.message(registry.id, 0, bind(number, name, version, client.new_id())))

    _own, _other = "wl_registry.invalid_object", INVALID_METHOD
    attack(f"a global bound with {_what}", *((_other, _own) if _what == "no name" else (_own, _other)))(_bind)


@attack("a check-in with a made-up token", INVALID_OBJECT)
def forged_check_in(enemy: Enemy) -> None:
    enemy.client.sock.sendall(header(0, 40, 0) + os.urandom(32))


@attack("a second check-in", INVALID_OBJECT)
def late_check_in(enemy: Enemy) -> None:
    enemy.client.roundtrip()
    enemy.client.sock.sendall(header(0, 40, 0) + bytes(32))


@attack("descriptors that no message takes", IMPLEMENTATION, UNHARMED)
def idle_descriptors(enemy: Enemy) -> None:
    memory = Memory(4096)
    enemy.client.keep.append(memory)
    for _ in range(1400 // 28):
        enemy.client.send(wire.message(1, 0, wire.word(enemy.client.next_id)), [memory.fd] * 28)
        enemy.client._enter("wl_callback", enemy.client.next_id, 1)
        enemy.client.next_id += 1
        enemy.client.flush()


@attack("descriptors on every byte of a message that never ends", IMPLEMENTATION, DISCONNECTED)
def descriptor_flood(enemy: Enemy) -> None:
    memory = Memory(4096)
    enemy.client.keep.append(memory)
    enemy.client.send(header(1, 60_000, 0) + bytes(1000), [memory.fd] * 2000)
    enemy.client.flush()


@attack("hanging up after every few bytes of a session")
def cut_sessions(enemy: Enemy) -> None:
    first = enemy.client
    window = Toplevel(first).start()
    first.roundtrip()
    window.surface.frame()
    window.toplevel.set_title("gone in a moment")
    window.attach(Buffer(first, 8, 8))
    whole = wire.message(1, 1, wire.word(2)) + wire.message(1, 0, wire.word(3)) * 1
    for cut in range(1, len(whole)):
        client = enemy.connect()
        client.sock.sendall(whole[:cut])
        client.close()


@attack("every opcode of every global with random words", INVALID_METHOD, standard=False)
def random_words(enemy: Enemy) -> str:
    import random

    rng = random.Random(os.getpid())
    first = enemy.client
    names = [name for name in first.registry and first.globals if name in KNOWN]
    for name in rng.sample(names, 8):
        client = enemy.connect()
        proxy = client.bind(name)
        for message in table(name).requests.values():
            body = b"".join(
                wire.word(rng.choice((0, 1, 2, 0xFFFF_FFFF, rng.getrandbits(32)))) for _ in range(4)
            )
            client.send(wire.message(proxy.id, message.opcode, body))
        client.flush()
        while client.receive(wait=True):
            pass
        assert client.error is None or "internal error" not in client.error[3], client.error
        client.close()
    return INVALID_METHOD


def _known() -> frozenset[str]:
    from support.tables import tables

    return frozenset(tables())


KNOWN = _known()
