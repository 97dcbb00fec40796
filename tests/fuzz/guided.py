"""The process that fuzzes one target with atheris, run by `python -m tests.fuzz`; libFuzzer's options follow.

    python tests/fuzz/guided.py TARGET [LIBFUZZER OPTION…] CORPUS…

The compositor is imported under instrumentation, and the decoders that it writes for itself are instrumented
too. Source: https://llvm.org/docs/LibFuzzer.html, the documentation of atheris.
"""

from __future__ import annotations

import builtins
import shlex
import sys
from pathlib import Path
from types import CodeType
from typing import Any

import atheris

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

_RENDERING = ["compositor.render.gl", "compositor.testing"]


def _import_instrumented() -> None:
    with atheris.instrument_imports(include=["compositor"], exclude=_RENDERING):
        import compositor.server
        import compositor.wire.compile

    def compile_instrumented(source: str, name: str, mode: str) -> CodeType:
        code: CodeType = atheris.patch_code(builtins.compile(source, name, mode), True)
        return code

    # The name is looked up in the module first.
    vars(compositor.wire.compile)["compile"] = compile_instrumented


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    name, *options = sys.argv[1:]
    _import_instrumented()
    with atheris.instrument_imports(include=["compositor"], exclude=_RENDERING):
        from fuzz.targets import TARGETS

        target = TARGETS[name]
        target.warm_up()

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        mutator = target.mutator(seed)
        if seed % 50 == 0:
            # Now and then without any grammar: the comparisons that libFuzzer has seen come in here.
            return bytes(atheris.Mutate(data, max_size))
        return mutator.mutate(data, max_size)

    def cross(one: bytes, other: bytes, max_size: int, seed: int) -> bytes:
        return target.mutator(seed).cross(one, other, max_size)

    # libFuzzer runs this command again, by a shell, where a merge has a crash to get over.
    myself = shlex.join([sys.executable, str(Path(__file__).resolve()), name])
    arguments: list[Any] = [myself, *options]
    atheris.Setup(arguments, target.play, custom_mutator=mutate, custom_crossover=cross)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
