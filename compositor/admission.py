"""Admission: who gets in, as whom, and a second look before privilege is granted.

The public sockets lead here. Connections are counted per process and user, their peers are held
by pidfds and judged by the policy of the command line; a client that presents a launch's token
in its first message is that launch. Nothing waits for anybody: a client that says nothing is a
client that says nothing.

Wiring of the server. Source: unix(7); docs/reference/check-in.md is the wire side of checking in.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from compositor.control.identity import Identity, Way, identity_of
from compositor.descriptor import close_socket
from compositor.errors import ProtocolError
from compositor.logs import Log
from compositor.memory import Denied, Peer, Policy
from compositor.record import field, record
from compositor.wire import Client, Display
from compositor.wire.compile import IMPLEMENTATION

if TYPE_CHECKING:
    from compositor.control.launcher import Launch, Launcher
    from compositor.limits import Limits
    from compositor.loop import Loop
    from compositor.model.desktop import Desktop
    from compositor.reserve import DescriptorReserve

log = Log(__name__)

_ACCEPTS_PER_TURN = 8


@record()
class Admittance:
    """Who may connect at all: what the command line says of users and programs."""

    allowed_uids: list[int] = field(factory=list)
    denied_uids: list[int] = field(factory=list)
    allowed_exes: list[str] = field(factory=list)
    denied_exes: list[str] = field(factory=list)

    def policy(self) -> Policy:
        """Return the policy: ourselves, root and the users named; all programs, or only those named."""
        # Root can do all of this to us anyway, and programs run with sudo are clients too.
        uids = {os.getuid(), 0, *self.allowed_uids}
        return Policy(
            uids=uids,
            denied_uids=self.denied_uids,
            executables=self.allowed_exes or None,
            denied_executables=self.denied_exes,
        )

    @property
    def names_programs(self) -> bool:
        """Whether anything rests on what program a client runs."""
        return bool(self.allowed_exes or self.denied_exes)


class Listening(Protocol):
    """A listening socket."""

    def fileno(self) -> int: ...

    def accept(self) -> socket.socket | None: ...


class Admission:
    """Takes connections over.

    Args:
        loop, display, desktop: of the server.
        limits: how many connections.
        admittance: who may connect.
        reserve: of descriptors.
    """

    def __init__(
        self,
        loop: Loop,
        display: Display,
        desktop: Desktop,
        limits: Limits,
        admittance: Admittance,
        reserve: DescriptorReserve,
    ) -> None:
        self.launcher: Launcher | None = None
        self._loop = loop
        self._display = display
        self._desktop = desktop
        self._limits = limits
        self._reserve = reserve
        self._policy = admittance.policy()
        self._names_programs = admittance.names_programs
        self._admittance = admittance
        display.check_in = self._check_in
        desktop.second_look = self.second_look

    def admit_by(self, admittance: Admittance) -> None:
        """Let others in from now on, and send away who is connected and would not be let in any more.

        Programs that were started here with a connection of their own stay: nobody let them in.
        """
        if admittance == self._admittance:
            return
        self._admittance = admittance
        self._policy = admittance.policy()
        self._names_programs = admittance.names_programs
        for client in list(self._display.clients):
            identity = identity_of(client)
            if identity is None or identity.way is Way.PRIVATE:
                continue
            try:
                if self._names_programs:
                    self._policy.check(identity.peer)
                else:
                    self._policy.check_user(identity.peer)
            except Denied as error:
                log.warning("%r is sent away: %s", client, error.reason)
                client.disconnect(ProtocolError(client.display_resource, IMPLEMENTATION, error.reason))

    def forget(self, fd: int) -> None:
        """Accept no more from the listening socket that had this descriptor."""
        self._loop.remove(fd)

    def listen(
        self, listening: Listening, way: Way, admitted: Callable[[Client], None] | None = None
    ) -> None:
        """Accept from a socket from now on; `admitted` hears of each client before it is served."""
        self._loop.add_reader(listening.fileno(), lambda: self._accept(listening, way, admitted))

    def _accept(
        self, listening: Listening, way: Way, admitted: Callable[[Client], None] | None = None
    ) -> None:
        for _ in range(_ACCEPTS_PER_TURN):
            try:
                connection = listening.accept()
            except OSError as error:
                log.warning("cannot accept a client: %s", error.strerror)
                self._reserve.refuse(listening.accept)
                return
            if connection is None:
                return
            if connection.fileno() >= self._reserve.ceiling and not self._reserve.make_room():
                log.warning("no descriptors left: a connection was refused")
                close_socket(connection)
                continue
            client = self.admit(connection, way)
            # The connection may have found a low number, and what is held of its process none.
            if client is not None and self._reserve.make_room(client) and admitted is not None:
                admitted(client)

    def admit(self, connection: socket.socket, way: Way = Way.PUBLIC) -> Client | None:
        """Take a connected socket over, if its peer may come in; None, and closed, if not."""
        try:
            peer = Peer.of(connection)
        except OSError as error:
            log.warning("a connection without a peer was refused: %s", error.strerror)
            close_socket(connection)
            return None
        try:
            self._count(peer)
            program = None
            if self._names_programs:
                program = self._policy.check(peer)
            else:
                # The kernel's word on the user needs no living process.
                self._policy.check_user(peer)
        except Denied as error:
            log.warning("process %d of user %d was refused: %s", peer.pid, peer.uid, error.reason)
            peer.close()
            close_socket(connection)
            return None
        return self._add(connection, Identity(peer, way, program))

    def adopt(self, connection: socket.socket, launch: Launch) -> Client | None:
        """Take over our end of a private connection to a program that we have started."""
        try:
            # The kernel would name ourselves, who made the pair of sockets.
            peer = Peer.process(launch.pid)
            program = None
        except OSError as error:
            log.warning("%s has ended before it could connect: %s", launch.argv[0], error.strerror)
            close_socket(connection)
            return None
        client = self._add(connection, Identity(peer, Way.PRIVATE, program, launch))
        if client is None:
            return None
        client.pid = launch.pid
        client.data["launch"] = launch
        client.privileged = launch.trusted or None
        return client

    def _add(self, connection: socket.socket, identity: Identity) -> Client | None:
        try:
            client = self._display.add_client(connection)
        except OSError as error:
            log.warning("process %d was refused: %s", identity.peer.pid, error.strerror)
            identity.peer.close()
            close_socket(connection)
            return None
        client.data["identity"] = identity
        client.on_close.append(identity.peer.close)
        return client

    def _count(self, peer: Peer) -> None:
        """Refuse one connection too many.

        Raises:
            Denied: naming the limit.
        """
        clients, limits = self._display.clients, self._limits
        if len(clients) >= limits.clients:
            raise Denied(f"over the limit of {limits.clients} connections")
        of_user = of_process = 0
        for client in clients:
            of_user += client.uid == peer.uid
            of_process += client.pid == peer.pid
        if of_user >= limits.clients_per_uid:
            raise Denied(f"over the limit of {limits.clients_per_uid} connections of one user")
        if of_process >= limits.clients_per_pid:
            raise Denied(f"over the limit of {limits.clients_per_pid} connections of one process")

    def _check_in(self, client: Client, token: bytes) -> bool:
        """Hear a token that a client presents as its first message."""
        launch = self.launcher.check_in(token) if self.launcher is not None else None
        identity = identity_of(client)
        if launch is None or identity is None:
            log.warning("%r: a check-in with a token that nobody waits for", client)
            return False
        identity.launch = launch
        identity.way = Way.CHECKED_IN
        client.data["launch"] = launch
        try:
            # What is trusted is this program, not what it may become.
            identity.program = identity.peer.executable()
        except Denied as error:
            log.warning("%r: checked in, and %s", client, error.reason)
        else:
            client.privileged = launch.trusted or None
        log.info("%r is launch %d (%s)", client, launch.id, launch.argv[0])
        return True

    def second_look(self, client: Client) -> bool:
        """Say whether a client still is who it was; asked whenever it is given a privileged protocol."""
        identity = identity_of(client)
        if identity is None:
            return True
        checked_in = identity.way is Way.CHECKED_IN and client.privileged is True
        rests_on_token = checked_in and not self._desktop.privileged_for_all
        if not rests_on_token and not self._names_programs:
            return True
        if identity.way is Way.PRIVATE:
            # Wrappers exec what they wrap, on a connection that nobody else can have.
            return True
        try:
            self._policy.check(identity.peer, identity.program)
        except Denied as error:
            if identity.denied is None:
                log.warning("%r is not given a privileged protocol: %s", client, error.reason)
            identity.denied = error.reason
            return False
        identity.denied = None
        return True
