"""Methods by name, and replies that come later.

A namespace is a class whose methods are marked with `method("name")`; the
registry compiles their parameter checks once and calls them. A method returns
JSON, a `Reply` when descriptors go along, or a `Deferred` when the answer is
not known yet. Knows nothing of sockets. Used by the control package alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from compositor.control.jsonrpc import Code, Request, RequestError
from compositor.control.params import Checker, compile_params
from compositor.descriptor import Descriptor
from compositor.errors import is_shortage
from compositor.logs import Log
from compositor.record import record

if TYPE_CHECKING:
    from compositor.control.connection import ControlConnection

log = Log(__name__)

_F = TypeVar("_F", bound=Callable[..., Any])


def method(name: str) -> Callable[[_F], _F]:
    """Mark a method of a namespace as callable over the socket under `name`."""

    def mark(function: _F) -> _F:
        function.__dict__["control_name"] = name
        return function

    return mark


@record()
class Reply:
    """A result with descriptors; it names them by their place in `descriptors`, which it owns."""

    value: Any
    descriptors: Sequence[Descriptor] = ()


class Deferred:
    """A reply that is not known yet.

    The method that returns it keeps it and calls `resolve` or `fail` once.
    When the driver goes away first, `cancelled` runs instead, so that whoever
    would have answered can let go.
    """

    __slots__ = ("_outcome", "_send", "cancelled")

    def __init__(self, cancelled: Callable[[], None] | None = None) -> None:
        self.cancelled = cancelled
        self._send: Callable[[Reply | RequestError], None] | None = None
        self._outcome: Reply | RequestError | None = None

    @property
    def done(self) -> bool:
        """Whether it was answered or cancelled."""
        return self._outcome is not None

    def resolve(self, value: Any, descriptors: Sequence[Descriptor] = ()) -> None:
        """Answer with a result; harmless when answered or cancelled before."""
        self._finish(Reply(value, descriptors))

    def fail(self, error: RequestError) -> None:
        """Answer with an error; harmless when answered or cancelled before."""
        self._finish(error)

    def _finish(self, outcome: Reply | RequestError) -> None:
        if self._outcome is None:
            self._outcome = outcome
            if self._send is not None:
                self._send(outcome)

    def attach(self, send: Callable[[Reply | RequestError], None]) -> None:
        """Say where the answer goes. Called by the connection."""
        self._send = send
        if self._outcome is not None:
            send(self._outcome)

    def cancel(self) -> None:
        """Forget about the answer: nobody waits for it any more."""
        if self._outcome is None:
            self._outcome = Reply(None)
            self._send = None
            if self.cancelled is not None:
                self.cancelled()


@record()
class Call:
    """What a method may know about its request: declare a parameter ``call: Call``."""

    connection: ControlConnection


@record()
class _Method:
    function: Callable[..., Any]
    check: Checker
    wants_call: bool


class Registry:
    """All methods of the control socket.

    Args:
        namespaces: objects with marked methods.
        before: called before each of them.
    """

    def __init__(self, namespaces: Sequence[object] = (), before: Callable[[], None] | None = None) -> None:
        self._before = before
        self._methods: dict[str, _Method] = {}
        for namespace in namespaces:
            self.add(namespace)

    def add(self, namespace: object) -> None:
        """Add the marked methods of `namespace`."""
        for attribute, function in vars(type(namespace)).items():
            name = getattr(function, "control_name", None)
            if name is None:
                continue
            if name in self._methods:
                raise ValueError(f"the method {name} is declared twice")
            wants_call = "call" in function.__annotations__
            check = compile_params(name, function, ("call",) if wants_call else ())
            self._methods[name] = _Method(getattr(namespace, attribute), check, wants_call)

    @property
    def names(self) -> list[str]:
        """Every method, sorted."""
        return sorted(self._methods)

    def call(self, request: Request, descriptors: list[Descriptor], call: Call) -> Reply | Deferred:
        """Serve one request.

        Raises:
            RequestError: whatever is wrong with it. A bug of ours is logged
                with its traceback and answered with INTERNAL_ERROR.
        """
        entry = self._methods.get(request.method)
        if entry is None:
            import difflib

            near = difflib.get_close_matches(request.method, self._methods, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise RequestError(Code.METHOD_NOT_FOUND, f"there is no method {request.method[:60]!r}{hint}")
        arguments = entry.check(request.params, descriptors)
        if entry.wants_call:
            arguments["call"] = call
        try:
            if self._before is not None:
                self._before()
            outcome = entry.function(**arguments)
        except RequestError:
            raise
        except Exception as error:
            if is_shortage(error):
                text = f"{request.method}: the system has no room for this: {error}"
                log.warning("control socket: %s", text)
                raise RequestError(Code.FAILED, text) from error
            log.exception("bug: the control method %s", request.method)
            text = f"{request.method}: internal error of the compositor: {type(error).__name__}: {error}"
            raise RequestError(Code.INTERNAL_ERROR, text) from error
        if isinstance(outcome, Reply | Deferred):
            return outcome
        return Reply(outcome)
