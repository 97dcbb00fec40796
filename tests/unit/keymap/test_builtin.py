"""The built-in keymap: its text, its table, and its interpretation against libxkbcommon's."""

from __future__ import annotations

import random
import runpy
import subprocess
import sys

import pytest
from xkb_reference import XkbCommon

from compositor.locate import assets_dir
from compositor.model.keymap import KeyChord, Modifier, Modifiers, builtin_keymap
from compositor.model.keymap import keysyms as names

A, B, LEFTSHIFT, RIGHTSHIFT, CAPSLOCK, NUMLOCK, LEFTCTRL, LEFTALT, LEFTMETA, LEVEL3 = (
    30, 48, 42, 54, 58, 69, 29, 56, 125, 84,
)  # fmt: skip
# Here Debian's map does something else on purpose: see the docstring of the table.
_OURS_DIFFERS = {*range(183, 195)}
_TERMINALS = {55, 74, 78, 98, *range(59, 69), 87, 88}


def test_the_file_is_what_its_script_writes() -> None:
    script = runpy.run_path(str(assets_dir() / "make_keymap.py"))
    assert script["text"]() == builtin_keymap().text


def test_libxkbcommon_compiles_the_text_without_a_word(xkb: XkbCommon) -> None:
    xkb.compile(builtin_keymap().text)
    assert [] == xkb.log


def test_every_key_has_the_keysyms_of_the_table(xkb: XkbCommon) -> None:
    compiled = xkb.compile(builtin_keymap().text)
    table = builtin_keymap().table
    assert {code: list(key.levels) for code, key in table.items()} == {
        code: compiled.levels(code) for code in range(248) if compiled.levels(code)
    }


def test_every_key_agrees_with_the_systems_us_layout(xkb: XkbCommon) -> None:
    system = xkb.layout("us")
    for code, key in builtin_keymap().table.items():
        if code in _OURS_DIFFERS:
            continue
        theirs = system.levels(code)
        if code in _TERMINALS or len(set(theirs)) == 1:
            theirs = theirs[:1]
        assert theirs == list(key.levels), key.name
        assert system.repeats(code) == builtin_keymap().repeats(code), key.name


def test_modifiers_have_the_names_toolkits_ask_for(xkb: XkbCommon) -> None:
    compiled = xkb.compile(builtin_keymap().text)
    real = [b"Shift", b"Lock", b"Control", b"Mod1", b"Mod2", b"Mod3", b"Mod4", b"Mod5"]
    assert list(range(8)) == [xkb.c.xkb_keymap_mod_get_index(compiled.keymap, name) for name in real]
    for name in (b"Alt", b"Meta", b"Super", b"NumLock", b"LevelThree"):
        assert xkb.c.xkb_keymap_mod_get_index(compiled.keymap, name) >= 8, name


@pytest.mark.parametrize("seed", range(20))
def test_random_keys_lead_to_the_state_of_libxkbcommon(xkb: XkbCommon, seed: int) -> None:
    chance = random.Random(seed)
    keymap = builtin_keymap()
    ours, theirs = keymap.new_state(), xkb.compile(keymap.text).new_state()
    modifier_keys = [
        LEFTSHIFT,
        RIGHTSHIFT,
        CAPSLOCK,
        NUMLOCK,
        LEFTCTRL,
        LEFTALT,
        LEFTMETA,
        LEVEL3,
        97,
        100,
        126,
    ]
    down: set[int] = set()
    for _ in range(300):
        if chance.random() < 0.02:
            masks = chance.getrandbits(8), chance.getrandbits(8), chance.getrandbits(8)
            ours.set_modifiers(*masks, chance.randrange(3))
            xkb.c.xkb_state_update_mask(theirs, *masks, 0, 0, 0)
        key = chance.choice(modifier_keys) if chance.random() < 0.7 else chance.choice(keymap.keys)
        pressed = key not in down
        down ^= {key}
        before = ours.modifiers
        assert (ours.update(key, pressed)) == (before != ours.modifiers)
        xkb.c.xkb_state_update_key(theirs, key + 8, int(pressed))
        expected = [xkb.c.xkb_state_serialize_mods(theirs, component) for component in (1, 2, 4)]
        assert expected == list(ours.modifiers[:3])
        assert down == ours.pressed
        for code in chance.sample(keymap.keys, 20):
            keysym = xkb.c.xkb_state_key_get_one_sym(theirs, code + 8)
            assert keysym == ours.keysym(code), keymap.table[code].name


def test_it_loads_without_libxkbcommon_and_quickly() -> None:
    code = (
        "import sys, time\n"
        "import ctypes\n"
        "def refuse(name, *a, **k): raise OSError(name)\n"
        "ctypes.CDLL = refuse\n"
        "from compositor.model.keymap import builtin_keymap, layout_keymap\n"
        "started = time.perf_counter()\n"
        "keymap = builtin_keymap(); keymap.text; keymap.new_state()\n"
        "assert time.perf_counter() - started < 0.1\n"
        "try: layout_keymap('de')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.startswith(
        "ConfigError keyboard layout 'de' needs libxkbcommon: install libxkbcommon0"
    )


def test_shift_makes_capitals_and_caps_lock_undoes_it() -> None:
    state = builtin_keymap().new_state()
    assert ord("a") == state.keysym(A)
    assert state.update(LEFTSHIFT, True)
    assert (ord("A"), True) == (state.keysym(A), state.shift)
    state.update(CAPSLOCK, True)
    state.update(CAPSLOCK, False)
    assert ord("a") == state.keysym(A)
    state.update(LEFTSHIFT, False)
    assert Modifiers(0, 0, Modifier.LOCK, 0) == state.modifiers
    assert ord("A") == state.keysym(A)


def test_one_of_two_shift_keys_is_enough() -> None:
    state = builtin_keymap().new_state()
    state.update(LEFTSHIFT, True)
    assert not state.update(RIGHTSHIFT, True)
    assert not state.update(LEFTSHIFT, False)
    assert state.shift
    assert state.update(RIGHTSHIFT, False)
    assert not state.shift


def test_pressing_twice_or_releasing_what_is_up_changes_nothing() -> None:
    state = builtin_keymap().new_state()
    assert not state.update(LEFTSHIFT, False)
    assert state.update(LEFTSHIFT, True)
    assert not state.update(LEFTSHIFT, True)
    assert state.update(LEFTSHIFT, False)
    assert (set(), Modifiers(0, 0, 0, 0)) == (state.pressed, state.modifiers)


@pytest.mark.parametrize(
    ("char", "chord"),
    [
        ("a", KeyChord(A)),
        ("B", KeyChord(B, Modifier.SHIFT, (LEFTSHIFT,))),
        ("*", KeyChord(9, Modifier.SHIFT, (LEFTSHIFT,))),  # not the keypad's
        ("<", KeyChord(51, Modifier.SHIFT, (LEFTSHIFT,))),  # not the key beside the left shift
        ("¦", KeyChord(86, Modifier.SHIFT | Modifier.LEVEL3, (LEFTSHIFT, LEVEL3))),
        ("\n", KeyChord(28)),
        ("\t", KeyChord(15)),
        (" ", KeyChord(57)),
        ("é", None),
        ("\0", None),
    ],
)
def test_lookup_tells_what_to_press(char: str, chord: KeyChord | None) -> None:
    assert chord == builtin_keymap().lookup(char)


def test_every_printable_ascii_character_comes_out_when_its_chord_is_pressed() -> None:
    keymap = builtin_keymap()
    for locked in (0, int(Modifier.LOCK), int(Modifier.NUM_LOCK)):
        for code in range(0x20, 0x7F):
            chord = keymap.lookup(chr(code), locked=locked)
            assert chord is not None, chr(code)
            state = keymap.new_state()
            state.set_modifiers(0, 0, locked, 0)
            for key in chord.held:
                state.update(key, True)
            assert code == state.keysym(chord.key)
            assert chord.modifiers == state.modifiers.depressed


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Return", 28), ("enter", 28), ("F5", 63), ("f12", 88), ("F13", 183), ("a", 30), ("A", 30),
        ("ctrl", 29), ("Control_R", 97), ("SHIFT", 42), ("alt", 56), ("altgr", 84), ("super", 125),
        ("logo", 125), ("esc", 1),
        ("Page_Up", 104), ("pagedown", 109), ("Left", 105), ("space", 57), ("BackSpace", 14), ("Delete", 111),
        ("Tab", 15), ("KP_5", None), ("KP_Enter", 96), ("volumeup", 115), ("U0041", 30), ("0xff0d", 28),
        ("+", 13),
        ("é", None), ("nonsense", None), ("", None),
    ],
)  # fmt: skip
def test_keys_are_found_by_name(name: str, code: int | None) -> None:
    assert code == builtin_keymap().keysym_lookup(name)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ctrl+shift+t", (29, 42, 20)),
        ("Super+Left", (125, 105)),
        ("ctrl++", (29, 42, 13)),
        ("+", (42, 13)),
        ("shift+A", (42, 30)),
        ("alt+F4", (56, 62)),
        ("x", (45,)),
    ],
)
def test_a_chord_is_a_list_of_keys(text: str, keys: tuple[int, ...]) -> None:
    assert keys == builtin_keymap().chord(text)


@pytest.mark.parametrize("text", ["ctrl+nonsense", "+a", "", "a+++"])
def test_a_chord_with_an_unknown_part_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="no key of the keymap"):
        builtin_keymap().chord(text)


def test_modifiers_and_locks_do_not_repeat() -> None:
    keymap = builtin_keymap()
    silent = {key for key in keymap.keys if not keymap.repeats(key)}
    assert {29, 42, 54, 56, 58, 69, 84, 97, 100, 125, 126} == silent
    assert not keymap.repeats(5000)


def test_keysyms_have_the_values_that_libxkbcommon_knows(xkb: XkbCommon) -> None:
    for name, value in names.NAMES.items():
        assert value == xkb.c.xkb_keysym_from_name(name.encode(), 0), name


def test_a_keysym_is_written_so_that_it_can_be_read() -> None:
    for keysym in (*names.NAMES.values(), 0xE9, 0x10020AC, 0x1F600 + names.UNICODE, 0x1008FFFF):
        assert keysym in (0, names.from_name(names.to_name(keysym)))
