"""Compiles the hot paths: Cython makes C of them, a C compiler makes modules of that.

Runs when the package is installed (hatch_build.py) and by ``python -m compositor.native build``. Imports
nothing of the compositor but what to compile.
"""

from __future__ import annotations

import ast
import contextlib
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from compositor.native.sources import EXTENSIONS, LAYOUTS, MODULES, PACKAGE, ROOT, product, source

_DIRECTIVES = {
    # Annotations are for people and mypy; what the compiler is to know stands in the .pxd files.
    "annotation_typing": False,
    "binding": False,
    "initializedcheck": False,
    "language_level": 3,
    # No index here is negative; those out of range are still refused.
    "wraparound": False,
}
# A conversion that the first of them names has been seen to go wrong in what Cython makes of `a or (b is c)`.
_FLAGS = ["-O2", "-g0", "-Werror=int-to-pointer-cast", "-Wno-array-bounds"]
_PIXEL_FLAGS = [flag if flag != "-O2" else "-O3" for flag in _FLAGS]


def slots(module: str, name: str) -> list[str]:
    """Return the names in the `__slots__` of a class, in the order in which they lie in memory.

    Those of a record are the names that have annotations; it may have no class variables.

    Raises:
        LookupError: if there is none of that name.
    """
    for node in ast.walk(ast.parse(Path(source(module)).read_text("utf-8"))):
        if isinstance(node, ast.ClassDef) and node.name == name:
            # CPython sorts them (type_new_slots of typeobject.c).
            if any(ast.unparse(decorator).startswith("record(") for decorator in node.decorator_list):
                fields = [field for field in node.body if isinstance(field, ast.AnnAssign)]
                return sorted(ast.unparse(field.target) for field in fields)
            for statement in node.body:
                if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__slots__":
                    return sorted(ast.literal_eval(statement.value))
    raise LookupError(f"{module}.{name} has no __slots__")


def write_layouts(folder: Path) -> None:
    """Describe the classes of `LAYOUTS` to the compilers, from their `__slots__`.

    Args:
        folder: gets `layouts.h`, and the package `compositor.native.layouts` with a .pxd file for each class.
    """
    package = folder / "compositor" / "native" / "layouts"
    package.mkdir(parents=True, exist_ok=True)
    for above in (package, package.parent, package.parent.parent):
        (above / "__init__.pxd").write_text("")
    header = ["#pragma once", "#include <Python.h>"]
    known: dict[str, list[str]] = {}
    for module, name, base in LAYOUTS:
        names = known[name] = (known[base] if base else []) + slots(module, name)
        fields = " ".join(f"PyObject *{field};" for field in names)
        header.append(f"typedef struct {{ PyObject_HEAD {fields} }} Layout{name};")
        lines = [
            'cdef extern from "layouts.h":',
            f"    ctypedef class {module}.{name} [object Layout{name}, check_size error]:",
            *(f"        cdef object {field}" for field in names),
        ]
        (package / f"{name.lower()}.pxd").write_text("\n".join(lines) + "\n")
    (folder / "layouts.h").write_text("\n".join(header) + "\n")


def build(verbose: bool = False) -> list[Path]:
    """Compile everything, beside the sources; returns what was made.

    Raises:
        Exception: of whatever kind Cython and setuptools have, if it cannot be done.
    """
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    with tempfile.TemporaryDirectory(prefix="weddell-build-") as name, _at(Path(ROOT)), _quiet(not verbose):
        folder = Path(name)
        write_layouts(folder)
        extensions: Any = [
            Extension(
                module,
                [os.path.relpath(source(module), ROOT)],
                include_dirs=[str(folder), os.path.join(PACKAGE, "render")],
                extra_compile_args=_PIXEL_FLAGS if module.endswith(".pixels") else _FLAGS,
            )
            for module in (*EXTENSIONS, *MODULES)
        ]
        made = cythonize(
            extensions,
            build_dir=str(folder / "c"),
            include_path=[str(folder)],
            compiler_directives=_DIRECTIVES,
            quiet=not verbose,
            nthreads=0,
        )
        command: Any = Distribution({"name": "weddell", "ext_modules": made}).get_command_obj("build_ext")
        command.build_temp = str(folder / "o")
        command.build_lib = str(folder / "lib")
        command.parallel = os.cpu_count() or 1
        command.ensure_finalized()
        command.run()
        products = [Path(product(module)) for module in (*EXTENSIONS, *MODULES)]
        for file in products:
            # All at the end, so that none is older than what it is used with.
            data = (folder / "lib" / file.relative_to(ROOT)).read_bytes()
            fresh = file.with_name(file.name + ".new")
            fresh.write_bytes(data)
            fresh.chmod(0o755)
            fresh.replace(file)
    return products


def clean() -> list[Path]:
    """Delete what was compiled, for whichever Python; returns what that was."""
    gone = []
    for module in (*EXTENSIONS, *MODULES):
        path = Path(ROOT, *module.split("."))
        for file in path.parent.glob(f"{path.name}.*.so"):
            file.unlink()
            gone.append(file)
    return gone


@contextlib.contextmanager
def _at(folder: Path) -> Any:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _quiet(quiet: bool) -> Any:
    """Send what compilers print to nowhere: their errors are raised as well."""
    if not quiet:
        yield
        return
    sys.stdout.flush()
    kept = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(null)


def can_build() -> bool:
    """Whether this Python is one that the compiled modules are for."""
    return platform.python_implementation() == "CPython"
