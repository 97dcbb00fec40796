"""The named socket and its lock."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from pathlib import Path

import pytest

from compositor.errors import ConfigError
from compositor.runtime import runtime_dir
from compositor.wire.listen import ListeningSocket, remove_left_over


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "run"
    path.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(path))
    return path


def test_the_socket_is_made_with_its_lock_and_taken_away_with_it(runtime: Path) -> None:
    listening = ListeningSocket.open("seal-0")
    assert ["seal-0", "seal-0.lock"] == sorted(os.listdir(runtime))
    assert "seal-0" == listening.name
    listening.close()
    assert [] == os.listdir(runtime)


def test_only_its_owner_may_connect(runtime: Path) -> None:
    listening = ListeningSocket.open("seal-0")
    assert 0o600 == stat.S_IMODE((runtime / "seal-0").stat().st_mode)
    assert 0o600 == stat.S_IMODE((runtime / "seal-0.lock").stat().st_mode)
    listening.close()


def test_the_mode_of_files_made_later_is_left_alone(runtime: Path) -> None:
    before = os.umask(0o022)
    listening = ListeningSocket.open("seal-0")
    assert 0o022 == os.umask(before)
    listening.close()


def test_a_client_can_connect(runtime: Path) -> None:
    listening = ListeningSocket.open("seal-0")
    assert listening.accept() is None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(runtime / "seal-0"))
        accepted = listening.accept()
        assert accepted is not None
        assert not os.get_inheritable(accepted.fileno())
        accepted.close()
    listening.close()


def test_without_a_name_the_first_free_number_is_taken(runtime: Path) -> None:
    first, second = ListeningSocket.open(), ListeningSocket.open()
    assert ("wayland-1", "wayland-2") == (first.name, second.name)
    first.close()
    third = ListeningSocket.open()
    assert "wayland-1" == third.name
    second.close()
    third.close()


def test_a_name_in_use_is_not_stolen_and_the_error_says_what_to_do(runtime: Path) -> None:
    listening = ListeningSocket.open("seal-0")
    with pytest.raises(ConfigError, match=r"seal-0 is in use.*--socket"):
        ListeningSocket.open("seal-0")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(runtime / "seal-0"))
    listening.close()


def test_a_socket_left_by_a_crash_is_taken_over(runtime: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(runtime / "seal-0"))
    (runtime / "seal-0.lock").write_bytes(b"")
    listening = ListeningSocket.open("seal-0")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(runtime / "seal-0"))
    listening.close()


def test_a_lock_held_by_another_compositor_keeps_the_name(runtime: Path) -> None:
    # libwayland locks the same file in the same way, so the two respect each other.
    fd = os.open(runtime / "wayland-1.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    listening = ListeningSocket.open()
    assert "wayland-2" == listening.name
    listening.close()
    os.close(fd)


def test_a_socket_that_somebody_put_in_our_place_is_left_there(runtime: Path) -> None:
    listening = ListeningSocket.open("seal-0")
    (runtime / "seal-0").unlink()
    (runtime / "seal-0").write_text("somebody else's")
    listening.close()
    assert "somebody else's" == (runtime / "seal-0").read_text()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/abs"])
def test_a_name_must_be_a_plain_file_name(runtime: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="plain file name"):
        ListeningSocket.open(name)


def test_a_path_too_long_for_a_socket_is_said_so_and_leaves_nothing(runtime: Path) -> None:
    with pytest.raises(ConfigError, match="longer than 107 bytes"):
        ListeningSocket.open("x" * 108)
    assert [] == os.listdir(runtime)


def test_the_longest_path_a_socket_may_have_works(tmp_path: Path) -> None:
    name = "x" * (107 - len(str(tmp_path)) - 1)
    if len(name) < 1:
        pytest.skip("the temporary directory's name is too long")
    listening = ListeningSocket(str(tmp_path / name))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(tmp_path / name))
    listening.close()


def test_a_lock_that_is_a_symbolic_link_is_not_followed(runtime: Path, tmp_path: Path) -> None:
    (runtime / "seal-0.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="cannot make"):
        ListeningSocket.open("seal-0")
    assert not (tmp_path / "elsewhere").exists()


def test_a_directory_in_the_sockets_place_is_said_so(runtime: Path) -> None:
    (runtime / "seal-0").mkdir()
    with pytest.raises(ConfigError, match="cannot listen"):
        ListeningSocket.open("seal-0")
    assert ["seal-0"] == os.listdir(runtime)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "is not set"),
        ("", "is not set"),
        ("relative", "not an absolute path"),
        ("/nonexistent/run", "No such file"),
        ("/dev/null", "is not a directory"),
    ],
)
def test_a_runtime_directory_that_cannot_be_is_explained(
    monkeypatch: pytest.MonkeyPatch, value: str | None, text: str
) -> None:
    if value is None:
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    else:
        monkeypatch.setenv("XDG_RUNTIME_DIR", value)
    with pytest.raises(ConfigError, match=text):
        runtime_dir()


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o755, 0o777])
def test_a_runtime_directory_open_to_others_is_refused(runtime: Path, mode: int) -> None:
    runtime.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 700"):
        runtime_dir()


def test_a_second_bind_failure_does_not_keep_the_lock(runtime: Path) -> None:
    (runtime / "seal-0").mkdir()
    with pytest.raises(ConfigError):
        ListeningSocket.open("seal-0")
    (runtime / "seal-0").rmdir()
    ListeningSocket.open("seal-0").close()


def test_what_a_killed_compositor_leaves_is_removed_and_what_others_hold_is_not(runtime: Path) -> None:
    path, other, lock = runtime / "seal-0", runtime / "seal-0.ctl", runtime / "seal-0.lock"
    for left in (path, other, lock):
        left.touch()
    (runtime / "seal-1").touch()
    assert remove_left_over(str(path), [str(other)])
    assert ["seal-1"] == os.listdir(runtime)
    # Nothing says that a socket without a lock was a compositor's.
    assert not remove_left_over(str(runtime / "seal-1"))
    assert not remove_left_over(str(runtime / "gone" / "seal-0"))
    listening = ListeningSocket.open("seal-1")
    assert not remove_left_over(listening.path)
    assert ["seal-1", "seal-1.lock"] == sorted(os.listdir(runtime))
    listening.close()
