"""Grants: one object, to one process, once.

The owner issues a ticket for an object, bound to the process that may redeem it. The ticket is a string
and travels by any means; redeeming it gives a descriptor, with the access of the object, and uses it up.
A ticket can be revoked before that, and what it gave afterwards. `Resources` is the other way round: a
peer asks by name, and the answer is a place in a larger object. Anybody may import it.

A range says where to look and is no fence: a descriptor opens the whole file. What one receiver must not
see belongs in another object.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.descriptor import Descriptor
from compositor.memory.bounds import check_rectangle
from compositor.memory.identity import Denied, Peer, Policy
from compositor.memory.judgement import SealPolicy
from compositor.memory.objects import Access, AnonymousObject, check_range
from compositor.memory.pool import Pool
from compositor.record import record

MAX_TICKETS = 1024
"""Tickets that may wait to be redeemed at once, per desk."""


@record(frozen=True)
class Grant:
    """What a ticket was redeemed for. Whoever holds it owns the descriptor."""

    descriptor: Descriptor
    offset: int
    """Byte of the object at which the range starts; a multiple of the page size."""
    size: int
    """Bytes of the range."""
    access: Access


class Ticket:
    """The right of one process to get one object once. Its owner keeps it; the receiver gets `text`."""

    __slots__ = ("access", "object", "offset", "receiver", "redeemed", "revoked", "size", "text")

    def __init__(self, thing: AnonymousObject, receiver: Peer, offset: int, size: int) -> None:
        self.object = thing
        self.receiver = receiver
        self.offset = offset
        self.size = size
        self.access = thing.access
        self.text = secrets.token_hex(32)
        self.redeemed = False
        self.revoked = False


class GrantDesk:
    """Issues tickets, redeems and revokes them.

    Args:
        limit: tickets that may be outstanding at once.
    """

    __slots__ = ("_limit", "_open")

    def __init__(self, limit: int = MAX_TICKETS) -> None:
        self._limit = limit
        self._open: dict[str, Ticket] = {}

    def __len__(self) -> int:
        """Tickets that can still be redeemed."""
        return len(self._open)

    def issue(
        self,
        thing: AnonymousObject,
        receiver: Peer,
        *,
        access: Access | None = None,
        offset: int = 0,
        size: int | None = None,
    ) -> Ticket:
        """Grant an object, or whole pages of it, to one process.

        Args:
            thing: what to grant.
            receiver: who may redeem it; the desk does not close it.
            access: what the receiver is to be allowed; must be what the object was made for.
            offset: byte to start at, a multiple of the page size.
            size: bytes, whole pages or up to the end; the rest when not given.

        Raises:
            Denied: if the object was made for another access, was revoked, or the receiver is gone.
            ValueError: if the range is not one of whole pages in the object, or too many tickets wait.
        """
        length = thing.size - offset if size is None else size
        check_range(thing.size, offset, length)
        if access is not None and access is not thing.access:
            raise Denied(f"the object is {thing.access.value} for everybody, never {access.value}")
        if thing.revoked:
            raise Denied("the object was revoked")
        if not receiver.alive:
            raise Denied(f"process {receiver.pid} is gone")
        self._forget_the_dead()
        if len(self._open) >= self._limit:
            raise ValueError(f"{self._limit} tickets wait to be redeemed")
        ticket = Ticket(thing, receiver, offset, length)
        self._open[ticket.text] = ticket
        return ticket

    def redeem(self, text: str, peer: Peer) -> Grant:
        """Give the one who presents a ticket what it is for, and use the ticket up.

        Args:
            text: as presented.
            peer: who presents it, as the kernel says (`Peer.of`).

        Raises:
            Denied: if the ticket is unknown, used, revoked or another's. Another's stays good for its
                receiver: a thief cannot spoil what it cannot use.
        """
        # A dict finds it by hash, in a time that says nothing of how much of a guess was right.
        ticket = self._open.get(text)
        if ticket is None:
            raise Denied("no such ticket, or it was used or revoked")
        if not ticket.receiver.same_process(peer):
            raise Denied(f"the ticket is not for process {peer.pid} of user {peer.uid}")
        if ticket.object.revoked:
            del self._open[text]
            raise Denied("the object was revoked")
        descriptor = ticket.object.open()
        del self._open[text]
        ticket.redeemed = True
        return Grant(descriptor, ticket.offset, ticket.size, ticket.access)

    def revoke(self, ticket: Ticket) -> None:
        """Make a ticket worthless, or take back what it gave.

        Once it was redeemed, the range is discarded: everybody who looks at it sees zeros, since Linux
        cannot take it from one process alone. Doing it twice does no harm.
        """
        self._open.pop(ticket.text, None)
        if ticket.redeemed and not ticket.revoked:
            ticket.object.discard(ticket.offset, ticket.size)
        ticket.revoked = True

    def _forget_the_dead(self) -> None:
        """Drop tickets that nobody can redeem any more."""
        if len(self._open) >= self._limit:
            self._open = {
                text: ticket
                for text, ticket in self._open.items()
                if ticket.receiver.alive and not ticket.object.revoked
            }


@record(frozen=True)
class ResourceMap:
    """The answer to "map this": where in which object it lies. Whoever holds it owns the descriptor."""

    descriptor: Descriptor
    offset: int
    """Byte of the object at which the pixels start."""
    size: int
    """Bytes of the whole object: what to map."""
    width: int
    """Pixels."""
    height: int
    """Rows."""
    stride: int
    """Bytes from one row to the next."""
    format: int
    """`wl_shm.format` code, or what the two sides agreed on."""

    @classmethod
    def of(cls, facts: Mapping[str, Any], descriptor: Descriptor, format: int = 1) -> ResourceMap:
        """Return an answer that came as JSON, with its descriptor beside it.

        Args:
            facts: `offset`, `size`, `width`, `height` and `stride`.
            descriptor: used up by `view`.
            format: `wl_shm.format` code; XRGB8888 when not given.
        """
        names = ("offset", "size", "width", "height", "stride")
        offset, size, width, height, stride = (int(facts[name]) for name in names)
        return cls(descriptor, offset, size, width, height, stride, format)

    def view(self, dtype: npt.DTypeLike = np.uint32) -> npt.NDArray[Any]:
        """Judge and map it, and return the pixels; the descriptor is used up.

        Returns:
            (height, width) of `dtype`, buffer pixels, read-only; the owner may change them.

        Raises:
            Refused: if the file is not sealed or not as large as said.
            BadRectangle: if the pixels do not lie within it.
        """
        with Pool(self.descriptor.take(), self.size, SealPolicy.REQUIRE) as pool:
            return pool.view(self.offset, self.height, self.stride, self.width, dtype)


@record(frozen=True)
class _Resource:
    thing: AnonymousObject
    offset: int
    width: int
    height: int
    stride: int
    format: int


class Resources:
    """Named pictures that peers may ask to map, each a place in an object that the owner keeps.

    Args:
        policy: who may ask.
    """

    __slots__ = ("_named", "_policy")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._named: dict[str, _Resource] = {}

    def publish(
        self,
        name: str,
        thing: AnonymousObject,
        *,
        offset: int,
        width: int,
        height: int,
        stride: int,
        format: int,
        pixel_bytes: int = 4,
    ) -> None:
        """Let peers map a rectangle of an object under a name, replacing what had that name.

        Raises:
            BadRectangle: if it does not lie within the object.
        """
        check_rectangle(thing.size, offset, height, stride, width, pixel_bytes)
        self._named[name] = _Resource(thing, offset, width, height, stride, format)

    def withdraw(self, name: str) -> None:
        """Answer no more requests for a name. What was given out stays; `AnonymousObject.revoke` ends it."""
        self._named.pop(name, None)

    def map(self, name: str, peer: Peer) -> ResourceMap:
        """Answer a peer that asks to map a resource.

        Raises:
            Denied: if there is none of that name, or the policy says no.
        """
        self._policy.check(peer)
        found = self._named.get(name)
        if found is None or found.thing.revoked:
            raise Denied(f"there is no resource {name!r}")
        return ResourceMap(
            found.thing.open(),
            found.offset,
            found.thing.size,
            found.width,
            found.height,
            found.stride,
            found.format,
        )
