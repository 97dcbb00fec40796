"""What a client or a driver does to have the compositor make a certain system call.

Each function gets the compositor's process, does one thing from beginning to end, and leaves nothing
behind. That it fails on the way is right; that it waits for ever is not.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from support.client import Client
from support.pixels import Buffer, is_unsealable
from support.process import Process
from support.windows import Toplevel

from compositor.memory import freeze
from compositor.model.keymap import builtin_keymap

Provocation = Callable[[Process], None]
PROVOCATIONS: list[Provocation] = []


def provocation(function: Provocation) -> Provocation:
    """Enter a function into the list."""
    PROVOCATIONS.append(function)
    return function


@contextlib.contextmanager
def client_of(process: Process) -> Iterator[Client]:
    """One more client."""
    client = process.connect()
    try:
        yield client
    finally:
        client.close()
        for memory in client.keep:
            memory.close()


def ask(process: Process, method: str, fds: tuple[int, ...] = (), **params: Any) -> Any:
    """Call a method of the control socket; the answer, or its error."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20)
        sock.connect(os.fspath(process.control_path))
        line = json.dumps({**request, "fds": len(fds)} if fds else request).encode() + b"\n"
        socket.send_fds(sock, [line], fds)
        answer = b""
        while not answer.endswith(b"\n"):
            data, received, _, _ = socket.recv_fds(sock, 65536, 8)
            for fd in received:
                os.close(fd)
            if not data:
                raise ConnectionResetError("no answer")
            answer += data
    return json.loads(answer)


@provocation
def connects(process: Process) -> None:
    with client_of(process) as client:
        client.roundtrip()


@provocation
def shows_a_window(process: Process) -> None:
    with client_of(process) as client:
        window = Toplevel(client).show()
        callback = window.surface.frame()
        window.surface.commit()
        client.roundtrip()
        while not callback.events and client.receive(wait=True):
            pass


@provocation
def shares_memory_that_it_did_not_seal(process: Process) -> None:
    with client_of(process) as client:
        Toplevel(client).start().attach(Buffer(client, 64, 48, seals=0))
        client.roundtrip()


@provocation
def shares_memory_that_cannot_be_sealed(process: Process) -> None:
    with client_of(process) as client:
        Toplevel(client).start().attach(Buffer(client, 640, 480, **is_unsealable()))
        client.roundtrip()


@provocation
def shares_a_file_on_disk(process: Process) -> None:
    with client_of(process) as client, tempfile.TemporaryFile() as file:
        file.truncate(64 * 48 * 4)
        window = Toplevel(client).start()
        pool = client.get("wl_shm").create_pool(file.fileno(), 64 * 48 * 4)
        client.flush()
        window.surface.attach(pool.create_buffer(0, 64, 48, 256, 1), 0, 0)
        window.surface.commit()
        client.roundtrip()


@provocation
def grows_a_pool(process: Process) -> None:
    with client_of(process) as client:
        buffer = Buffer(client, 64, 48)
        pool = client.get("wl_shm").create_pool(buffer.memory.fd, buffer.memory.size)
        client.flush()
        buffer.memory.grow(1 << 20)
        pool.resize(1 << 20)
        pool.create_buffer(0, 256, 1024, 1024, 1)
        client.roundtrip()


@provocation
def listens_to_the_keyboard(process: Process) -> None:
    with client_of(process) as client:
        client.get("wl_seat").get_keyboard()
        client.roundtrip()
        for fd in client.fds:
            os.close(fd)


@provocation
def passes_a_selection_on(process: Process) -> None:
    with client_of(process) as client:
        device = client.get("wl_data_device_manager").get_data_device(client.get("wl_seat"))
        client.get("wl_seat").get_keyboard()
        Toplevel(client).show()
        source = client.get("wl_data_device_manager").create_data_source()
        source.offer("text/plain")
        device.set_selection(source, 1)
        client.roundtrip()
        read, write = os.pipe()
        try:
            if device.count("selection") and device.last("selection")[0] is not None:
                device.last("selection")[0].receive("text/plain", write)
                client.roundtrip()
        finally:
            os.close(read)
            os.close(write)


@provocation
def copies_the_screen(process: Process) -> None:
    with client_of(process) as client:
        frame = client.get("zwlr_screencopy_manager_v1").capture_output(0, client.get("wl_output"))
        client.roundtrip()
        pixel_format, width, height, _ = frame.last("buffer")
        frame.copy(Buffer(client, width, height, format=pixel_format))
        client.roundtrip()


@provocation
def connects_from_a_sandbox(process: Process) -> None:
    folder = tempfile.TemporaryDirectory()
    listening, (closing, theirs) = socket.socket(socket.AF_UNIX), socket.socketpair()
    with folder, listening, closing, theirs, client_of(process) as client:
        listening.bind(f"{folder.name}/socket")
        listening.listen()
        contexts = client.get("wp_security_context_manager_v1")
        contexts.create_listener(listening.fileno(), theirs.fileno()).commit()
        client.roundtrip()
        with socket.socket(socket.AF_UNIX) as inside:
            inside.connect(f"{folder.name}/socket")
            client.roundtrip()
        closing.close()
        client.roundtrip()


@provocation
def brings_its_own_keymap(process: Process) -> None:
    text = builtin_keymap().text
    with client_of(process) as client, freeze(text + b"\0") as memory:
        keyboards = client.get("zwp_virtual_keyboard_manager_v1")
        keyboard = keyboards.create_virtual_keyboard(client.get("wl_seat"))
        keyboard.keymap(1, memory.fd, len(text) + 1)
        keyboard.key(1, 30, 1)
        keyboard.key(2, 30, 0)
        client.roundtrip()


@provocation
def changes_the_colours(process: Process) -> None:
    with client_of(process) as client, freeze(bytes(3 * 256 * 2)) as table:
        gamma = client.get("zwlr_gamma_control_manager_v1").get_gamma_control(client.get("wl_output"))
        gamma.set_gamma(table.fd)
        client.roundtrip()


@provocation
def has_the_settings_read_again(process: Process) -> None:
    os.kill(process.pid, signal.SIGHUP)
    # Signals are heard before what comes later.
    ask(process, "server.info")


@provocation
def takes_a_picture(process: Process) -> None:
    ask(process, "capture")


@provocation
def maps_an_output(process: Process) -> None:
    ask(process, "output.map")


@provocation
def keeps_the_last_frames(process: Process) -> None:
    answer = ask(process, "ring.open")
    if "result" in answer:
        # Its connection has closed, and with it the ring.
        ask(process, "ring.redeem", ticket=answer["result"]["ticket"])


@provocation
def asks_who_is_there(process: Process) -> None:
    ask(process, "clients.list")
    ask(process, "pools.list")


@provocation
def plugs_an_output_in(process: Process) -> None:
    answer = ask(process, "output.add", width=320, height=240)
    if "result" in answer:
        ask(process, "output.remove", output=answer["result"]["name"])


@provocation
def starts_a_program(process: Process) -> None:
    answer = ask(process, "launch", argv=["true"], trusted=True)
    if "result" in answer:
        ask(process, "launch.wait", launch=answer["result"]["launch"])


@provocation
def uses_the_clipboard(process: Process) -> None:
    with freeze(b"copied") as message:
        params = {"data": 0, "mime_types": ["text/plain"]}
        if "result" in ask(process, "clipboard.set", (message.fd,), **params):
            ask(process, "clipboard.get", mime_type="text/plain")
