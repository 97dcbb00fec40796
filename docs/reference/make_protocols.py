"""Writes protocols.md beside this file: what the registry announces, from the table that announces it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from compositor.protocol.globals import ENTRIES, LEGACY_ENTRIES, Entry

INTRODUCTION = """\
What the registry announces, in one table, written by `python docs/reference/make_protocols.py` from the
one that announces it. A version is announced when every request and event of it works. Protocols offered
*by policy* see or steer other programs: every client of the same user may bind them by default, no client
inside a security context ever, and under `--privileged launched` only programs that the compositor launched
as trusted."""

LIMITS = """\
Limits that stand: tearing hints change nothing, since frames are whole here; there is no window menu; the
seat has no tablet, and says so to those who ask; no Xwayland, no dmabuf."""

HEADER = 3 + len(INTRODUCTION.splitlines())

CORE = (
    ("wl_compositor", 6, "wl_surface"),
    ("wl_seat", 11, "wl_seat"),
    ("wl_data_device_manager", 4, "wl_data_device_manager"),
    ("wl_output", 4, "wl_output"),
    ("wl_fixes", 1, "../wire/core"),
)


def summary(module: str) -> str:
    """Return the first sentence of a protocol module's docstring, without the name of the protocol."""
    name = "compositor.wire.core" if module.startswith("..") else f"compositor.protocol.{module}"
    text = " ".join((import_module(name).__doc__ or "").split("Source:")[0].split())
    first = text.split(". ")[0].rstrip(".")
    _, colon, rest = first.partition(": ")
    return rest if colon else first


def row(entry: Entry) -> str:
    """Return one line of the table."""
    who = "by policy" if entry.privileged else "everybody"
    return f"| `{entry.name}` | {entry.version} | {who} | {summary(entry.module)} |"


def page() -> str:
    """Return the whole page."""
    lines = [
        "# Protocols",
        "",
        *INTRODUCTION.splitlines(),
        "",
        "| global | version | who | what |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| `{name}` | {version} | everybody | {summary(module)} |" for name, version, module in CORE]
    lines += [row(entry) for entry in ENTRIES]
    lines += [
        "",
        "With `--legacy-shell` also:",
        "",
        "| global | version | who | what |",
        "| --- | --- | --- | --- |",
    ]
    lines += [row(entry) for entry in LEGACY_ENTRIES]
    lines += [
        "",
        *LIMITS.splitlines(),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "protocols.md").write_text(page(), encoding="utf-8")
