"""``weddell trace``: a protocol trace for people, and what it adds up to."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from compositor.commands.tables import print_json, show_bytes, table
from compositor.errors import ConfigError

DESCRIPTIONS = {
    "trace": "Print a protocol trace, as `weddell run --trace FILE` writes it and the pytest plugin keeps "
    "it. Requests are printed as `->`, events as `<-`. Filters may be repeated, and take patterns.",
}
EPILOGS = {
    "trace": """\
examples:
  weddell trace trace.json
  weddell trace --interface 'wl_surface' --message commit --message attach trace.json
  weddell trace --client 2 --requests trace.json
  weddell trace --stats trace.json             messages and bytes, commits per second
  weddell run --headless --trace /dev/stdout -- prog | weddell trace -    as it happens
""",
}

Line = dict[str, Any]


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add("--client", action="append", type=int, default=[], metavar="N", help="only this client")
    add("--interface", action="append", default=[], metavar="PATTERN", help="only these, such as 'xdg_*'")
    add("--message", action="append", default=[], metavar="PATTERN", help="only these, such as commit")
    add("--object", action="append", type=int, default=[], metavar="ID", help="only the object with this id")
    direction = parser.add_mutually_exclusive_group()
    direction.add_argument("--requests", action="store_true", help="only what clients said")
    direction.add_argument("--events", action="store_true", help="only what clients were told")
    add("--stats", action="store_true", help="what it adds up to, instead of the messages")
    add("--json", action="store_true", help="print JSON for programs")
    add("file", metavar="FILE", help="the trace; - reads the standard input")


def execute(name: str, options: argparse.Namespace) -> int:
    """Print it."""
    everything = _read(options.file)
    # Times count from the first message, whatever is filtered.
    head = list(itertools.islice(everything, 1))
    start = head[0]["t"] if head else 0.0
    lines = (line for line in itertools.chain(head, everything) if _wanted(line, options))
    if options.stats:
        found = statistics(lines)
        if options.json:
            print_json(found)
        else:
            _print_statistics(found)
    elif options.json:
        for line in lines:
            print(json.dumps(line, ensure_ascii=False))
    else:
        for text in readable(lines, start):
            print(text, flush=options.file == "-")
    return 0


def _read(file: str) -> Iterator[Line]:
    """Yield the messages of a trace; a last line that was cut off is left out.

    Raises:
        ConfigError: if there is no such file, or it is no trace.
    """
    try:
        source = sys.stdin if file == "-" else open(file, encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}") from None
    with source:
        for number, text in enumerate(source, 1):
            if not text.strip():
                continue
            try:
                line = json.loads(text)
                _ = line["interface"], line["message"], line["t"]
            except (ValueError, KeyError, TypeError):
                if not text.endswith("\n"):
                    return
                raise ConfigError(f"{file}:{number} is no line of a protocol trace") from None
            yield line


def _wanted(line: Line, options: argparse.Namespace) -> bool:
    if options.client and line["client"] not in options.client:
        return False
    if options.object and line["object"] not in options.object:
        return False
    if (options.requests and line["event"]) or (options.events and not line["event"]):
        return False
    for value, patterns in ((line["interface"], options.interface), (line["message"], options.message)):
        if patterns and not any(fnmatchcase(value, pattern) for pattern in patterns):
            return False
    return True


def readable(lines: Iterable[Line], start: float) -> Iterator[str]:
    """Yield a line of text per message: seconds since `start`, client, direction, object, arguments."""
    for line in lines:
        arguments = ", ".join(_argument(value) for value in line["args"])
        head = f"{line['t'] - start:10.6f}  {line['client']:>3} {'<-' if line['event'] else '->'}"
        yield f"{head} {line['interface']}#{line['object']}.{line['message']}({arguments})"


def _argument(value: Any) -> str:
    if value is None:
        return "nil"
    if isinstance(value, str) and "#" not in value and value != "fd":
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(_argument(part) for part in value) + "]"
    return str(value)


def statistics(lines: Iterable[Line]) -> dict[str, Any]:
    """Return what a trace adds up to.

    Returns:
        ``seconds``, ``messages``, ``bytes`` and ``messages_per_s`` of all; ``interfaces``: requests, events
        and bytes by interface; ``messages_by_name``: the same by message; ``clients``: pid, messages, bytes,
        commits and commits per second by client.
    """
    first: float | None = None
    last = 0.0
    by_interface: dict[str, Counter[str]] = defaultdict(Counter)
    by_message: dict[str, Counter[str]] = defaultdict(Counter)
    by_client: dict[int, Counter[str]] = defaultdict(Counter)
    spans: dict[int, list[float]] = {}
    for line in lines:
        time_s, client = line["t"], line["client"]
        first = time_s if first is None else first
        last = time_s
        spans.setdefault(client, [time_s, time_s])[1] = time_s
        kind = "events" if line["event"] else "requests"
        size = line.get("bytes", 0)
        name = f"{line['interface']}.{line['message']}"
        for counter in (by_interface[line["interface"]], by_message[name], by_client[client]):
            counter[kind] += 1
            counter["bytes"] += size
        by_client[client]["pid"] = line.get("pid", 0)
        by_client[client]["commits"] += name == "wl_surface.commit"
    seconds = 0.0 if first is None else last - first
    messages = sum(c["requests"] + c["events"] for c in by_client.values())

    def row(counter: Counter[str]) -> dict[str, int]:
        return {key: counter[key] for key in ("requests", "events", "bytes")}

    clients = {}
    for client, counter in by_client.items():
        span = spans[client][1] - spans[client][0]
        rate = round(counter["commits"] / span, 1) if span > 0 else None
        commits = {"commits": counter["commits"], "seconds": round(span, 3), "commits_per_s": rate}
        clients[str(client)] = {"pid": counter["pid"], **row(counter), **commits}
    return {
        "seconds": round(seconds, 6),
        "messages": messages,
        "bytes": sum(c["bytes"] for c in by_client.values()),
        "messages_per_s": round(messages / seconds, 1) if seconds > 0 else None,
        "interfaces": {name: row(c) for name, c in _largest(by_interface)},
        "messages_by_name": {name: row(c) for name, c in _largest(by_message)},
        "clients": clients,
    }


def _largest(counters: dict[str, Counter[str]]) -> list[tuple[str, Counter[str]]]:
    return sorted(counters.items(), key=lambda entry: (-entry[1]["requests"] - entry[1]["events"], entry[0]))


def _print_statistics(found: dict[str, Any]) -> None:
    rate = f", {found['messages_per_s']:g} a second" if found["messages_per_s"] else ""
    print(f"{found['messages']} messages, {show_bytes(found['bytes'])} in {found['seconds']:.3f} s{rate}\n")
    headings = ("client", "pid", "requests", "events", "bytes", "seconds", "commits", "commits/s")
    keys = ("pid", "requests", "events", "bytes", "seconds", "commits", "commits_per_s")
    print(table(headings, [[int(n), *(row[key] for key in keys)] for n, row in found["clients"].items()]))
    for title, key in (("interface", "interfaces"), ("message", "messages_by_name")):
        rows = [[name, row["requests"], row["events"], row["bytes"]] for name, row in found[key].items()]
        print("\n" + table((title, "requests", "events", "bytes"), rows))
