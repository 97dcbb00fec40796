"""Keymaps through libxkbcommon: the system's layouts, and texts of clients, honest and hostile."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from compositor.errors import ConfigError
from compositor.model.keymap import (
    KeyChord,
    KeymapError,
    Modifier,
    builtin_keymap,
    keymap_from_text,
    layout_keymap,
    xkbcommon,
)
from compositor.model.keymap.hostile import MAX_TEXT_BYTES

pytestmark = pytest.mark.skipif(not xkbcommon.available(), reason="needs libxkbcommon0")
needs_data = pytest.mark.skipif(not Path("/usr/share/X11/xkb").is_dir(), reason="needs xkb-data")

TEXT = builtin_keymap().text


def test_the_builtin_text_means_the_same_through_the_library() -> None:
    keymap = keymap_from_text(TEXT + b"\0")
    ours = builtin_keymap()
    assert ours.keys == keymap.keys
    assert ours.name == keymap.name
    assert [ours.repeats(key) for key in ours.keys] == [keymap.repeats(key) for key in ours.keys]
    for char in map(chr, range(0x20, 0x7F)):
        assert ours.lookup(char) == keymap.lookup(char)
    assert ours.chord("ctrl+shift+t") == keymap.chord("ctrl+shift+t")
    # What it writes for clients can be read again.
    assert keymap.text == keymap_from_text(keymap.text).text


@needs_data
def test_a_german_keyboard_types_german() -> None:
    keymap = layout_keymap("de")
    assert KeyChord(21) == keymap.lookup("z")
    assert KeyChord(39) == keymap.lookup("ö")
    assert KeyChord(39, Modifier.SHIFT, (42,)) == keymap.lookup("Ö")
    assert KeyChord(39) == keymap.lookup("Ö", locked=Modifier.LOCK)
    at = keymap.lookup("@")
    assert at is not None and (16, Modifier.LEVEL3) == (at.key, at.modifiers)
    assert keymap.lookup("Ω") is None or keymap.lookup("Ω") != keymap.lookup("O")


@needs_data
@pytest.mark.parametrize("layout", ["us", "de", "fr", "ru", "jp", "il", "us,de,gr,ara", "ca"])
def test_what_a_layout_compiles_to_passes_as_a_clients_keymap(layout: str) -> None:
    text = layout_keymap(layout).text
    assert text == keymap_from_text(text + b"\0").text


@needs_data
def test_keysyms_from_before_unicode_are_found_by_character() -> None:
    chord = layout_keymap("pl").lookup("ł")
    assert chord is not None and 38 == chord.key


@needs_data
def test_the_second_layout_counts_once_its_group_is_in_force() -> None:
    keymap = layout_keymap("us,gr", options="grp:alt_shift_toggle")
    assert keymap.lookup("α") is None
    assert KeyChord(30) == keymap.lookup("α", group=1)
    state = keymap.new_state()
    state.update(56, True)
    assert state.update(42, True)
    assert 1 == state.modifiers.group


@needs_data
@pytest.mark.parametrize("layout", ["xx", "", "de/../..", "us\0", "d" * 300])
def test_a_layout_that_does_not_exist_is_named(layout: str) -> None:
    with pytest.raises(ConfigError, match=f"^keyboard layout '?{re.escape(repr(layout)[1:-1][:256])}"):
        layout_keymap(layout)


@needs_data
def test_a_text_may_include_the_systems_files() -> None:
    text = (
        b"xkb_keymap { xkb_keycodes { <K1> = 9; <K2> = 10; };\n"
        b'xkb_types { include "complete" };\n'
        b'xkb_compatibility { include "complete" };\n'
        b"xkb_symbols { key <K1> {[Greek_alpha]}; key <K2> {[U1F642]}; }; };\n\0"
    )
    keymap = keymap_from_text(text)
    assert (KeyChord(1), KeyChord(2)) == (keymap.lookup("α"), keymap.lookup("🙂"))
    assert b"include" not in keymap.text


def _replaced(old: str, new: str) -> bytes:
    assert old.encode() in TEXT
    return TEXT.replace(old.encode(), new.encode(), 1)


def _include(what: str, before: str = "") -> bytes:
    return _replaced('type "ONE_LEVEL" {', f'{before}include "{what}"\ntype "ONE_LEVEL" {{')


_HOSTILE = {
    "empty": b"",
    "only a NUL": b"\0",
    "not a keymap": b"hello",
    "NUL within": TEXT[:100] + b"\0" + TEXT[100:],
    "not text": bytes(range(1, 256)) * 20,
    "too long": TEXT + b" " * MAX_TEXT_BYTES,
    "huge key code": _replaced("<ESC> = 9;", "<ESC> = 9; <EVIL> = 300000000;"),
    "huge key code, hexadecimal": _replaced("<ESC> = 9;", "<ESC> = 9; <EVIL> = 0x7fffffff;"),
    "huge key code behind a comment": _replaced("<ESC> = 9;", "<ESC> = 9; <EVIL> = // \n 300000000;"),
    "huge key code after a false comment": _replaced("<ESC> = 9;", '<ES"> = 9; <EVIL> = 300000000; // "'),
    "huge key code after a false string": _replaced("<ESC> = 9;", '<ESC> = 9; # "\n <EVIL> = 300000000; # "'),
    "a number of 100,000 digits": _replaced("<ESC> = 9;", "<ESC> = " + "9" * 100_000 + ";"),
    "a sum": _replaced("maximum = 255", "maximum = 255" + "+255" * 30_000),
    "a product": _replaced("maximum = 255", "maximum = 1000*1000*1000"),
    "a complement": _replaced("maximum = 255", "maximum = ~9"),
    "many levels": _replaced('level_name[1] = "Any"', 'level_name[300000000] = "Any"'),
    "many levels mapped": _replaced("map[Shift] = 2;", "map[Shift] = 1000;"),
    "include from elsewhere": _include("../../../../../tmp/evil"),
    "include absolute": _include("/tmp/evil"),
    "include absolute, second": _include("complete+/tmp/evil"),
    "include, escaped": _include("\\056\\056/\\056\\056/tmp/evil"),
    "include by another word": _include("../evil").replace(b"include", b"AUGMENT"),
    "include behind a comment": _include("../evil").replace(b"include", b"include # x\n"),
    "include of the home": _include("%H/evil"),
    "many includes": _include("+".join(["complete"] * 1000)),
    "include of nothing": _include("there-is-no-such-file"),
    "nested": _replaced("minimum = 8", "minimum = " + "(" * 100_000),
    "escaped quote": _replaced('"Any"', r'"A\"ny"'),
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_text_is_refused_at_once_and_in_silence(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    started = time.process_time()
    with pytest.raises(KeymapError):
        keymap_from_text(_HOSTILE[name])
    assert time.process_time() - started < 0.5
    assert ("", "") == capfd.readouterr()


def test_a_text_cut_anywhere_is_refused() -> None:
    for end in range(0, len(TEXT) - 3, 487):
        with pytest.raises(KeymapError):
            keymap_from_text(TEXT[:end])


@needs_data
def test_a_fifo_among_the_users_own_keymaps_is_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xkb" / "types").mkdir(parents=True)
    os.mkfifo(tmp_path / "xkb" / "types" / "evil")
    if os.getuid() == 0:
        os.chown(tmp_path / "xkb", 65534, 65534)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    xkbcommon._library.cache_clear()
    try:
        with pytest.raises(KeymapError):
            keymap_from_text(_include("evil"))
    finally:
        xkbcommon._library.cache_clear()


def test_states_and_keymaps_are_freed() -> None:
    def resident_kib() -> int:
        return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1])  # type: ignore[index]

    def work() -> None:
        for _ in range(50):
            keymap_from_text(TEXT).new_state().update(30, True)

    work()
    before = resident_kib()
    for _ in range(4):
        work()
    # One keymap takes about 200 KiB.
    assert resident_kib() - before < 10_000
