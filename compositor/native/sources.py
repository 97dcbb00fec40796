"""What is compiled, and whether what was compiled is used. Imports nothing but what Python starts with.

That is why paths are strings here: `pathlib` takes as long to import as all of `compositor.wire`.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader

EXTENSIONS = (
    "compositor.native.alike",
    "compositor.native.calls",
    "compositor.native.words",
    "compositor.render.pixels",
)
"""Written for Cython."""

MODULES = (
    "compositor.descriptor",
    "compositor.express",
    "compositor.memory.plain",
    "compositor.model.answers",
    "compositor.protocol.frame_rows",
    "compositor.protocol.shm_exchange",
    "compositor.protocol.shm_rows",
    "compositor.render.schedule",
    "compositor.wire.ordinary",
)
"""Python; the types are in a .pxd file of the same name."""

LAYOUTS = (
    ("compositor.backend.headless", "HeadlessBackend", None),
    ("compositor.backend.screen", "Screen", None),
    ("compositor.limits", "Limits", None),
    ("compositor.memory.pool", "Pool", None),
    ("compositor.model.buffer", "Buffer", None),
    ("compositor.model.content", "Content", None),
    ("compositor.model.node", "Node", None),
    ("compositor.model.output", "Output", None),
    ("compositor.model.output_scene", "OutputScene", None),
    ("compositor.model.scene", "Scene", None),
    ("compositor.model.subsurface", "Subsurface", None),
    ("compositor.model.surface_base", "Ordinary", None),
    ("compositor.model.surface_base", "SurfaceBase", "Ordinary"),
    ("compositor.model.surface_state", "SurfaceState", None),
    ("compositor.protocol.shm_account", "Account", None),
    ("compositor.protocol.shm_account", "SharedPool", None),
    ("compositor.protocol.shm_account", "Totals", None),
    ("compositor.protocol.shm_copy", "CopiedBuffer", "Buffer"),
    ("compositor.protocol.shm_copy", "CopiedContent", "Content"),
    ("compositor.wire.client", "Client", None),
    ("compositor.wire.display", "Display", None),
    ("compositor.wire.interface", "Resource", None),
    ("compositor.protocol.wl_shm", "WlBuffer", "Resource"),
    ("compositor.protocol.wl_surface", "WlSurface", "Resource"),
)
"""Classes whose `__slots__` compiled modules reach without asking: module, name, the base that has slots."""

PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ROOT = os.path.dirname(PACKAGE)
SWITCH = "WEDDELL_PURE"
"""Set to anything but nothing or 0, the Python sources run."""


def source(module: str) -> str:
    """Return the path of what a module is written in."""
    return _path(module) + (".pyx" if module in EXTENSIONS else ".py")


def product(module: str) -> str:
    """Return the path of what it is compiled to, for the Python that runs."""
    return _path(module) + EXTENSION_SUFFIXES[0]


def _path(module: str) -> str:
    return os.path.join(ROOT, *module.split("."))


def inputs() -> list[str]:
    """Return the paths of all that what is built depends on."""
    files = {source(module) for module in (*EXTENSIONS, *MODULES)}
    files |= {os.path.splitext(file)[0] + ".pxd" for file in files}
    files |= {source(module) for module, _, _ in LAYOUTS}
    names = ("native/build.py", "native/sources.py", "render/kernels.h")
    files |= {os.path.join(PACKAGE, name) for name in names}
    return sorted(files)


def why_python() -> str:
    """Say why the Python sources run; empty if the compiled modules do."""
    if os.environ.get(SWITCH, "0") not in ("", "0"):
        return f"{SWITCH} is set"
    try:
        built = min([os.stat(product(module)).st_mtime_ns for module in (*EXTENSIONS, *MODULES)])
    except OSError:
        return "they were not compiled"
    # Where the sources can be edited; what was installed stays as it was built.
    if os.path.exists(os.path.join(ROOT, "pyproject.toml")):
        for file in inputs():
            if os.stat(file).st_mtime_ns > built:
                return f"{os.path.relpath(file, ROOT)} was changed after they were compiled"
    return ""


class _PythonOnly:
    """Finds the Python sources of what has a compiled module beside it, and no extensions."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name in MODULES:
            folder = os.path.dirname(source(name))
            return FileFinder(folder, (SourceFileLoader, [".py"])).find_spec(name)
        if name in EXTENSIONS:
            raise ModuleNotFoundError(f"{name} is not used: {WHY_PYTHON}", name=name)
        return None


WHY_PYTHON = why_python()
"""Why the Python sources run; empty if the compiled modules do. Decided once for all of them."""

if WHY_PYTHON:
    sys.meta_path.insert(0, _PythonOnly)
