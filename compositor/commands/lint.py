"""``weddell lint``: run a program and report what it does badly."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from compositor.commands.options import output_spec, positive
from compositor.commands.tables import print_json, table
from compositor.errors import ConfigError, WeddellError

if TYPE_CHECKING:
    from compositor.testing.application import Application
    from compositor.testing.compositor import Compositor

DESCRIPTIONS = {
    "lint": "Run a program in a private compositor that watches it, and report what it does badly: memory "
    "that is not sealed, buffers written to while they are shown, wrong damage, useless commits, ignored "
    "configures, frames that nobody sees, leaks, wrong scales, protocol errors. The exit status is 1 if "
    "something was found, else that of the program.",
}
EPILOGS = {
    "lint": """\
examples:
  weddell lint -- ./program                    until it ends, or Ctrl+C
  weddell lint --seconds 5 --resize -- foot    five seconds, and its windows are resized
  weddell lint --output 1920x1080*2 -- prog    on a screen of scale 2
  weddell lint --ignore pool-unsealed --fail-on error --json -- prog    for CI
  weddell lint --rules                         what is looked for
""",
}
_SIZES = ((400, 300), (640, 480), (500, 420), (720, 380), (333, 277), (800, 600))


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add("--seconds", type=positive, metavar="S", help="end the program after so long (default: when it ends)")
    add("--resize", action="store_true", help="resize its windows meanwhile")
    add(
        "--output",
        action="append",
        type=_checked_output,
        default=[],
        metavar="WxH[@HZ][*SCALE]",
        help="a screen; repeatable",
    )
    add("--ignore", action="append", default=[], metavar="RULE", help="do not report this; may be repeated")
    fail = ("warning", "error", "never")
    add("--fail-on", choices=fail, default="warning", help="what makes the exit status 1 (default: warning)")
    add("--json", action="store_true", help="print JSON for programs")
    add("--rules", action="store_true", help="list the rules and exit")
    add("command", nargs="*", metavar="-- CMD ARGS", help="the program")


def _checked_output(text: str) -> str:
    output_spec(text)
    return text


def execute(name: str, options: argparse.Namespace) -> int:
    """Watch it."""
    from compositor.lint.findings import RULES

    if options.rules:
        rules = [{"rule": rule, "severity": s.value, "text": text} for rule, (s, text) in RULES.items()]
        if options.json:
            print_json(rules)
        else:
            print(table(("RULE", "SEVERITY", "WHAT"), [tuple(rule.values()) for rule in rules]))
        return 0
    for rule in options.ignore:
        if rule not in RULES:
            raise ConfigError(f"--ignore {rule}: there is no such rule (there are: {', '.join(RULES)})")
    if not options.command:
        raise ConfigError("which program? weddell lint -- CMD ARGS")
    from compositor.testing.compositor import Compositor

    with Compositor(outputs=options.output, lint=True) as compositor:
        application = compositor.launch(options.command)
        try:
            _exercise(compositor, application, options)
        except KeyboardInterrupt:
            pass
        by_itself = not application.running
        application.terminate()
        try:
            compositor.wait_idle(timeout_s=5)
        except WeddellError:
            # What is left of it may go on; it is judged as it is.
            pass
        found = [f for f in compositor.lint_findings if f["rule"] not in options.ignore]
        status = application.status or 0
        output = application.output
    if output:
        print(output, end="", file=sys.stderr)
    status = (128 - status if status < 0 else status) if by_itself else 0
    if options.json:
        print_json({"command": options.command, "status": status, "findings": found})
    else:
        print_findings(found)
        if status:
            print(f"{options.command[0]} ended with status {status}", file=sys.stderr)
    bad = {"warning": ("warning", "error"), "error": ("error",), "never": ()}[options.fail_on]
    return 1 if any(finding["severity"] in bad for finding in found) else status


def _exercise(compositor: Compositor, application: Application, options: argparse.Namespace) -> None:
    """Let it run, until it ends or its time is up."""
    end = None if options.seconds is None else time.monotonic() + options.seconds
    turn = 0
    while application.running and (end is None or time.monotonic() < end):
        left = 0.25 if end is None else min(0.25, max(0.01, end - time.monotonic()))
        try:
            application.wait(left)
        except WeddellError:
            if options.resize:
                _resize(compositor, turn)
            turn += 1


def _resize(compositor: Compositor, turn: int) -> None:
    width, height = _SIZES[turn % len(_SIZES)]
    for info in compositor.window_infos():
        try:
            if info["mapped"]:
                compositor.call("window.resize", id=info["id"], width=width, height=height)
        except WeddellError:
            # It has closed in between.
            continue


def print_findings(found: list[dict[str, Any]]) -> None:
    """Print them for people."""
    for finding in found:
        times = f", {finding['count']} times" if finding["count"] > 1 else ""
        print(f"{finding['time_ms'] / 1000:9.3f} s  {finding['severity']:<8} {finding['rule']}{times}")
        print(f"{'':13}{finding['object']} at {finding['request']}, process {finding['pid']}")
        print(f"{'':13}{finding['text']}")
    errors = sum(finding["severity"] == "error" for finding in found)
    if found:
        print(f"{_number(errors, 'error')}, {_number(len(found) - errors, 'warning')}")
    else:
        print("nothing found")


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
