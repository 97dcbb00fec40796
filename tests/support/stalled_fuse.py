"""A file system that is a program, and stops answering once a file is open: run as a program by tests.

Usage: stalled_fuse.py SOCKET_FD. Mounts in a mount namespace of its own, opens a file there, sends the
descriptor over the socket, and then answers nothing any more. Prints what the judge says inside the
namespace. Ends when the socket's other end is closed. Exits with 77 where it may not mount.

Whoever waits for such a file system cannot even be killed. So the process that answers holds nothing of
it but the device, whose closing ends every wait, and it ends by itself after a minute.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import struct
import sys
import tempfile

from compositor.memory import Refused, judge, send_fds

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 2, 4, 1 << 14, 1 << 18
LOOKUP, GETATTR, OPEN, INIT, ENOSYS = 1, 3, 14, 26, 38
SIZE = 8192

# Source: linux/fuse.h, protocol 7.31.
IN_HEADER = struct.Struct("=IIQQIIIHH")
OUT_HEADER = struct.Struct("=IiQ")
ATTRIBUTES = struct.Struct("=QQQQQQIIIIIIIIII")


def attributes(node: int) -> bytes:
    mode = 0o40755 if node == 1 else 0o100666
    return ATTRIBUTES.pack(node, SIZE, 16, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def serve(device: int) -> None:
    """Answer until a file has been opened."""
    while True:
        request = os.read(device, 1 << 20)
        _, opcode, unique, node, *_ = IN_HEADER.unpack_from(request)
        error, answer = 0, b""
        if opcode == INIT:
            answer = struct.pack("=IIIIHHIIHHI28x", 7, 31, 0, 0, 1, 1, 4096, 1, 1, 0, 0)
        elif opcode == LOOKUP:
            answer = struct.pack("=QQQQII", 2, 0, 0, 0, 0, 0) + attributes(2)
        elif opcode == GETATTR:
            answer = struct.pack("=QII", 0, 0, 0) + attributes(node)
        elif opcode == OPEN:
            answer = struct.pack("=QII", 7, 0, 0)
        else:
            error = -ENOSYS
        os.write(device, OUT_HEADER.pack(OUT_HEADER.size + len(answer), error, unique) + answer)
        if opcode == OPEN:
            return


def main() -> int:
    sock = socket.socket(fileno=int(sys.argv[1]))
    libc = ctypes.CDLL(None, use_errno=True)
    namespaces = CLONE_NEWNS | (CLONE_NEWUSER if os.getuid() else 0)
    if libc.unshare(namespaces) or libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None):
        print("may not make a mount namespace", os.strerror(ctypes.get_errno()))
        return 77
    with tempfile.TemporaryDirectory() as place:
        try:
            device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            print(error)
            return 77
        options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
        if libc.mount(b"stalled", place.encode(), b"fuse", MS_NOSUID | MS_NODEV, options):
            print("may not mount FUSE:", os.strerror(ctypes.get_errno()))
            return 77
        server = os.fork()
        if server == 0:
            signal.alarm(60)
            serve(device)
            sock.recv(1)
            os._exit(0)
        os.close(device)
        fd = os.open(f"{place}/file", os.O_RDWR)
        try:
            judge(fd, SIZE)
            print("allowed")
        except Refused as refused:
            print(refused.reason, flush=True)
        send_fds(sock, b"x", [fd])
        os.waitpid(server, 0)
        libc.umount2(place.encode(), 2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
