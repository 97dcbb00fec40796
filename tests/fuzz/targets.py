"""What is fuzzed: the codec by itself, a whole compositor, and its control socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fuzz import codec, codec_inputs, driver_inputs, drivers, world
from fuzz.mutate import Mutator

CORPUS = Path(__file__).with_name("corpus")


class Mutating(Protocol):
    """Makes new inputs of old ones."""

    def mutate(self, data: bytes, max_size: int) -> bytes:
        """Return a changed input."""
        ...

    def cross(self, one: bytes, other: bytes, max_size: int) -> bytes:
        """Return an input with parts of two."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """One target.

    Attributes:
        name: on the command line, and of its folder in the corpus.
        play: runs one input; raises if it finds something.
        warm_up: to be called once before.
        mutator: made from a seed.
        max_bytes: of an input.
        show: returns an input for people to read.
    """

    name: str
    play: Callable[[bytes], None]
    warm_up: Callable[[], None]
    mutator: Callable[[int], Mutating]
    max_bytes: int
    show: Callable[[bytes], str]

    @property
    def corpus(self) -> Path:
        """Where its inputs lie in the repository."""
        return CORPUS / self.name


TARGETS = {
    target.name: target
    for target in (
        Target(
            "control",
            drivers.play,
            drivers.warm_up,
            driver_inputs.Mutator,
            8192,
            lambda data: data.decode("utf-8", "replace"),
        ),
        Target("codec", codec.play, codec.warm_up, codec_inputs.Mutator, 2048, codec_inputs.show),
        Target(
            "server", world.play, world.warm_up, Mutator, 12_288, lambda data: data.decode("ascii", "replace")
        ),
    )
}
