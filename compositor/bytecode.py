"""One file with the bytecode of all modules that a compositor starts with, instead of a file for each.

Python looks for each module in folders, looks at its source and reads its bytecode, 140 times in a start.
This file lies where those lie, in ``__pycache__``, is of the same Python and, like them, made when it was
missed: by a compositor that ends (`keep`). What is not in it, or has changed since, is imported as ever,
which a look at the source decides for each module. Where Python may not write bytecode nothing is written.
Nobody but the command line imports this.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source
from types import CodeType
from typing import Any

from compositor.native.sources import MODULES, PACKAGE

_KIND = b"weddell bytecode 1\0" + MAGIC_NUMBER
_MOST_BYTES = 16 << 20

Entry = tuple[str, bool, int, int, int, int]
"""Path of a source, whether it is a package, mtime in ns and size in bytes of it; where its marshalled code
begins in the file, counted from the end of the index, and how many bytes that is."""


class Bundle:
    """Finds modules in one file.

    Attributes:
        path: of the file, which need not exist.
        index: what is in it, by module.
        code: the code of all of them.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.index: dict[str, Entry] = {}
        self.code = memoryview(b"")
        try:
            with open(path, "rb") as file:
                data = file.read(_MOST_BYTES)
            if data[: len(_KIND)] == _KIND:
                body = memoryview(data)[len(_KIND) + 4 :]
                length = int.from_bytes(data[len(_KIND) : len(_KIND) + 4], "little")
                root, size, index = marshal.loads(body[:length])
                # Tracebacks name the sources by where they were.
                if root == PACKAGE and length + size == len(body):
                    self.index, self.code = index, body[length:]
        except (OSError, ValueError, EOFError, TypeError):
            pass  # There is none yet, or one that was cut off.

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """Return where a module is if it is here, and is still what its source says."""
        if not self.has(name):
            return None
        source, is_package, _, _, start, length = self.index[name]
        loader = _Loader(name, source, self.code[start : start + length])
        spec = ModuleSpec(name, loader, origin=source, is_package=is_package)
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(source)]
        spec.has_location = True
        spec.cached = self.path
        return spec

    def has(self, name: str) -> bool:
        """Whether a module is here as its source is now."""
        entry = self.index.get(name)
        if entry is None:
            return False
        try:
            now = os.stat(entry[0])
        except OSError:
            return False
        return now.st_mtime_ns == entry[2] and now.st_size == entry[3]

    def write(self, names: Iterable[str]) -> None:
        """Write the file anew: what is still right in it, and these modules."""
        index: dict[str, Entry] = {}
        pieces: list[bytes | memoryview] = []
        end = 0
        for name in dict.fromkeys([*self.index, *names]):
            if self.has(name):
                source, is_package, mtime_ns, size, start, length = self.index[name]
                piece: bytes | memoryview = self.code[start : start + length]
            elif (found := _source(name)) is not None:
                try:
                    # Before it is read: what is changed meanwhile counts as changed.
                    then = os.stat(found)
                    piece = marshal.dumps(SourceFileLoader(name, found).get_code(name))
                except (OSError, ImportError, SyntaxError):
                    continue
                source, mtime_ns, size = found, then.st_mtime_ns, then.st_size
                is_package = os.path.basename(source) == "__init__.py"
            else:
                continue
            index[name] = source, is_package, mtime_ns, size, end, len(piece)
            pieces.append(piece)
            end += len(piece)
        head = marshal.dumps((PACKAGE, end, index))
        # Others may be starting, or writing, too.
        fresh = f"{self.path}.{os.getpid()}"
        try:
            with open(fresh, "xb") as file:
                file.write(b"".join([_KIND, len(head).to_bytes(4, "little"), head, *pieces]))
            os.replace(fresh, self.path)
        except FileExistsError:
            pass  # Somebody of that number, in another container, is at it.
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(fresh)


class _Loader(SourceFileLoader):
    """Loads one module.

    Args:
        name: of the module.
        path: of its source.
        code: marshalled.
    """

    def __init__(self, name: str, path: str, code: memoryview) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType | None:
        if not self._code:
            # Somebody wants it again.
            return super().get_code(fullname)
        code: CodeType = marshal.loads(self._code)
        self._code = memoryview(b"")
        return code


def bundle_path() -> str:
    """Return where the file of this Python and its level of optimization is."""
    return cache_from_source(os.path.join(PACKAGE, "start.py")).removesuffix(".pyc") + ".bundle"


def use() -> None:
    """Have modules found in the file from now on."""
    sys.meta_path.insert(0, Bundle(bundle_path()))


def leave() -> list[str]:
    """Have modules found as ever from now on; returns which ones there are: those of a start."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Bundle)]
    return list(sys.modules)


def keep(names: Iterable[str]) -> None:
    """Write the file anew if one of these modules, which were imported, could not be taken from it."""
    path = bundle_path()
    if not sys.dont_write_bytecode and os.access(os.path.dirname(path), os.W_OK):
        bundle = Bundle(path)
        if not all(bundle.has(name) for name in names if _source(name) is not None):
            bundle.write(names)


def _source(name: str) -> str | None:
    """Return the source of an imported module of ours that Python made bytecode of."""
    # What may be compiled is found by whether it is.
    if not name.startswith("compositor.") or name in MODULES:
        return None
    spec: Any = getattr(sys.modules.get(name), "__spec__", None)
    return spec.origin if spec is not None and isinstance(spec.loader, SourceFileLoader) else None
