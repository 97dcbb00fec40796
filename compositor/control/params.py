"""Parameters of a method, checked against the method's own annotations.

The signature is the specification: `compile_params` turns it once into a
function that takes the JSON object and returns keyword arguments, or refuses
with a message that names method, parameter and value. Understood are bool,
int, float, str, `Literal`, `list[T]`, `dict[str, T]`, `T | None`, `Any`,
`Descriptor` (a place among the line's descriptors), and `Annotated[T, Range]`
for numbers and the lengths of strings and lists. Used by the control package alone.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable
from typing import Annotated, Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from compositor.control.jsonrpc import Code, RequestError
from compositor.descriptor import Descriptor
from compositor.record import record


@record(frozen=True)
class Range:
    """Least and greatest value of a number, or length of a string or list."""

    low: float
    high: float


Coordinate = Annotated[float, Range(-1_000_000, 1_000_000)]
"""Layout pixels."""
Identifier = Annotated[int, Range(0, 2**53)]
Milliseconds = Annotated[float, Range(0, 86_400_000)]
Size = Annotated[int, Range(1, 32_768)]

_INTEGER = Range(-(2**53), 2**53)

Check = Callable[[str, Any, list[Descriptor]], Any]
Checker = Callable[[dict[str, Any], list[Descriptor]], dict[str, Any]]


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _refuse(where: str, expected: str, value: Any) -> NoReturn:
    raise RequestError(Code.INVALID_PARAMS, f"{where} must be {expected}, not {_show(value)}")


def _check_bool(where: str, value: Any, fds: list[Descriptor]) -> bool:
    if not isinstance(value, bool):
        _refuse(where, "true or false", value)
    return value


def _check_any(where: str, value: Any, fds: list[Descriptor]) -> Any:
    return value


def _check_descriptor(where: str, value: Any, fds: list[Descriptor]) -> Descriptor:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(fds):
        _refuse(where, f"the place of one of the {len(fds)} descriptors sent with the line", value)
    return fds[value]


def _number(kind: type, bounds: Range) -> Check:
    integer = kind is int
    low, high = (int(bounds.low), int(bounds.high)) if integer else (bounds.low, bounds.high)
    word = "an integer" if integer else "a number"
    expected = word if bounds is _INTEGER else f"{word} from {low:g} to {high:g}"

    def check(where: str, value: Any, fds: list[Descriptor]) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            _refuse(where, expected, value)
        if integer and not isinstance(value, int):
            _refuse(where, expected, value)
        if not low <= value <= high or not math.isfinite(value):
            _refuse(where, expected, value)
        return value if integer else float(value)

    return check


def _string(bounds: Range | None) -> Check:
    def check(where: str, value: Any, fds: list[Descriptor]) -> str:
        if not isinstance(value, str):
            _refuse(where, "a string", value)
        if bounds is not None and not bounds.low <= len(value) <= bounds.high:
            _refuse(where, f"a string of {bounds.low:g} to {bounds.high:g} characters", value)
        return value

    return check


def _literal(values: tuple[Any, ...]) -> Check:
    expected = " or ".join(_show(value) for value in values)

    def check(where: str, value: Any, fds: list[Descriptor]) -> Any:
        # `True == 1`, so the types are compared as well.
        for allowed in values:
            if type(value) is type(allowed) and value == allowed:
                return allowed
        _refuse(where, expected, value)

    return check


def _list(item: Check, bounds: Range | None) -> Check:
    def check(where: str, value: Any, fds: list[Descriptor]) -> list[Any]:
        if not isinstance(value, list):
            _refuse(where, "a list", value)
        if bounds is not None and not bounds.low <= len(value) <= bounds.high:
            _refuse(where, f"a list of {bounds.low:g} to {bounds.high:g} entries", value)
        return [item(f"{where}[{index}]", entry, fds) for index, entry in enumerate(value)]

    return check


def _dict(item: Check) -> Check:
    def check(where: str, value: Any, fds: list[Descriptor]) -> dict[str, Any]:
        if not isinstance(value, dict):
            _refuse(where, "an object", value)
        return {key: item(f"{where}[{_show(key)}]", entry, fds) for key, entry in value.items()}

    return check


def _union(members: list[Check], optional: bool) -> Check:
    def check(where: str, value: Any, fds: list[Descriptor]) -> Any:
        if value is None and optional:
            return None
        refusals = []
        for member in members:
            try:
                return member(where, value, fds)
            except RequestError as error:
                if not error.message.startswith(f"{where} must be"):
                    # The right kind, wrong somewhere inside: that says more.
                    raise
                refusals.append(error.message)
        kinds = [text.removeprefix(f"{where} must be ").rpartition(", not ")[0] for text in refusals]
        _refuse(where, " or ".join(kinds + ["null"] * optional), value)

    return check


def _compile(annotation: Any, bounds: Range | None = None) -> Check:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extras = get_args(annotation)
        return _compile(inner, next((e for e in extras if isinstance(e, Range)), bounds))
    if annotation is bool:
        return _check_bool
    if annotation is int:
        return _number(int, bounds or _INTEGER)
    if annotation is float:
        return _number(float, bounds or _INTEGER)
    if annotation is str:
        return _string(bounds)
    if annotation is Descriptor:
        return _check_descriptor
    if annotation is Any:
        return _check_any
    if origin is Literal:
        return _literal(get_args(annotation))
    if origin is list:
        return _list(_compile(get_args(annotation)[0]), bounds)
    if origin is dict:
        return _dict(_compile(get_args(annotation)[1]))
    if origin in (Union, types.UnionType):
        arguments = get_args(annotation)
        members = [_compile(a, bounds) for a in arguments if a is not type(None)]
        return _union(members, type(None) in arguments)
    raise TypeError(f"a parameter cannot be annotated {annotation!r}")


def compile_params(name: str, function: Callable[..., Any], skip: tuple[str, ...] = ()) -> Checker:
    """Return the function that checks the parameters of a method.

    Args:
        name: the method's name on the wire, for messages.
        function: its declaration; `self` is passed over.
        skip: further parameters that do not come from the request.

    Returns:
        A function from the JSON object and the line's descriptors to keyword
        arguments. It raises RequestError with INVALID_PARAMS.
    """
    hints = get_type_hints(function, include_extras=True)
    checks: dict[str, Check] = {}
    required: list[str] = []
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    first_default = code.co_argcount - len(function.__defaults__ or ())
    for place, parameter in enumerate(names):
        if parameter == "self" or parameter in skip:
            continue
        checks[parameter] = _compile(hints[parameter])
        if place < first_default or (
            place >= code.co_argcount and parameter not in (function.__kwdefaults__ or {})
        ):
            required.append(parameter)

    def check(params: dict[str, Any], fds: list[Descriptor]) -> dict[str, Any]:
        arguments = {}
        for key, value in params.items():
            member = checks.get(key)
            if member is None:
                known = ", ".join(checks) or "none"
                text = f"{name}: there is no parameter {_show(key)} (there are: {known})"
                raise RequestError(Code.INVALID_PARAMS, text)
            arguments[key] = member(f'{name}: "{key}"', value, fds)
        for key in required:
            if key not in arguments:
                raise RequestError(Code.INVALID_PARAMS, f'{name}: "{key}" is missing')
        return arguments

    return check
