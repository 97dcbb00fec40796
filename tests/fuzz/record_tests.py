"""A pytest plugin that writes the tests' clients down as scripts, one a test:

    WEDDELL_RECORD=DIR python -m pytest -p fuzz.record_tests tests/protocol

They know every protocol and its errors; `python -m tests.fuzz --update-corpus --work …` then keeps the few
that together reach what all of them reach.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fuzz.record import Recorder, recording
from fuzz.script import Step, unparse
from support.stage import Stage

from compositor.clock import ManualClock
from compositor.memory import SealPolicy
from compositor.model.seat.keyboard import Keyboard
from compositor.model.seat.pointer import Pointer
from compositor.model.seat.touch import Touch

_MOST_BYTES = 12_000


def _params(text: str, *values: Any) -> tuple[str, ...]:
    plain = (str(value).lower() if isinstance(value, bool) else f"{value:g}" for value in values)
    return (text % tuple(plain),)


_DEVICES: list[tuple[type, str, str, str]] = [
    (Pointer, "move_to", "pointer.move", '{"x":%s,"y":%s}'),
    (Pointer, "move_by", "pointer.move_by", '{"dx":%s,"dy":%s}'),
    (Pointer, "button", "pointer.button", '{"button":%s,"pressed":%s}'),
    (Keyboard, "key", "keyboard.key", '{"key":%s,"pressed":%s}'),
    (Touch, "down", "touch.down", '{"id":%s,"x":%s,"y":%s}'),
    (Touch, "motion", "touch.move", '{"id":%s,"x":%s,"y":%s}'),
    (Touch, "up", "touch.up", '{"id":%s}'),
]


def _watch(patch: pytest.MonkeyPatch, recorder: Recorder) -> None:
    """Have what a person does, and the time, written down as well."""

    def wrap(cls: type, name: str, note: Callable[..., None]) -> None:
        original = getattr(cls, name)

        @functools.wraps(original)
        def noted(self: Any, *values: Any, **more: Any) -> Any:
            note(self, *values, **more)
            return original(self, *values, **more)

        patch.setattr(cls, name, noted)

    for cls, name, method, text in _DEVICES:

        def note(self: Any, *values: Any, _method: str = method, _text: str = text, **more: Any) -> None:
            given = [*values, *(value for key, value in more.items() if key == "pressed")]
            if len(given) >= _text.count("%s"):
                recorder.step(Step(-1, _method, arguments=_params(_text, *given[: _text.count("%s")])))

        wrap(cls, name, note)

    def passes(clock: ManualClock, now_ns: int) -> None:
        ms = (now_ns - clock.now_ns()) // 1_000_000
        if ms:
            recorder.step(Step(-1, "advance", arguments=(str(ms),)))

    wrap(ManualClock, "set_ns", passes)

    def starts(stage: Stage, runtime: Path, **options: Any) -> None:
        words = [word for word in ("legacy_shell", "lint", "wallpaper") if options.get(word)]
        if options.get("seal") in (SealPolicy.REQUIRE, SealPolicy.COPY):
            words.append(options["seal"].name.lower())
        if options.get("privileged") == "launched":
            words.append("unprivileged")
        if words:
            recorder.step(Step(-1, "with", arguments=tuple(words)))

    wrap(Stage, "__init__", starts)


@pytest.fixture(autouse=True)
def _recorded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = Path(os.environ["WEDDELL_RECORD"])
    with recording(lambda: 0) as recorder:
        _watch(monkeypatch, recorder)
        yield
    data = unparse(recorder.steps)
    if 0 < len(data) < _MOST_BYTES:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha1(request.node.nodeid.encode()).hexdigest()).write_bytes(data)
