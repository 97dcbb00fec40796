"""Keymaps through libxkbcommon, where the system has it: layouts of xkb-data, and texts that clients send.

Without the library `layout_keymap` and `keymap_from_text` raise; everything else of this folder works. The
library's log goes nowhere. Only `compositor.model.keymap` imports this.

Source: xkbcommon.h of libxkbcommon 1.5; nothing newer than 0.5 is called.
"""

from __future__ import annotations

import ctypes
import os
import re
from functools import cache
from typing import Any

from compositor.errors import ConfigError
from compositor.model.keymap import hostile, keysyms
from compositor.model.keymap.base import Held, Keymap, KeymapError, Modifiers
from compositor.model.keymap.writer import XKB_OFFSET

MAX_COMPILED_BYTES = 1 << 20
"""Clients get the text the library writes, not the one it read."""
_NO_DEFAULT_INCLUDES = 1
_TEXT_V1 = 1
_UP, _DOWN = 0, 1
_DEPRESSED, _LATCHED, _LOCKED, _EFFECTIVE, _LAYOUT_EFFECTIVE = 1, 2, 4, 8, 128
_MODIFIER_CHANGES = 0xFF
_CASE_INSENSITIVE = 1
_NAME_PART = re.compile(r"[A-Za-z0-9_,:()+\-]*")
_MAX_NAME = 256


class _RuleNames(ctypes.Structure):
    _fields_ = [(field, ctypes.c_char_p) for field in ("rules", "model", "layout", "variant", "options")]


class _Library:
    """libxkbcommon and one context, with the folders that belong to the system only."""

    def __init__(self, library: ctypes.CDLL) -> None:
        pointer, number = ctypes.c_void_p, ctypes.c_uint32
        for name, result, arguments in (
            ("xkb_context_new", pointer, [ctypes.c_int]),
            ("xkb_context_set_log_level", None, [pointer, ctypes.c_int]),
            ("xkb_context_include_path_append_default", ctypes.c_int, [pointer]),
            ("xkb_context_include_path_clear", None, [pointer]),
            ("xkb_context_num_include_paths", ctypes.c_uint, [pointer]),
            ("xkb_context_include_path_get", ctypes.c_char_p, [pointer, ctypes.c_uint]),
            ("xkb_context_include_path_append", ctypes.c_int, [pointer, ctypes.c_char_p]),
            ("xkb_keymap_new_from_names", pointer, [pointer, pointer, ctypes.c_int]),
            (
                "xkb_keymap_new_from_buffer",
                pointer,
                [pointer, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int],
            ),
            ("xkb_keymap_unref", None, [pointer]),
            ("xkb_keymap_get_as_string", pointer, [pointer, ctypes.c_int]),
            ("xkb_keymap_min_keycode", number, [pointer]),
            ("xkb_keymap_max_keycode", number, [pointer]),
            ("xkb_keymap_num_layouts_for_key", number, [pointer, number]),
            ("xkb_keymap_layout_get_name", ctypes.c_char_p, [pointer, number]),
            ("xkb_keymap_key_repeats", ctypes.c_int, [pointer, number]),
            ("xkb_state_new", pointer, [pointer]),
            ("xkb_state_unref", None, [pointer]),
            ("xkb_state_update_key", ctypes.c_int, [pointer, number, ctypes.c_int]),
            ("xkb_state_update_mask", ctypes.c_int, [pointer] + [number] * 6),
            ("xkb_state_serialize_mods", number, [pointer, ctypes.c_int]),
            ("xkb_state_serialize_layout", number, [pointer, ctypes.c_int]),
            ("xkb_state_key_get_one_sym", number, [pointer, number]),
            ("xkb_keysym_from_name", number, [ctypes.c_char_p, ctypes.c_int]),
            ("xkb_keysym_to_utf32", number, [number]),
        ):
            function = getattr(library, name)
            function.restype = result
            function.argtypes = arguments
        self.c: Any = library
        self.free = ctypes.CDLL(None).free
        self.free.argtypes = [pointer]
        self.context = self._new_context()

    def _new_context(self) -> int:
        c = self.c
        context = c.xkb_context_new(_NO_DEFAULT_INCLUDES)
        if not context:
            raise MemoryError("libxkbcommon could not create a context")
        # Below every level there is: it would write to our stderr what a client made it say.
        c.xkb_context_set_log_level(context, 0)
        c.xkb_context_include_path_append_default(context)
        count = c.xkb_context_num_include_paths(context)
        folders = [c.xkb_context_include_path_get(context, index) for index in range(count)]
        c.xkb_context_include_path_clear(context)
        for folder in folders:
            # Folders of the user could hold a FIFO that a client waits to see us open.
            if os.stat(folder).st_uid == 0:
                c.xkb_context_include_path_append(context, folder)
        return int(context)

    def text_of(self, keymap: int) -> bytes:
        """Return the text of a compiled keymap."""
        pointer = self.c.xkb_keymap_get_as_string(keymap, _TEXT_V1)
        if not pointer:
            raise KeymapError("libxkbcommon could not write the keymap")
        try:
            return ctypes.string_at(pointer)
        finally:
            self.free(pointer)


@cache
def _library() -> _Library | None:
    try:
        return _Library(ctypes.CDLL("libxkbcommon.so.0"))
    except (OSError, AttributeError):
        return None


def available() -> bool:
    """Return whether the system has libxkbcommon."""
    return _library() is not None


class XkbKeymap(Keymap):
    """A keymap that libxkbcommon compiled; owns it."""

    def __init__(self, library: _Library, pointer: int) -> None:
        super().__init__()
        self._library = library
        self._pointer = pointer
        c = library.c
        text = library.text_of(pointer)
        if len(text) > MAX_COMPILED_BYTES:
            raise KeymapError(
                f"the keymap compiles to {len(text)} bytes; at most {MAX_COMPILED_BYTES} are sent"
            )
        self._text = text
        first = max(int(c.xkb_keymap_min_keycode(pointer)), XKB_OFFSET)
        codes = range(first, int(c.xkb_keymap_max_keycode(pointer)) + 1)
        self.keys = tuple(
            code - XKB_OFFSET for code in codes if c.xkb_keymap_num_layouts_for_key(pointer, code)
        )
        self.name = (c.xkb_keymap_layout_get_name(pointer, 0) or b"").decode(errors="replace") or "unnamed"

    def __del__(self) -> None:
        if (pointer := getattr(self, "_pointer", None)) is not None:
            self._library.c.xkb_keymap_unref(pointer)

    @property
    def text(self) -> bytes:
        return self._text

    def new_state(self) -> XkbState:
        return XkbState(self, self._library, self._pointer)

    def repeats(self, key: int) -> bool:
        return bool(self._library.c.xkb_keymap_key_repeats(self._pointer, key + XKB_OFFSET))

    def keysym_by_name(self, name: str) -> int:
        if keysym := keysyms.from_name(name):
            return keysym
        encoded = name.encode(errors="replace").replace(b"\0", b"?")
        return int(self._library.c.xkb_keysym_from_name(encoded, _CASE_INSENSITIVE))

    def char(self, keysym: int) -> str:
        # The library also knows the keysyms from before Unicode.
        code = int(self._library.c.xkb_keysym_to_utf32(keysym))
        return chr(code) if code >= 0x20 and code != 0x7F else ""


class XkbState(Held):
    """A keyboard with an `XkbKeymap`; see `base.KeyboardState`."""

    __slots__ = ("_c", "_keymap", "_pointer", "effective", "modifiers", "pressed")

    def __init__(self, keymap: XkbKeymap, library: _Library, pointer: int) -> None:
        # The keymap frees its part when nobody refers to it.
        self._keymap = keymap
        self._c = library.c
        self._pointer = library.c.xkb_state_new(pointer)
        if not self._pointer:
            raise MemoryError("libxkbcommon could not create a state")
        self.pressed: set[int] = set()
        self.effective = 0
        self.modifiers = Modifiers(0, 0, 0, 0)
        self._refresh()

    def __del__(self) -> None:
        if getattr(self, "_pointer", None):
            self._c.xkb_state_unref(self._pointer)

    def update(self, key: int, pressed: bool) -> bool:
        if pressed is (key in self.pressed):
            return False
        if pressed:
            self.pressed.add(key)
        else:
            self.pressed.discard(key)
        if key < 0 or key > 0xFFFF:
            return False
        changes = self._c.xkb_state_update_key(self._pointer, key + XKB_OFFSET, _DOWN if pressed else _UP)
        return bool(changes & _MODIFIER_CHANGES) and self._refresh()

    def set_modifiers(self, depressed: int, latched: int, locked: int, group: int) -> bool:
        masks = [value & 0xFFFFFFFF for value in (depressed, latched, locked, 0, 0, group)]
        self._c.xkb_state_update_mask(self._pointer, *masks)
        return self._refresh()

    def _refresh(self) -> bool:
        mods, pointer = self._c.xkb_state_serialize_mods, self._pointer
        modifiers = Modifiers(
            mods(pointer, _DEPRESSED),
            mods(pointer, _LATCHED),
            mods(pointer, _LOCKED),
            self._c.xkb_state_serialize_layout(pointer, _LAYOUT_EFFECTIVE),
        )
        changed = modifiers != self.modifiers
        self.modifiers = modifiers
        self.effective = mods(pointer, _EFFECTIVE)
        return changed

    def keysym(self, key: int) -> int:
        if key < 0 or key > 0xFFFF:
            return keysyms.NO_SYMBOL
        return int(self._c.xkb_state_key_get_one_sym(self._pointer, key + XKB_OFFSET))


def _compile(library: _Library, pointer: int | None) -> XkbKeymap | None:
    return XkbKeymap(library, pointer) if pointer else None


def layout_keymap(layout: str, variant: str | None = None, options: str | None = None) -> Keymap:
    """Return a layout of the system's xkb-data, such as "de" or "us,gr", for a 105-key keyboard.

    Raises:
        ConfigError: the library, its data or the layout is missing; the text says which.
    """
    for what, value in (("layout", layout), ("variant", variant or ""), ("options", options or "")):
        if len(value) > _MAX_NAME or not _NAME_PART.fullmatch(value):
            raise ConfigError(f"keyboard {what} {value[:_MAX_NAME]!r}: not a name that XKB could know")
    if not layout:
        raise ConfigError("keyboard layout '': name one, such as us or de")
    library = _library()
    if library is None:
        raise ConfigError(
            f"keyboard layout {layout!r} needs libxkbcommon: install libxkbcommon0 and xkb-data, "
            "or leave the layout out to use the built-in us"
        )
    names = _RuleNames(
        b"evdev", b"pc105", layout.encode(), (variant or "").encode(), (options or "").encode()
    )
    keymap = _compile(library, library.c.xkb_keymap_new_from_names(library.context, ctypes.byref(names), 0))
    if keymap is None:
        wanted = layout + (f" ({variant})" if variant else "") + (f" with {options}" if options else "")
        raise ConfigError(
            f"keyboard layout {wanted}: libxkbcommon cannot load it; is it spelt right, xkb-data installed?"
        )
    return keymap


def keymap_from_text(data: bytes) -> Keymap:
    """Return the keymap that a client's text describes. The text may be hostile.

    Args:
        data: format xkb_v1, with or without the NUL at its end; our copy, not memory of the client.

    Raises:
        KeymapError: the text is refused or wrong, or libxkbcommon is missing.
    """
    text = hostile.inspect(data)
    library = _library()
    if library is None:
        raise KeymapError("a client's keymap needs libxkbcommon: install libxkbcommon0")
    keymap = _compile(
        library, library.c.xkb_keymap_new_from_buffer(library.context, text, len(text), _TEXT_V1, 0)
    )
    if keymap is None:
        raise KeymapError("libxkbcommon cannot compile the keymap")
    return keymap
