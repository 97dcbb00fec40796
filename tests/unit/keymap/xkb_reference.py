"""libxkbcommon called directly, without our binding, to compare with."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

NO_DEFAULT_INCLUDES = 1
OFFSET = 8


class Xkb:
    """One keymap in libxkbcommon."""

    def __init__(self, library: Any, keymap: int) -> None:
        self.c = library
        self.keymap = keymap

    def levels(self, code: int) -> list[int]:
        """Keysyms of a key by level, group 1."""
        found = ctypes.POINTER(ctypes.c_uint32)()
        result = []
        for level in range(self.c.xkb_keymap_num_levels_for_key(self.keymap, code + OFFSET, 0)):
            count = self.c.xkb_keymap_key_get_syms_by_level(
                self.keymap, code + OFFSET, 0, level, ctypes.byref(found)
            )
            result.append(found[0] if count else 0)
        return result

    def repeats(self, code: int) -> bool:
        return bool(self.c.xkb_keymap_key_repeats(self.keymap, code + OFFSET))

    def new_state(self) -> int:
        return int(self.c.xkb_state_new(self.keymap))


class XkbCommon:
    """The library; `log` collects what it complains about."""

    def __init__(self, library: ctypes.CDLL) -> None:
        pointer = ctypes.c_void_p
        for name in (
            "xkb_context_new",
            "xkb_keymap_new_from_string",
            "xkb_keymap_new_from_names",
            "xkb_state_new",
        ):
            getattr(library, name).restype = pointer
        library.xkb_keymap_new_from_string.argtypes = [pointer, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
        library.xkb_keymap_new_from_names.argtypes = [pointer, pointer, ctypes.c_int]
        library.xkb_keymap_num_levels_for_key.argtypes = [pointer, ctypes.c_uint32, ctypes.c_uint32]
        library.xkb_keymap_key_get_syms_by_level.argtypes = [pointer, *[ctypes.c_uint32] * 3, pointer]
        library.xkb_keymap_key_repeats.argtypes = [pointer, ctypes.c_uint32]
        library.xkb_keymap_mod_get_index.argtypes = [pointer, ctypes.c_char_p]
        library.xkb_state_new.argtypes = [pointer]
        library.xkb_state_update_key.argtypes = [pointer, ctypes.c_uint32, ctypes.c_int]
        library.xkb_state_update_mask.argtypes = [pointer, *[ctypes.c_uint32] * 6]
        library.xkb_state_serialize_mods.argtypes = [pointer, ctypes.c_int]
        library.xkb_state_serialize_mods.restype = ctypes.c_uint32
        library.xkb_state_key_get_one_sym.argtypes = [pointer, ctypes.c_uint32]
        library.xkb_state_key_get_one_sym.restype = ctypes.c_uint32
        library.xkb_context_set_log_fn.argtypes = [pointer, pointer]
        library.xkb_context_set_log_level.argtypes = [pointer, ctypes.c_int]
        library.xkb_context_set_log_verbosity.argtypes = [pointer, ctypes.c_int]
        self.c: Any = library
        self.log: list[bytes] = []
        # Only the format is looked at: a va_list cannot be read portably.
        self._callback = ctypes.CFUNCTYPE(None, pointer, ctypes.c_int, ctypes.c_char_p, pointer)(
            lambda _context, _level, template, _arguments: self.log.append(template)
        )

    def _context(self, flags: int) -> int:
        context = int(self.c.xkb_context_new(flags))
        self.c.xkb_context_set_log_level(context, 30)  # warnings
        self.c.xkb_context_set_log_verbosity(context, 4)  # above it tells of what is usual
        self.c.xkb_context_set_log_fn(context, self._callback)
        return context

    def compile(self, text: bytes) -> Xkb:
        """Compile a text that includes nothing."""
        keymap = self.c.xkb_keymap_new_from_string(self._context(NO_DEFAULT_INCLUDES), text, 1, 0)
        assert keymap, self.log
        return Xkb(self.c, keymap)

    def layout(self, name: str) -> Xkb:
        names = (ctypes.c_char_p * 5)(b"evdev", b"pc105", name.encode(), b"", b"")
        keymap = self.c.xkb_keymap_new_from_names(self._context(0), names, 0)
        if not keymap:
            pytest.skip("needs xkb-data")
        return Xkb(self.c, keymap)
