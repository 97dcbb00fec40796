"""``weddell doctor``: what this machine offers, what is missing, and what to install.

Every check tries the thing itself and none looks at version numbers, except
to say what runs here.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import mmap
import os
import platform
import resource
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from compositor import runtime
from compositor.commands.options import add_json
from compositor.commands.tables import print_json
from compositor.errors import ConfigError

DESCRIPTIONS = {
    "doctor": "Check what this machine offers: sealing, runtime directory, libraries, display. "
    "Exits with 0 if a headless compositor can run."
}
EPILOGS = {"doctor": "examples:\n  weddell doctor\n  weddell doctor --json\n"}


class Health(Enum):
    """How well something is."""

    GOOD = "good"
    LACKING = "lacking"
    BAD = "bad"


class Finding(NamedTuple):
    """What one check found.

    Attributes:
        health: bad if nothing works without it, lacking if something does not.
        text: what is there.
        advice: what to do about it; empty if nothing.
    """

    health: Health
    text: str
    advice: str = ""


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_json(parser)


def execute(name: str, options: argparse.Namespace) -> int:
    """Check everything."""
    findings = {title: _try(check) for title, check in CHECKS.items()}
    if options.json:
        listed = [
            {"check": title, "health": found.health.value, "text": found.text, "advice": found.advice}
            for title, found in findings.items()
        ]
        print_json(listed)
    else:
        width = max(map(len, findings))
        marks = {Health.GOOD: "ok", Health.LACKING: "--", Health.BAD: "NO"}
        for title, found in findings.items():
            print(f"{marks[found.health]}  {title:<{width}}  {found.text}")
            if found.advice:
                print(f"    {'':<{width}}  → {found.advice}")
        print("\n" + _verdict(findings))
    return 1 if any(found.health is Health.BAD for found in findings.values()) else 0


def _verdict(findings: dict[str, Finding]) -> str:
    """Return what it adds up to."""
    bad, lacking = (
        [title for title, found in findings.items() if found.health is health]
        for health in (Health.BAD, Health.LACKING)
    )
    if bad:
        return f"A compositor cannot run here: {', '.join(bad)}."
    return "A headless compositor runs here." + (
        f" Optional and missing: {', '.join(lacking)}." * bool(lacking)
    )


def _try(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        return Finding(Health.BAD, f"the check failed: {type(error).__name__}: {error}")


def _python() -> Finding:
    text = (
        f"Python {platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}"
    )
    if sys.platform != "linux":
        return Finding(Health.BAD, text, "sealed memory files exist on Linux alone")
    return Finding(Health.GOOD, text)


def _sealing() -> Finding:
    from compositor.memory import Seal, add_seals, create_memfd, get_seals

    fd = create_memfd("weddell-doctor", mmap.PAGESIZE)
    try:
        add_seals(fd, Seal.SHRINK)
        if not get_seals(fd) & Seal.SHRINK:
            return Finding(
                Health.BAD, "F_ADD_SEALS is accepted and has no effect", "use an ordinary Linux kernel"
            )
        try:
            os.ftruncate(fd, 0)
            return Finding(Health.BAD, "a sealed file can be shrunk", "use an ordinary Linux kernel")
        except PermissionError:
            return Finding(Health.GOOD, "memfd_create and F_SEAL_SHRINK: a sealed file cannot be shrunk")
    except OSError as error:
        return Finding(Health.BAD, f"sealing fails: {error.strerror}", "Linux 3.17 or newer is needed")
    finally:
        os.close(fd)


def _future_write() -> Finding:
    from compositor.memory import Seal, add_seals, create_memfd

    fd = create_memfd("weddell-doctor", mmap.PAGESIZE)
    try:
        with mmap.mmap(fd, mmap.PAGESIZE):
            add_seals(fd, Seal.FUTURE_WRITE)
            try:
                mmap.mmap(fd, mmap.PAGESIZE).close()
            except OSError:
                return Finding(Health.GOOD, "F_SEAL_FUTURE_WRITE: viewers of an output cannot change it")
        return Finding(Health.BAD, "F_SEAL_FUTURE_WRITE has no effect", "use an ordinary Linux kernel")
    except OSError as error:
        return Finding(Health.BAD, f"F_SEAL_FUTURE_WRITE: {error.strerror}", "Linux 5.1 or newer is needed")
    finally:
        os.close(fd)


def _runtime_dir() -> Finding:
    value = os.environ.get(runtime.VARIABLE)
    if not value:
        return Finding(Health.GOOD, f"{runtime.VARIABLE} is not set: weddell uses {runtime.own_dir()}")
    try:
        path = runtime.runtime_dir()
    except ConfigError as error:
        return Finding(
            Health.LACKING, str(error), f"unset {runtime.VARIABLE}   (a private folder is used then)"
        )
    if len(os.fsencode(path)) > 107 - len("/wayland-99.ctl.lock"):
        text = f"{runtime.VARIABLE}={value} is too long for sockets in it"
        return Finding(Health.LACKING, text, f"unset {runtime.VARIABLE}")
    return Finding(Health.GOOD, f"{runtime.VARIABLE}={value}")


def _proc() -> Finding:
    missing = [
        name
        for name in ("stat", "schedstat", "children")
        if not Path(f"/proc/self/task/{os.getpid()}/{name}").exists()
    ]
    if missing:
        text = f"/proc lacks {', '.join(missing)}: waiting for programs to rest is less exact"
        return Finding(Health.LACKING, text, "mount /proc; containers may hide it")
    return Finding(Health.GOOD, "/proc shows which programs sleep")


def _descriptors() -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    shown = "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
    if hard != resource.RLIM_INFINITY and hard < 4096:
        return Finding(Health.LACKING, f"{shown} open descriptors at most", "raise it: ulimit -Hn 65536")
    return Finding(Health.GOOD, f"{shown} open descriptors at most")


def _library(name: str, what: str, package: str) -> Callable[[], Finding]:
    def check() -> Finding:
        try:
            ctypes.CDLL(name)
        except OSError:
            advice = f"apt install {package}   (or the like of your system)"
            return Finding(Health.LACKING, f"{name} is not there: {what}", advice)
        return Finding(Health.GOOD, name)

    return check


def _module(name: str, what: str) -> Callable[[], Finding]:
    def check() -> Finding:
        if importlib.util.find_spec(name) is None:
            return Finding(Health.LACKING, f"{name} is not there: {what}", f"pip install {name}")
        return Finding(Health.GOOD, name)

    return check


def _layouts() -> Finding:
    if Path("/usr/share/X11/xkb/rules/evdev").exists():
        return Finding(Health.GOOD, "keyboard layouts of the system")
    text = "no keyboard layouts: --layout takes us alone"
    return Finding(Health.LACKING, text, "apt install xkb-data")


def _display() -> Finding:
    shown = [f"{name}={os.environ[name]}" for name in ("DISPLAY", "WAYLAND_DISPLAY") if os.environ.get(name)]
    if not shown:
        return Finding(
            Health.LACKING, "no display: headless only", "xvfb-run weddell run --window shows it to nobody"
        )
    return Finding(Health.GOOD, ", ".join(shown))


def _driver() -> Finding:
    from compositor.testing import Compositor

    with Compositor(timeout_s=20) as compositor:
        height, width = compositor.screenshot().shape[:2]
        renderer = compositor.info["renderer"]
    return Finding(Health.GOOD, f"a headless compositor runs: {width}×{height}, renderer {renderer}")


CHECKS: dict[str, Callable[[], Finding]] = {
    "system": _python,
    "sealing": _sealing,
    "live views": _future_write,
    "runtime directory": _runtime_dir,
    "processes": _proc,
    "descriptors": _descriptors,
    "pixman": _library("libpixman-1.so.0", "drawing is slower", "libpixman-1-0"),
    "xkbcommon": _library("libxkbcommon.so.0", "no other keyboard layout than us", "libxkbcommon0"),
    "layouts": _layouts,
    "wayland client": _library("libwayland-client.so.0", "the demo programs need it", "libwayland-client0"),
    "pywayland": _module("pywayland", "the demo programs need it"),
    "OpenGL": _library("libGL.so.1", "no --renderer gl, no --window", "libgl1 libgl1-mesa-dri"),
    "EGL": _library("libEGL.so.1", "no --renderer gl without a display", "libegl1"),
    "display": _display,
    "trial run": _driver,
}
