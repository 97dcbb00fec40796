"""Builds the programs of benchmarks/load/ into benchmarks/build/.

The protocol code comes from the XML that the system's wayland-protocols package installs, at build
time; no XML lies in the repository. Needs gcc, pkg-config, wayland-scanner, libwayland-dev and
wayland-protocols. Imported by the other modules of benchmarks/.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent / "load"
BUILD = Path(__file__).parent / "build"
#: Loops over pixels, which rows.c measures.
KERNELS = Path(__file__).parents[1] / "compositor" / "render"

#: Program → its own source; the other sources are common to all.
PROGRAMS = {"load": "main.c", "reader": "reader.c", "floor": "floor.c", "rows": "rows.c"}

#: Tool → the Debian package that has it.
TOOLS = {"gcc": "gcc", "pkg-config": "pkg-config", "wayland-scanner": "libwayland-bin"}


class BuildError(Exception):
    """The load client cannot be built here; the text says what is missing or what gcc said."""


def program(name: str) -> Path:
    """Path of the built program ``name`` (a key of PROGRAMS), building whatever is out of date."""
    target = BUILD / name
    inputs = [*SOURCES.glob("*.[ch]"), *KERNELS.glob("*.h"), Path(__file__)]
    if not target.exists() or target.stat().st_mtime < max(path.stat().st_mtime for path in inputs):
        _build(name, target)
    return target


def _build(name: str, target: Path) -> None:
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            raise BuildError(f"{tool} is not installed (Debian package {package})")
    BUILD.mkdir(exist_ok=True)
    flags = _run("pkg-config", "--cflags", "--libs", "wayland-client").split()
    protocols = Path(_run("pkg-config", "--variable=pkgdatadir", "wayland-protocols").strip())
    xdg_shell = protocols / "stable" / "xdg-shell" / "xdg-shell.xml"
    _run("wayland-scanner", "client-header", str(xdg_shell), str(BUILD / "xdg-shell-client.h"))
    _run("wayland-scanner", "private-code", str(xdg_shell), str(BUILD / "xdg-shell.c"))
    common = sorted(set(SOURCES.glob("*.c")) - {SOURCES / own for own in PROGRAMS.values()})
    _run(
        "gcc",
        *("-std=gnu11", "-O2", "-Wall", "-Wextra", f"-I{BUILD}", f"-I{SOURCES}", f"-I{KERNELS}"),
        *("-o", str(target), str(SOURCES / PROGRAMS[name]), *map(str, common), str(BUILD / "xdg-shell.c")),
        *flags,
        "-lm",
    )


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)}\n{done.stderr.strip()}")
    return done.stdout
