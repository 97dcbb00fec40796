"""A client that lies about its memory, one lie after the other, and reports what it was told for each.

Every lie has a fresh connection and an honest frame on screen before it. A sound compositor answers with a
protocol error or carries on with what it has; it never dies of it. Some compositors do: see --only.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from pywayland.protocol.wayland import WlDisplay, WlShm
from toolkit import ClientError, Connection, Disconnected, palette
from toolkit.libwayland import protocol_fault

from compositor.memory import Seal, add_seals

WIDTH, HEIGHT = 240, 160
STRIDE = WIDTH * 4
SIZE = STRIDE * HEIGHT
XRGB = int(WlShm.format.xrgb8888)
FALLOC_PUNCH_HOLE = 0x03  # with KEEP_SIZE
DIED = "the compositor died"
# Errors about shared memory have wl_shm's codes, whichever object they are raised on.
ERRORS: dict[str, Any] = {"wl_display": WlDisplay.error} | dict.fromkeys(
    ("wl_shm", "wl_shm_pool", "wl_buffer"), WlShm.error
)

Lie = Callable[["Client"], None]
LIES: dict[str, tuple[str, Lie]] = {}  # name -> (what it claims, the lie)


def lie(function: Lie) -> Lie:
    """Add a function to the table of lies, under its name and with its docstring."""
    LIES[function.__name__.replace("_", "-")] = (function.__doc__ or "").strip(), function
    return function


class Client:
    """A connection with a window that shows an honest frame from a sealed pool."""

    def __init__(self) -> None:
        self.connection = Connection()
        self.files: list[int] = []
        self.kernel = ""  # name of the errno the kernel refused the lie with
        self.keep: list[Any] = []
        self.configured = False
        self.surface = self.connection.compositor.create_surface()
        xdg_surface = self.connection.wm_base.get_xdg_surface(self.surface)
        xdg_surface.dispatcher["configure"] = self.on_configure
        toplevel = xdg_surface.get_toplevel()
        toplevel.set_title("Liar")
        self.keep += [xdg_surface, toplevel]
        self.surface.commit()
        while not self.configured:
            self.connection.dispatch()
        self.fd = self.file(SIZE, sealed=True)
        self.pool = self.connection.shm.create_pool(self.fd, SIZE)
        self.show(self.pool.create_buffer(0, WIDTH, HEIGHT, STRIDE, XRGB))

    def on_configure(self, xdg_surface: Any, serial: int) -> None:
        """Agree to any size."""
        xdg_surface.ack_configure(serial)
        self.configured = True

    def file(self, size: int, sealed: bool) -> int:
        """Return shared memory of this many bytes: sealed against shrinking, or impossible to seal."""
        fd = os.memfd_create("liar", os.MFD_CLOEXEC | (os.MFD_ALLOW_SEALING if sealed else 0))
        self.files.append(fd)
        os.ftruncate(fd, size)
        os.pwrite(fd, np.full(min(size, SIZE) // 4, palette.KRILL, np.uint32).tobytes(), 0)
        if sealed:
            add_seals(fd, Seal.SHRINK)
        return fd

    def show(self, buffer: Any) -> None:
        """Commit a buffer and wait until the compositor has read it, as far as one can tell."""
        self.keep.append(buffer)
        self.surface.attach(buffer, 0, 0)
        self.surface.damage(0, 0, WIDTH, HEIGHT)
        self.commit()

    def commit(self) -> None:
        """Commit, and give the compositor the time of a frame; a manual clock may never let it come."""
        shown = []
        callback = self.surface.frame()
        callback.dispatcher["done"] = lambda *_: shown.append(True)
        self.keep.append(callback)
        self.surface.commit()
        self.connection.roundtrip()
        for _ in range(4):
            if not shown:
                self.connection.dispatch(timeout_ms=50)
        self.connection.roundtrip()

    def refused(self, error: OSError) -> None:
        """Note that the kernel did not let us."""
        self.kernel = errno.errorcode.get(error.errno or 0, "?")

    def close(self) -> None:
        """Disconnect and close every file."""
        self.connection.close()
        for fd in self.files:
            os.close(fd)


@lie
def shrink_sealed(client: Client) -> None:
    """ftruncate the sealed pool to nothing while it is shown"""
    try:
        os.ftruncate(client.fd, 0)
    except OSError as error:
        client.refused(error)
    client.surface.damage(0, 0, WIDTH, HEIGHT)
    client.commit()


@lie
def resize_past_file(client: Client) -> None:
    """wl_shm_pool.resize the sealed pool to 16 times its file, and show a buffer from there"""
    client.pool.resize(SIZE * 16)
    client.show(client.pool.create_buffer(SIZE * 15, WIDTH, HEIGHT, STRIDE, XRGB))


@lie
def truncate_after_commit(client: Client) -> None:
    """show an unsealed file, then truncate it and commit again"""
    fd = client.file(SIZE, sealed=False)
    client.show(client.connection.shm.create_pool(fd, SIZE).create_buffer(0, WIDTH, HEIGHT, STRIDE, XRGB))
    os.ftruncate(fd, 0)
    client.show(client.keep[-2])


@lie
def truncate_before_commit(client: Client) -> None:
    """truncate an unsealed file between create_buffer and the first commit"""
    fd = client.file(SIZE, sealed=False)
    buffer = client.connection.shm.create_pool(fd, SIZE).create_buffer(0, WIDTH, HEIGHT, STRIDE, XRGB)
    client.connection.roundtrip()
    os.ftruncate(fd, 4096)
    client.show(buffer)


@lie
def pool_past_file(client: Client) -> None:
    """claim a pool of a mebibyte over a sealed file of one page"""
    pool = client.connection.shm.create_pool(client.file(4096, sealed=True), 1 << 20)
    client.show(pool.create_buffer(0, WIDTH, HEIGHT, STRIDE, XRGB))


@lie
def shrink_pool(client: Client) -> None:
    """wl_shm_pool.resize to fewer bytes, which the protocol forbids"""
    client.pool.resize(SIZE // 2)
    client.commit()


# Buffers that cannot be: what is wrong with them, then offset, width, height, stride and format.
IMPOSSIBLE: dict[str, tuple[str, int, int, int, int, int]] = {
    "stride-too-short": ("a stride four bytes shorter than a row", 0, WIDTH, HEIGHT, STRIDE - 4, XRGB),
    "stride-too-long": (
        "a stride that carries rows past the end",
        0,
        WIDTH,
        HEIGHT,
        STRIDE * 2,
        XRGB,
    ),
    "stride-overflow": ("stride times height overflows 32 bits", 0, WIDTH, 1 << 22, 1 << 10, XRGB),
    "offset-past-end": (
        "one page in, and as large as the pool",
        4096,
        WIDTH,
        HEIGHT,
        STRIDE,
        XRGB,
    ),
    "offset-negative": ("an offset before the beginning", -4096, WIDTH, HEIGHT, STRIDE, XRGB),
    "size-zero": ("a buffer without height", 0, WIDTH, 0, STRIDE, XRGB),
    "format-unknown": ("a pixel format nobody has heard of", 0, WIDTH, HEIGHT, STRIDE, 0x3F3F3F3F),
}


def impossible(*arguments: int) -> Lie:
    """Return the lie that shows a buffer made with these arguments."""
    return lambda client: client.show(client.pool.create_buffer(*arguments))


LIES |= {name: (what, impossible(*arguments)) for name, (what, *arguments) in IMPOSSIBLE.items()}


@lie
def pipe_as_pool(client: Client) -> None:
    """a pipe where shared memory is expected"""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    client.files += [reader, writer]
    client.show(client.connection.shm.create_pool(reader, SIZE).create_buffer(0, WIDTH, HEIGHT, STRIDE, XRGB))


@lie
def punch_hole(client: Client) -> None:
    """discard the sealed file's pages while it is shown: allowed, the compositor reads zeros"""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    if libc.fallocate(client.fd, FALLOC_PUNCH_HOLE, 0, SIZE):
        client.refused(OSError(ctypes.get_errno(), "fallocate"))
    client.surface.damage(0, 0, WIDTH, HEIGHT)
    client.commit()


def alive() -> bool:
    """Return whether a compositor still answers."""
    try:
        Connection().close()
    except ClientError:
        return False
    return True


def tell(name: str) -> dict[str, object]:
    """Tell one lie; return what came of it."""
    result: dict[str, object] = {"lie": name, "what": LIES[name][0]}
    client = Client()
    try:
        LIES[name][1](client)
        result["outcome"] = "frame kept"
    except Disconnected:
        fault = protocol_fault(client.connection.display)
        if fault is None:
            result["outcome"] = "disconnected without a word" if alive() else DIED
        else:
            codes = ERRORS.get(fault.interface, ())
            name = next((code.name for code in codes if code == fault.code), str(fault.code))
            result |= {"outcome": "protocol error", "interface": fault.interface, "code": fault.code}
            result |= {"error": name, "text": fault.text}
    finally:
        if client.kernel:
            result["kernel"] = client.kernel
        client.close()
    return result


def line(result: dict[str, object]) -> str:
    """Return a result as a line of the table."""
    told = str(result["outcome"])
    if "error" in result:
        told = f"{result['interface']}.{result['error']}: {result['text']}"
    if "kernel" in result:
        told = f"kernel: {result['kernel']}; {told}"
    return f"{result['lie']:<24}{told}"


def main() -> int:
    """Run the program."""
    options = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="lies:\n" + "\n".join(f"  {name:<24}{what}" for name, (what, _) in LIES.items())
        + "\n\nexamples:\n  python liar.py\n  python liar.py --only resize-past-file --json"
        "\n\nexit status: 0 the compositor lives, 3 there is none, or none any more",
    )  # fmt: skip
    options.add_argument(
        "--only", action="append", choices=list(LIES), metavar="LIE", help="tell this lie (repeatable)"
    )
    options.add_argument("--json", action="store_true", help="print the results as JSON")
    arguments = options.parse_args()
    results = []
    for name in arguments.only or LIES:
        try:
            results.append(tell(name))
        except ClientError as error:
            print(f"liar: {error}", file=sys.stderr)
            return error.status
        if not arguments.json:
            print(line(results[-1]), flush=True)
        if results[-1]["outcome"] == DIED:
            break
    if arguments.json:
        print(json.dumps(results, indent=2))
    return 3 if results[-1]["outcome"] == DIED else 0


if __name__ == "__main__":
    sys.exit(main())
