"""Words appended in place are those that `struct` makes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compositor import words

native = pytest.importorskip("compositor.native.words", reason="the compiled modules are not in use")
WORD = st.integers(0, 0xFFFF_FFFF)


@given(before=st.binary(max_size=40), values=st.lists(WORD, min_size=6, max_size=6))
def test_both_append_the_same(before: bytes, values: list[int]) -> None:
    ours, theirs = bytearray(before), bytearray(before)
    words._put2(ours, *values[:2])
    words._put6(ours, *values)
    native.put2(theirs, *values[:2])
    native.put6(theirs, *values)
    assert ours == theirs


@pytest.mark.parametrize("wrong", [-1, 1 << 32])
def test_what_is_no_word_is_refused(wrong: int) -> None:
    out = bytearray()
    with pytest.raises(OverflowError):
        native.put2(out, 1, wrong)
    assert b"" == out
