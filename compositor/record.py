"""Records: slotted classes, made from annotations as `dataclasses` makes them, in a tenth of its time.

`dataclasses` writes and compiles five or six functions for each class, and imports `inspect`. A compositor
has thirty of them when it starts, which was a quarter of the time until its first answer. Here one function
is compiled for each class, when the first record is made; comparing, hashing and printing are the same for
all. `NamedTuple` is that of `typing` but for annotations, which it leaves as they are: to `typing` each is an
expression to compile. Anybody may import this; what does not run in a compositor (the driver for tests,
commands) uses `dataclasses`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:

    class _Named(type):
        """Makes tuples with named items of classes."""

        def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, space)
            names = space["__annotations__"]
            defaults = [space.pop(item) for item in names if item in space]
            made = namedtuple(name, names, defaults=defaults, module=space["__module__"])
            for key, value in space.items():
                setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Named):
        """Base of tuples whose items have names."""


T = TypeVar("T")

_MISSING: Any = object()


class Field:
    """What is known of an attribute besides its name and type.

    Attributes:
        default: its value where none is given.
        factory: makes that value, for each record anew.
        about: whatever the class wants to keep with it.
    """

    __slots__ = ("about", "default", "factory")

    def __init__(
        self,
        default: Any = _MISSING,
        factory: Callable[[], Any] | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        self.default = default
        self.factory = factory
        self.about = about or {}


def field(
    *,
    default: Any = _MISSING,
    factory: Callable[[], Any] | None = None,
    about: Mapping[str, Any] | None = None,
) -> Any:
    """Return a `Field`, typed so that it can stand where the value would."""
    return Field(default, factory, about)


@dataclass_transform(field_specifiers=(field,))
def record(*, frozen: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]:
    """Make a class a record: one slot for each annotated name, and an ``__init__`` that takes them in order.

    Args:
        frozen: refuse to be changed. With `eq` it can then be hashed.
        eq: two are equal if all their attributes are; else only one and the same is.
    """
    return lambda cls: _make(cls, frozen, eq)


def fields(cls: type) -> dict[str, Field]:
    """Return what is known of the attributes of a record, by name."""
    known: dict[str, Field] = cls.__record__  # type: ignore[attr-defined]
    return known


def replace(one: T, **changes: Any) -> T:
    """Return a record like `one`, with some attributes changed."""
    for name in one.__slots__:  # type: ignore[attr-defined]
        if name not in changes:
            changes[name] = getattr(one, name)
    return type(one)(**changes)


def _make(cls: type[T], frozen: bool, eq: bool) -> type[T]:
    space = dict(cls.__dict__)
    known = {}
    for name, annotation in cls.__annotations__.items():
        if str(annotation).startswith(("ClassVar", "typing.ClassVar")):
            continue
        given = space.pop(name, _MISSING)
        known[name] = given if isinstance(given, Field) else Field(given)
    space.pop("__dict__", None)
    space.pop("__weakref__", None)
    names = tuple(known)
    space.update(__slots__=names, __match_args__=names, __record__=known, __qualname__=cls.__qualname__)
    space.setdefault("__repr__", _repr)
    if eq and "__eq__" not in space:
        values = attrgetter(*names)

        def same(self: Any, other: object) -> bool:
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        space["__eq__"] = same
        if frozen:
            space["__hash__"] = lambda self: hash(values(self))
    if frozen:
        space["__setattr__"] = space["__delattr__"] = _refuse
    # Made once more: slots can only be named when a class is.
    made: Any = type(cls)(cls.__name__, cls.__bases__, space)  # type: ignore[misc]

    def compile_init() -> Callable[..., None]:
        made.__init__ = init = _new_init(made, known, frozen)
        return init

    def first_init(self: T, *values: Any, **named: Any) -> None:
        compile_init()(self, *values, **named)

    made.__init__ = first_init
    made.__signature__ = _Signature(made, compile_init)
    return made  # type: ignore[no-any-return]


class _Signature:
    """What `inspect.signature` says of a record: how its `__init__` is called, once that is compiled."""

    __slots__ = ("_cls", "_compile")

    def __init__(self, cls: type, compile_init: Callable[[], Callable[..., None]]) -> None:
        self._cls = cls
        self._compile = compile_init

    def __get__(self, one: object, cls: type) -> Any:
        if cls is not self._cls:
            raise AttributeError("__signature__")  # A class derived from it may be called otherwise.
        import inspect

        whole = inspect.signature(self._compile())
        return whole.replace(parameters=[*whole.parameters.values()][1:])


def _new_init(cls: type, known: Mapping[str, Field], frozen: bool) -> Callable[..., None]:
    """Compile what sets the attributes; of a frozen record, past what refuses."""
    scope: dict[str, Any] = {"_MISSING": _MISSING}
    parameters, body = ["self"], []
    for name, one in known.items():
        value = name
        if one.factory is not None:
            scope[f"_new_{name}"] = one.factory
            parameters.append(f"{name}=_MISSING")
            value = f"_new_{name}() if {name} is _MISSING else {name}"
        elif one.default is not _MISSING:
            scope[f"_default_{name}"] = one.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        if frozen:
            scope[f"_set_{name}"] = getattr(cls, name).__set__
            body.append(f" _set_{name}(self, {value})")
        else:
            body.append(f" self.{name} = {value}")
    exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(body), scope)
    init: Callable[..., None] = scope["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _repr(self: Any) -> str:
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
    return f"{type(self).__qualname__}({values})"


def _refuse(self: Any, name: str, value: object = None) -> None:
    raise AttributeError(f"{type(self).__qualname__} is frozen: {name} cannot be changed")
