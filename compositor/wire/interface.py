"""Interface classes: protocol table and live object in one.

A class that derives from `Interface` names its wire interface and version;
its methods marked with `request` and `event` are, in the order they stand,
the opcodes; their annotations are the signatures (see `compositor.wire.types`).
An instance is a resource: one protocol object of one client. The body of a
request is its handler; the body of an event is empty and gets replaced by a
compiled encoder. Compilation happens when a class is first used, so that
importing fifty protocols costs nothing.

    class WlCallback(Interface, name="wl_callback", version=1):
        __slots__ = ()

        @event(destructor=True)
        def done(self, callback_data: Uint) -> None: ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from compositor.errors import ProtocolError
from compositor.record import NamedTuple, record

if TYPE_CHECKING:
    from compositor.wire.client import Client

F = TypeVar("F", bound=Callable[..., Any])

SERVER_ID_BASE = 0xFF00_0000
"""Object ids from here up are allocated by the server (wayland: "Object IDs")."""

INTERFACES: dict[str, type[Interface]] = {}
"""Every declared interface by its wire name."""
_CLASSES: dict[str, type[Interface]] = {}


@record(frozen=True)
class Mark:
    """What a decorator says of a method."""

    kind: str
    since: int
    destructor: bool
    name: str | None
    rows: Callable[[], Rows] | None = None


@record(frozen=True)
class Argument:
    """One argument of a message.

    kind is the signature letter of wl_message: i u f s o n a h, and N for a
    new_id that carries its own interface name. interface is the class name.
    """

    name: str
    kind: str
    nullable: bool = False
    interface: str | None = None


@record(frozen=True)
class Message:
    """One request or event of an interface."""

    name: str
    opcode: int
    since: int
    destructor: bool
    function: Callable[..., Any]
    rows: Callable[[], Rows] | None = None

    @property
    def header(self) -> int:
        """Its second word, if its arguments have fixed sizes: size in bytes, and opcode."""
        # A descriptor takes no bytes.
        words = sum(argument.kind != "h" for argument in self.arguments)
        return (8 + 4 * words) << 16 | self.opcode

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The signature, read from the annotations."""
        annotations = self.function.__annotations__
        return tuple(parse_annotation(n, t) for n, t in annotations.items() if n != "return")


Rows = Callable[["Client", memoryview, int], int]
"""Handles requests that follow each other: of the client, in the data, from a position on. Returns how many
bytes of them it has handled, which may be 0. Of a `sequence`, those are counted as messages by who calls it;
of a `request`, it counts those that come after the first itself (`Client.messages`)."""


class Sequence(NamedTuple):
    """Requests that often come in a row, what handles them at once, and how to get what handles many."""

    requests: tuple[Message, ...]
    function: Callable[..., bool]
    rows: Callable[[], Rows] | None = None


def request(
    since: int = 1,
    *,
    destructor: bool = False,
    name: str | None = None,
    rows: Callable[[], Rows] | None = None,
) -> Callable[[F], F]:
    """Mark a method as the next request of its interface.

    Args:
        since: version of the interface that brought it.
        destructor: the resource dies after the handler returns.
        name: wire name, where it is not the method's (a trailing underscore is dropped anyway).
        rows: fetches what handles it together with requests that often follow it, of whatever objects. It
            sees to every argument itself, and counts those that follow as messages.
    """

    def mark(function: F) -> F:
        function.__wayland__ = Mark("request", since, destructor, name, rows)  # type: ignore[attr-defined]
        return function

    return mark


def event(since: int = 1, *, destructor: bool = False, name: str | None = None) -> Callable[[F], F]:
    """Mark a method as the next event; arguments as for `request`.

    An event newer than the version a client bound is not sent to it.
    """

    def mark(function: F) -> F:
        function.__wayland__ = Mark("event", since, destructor, name)  # type: ignore[attr-defined]
        return function

    return mark


def sequence(*names: str, rows: Callable[[], Rows] | None = None) -> Callable[[F], F]:
    """Mark a method that does at once what several requests to one object do, where they come in a row.

    It is no message of its own: it is offered the arguments of all of them, objects looked up and not null,
    and says whether it took them. If not, nothing has happened yet, and the requests are handled one by one.

    Args:
        names: the requests, each with arguments of fixed size.
        rows: fetches what takes the simple ones of many such rows, to whichever object of the class, before
            the method is offered one. It sees to their every argument itself.
    """

    def mark(function: F) -> F:
        function.__sequence__ = names, rows  # type: ignore[attr-defined]
        return function

    return mark


_SCALARS = {
    "Int": "i",
    "Uint": "u",
    "Fixed": "f",
    "String": "s",
    "Array": "a",
    "Fd": "h",
    "SendFd": "h",
    "AnyNewId": "N",
}


def parse_annotation(name: str, text: str) -> Argument:
    """Read one annotation of a message method.

    Raises:
        TypeError: if it is not part of the vocabulary.
    """
    if not isinstance(text, str):
        raise TypeError(f"{name}: the module needs 'from __future__ import annotations'")
    nullable = text.endswith(" | None")
    base = text.removesuffix(" | None")
    if base in _SCALARS:
        return Argument(name, _SCALARS[base], nullable)
    for generic in ("NewId[", "NewObject["):
        if base.startswith(generic):
            return Argument(name, "n", nullable, base[len(generic) : -1])
    if not base.isidentifier():
        raise TypeError(f"{name}: {text!r} is not a wire type")
    return Argument(name, "o", nullable, None if base == "Resource" else base)


_load_all: list[Callable[[], None]] = []


def on_unknown_class(load_all: Callable[[], None]) -> None:
    """Have `load_all` called when a signature names a class that no imported module declares."""
    _load_all[:] = [load_all]


def interface_class(name: str) -> type[Interface]:
    """Return the interface class of that Python name.

    Raises:
        KeyError: if no module declares it.
    """
    if name not in _CLASSES:
        for load in _load_all:
            load()
    return _CLASSES[name]


class Resource:
    """One protocol object of one client.

    Creating one enters it into the client's table. Attributes:
        client: the connection it belongs to.
        oid: object id on the wire.
        version: the version it was bound with.
    """

    __slots__ = ("client", "oid", "version")

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 0
    REQUESTS: ClassVar[tuple[Message, ...]] = ()
    EVENTS: ClassVar[tuple[Message, ...]] = ()
    SEQUENCES: ClassVar[tuple[Sequence, ...]] = ()
    _dispatch: ClassVar[tuple[Callable[..., int | None], ...]] = ()
    _compiled: ClassVar[bool] = False

    def __init__(self, client: Client, oid: int, version: int) -> None:
        """Enter the resource under `oid`, or under a fresh id of the server when it is 0."""
        self.client = client
        self.oid = oid
        self.version = version
        objects = client.objects
        if 0 < oid < len(objects):
            if objects[oid] is not None:
                client.refuse_id(self)
            objects[oid] = self
        elif oid == len(objects) and oid < client.max_objects:
            objects.append(self)
        elif oid == 0:
            client.enter_server_object(self)
        else:
            client.refuse_id(self)

    def __repr__(self) -> str:
        return f"{self.NAME}#{self.oid}"

    @property
    def alive(self) -> bool:
        """Whether the client can still name it."""
        client = self.client
        if self.oid >= SERVER_ID_BASE:
            return client.server_objects.get(self.oid) is self
        return self.oid < len(client.objects) and client.objects[self.oid] is self

    def retire(self) -> None:
        """Destroy the resource: its id becomes free and `destroyed` runs. Harmless when repeated."""
        client, oid = self.client, self.oid
        if oid >= SERVER_ID_BASE:
            if client.server_objects.get(oid) is not self:
                return
            del client.server_objects[oid]
        else:
            objects = client.objects
            if oid >= len(objects) or objects[oid] is not self:
                return
            objects[oid] = None
            if client.alive:
                client.display_resource.delete_id(oid)
        self.destroyed()

    def destroyed(self) -> None:
        """Clean up; runs once, whatever the reason: a request, an event or the disconnect."""

    def error(self, code: int, text: str) -> ProtocolError:
        """Return the error to raise about this resource: ``raise self.error(code, text)``."""
        return ProtocolError(self, code, f"{self!r}: {text}")


class Interface(Resource):
    """Base of every declared interface; see the module's text."""

    __slots__ = ()

    def __init_subclass__(cls, *, name: str, version: int) -> None:
        super().__init_subclass__()
        cls.NAME = name
        cls.VERSION = version
        messages: dict[str, list[Message]] = {"request": [], "event": []}
        shortcuts: list[Callable[..., Any]] = []
        for attribute, function in list(vars(cls).items()):
            mark = getattr(function, "__wayland__", None)
            if mark is None:
                if hasattr(function, "__sequence__"):
                    shortcuts.append(function)
                continue
            group = messages[mark.kind]
            wire_name = mark.name or attribute.removesuffix("_")
            group.append(Message(wire_name, len(group), mark.since, mark.destructor, function, mark.rows))
        cls.REQUESTS = tuple(messages["request"])
        cls.EVENTS = tuple(messages["event"])
        by_name = {message.name: message for message in cls.REQUESTS}
        cls.SEQUENCES = tuple(
            Sequence(tuple(by_name[name] for name in names), function, rows)
            for function in shortcuts
            for names, rows in [function.__sequence__]  # type: ignore[attr-defined]
        )
        INTERFACES[name] = cls
        _CLASSES[cls.__name__] = cls
        make_lazy(cls)


def request_header(cls: type[Interface], name: str) -> int:
    """Return the second word of a request whose arguments have fixed sizes; see `Message.header`.

    Raises:
        LookupError: if the interface has no such request.
    """
    for message in cls.REQUESTS:
        if message.name == name:
            return message.header
    raise LookupError(name)


def make_lazy(cls: type[Interface]) -> None:
    """Give the class entry points that compile it on first use."""

    def compile_now() -> None:
        # A bound method taken before the class was compiled comes here every time.
        if not cls._compiled:
            from compositor.wire.compile import compile_interface

            compile_interface(cls)

    def first_request(opcode: int) -> Callable[..., int | None]:
        def decode(self: Interface, data: memoryview, position: int, size: int) -> int | None:
            compile_now()
            return self._dispatch[opcode](self, data, position, size)

        return decode

    def first_event(attribute: str) -> Callable[..., None]:
        def encode(self: Interface, *args: Any) -> None:
            compile_now()
            getattr(self, attribute)(*args)

        return encode

    cls._compiled = False
    cls._dispatch = tuple(first_request(message.opcode) for message in cls.REQUESTS)
    for message in cls.EVENTS:
        attribute = message.function.__name__
        setattr(cls, attribute, first_event(attribute))
