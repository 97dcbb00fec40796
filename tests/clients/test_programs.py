"""The demo programs as their users start them: help, clear errors, and a short run under Weston."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.demo_clients import CLIENTS, DRAWING, PROGRAMS, Server

from compositor.memory import Seal


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CLIENTS / program), *arguments]
    variables = {k: v for k, v in os.environ.items() if not k.startswith("WAYLAND_")} | environment
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_describes_the_program_with_examples(program: str) -> None:
    result = run(program, "--help")
    assert (0, "") == (result.returncode, result.stderr)
    assert "examples:" in result.stdout
    assert "--json" in result.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_without_a_compositor_it_says_so_and_exits_with_3(program: str, runtime_dir: Path) -> None:
    result = run(program, XDG_RUNTIME_DIR=str(runtime_dir), WAYLAND_DISPLAY="nobody")
    expected = f"{Path(program).stem}: no Wayland compositor listens at {runtime_dir}/nobody\n"
    assert (3, "", expected) == (result.returncode, result.stdout, result.stderr)


def test_without_a_runtime_directory_it_says_so() -> None:
    command = [sys.executable, str(CLIENTS / "flower.py")]
    environment = {k: v for k, v in os.environ.items() if k != "XDG_RUNTIME_DIR" and "WAYLAND" not in k}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert 3 == result.returncode
    assert "XDG_RUNTIME_DIR is not set" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--size", "big"), "'big' is not a size"),
        (("--size", "0x5"), "is not a size"),
        (("--frames", "0"), "at least 1"),
    ],
)
def test_a_wrong_option_is_explained_and_exits_with_2(arguments: tuple[str, ...], complaint: str) -> None:
    result = run("flower.py", *arguments)
    assert 2 == result.returncode
    assert complaint in result.stderr


def answer_syncs(listener: socket.socket) -> None:
    """Be a compositor that announces no globals: answer every wl_display.sync, ignore the rest."""
    connection, _ = listener.accept()
    with connection:
        data = b""
        while chunk := connection.recv(4096):
            data += chunk
            while len(data) >= 8 and len(data) >= (size := struct.unpack_from("<I", data, 4)[0] >> 16):
                target, opcode = (
                    struct.unpack_from("<I", data)[0],
                    struct.unpack_from("<I", data, 4)[0] & 0xFFFF,
                )
                if (target, opcode) == (1, 0):
                    callback = struct.unpack_from("<I", data, 8)[0]
                    connection.sendall(struct.pack("<III", callback, 12 << 16, 0))
                    connection.sendall(struct.pack("<III", 1, 12 << 16 | 1, callback))
                data = data[size:]


def test_a_missing_global_is_named_and_exits_with_4(runtime_dir: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(runtime_dir / "bare"))
        listener.listen(1)
        server = threading.Thread(target=answer_syncs, args=(listener,))
        server.start()
        result = run("clock.py", XDG_RUNTIME_DIR=str(runtime_dir), WAYLAND_DISPLAY="bare")
        server.join(10)
    assert (4, "clock: the compositor at bare does not offer wl_compositor\n") == (
        result.returncode,
        result.stderr,
    )


def test_a_protocol_error_is_told_and_exits_with_5(runtime_dir: Path) -> None:
    def complain(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            text = b"no seals here\0\0\0"
            size = 8 + 12 + len(text)
            connection.sendall(struct.pack("<IIIII", 1, size << 16, 1, 3, 14) + text)
            connection.recv(4096)

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(runtime_dir / "strict"))
        listener.listen(1)
        server = threading.Thread(target=complain, args=(listener,))
        server.start()
        result = run("clock.py", XDG_RUNTIME_DIR=str(runtime_dir), WAYLAND_DISPLAY="strict")
        server.join(10)
    assert (5, "clock: wl_display#1 error 3: no seals here\n") == (result.returncode, result.stderr)


def test_all_programs_draw_their_frames_and_say_nothing_else(weston: Server) -> None:
    for program in DRAWING:
        result = weston.run(program, "--frames", "5", "--json")
        assert (0, "") == (result.returncode, result.stderr), program
        statistics = json.loads(result.stdout)
        assert 5 == statistics["frames"], program
        assert statistics["pool_bytes"] > 0, program


def test_a_window_that_grows_keeps_its_one_sealed_pool(weston: Server) -> None:
    with weston.start("resizer.py", "--frames", "400", "--json", "--size", "900x700") as process:
        pools: set[tuple[str, int]] = set()
        while process.poll() is None:
            for entry in Path(f"/proc/{process.pid}/fd").iterdir():
                try:
                    target = os.readlink(entry)
                    if target.startswith("/memfd:Resizer"):
                        fd = os.open(entry, os.O_RDONLY | os.O_CLOEXEC)
                        pools.add((target, fcntl.fcntl(fd, fcntl.F_GET_SEALS) & ~Seal.EXEC))
                        os.close(fd)
                except OSError:
                    continue  # closed meanwhile, or the process has ended
        assert process.stdout is not None
        statistics = json.loads(process.stdout.read())
    assert {("/memfd:Resizer (deleted)", int(Seal.SHRINK))} == pools
    assert statistics["growths"] > 0
    assert statistics["buffers_made"] > 100


@pytest.mark.parametrize("kind", ["memfd", "shm", "disk"])
def test_memory_that_cannot_be_sealed_is_shown_too(weston: Server, kind: str) -> None:
    result = weston.run("unsealed.py", "--kind", kind, "--frames", "3", "--json")
    assert (0, "") == (result.returncode, result.stderr)
    assert 3 == json.loads(result.stdout)["frames"]


def test_the_liar_reports_what_it_was_told(weston: Server) -> None:
    lies = ["shrink-sealed", "stride-too-long", "punch-hole"]
    result = weston.run("liar.py", "--json", *(f"--only={name}" for name in lies))
    assert (0, "") == (result.returncode, result.stderr)
    report = {entry["lie"]: entry for entry in json.loads(result.stdout)}
    assert lies == list(report)
    assert ("EPERM", "frame kept") == (report["shrink-sealed"]["kernel"], report["shrink-sealed"]["outcome"])
    assert "frame kept" == report["punch-hole"]["outcome"]
    told = report["stride-too-long"]
    assert ("protocol error", 1, "invalid_stride") == (told["outcome"], told["code"], told["error"])


def test_the_liar_notices_that_a_compositor_died(weston: Server) -> None:
    # Weston 10 trusts a seal it saw once; see resize-past-file.
    result = weston.run("liar.py", "--only=resize-past-file", "--json")
    outcome = json.loads(result.stdout)[0]["outcome"]
    died = weston.process.poll() is not None
    assert (3 if died else 0) == result.returncode
    assert died == (outcome == "the compositor died")


def test_telling_lies_leaves_no_descriptor_behind(weston: Server) -> None:
    code = (
        "import sys, os; sys.path.insert(0, sys.argv[1])\n"
        "from liar import tell\n"
        "count = lambda: len(os.listdir('/proc/self/fd'))\n"
        "tell('punch-hole'); before = count()\n"
        "for name in ('stride-too-long', 'pipe-as-pool', 'format-unknown'): tell(name)\n"
        "print(count() - before)"
    )
    command = [sys.executable, "-c", code, str(CLIENTS)]
    result = subprocess.run(
        command, env=weston.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ("0\n", "") == (result.stdout, result.stderr)
