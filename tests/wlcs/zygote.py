"""Starts compositors in no time: imports everything once, then forks a process for each that is asked for.

Run by the integration module with a socket as standard input, on which it answers line by line:

    start FOLDER   fork ``weddell run --headless`` with FOLDER as XDG_RUNTIME_DIR: ``PID SOCKET-NAME``
    stop PID       end it and wait until it is gone: ``stopped STATUS``

Further arguments of ours are added to those of the compositor. It ends with its socket, and so do the
compositors that are left.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import traceback
from typing import NoReturn

OPTIONS = ["run", "--headless", "--no-wallpaper"]


def prepare() -> None:
    """Import what every compositor will need."""
    from importlib import import_module

    from compositor.protocol.globals import preload

    for name in ("cli", "commands.run", "server", "backend.headless", "backend.capture", "render.cpu"):
        import_module(f"compositor.{name}")
    for name in ("control.methods", "model.window_frame", "model.keymap", "render.decoration", "render.art"):
        import_module(f"compositor.{name}")
    for load in preload():
        load()
    gc.collect()
    gc.freeze()


def become_compositor(folder: str, ready_fd: int, arguments: list[str]) -> NoReturn:
    """Run one until it is told to end; the process ends with it."""
    from compositor.cli import main

    os.setpgid(0, 0)
    os.environ["XDG_RUNTIME_DIR"] = folder
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    status = 70
    try:
        status = main([*OPTIONS, "--ready-fd", str(ready_fd), *arguments])
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def start(folder: str, arguments: list[str]) -> tuple[int, str]:
    """Fork a compositor; return its process and, once clients can connect, its socket's name."""
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_fd)
        become_compositor(folder, write_fd, arguments)
    os.close(write_fd)
    name = b""
    while not name.endswith(b"\n"):
        data = os.read(read_fd, 100)
        if not data:
            break
        name += data
    os.close(read_fd)
    return pid, name.decode().strip()


def stop(pid: int) -> int:
    """End a compositor; return its status as `os.waitstatus_to_exitcode` has it."""
    os.kill(pid, signal.SIGTERM)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def serve(orders: socket.socket, arguments: list[str]) -> None:
    """Answer until the other end closes."""
    alive: set[int] = set()
    with orders.makefile("rw", encoding="utf-8") as stream:
        for line in stream:
            order, argument = line.rstrip("\n").split(" ", 1)
            if order == "start":
                pid, name = start(argument, arguments)
                alive.add(pid)
                stream.write(f"{pid} {name}\n")
            else:
                alive.discard(int(argument))
                stream.write(f"stopped {stop(int(argument))}\n")
            stream.flush()
    for pid in alive:
        stop(pid)


if __name__ == "__main__":
    prepare()
    serve(socket.socket(fileno=os.dup(0)), sys.argv[1:])
