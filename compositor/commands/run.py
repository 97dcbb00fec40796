"""``weddell run``: a compositor, and perhaps a program inside."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial

from compositor import bytecode, logs, runtime
from compositor.commands.options import offer, output_spec, path
from compositor.crash import LastWords, watch_faults, write_report
from compositor.errors import ConfigError, WeddellError, is_shortage

log = logs.Log(__name__)

EXIT_CRASHED = 70
"""Source: sysexits.h, EX_SOFTWARE."""

DESCRIPTIONS = {
    "run": "Run a compositor. With CMD, start it inside, end when it ends, and exit with its status.",
}
EPILOGS = {
    "run": """\
examples:
  weddell -- foot                              nested in a window on your desktop
  weddell run --headless -- ./test.sh          nobody sees it; exits with the status of test.sh
  weddell run --headless --output 1280x720 --output 1920x1080@120*1.5 --socket test
  weddell run --headless --clock manual        time stands still until `weddell advance`
  eval "$(weddell run --headless --detach)"    in the background, until `weddell stop`
  weddell run --headless --offer xdg_wm_base=3 --offer wp_viewporter=0 -- prog   as on an old compositor
  weddell run --headless --ready-fd 3 3>ready  writes the socket's name once clients can connect

keys in a window, with Super or with Ctrl+Alt:
  H       these shortcuts              V    colours as other eyes see them
  Space   start a program              N    night light
  Tab     choose a window              M    maximize the window, or undo it
  I       inspector: pools, seals,     Q    close the window
          frames, damage

signals: SIGTERM and SIGINT end it in order; SIGHUP reads --config again, makes sockets that somebody removed
anew, and goes on with --trace in a new file
exit status: that of CMD; 1 if it cannot start; 70 after a crash, with a report in $XDG_STATE_HOME/weddell
""",
}


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--headless", action="store_true", help="show it nowhere")
    where.add_argument(
        "--window", action="store_true", help="show it in a window (default if there is a display)"
    )
    add = parser.add_argument
    add(
        "--socket",
        action="append",
        default=[],
        metavar="NAME",
        help="name of the Wayland socket (default: the first free wayland-N); with @NAME, an abstract socket "
        "besides it, which has no mode: only credentials protect it; may be repeated",
    )
    add(
        "--output",
        action="append",
        type=output_spec,
        metavar="WxH[@HZ][*SCALE]",
        help="a screen; may be repeated (default: 1920x1080@60; in a window 1280x720)",
    )
    add("--renderer", choices=("auto", "cpu", "gl"), default="auto", help="what draws (default: auto)")
    add(
        "--seal",
        choices=("adopt", "require", "copy"),
        help="what to do about memory that is not sealed against shrinking: add the seal and else copy "
        "(adopt, the default), refuse it (require), or copy always",
    )
    add(
        "--compose",
        choices=("auto", "always", "on-demand"),
        default="auto",
        help="when a headless output draws: with every frame (always), or when somebody looks, which shows "
        "the same for less work (on-demand; what auto does unless the clock is manual)",
    )
    add("--clock", choices=("real", "manual"), default="real", help="whose time it is (default: real)")
    add(
        "--ready-fd", type=int, metavar="FD", help="where to write the socket's name and a newline when ready"
    )
    add(
        "--until-fd",
        type=int,
        metavar="FD",
        help="the reading end of a pipe: end when nobody has the other one any more, as when whoever "
        "started this is killed",
    )
    add(
        "--detach",
        action="store_true",
        help="go on in the background once clients can connect, and print the variables for a shell; "
        "`weddell stop` ends it",
    )
    add("--layout", metavar="NAME", help="of the keyboard, such as de or us,gr (default: us)")
    add(
        "--privileged",
        choices=("all", "launched"),
        help="who may capture the screen, type, and so on: every client of this user (all, the default) "
        "or those started with `weddell launch --trusted`",
    )
    for verb, effect in (
        ("allow", "let this {} connect (default: {})"),
        ("deny", "never let this {} connect"),
    ):
        who = effect.format("user", "ourselves and root") + "; may be repeated"
        what = effect.format("program", "every program") + "; may be repeated"
        add(f"--{verb}-uid", action="append", default=[], type=int, metavar="UID", help=who)
        add(f"--{verb}-exe", action="append", default=[], metavar="PATH", help=what)
    add(
        "--config",
        type=path,
        metavar="FILE",
        help="settings that are read again on SIGHUP (docs/reference/settings.md)",
    )
    add(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="how much a client may take, such as pool_bytes=512M (docs/reference/limits.md); repeatable",
    )
    add(
        "--legacy-shell",
        action="store_true",
        help="for programs of old: offer wl_shell and zxdg_shell_v6 as well, show windows before their first "
        "configure, and buffers attached without damage, and let selections be set that no input asked for",
    )
    add(
        "--offer",
        action="append",
        default=[],
        type=offer,
        metavar="GLOBAL=VERSION",
        help="offer a global in this version at most, such as xdg_wm_base=3, or with 0 not at all: for "
        "seeing how a program does with less; may be repeated",
    )
    add("--no-wallpaper", action="store_true", help="an even background")
    add("--trace", type=path, metavar="FILE", help="write every request and event there")
    add("--lint", action="store_true", help="watch for what programs do badly (see `weddell lint`)")
    add("--verbose", "-v", action="count", help="log more; twice for everything")
    add("command", nargs="*", metavar="-- CMD ARGS", help="program to start inside")


def execute(name: str, options: argparse.Namespace) -> int:
    """Run the compositor until it is told to end."""
    logs.set_level(options.verbose or 0)
    words = LastWords()
    logs.set_up(sys.stderr, words)
    watch_faults()
    if options.command:
        _need_program(options.command[0])
    for option, fd in (("--ready-fd", options.ready_fd), ("--until-fd", options.until_fd)):
        if fd is not None:
            try:
                os.fstat(fd)
            except (OSError, OverflowError):
                raise ConfigError(f"{option} {fd}: no such descriptor is open") from None
    own_runtime_dir = _need_runtime_dir()
    if options.detach:
        if options.command or options.ready_fd is not None:
            raise ConfigError("--detach goes with neither a program nor --ready-fd (see weddell launch)")
        from compositor.commands.detach import detach

        options.ready_fd = detach()
        if options.ready_fd is None:
            return 0
    from compositor import settings
    from compositor.caretaker import Caretaker
    from compositor.server import OutputSpec, Server, ServerOptions

    given = {name.replace("_", "-"): value for name, value in vars(options).items()}
    given["verbose"] = None if options.verbose is None else min(options.verbose, 2)
    load = partial(settings.load, options.config, given)
    first = load()
    logs.set_level(first.verbose)
    plain = [name for name in options.socket if not name.startswith("@")]
    if len(plain) > 1:
        raise ConfigError(
            f"--socket {plain[1]}: there is one Wayland socket with a file, and it is {plain[0]}"
        )
    display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    headless = options.headless or not (options.window or display)
    default = OutputSpec() if headless else OutputSpec(1280, 720)
    server = Server(
        ServerOptions(
            headless=headless,
            socket=plain[0] if plain else None,
            abstract=[name[1:] for name in options.socket if name.startswith("@")],
            outputs=options.output or [default],
            renderer=options.renderer,
            clock=options.clock,
            compose=options.compose,
            ready_fd=options.ready_fd,
            until_fd=options.until_fd,
            limits=first.limits,
            admittance=first.admittance,
            seal=first.seal,
            layout=first.layout,
            privileged=first.privileged,
            reload=load if options.config is not None else None,
            trace=options.trace,
            lint=options.lint,
            wallpaper=not options.no_wallpaper,
            legacy_shell=options.legacy_shell,
            offers=dict(options.offer),
            command=options.command,
        )
    )
    if not options.command and options.ready_fd is None:
        where = f"{runtime.VARIABLE}={own_runtime_dir} " if own_runtime_dir else ""
        variables = f"{where}WAYLAND_DISPLAY={server.socket_name}"
        # In the first turn of the loop: whoever reads this may send a signal, which is heeded from then on.
        server.loop.timers.call_at(0, lambda: _announce(variables, headless))
    passed = [fd for fd in (options.ready_fd, options.until_fd) if fd is not None]
    imported = bytecode.leave()
    caretaker = Caretaker(server.listening.path, [server.control.listener.path], passed)
    try:
        return server.run()
    except WeddellError:
        raise
    except Exception as error:
        if not server.serving and is_shortage(error):
            raise
        report = write_report(error, words)
        where = f"a report is in {report}" if report is not None else "no report could be written"
        log.critical("crashed: %s: %s; %s", type(error).__name__, error, where, error=error)
        return EXIT_CRASHED
    finally:
        caretaker.dismiss()
        bytecode.keep(imported)


def _need_program(name: str) -> None:
    from shutil import which

    if which(name) is None:
        raise ConfigError(f"there is no program {name!r}")


def _need_runtime_dir() -> str | None:
    """Make a runtime directory where nobody set one, so that there is nothing to configure; return it."""
    if os.environ.get(runtime.VARIABLE):
        return None
    folder = runtime.make_own_dir()
    text = f"weddell: {runtime.VARIABLE} is not set: sockets lie in {folder}"
    print(text, file=sys.stderr, flush=True)
    return folder


def _announce(variables: str, headless: bool) -> None:
    """Say where it is, and tell a person at a terminal what now."""
    print(f"weddell: {variables}", flush=True)
    if not sys.stderr.isatty():
        return
    shown = "nobody sees it (weddell view opens a window on it)" if headless else "it has a window"
    print(
        f"weddell: it runs, and {shown}. In another terminal: {variables} foot, or weddell windows, "
        "weddell screenshot shot.png. Ctrl+C ends it.",
        file=sys.stderr,
        flush=True,
    )
