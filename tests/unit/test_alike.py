"""Objects made like others: the same from Python and from the compiled module."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from compositor import alike
from compositor.descriptor import Descriptor
from compositor.native import sources

try:
    from compositor.native import alike as native
except ImportError:
    native = None  # type: ignore[assignment]

WAYS = [
    pytest.param(alike._Alike, id="python"),
    pytest.param(
        None if native is None else native.Alike,
        id="compiled",
        marks=pytest.mark.skipif(native is None, reason="the compiled modules are not in use"),
    ),
]
ways = pytest.mark.parametrize("kind", WAYS)


class Point:
    __slots__ = ("x", "y")


class Place(Point):
    __slots__ = ("name",)


class Named(Point):
    pass


class Watched:
    __slots__ = ("__weakref__", "x")


class Value:
    """Can be watched as it goes."""


@ways
def test_a_copy_has_what_the_other_has_and_is_its_own(kind: Any) -> None:
    one = Place()
    one.x, one.y, one.name = 1, [2], "three"
    made = kind(Place).make(one)
    assert (Place, 1, "three") == (type(made), made.x, made.name)
    assert one.y is made.y
    made.x = 5
    assert 1 == one.x


@ways
def test_what_is_not_set_is_not_set_in_the_copy(kind: Any) -> None:
    one = Place()
    one.y = 2
    made = kind(Place).make(one)
    assert 2 == made.y
    with pytest.raises(AttributeError):
        _ = made.x


@ways
def test_what_a_copy_holds_lives_as_long_as_the_copy(kind: Any) -> None:
    one, value = Point(), Value()
    gone = weakref.ref(value)
    one.x, one.y = value, one
    made = kind(Point).make(one)
    del one.y, one, value
    assert gone() is made.x
    made.y = made
    del made
    gc.collect()
    assert gone() is None, "the collector knows of it"


@ways
@pytest.mark.parametrize("cls", [Named, Watched, Value, int, list])
def test_objects_that_have_more_than_slots_are_refused(kind: Any, cls: type) -> None:
    with pytest.raises(TypeError, match="have more than slots"):
        kind(cls)


@pytest.mark.skipif(bool(sources.WHY_PYTHON), reason="the compiled modules are not in use")
@ways
def test_a_number_of_the_compiler_is_no_slot(kind: Any) -> None:
    with pytest.raises(TypeError, match="have more than slots"):
        kind(Descriptor)


@ways
def test_another_class_is_refused(kind: Any) -> None:
    with pytest.raises(TypeError, match="is no Point"):
        kind(Point).make(Place())
