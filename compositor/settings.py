"""Settings: what of the command line may also stand in a file, and is read again on SIGHUP.

    layout = "de"
    seal = "require"
    privileged = "launched"
    verbose = 1
    allow-uid = [1000]
    deny-exe = ["/usr/bin/xeyes"]

    [limit]
    pool_bytes = "512M"
    clients = 100

Names and values are those of the options of ``weddell run``. What the command line says as well counts over
the file, and its lists and limits are added to the file's. A file with a mistake changes nothing.

Wiring of the server. Source: https://toml.io/en/v1.0.0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from compositor.admission import Admittance
from compositor.errors import ConfigError
from compositor.limits import Limits, set_limit
from compositor.memory import SealPolicy
from compositor.record import field, record

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1 << 20
SEALS = tuple(policy.name.lower() for policy in SealPolicy)
PRIVILEGED = ("all", "launched")
_LISTS: dict[str, type] = {"allow-uid": int, "deny-uid": int, "allow-exe": str, "deny-exe": str}


@record()
class Settings:
    """What can change while clients are connected.

    Attributes:
        layout: of the keyboard; None for the built-in one.
        seal: what to do about memory that is not sealed, asked for each pool.
        privileged: who may use privileged protocols: "all" or "launched".
        verbose: 0 to 2.
        admittance: who may connect.
        limits: how much a client may take.
    """

    layout: str | None = None
    seal: SealPolicy = SealPolicy.ADOPT
    privileged: str = "all"
    verbose: int = 0
    admittance: Admittance = field(factory=Admittance)
    limits: Limits = field(factory=Limits)


def load(path: Path | None, given: dict[str, Any]) -> Settings:
    """Return the settings of a file and of a command line.

    Args:
        path: of the file; None for none.
        given: values by the options' names, as in a file; None or empty where the command line says nothing.
            Its limits are a list of ``NAME=VALUE``.

    Raises:
        ConfigError: if the file cannot be read or something in it, or in `given`, makes no sense.
    """
    settings = Settings()
    values: dict[str, Any] = {}
    if path is not None:
        values = _read(path)
        for name, value in values.pop("limit", {}).items():
            if type(value) not in (int, str):
                raise ConfigError(f"{path}: limit.{name} must be a number, or one with K, M or G in quotes")
            try:
                set_limit(settings.limits, f"{name}={value}")
            except ConfigError as error:
                raise ConfigError(f"{path}: {error}") from None
    for text in given.get("limit") or ():
        set_limit(settings.limits, text)
    lists = {name: [*values.pop(name, ()), *(given.get(name) or ())] for name in _LISTS}
    settings.admittance = Admittance(*(lists[name] for name in _LISTS))
    values |= {name: value for name, value in given.items() if value is not None and name in _CHECKS}
    settings.layout = values.get("layout")
    settings.seal = SealPolicy[values.get("seal", "adopt").upper()]
    settings.privileged = values.get("privileged", "all")
    settings.verbose = values.get("verbose", 0)
    return settings


def _read(path: Path) -> dict[str, Any]:
    """Return what a file says, checked.

    Raises:
        ConfigError: naming the file, and what is wrong with it.
    """
    import tomllib

    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise ConfigError(f"{path}: more than {MAX_BYTES} bytes")
        values = tomllib.loads(text.decode())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}") from None
    for name, value in values.items():
        check = _CHECKS.get(name)
        if check is None:
            import difflib

            near = difflib.get_close_matches(name, _CHECKS, 1)
            hint = f"; did you mean {near[0]}?" if near else f" (there are: {', '.join(_CHECKS)})"
            raise ConfigError(f"{path}: there is no setting {name!r}{hint}")
        wanted = check(value)
        if wanted:
            raise ConfigError(f"{path}: {name} must be {wanted}, not {value!r}")
    return values


def _one_of(choices: tuple[Any, ...]) -> Callable[[Any], str]:
    wanted = " or ".join(f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in choices)
    return lambda value: "" if any(type(value) is type(c) and value == c for c in choices) else wanted


def _list_of(kind: type) -> Callable[[Any], str]:
    wanted = "a list of user ids" if kind is int else "a list of paths"
    return lambda value: (
        "" if isinstance(value, list) and all(type(entry) is kind for entry in value) else wanted
    )


_CHECKS: dict[str, Callable[[Any], str]] = {
    "layout": lambda value: "" if isinstance(value, str) else "a string",
    "seal": _one_of(SEALS),
    "privileged": _one_of(PRIVILEGED),
    "verbose": _one_of((0, 1, 2)),
    **{name: _list_of(kind) for name, kind in _LISTS.items()},
    "limit": lambda value: "" if isinstance(value, dict) else "a table",
}
"""By the setting's name: what a value must be instead, or nothing if it is right."""
