"""Looks at a keymap text from a client before libxkbcommon does.

libxkbcommon 1.5 trusts its input: a key code of 300,000,000 keeps it busy for more than 20 s, and an
`include` may lead out of its folders to a FIFO, whose opening never returns (both measured). Here such texts
are refused. What passes is without comments, so that the library cannot read it differently from this module.
"""

from __future__ import annotations

import re

from compositor.model.keymap.base import KeymapError

MAX_TEXT_BYTES = 256 * 1024
"""The largest of Debian's layouts compiles to 70 KiB, four of them together to 100."""
_MAX_CODE = 1023
"""evdev ends at 767, XKB counts 8 more."""
_MAX_LEVEL = 64
_MAX_INCLUDES = 64

_COMMENT = re.compile(rb'(<[!-=?-~]*>|"[^"\n]*")|(?://|#)[^\n]*')
_STRING = re.compile(rb'"([^"\n]*)"')
_QUOTED = re.compile(rb'"[^"\n]*"|<[!-=?-~]*>')
_NUMBER = rb"(0[xX][0-9a-fA-F]+|[0-9]+)"
_ASSIGNED = re.compile(rb"=\s*[-+~!(\s]*" + _NUMBER)
_LEVEL = re.compile(rb"\]\s*=\s*" + _NUMBER)
_INDEXED = re.compile(rb"\[[-+~!(\s]*" + _NUMBER + rb"\s*\]\s*=")
# Bytes of actions that XKB hands through; libxkbcommon writes them for pointer keys.
_PRIVATE = re.compile(rb"\bdata\s*\[\s*[0-6]\s*\]\s*=\s*0x[0-9a-f]{2}\b", re.IGNORECASE)
# Sums and products reach any number with small ones.
_ARITHMETIC = re.compile(rb"[*]|~\s*[0-9]|[0-9)]\s*[-+/]\s*[-+~!(\s]*[0-9]|\)\s*[-+/]\s*\(")
_INCLUDE = re.compile(rb"\b(?:include|augment|override|replace|alternate)\b", re.IGNORECASE)
_OUTSIDE = re.compile(rb"\.\.|%|(?:^|[+|^])\s*/")


def inspect(data: bytes) -> bytes:
    """Return the text without comments and trailing NUL.

    Raises:
        KeymapError: it is too long, or does what no honest keymap does.
    """
    if len(data) > MAX_TEXT_BYTES:
        raise KeymapError(f"a keymap of {len(data)} bytes; at most {MAX_TEXT_BYTES} are read")
    data = data.rstrip(b"\0")
    if not data:
        raise KeymapError("the keymap is empty")
    if b"\0" in data:
        raise KeymapError("the keymap has a NUL within")
    if b'\\"' in data:
        raise KeymapError("the keymap has an escaped quote")
    text = _COMMENT.sub(lambda match: match[1] or b" ", data)
    bare = _PRIVATE.sub(b"", _QUOTED.sub(b"@", text))
    _refuse_big_numbers(bare)
    _refuse_includes(text, bare)
    return text


def _refuse_big_numbers(bare: bytes) -> None:
    if match := _ARITHMETIC.search(bare):
        raise KeymapError(f"the keymap calculates: {match[0].decode('ascii', 'replace')!r}")
    for pattern, bound, what in (
        (_ASSIGNED, _MAX_CODE, "number"),
        (_LEVEL, _MAX_LEVEL, "level"),
        (_INDEXED, _MAX_LEVEL, "index"),
    ):
        # Long numbers are not converted: that takes time with the square of their length.
        for digits in set(pattern.findall(bare)):
            if len(digits) > 16 or int(digits, 0 if digits[:2] in (b"0x", b"0X") else 10) > bound:
                raise KeymapError(f"the keymap has a {what} above {bound}: {digits[:16].decode()}")


def _refuse_includes(text: bytes, bare: bytes) -> None:
    count = len(_INCLUDE.findall(bare))
    if not count:
        return
    strings = _STRING.findall(text)
    if b"\\" in text or any(_OUTSIDE.search(string) for string in strings):
        raise KeymapError("the keymap includes a file from elsewhere")
    if count + sum(string.count(b"+") + string.count(b"|") for string in strings) > _MAX_INCLUDES:
        raise KeymapError(f"the keymap includes more than {_MAX_INCLUDES} files")
