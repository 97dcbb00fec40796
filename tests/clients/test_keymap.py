"""The toolkit's keymap reader: by hand, and against libxkbcommon for whole layouts."""

from __future__ import annotations

import ctypes
import ctypes.util

import pytest
from toolkit.keymap import Keymap, Mod, keysym_text, parse_types

SMALL = """
xkb_keymap {
xkb_keycodes "test" {
    minimum = 8; maximum = 255;
    <AE01> = 10;  <AD01> = 24;  <AD03> = 26;  <KP7> = 79;  <RTRN> = 36;  <LFSH> = 50;  <TWO> = 60;
    alias <ONE> = <AE01>;
};
xkb_types "test" { };
xkb_symbols "test" {
    key <ONE>  { [ 1, exclam ] }; // reached through the alias
    key <AD01> { [ q, Q, at, Greek_OMEGA ] };
    key <AD03> { type= "FOUR_LEVEL", symbols[Group1]= [ e, E, EuroSign, U20AC ] };
    key <KP7>  { [ KP_Home, KP_7 ] };
    key <RTRN> { [ Return ] };
    key <LFSH> { [ Shift_L ], actions[Group1]= [ SetMods(modifiers=Shift) ] };
    key <TWO>  { symbols[Group1]= [ a, A ], symbols[Group2]= [ 0x1000444, U0424 ] };
    modifier_map Shift { <LFSH> };
};
};
"""
ONE, Q, E, KP7, RETURN, SHIFT, TWO = 2, 16, 18, 71, 28, 42, 52


@pytest.fixture(scope="module")
def keymap() -> Keymap:
    return Keymap(SMALL)


@pytest.mark.parametrize(
    ("code", "modifiers", "keysym"),
    [
        (ONE, 0, "1"),
        (ONE, Mod.SHIFT, "exclam"),
        (ONE, Mod.LOCK, "1"),
        (Q, Mod.LOCK, "Q"),
        (Q, Mod.LOCK | Mod.SHIFT, "q"),
        (Q, Mod.LEVEL3, "at"),
        (E, Mod.LEVEL3, "EuroSign"),
        (E, Mod.LEVEL3 | Mod.SHIFT, "U20AC"),
        (KP7, 0, "KP_Home"),
        (KP7, Mod.NUM, "KP_7"),
        (KP7, Mod.NUM | Mod.SHIFT, "KP_Home"),
        (KP7, Mod.SHIFT, "KP_Home"),
        (RETURN, Mod.SHIFT, "Return"),
    ],
)
def test_a_key_and_its_modifiers_give_a_keysym(
    keymap: Keymap, code: int, modifiers: int, keysym: str
) -> None:
    assert keysym == keymap.keysym(code, modifiers)


def test_actions_are_not_taken_for_a_second_group(keymap: Keymap) -> None:
    assert 1 == len(keymap.keys[SHIFT].groups)


def test_the_group_chooses_the_layout_and_wraps(keymap: Keymap) -> None:
    assert ("a", "0x1000444", "a") == tuple(keymap.keysym(TWO, 0, group) for group in (0, 1, 2))


def test_an_unknown_key_gives_nothing(keymap: Keymap) -> None:
    assert "NoSymbol" == keymap.keysym(200)


def test_modifier_keys_do_not_repeat(keymap: Keymap) -> None:
    assert (True, False) == (keymap.repeats(Q), keymap.repeats(SHIFT))


def test_a_text_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="no keys"):
        Keymap("xkb_keymap { };")


@pytest.mark.parametrize(
    ("name", "text"),
    [("q", "q"), ("exclam", "!"), ("odiaeresis", "ö"), ("Ccaron", "Č"), ("U20AC", "€"), ("0x1000444", "ф"),
     ("0x41", "A"), ("KP_7", "7"), ("Return", "\n"), ("Left", ""), ("NoSymbol", ""), ("ssharp", "ß")],
)  # fmt: skip
def test_keysyms_type_what_they_say(name: str, text: str) -> None:
    assert text == keysym_text(name)


def test_a_key_type_counts_only_its_own_modifiers() -> None:
    types = parse_types(
        'type "T" { modifiers = Shift+NumLock; map[NumLock] = Level2; map[Shift+NumLock] = 3; };'
    )
    held = (0, Mod.NUM, Mod.NUM | Mod.SHIFT, Mod.SHIFT, Mod.LOCK)
    assert [0, 1, 2, 0, 0] == [types["T"].level(modifiers) for modifiers in held]


class _Names(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options")]


@pytest.mark.parametrize("layout", ["us", "de", "fr", "gb", "us,de"])
def test_whole_layouts_read_as_libxkbcommon_reads_them(layout: str) -> None:
    library = ctypes.util.find_library("xkbcommon")
    if library is None:
        pytest.skip("libxkbcommon is not installed (Debian package: libxkbcommon0)")
    xkb = ctypes.CDLL(library)
    for name in ("context_new", "keymap_new_from_names", "keymap_get_as_string", "state_new"):
        getattr(xkb, "xkb_" + name).restype = ctypes.c_void_p
    context = ctypes.c_void_p(xkb.xkb_context_new(0))
    names = _Names(b"evdev", b"pc105", layout.encode(), None, None)
    theirs = ctypes.c_void_p(xkb.xkb_keymap_new_from_names(context, ctypes.byref(names), 0))
    if not theirs.value:
        pytest.skip("the layouts are not installed (Debian package: xkb-data)")
    text = ctypes.c_void_p(xkb.xkb_keymap_get_as_string(theirs, 1))
    ours = Keymap(ctypes.string_at(text.value or 0).decode())
    state = ctypes.c_void_p(xkb.xkb_state_new(theirs))
    spelled = ctypes.create_string_buffer(64)
    expected, actual = {}, {}
    codes = [*range(2, 14), *range(16, 28), *range(30, 42), *range(43, 54), 57, *range(71, 84), 86]
    shift, num, third = (Mod(0), Mod.SHIFT), (Mod(0), Mod.NUM), (Mod(0), Mod.LEVEL3)
    for group in range(layout.count(",") + 1):
        for modifiers in [Mod.LOCK, Mod.LOCK | Mod.SHIFT]:
            xkb.xkb_state_update_mask(state, int(modifiers), 0, 0, 0, 0, group)
            for code in codes:
                xkb.xkb_state_key_get_utf8(state, code + 8, spelled, len(spelled))
                if spelled.value and keysym_text(ours.keysym(code, modifiers, group)):
                    expected[group, int(modifiers), code] = spelled.value.decode().replace("\r", "\n")
                    actual[group, int(modifiers), code] = ours.text(code, modifiers, group)
        for modifiers in [a | b | c for a in shift for b in num for c in third]:
            xkb.xkb_state_update_mask(state, int(modifiers), 0, 0, 0, 0, group)
            for code in codes:
                keysym = xkb.xkb_state_key_get_one_sym(state, code + 8)
                xkb.xkb_keysym_get_name(keysym, spelled, len(spelled))
                expected[group, int(modifiers), code] = spelled.value.decode()
                actual[group, int(modifiers), code] = ours.keysym(code, modifiers, group)
    assert expected == actual
    xkb.xkb_state_unref(state)
    xkb.xkb_keymap_unref(theirs)
    xkb.xkb_context_unref(context)
