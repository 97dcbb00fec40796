"""The vocabulary of message signatures: what an argument's annotation may be.

A request or event is declared as a method whose annotations are its wire
signature. At run time only the annotation's text counts (`compositor.wire.compile`
reads it); here the same words get the types that mypy checks handlers with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Generic, TypeAlias, TypeVar

from compositor.descriptor import Descriptor

T = TypeVar("T")

Int: TypeAlias = int
"""int: signed 32 bits."""
Uint: TypeAlias = int
"""uint: unsigned 32 bits."""
Fixed: TypeAlias = float
"""fixed: signed 24.8, handed over as a float."""
String: TypeAlias = str
"""string: UTF-8, no NUL inside."""
Array: TypeAlias = bytes
"""array: bytes."""
Fd: TypeAlias = Descriptor
"""fd of a request: closed after the handler unless the handler takes it."""
SendFd: TypeAlias = int
"""fd of an event: ownership passes to the connection, which closes it once sent."""
AnyNewId: TypeAlias = tuple[str, int, int]
"""new_id without an interface (wl_registry.bind): interface name, version, id."""
NewObject: TypeAlias = Annotated[T, "new"]
"""new_id of an event: the resource that the server has just created."""

if TYPE_CHECKING:

    class NewId(int, Generic[T]):
        """new_id of a request: the id under which the handler creates a resource of that interface."""

else:

    class NewId:
        """new_id of a request; a plain int at run time."""
