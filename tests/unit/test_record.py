"""Records: made from annotations, as people know it of dataclasses."""

from __future__ import annotations

import inspect
import pickle
from typing import ClassVar

import pytest

from compositor.record import NamedTuple, field, fields, record, replace


@record()
class Point:
    """Changes."""

    KIND: ClassVar[str] = "point"
    x: int
    y: int = 2
    tags: list[str] = field(factory=list, about={"why": "to see"})

    def sum(self) -> int:
        return self.x + self.y


@record(frozen=True)
class Fixed:
    x: int
    y: int = 2


@record(eq=False)
class Single:
    x: int


def test_what_is_not_given_is_the_default_each_record_has_lists_of_its_own() -> None:
    one, other = Point(1), Point(1, y=3)
    one.tags.append("a")
    assert (1, 2, ["a"]) == (one.x, one.y, one.tags)
    assert [] == other.tags
    assert 4 == other.sum()
    assert "point" == Point.KIND == one.KIND


def test_records_print_compare_and_change_as_expected() -> None:
    one = Point(1)
    assert "Point(x=1, y=2, tags=[])" == repr(one)
    assert Point(1) == one
    one.x = 5
    assert Point(1) != one
    assert Point(5, 9) == replace(one, y=9)
    assert (5, 2) != one
    assert Single(1) != Single(1)
    match Fixed(7):
        case Fixed(x, y):
            assert (7, 2) == (x, y)


def test_a_frozen_record_can_be_hashed_and_not_changed() -> None:
    assert {Fixed(1): "a"}[Fixed(1, 2)] == "a"
    one = Fixed(1)
    with pytest.raises(AttributeError, match="Fixed is frozen: x"):
        one.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del one.x
    assert 1 == one.x
    with pytest.raises(TypeError):
        hash(Point(1))


def test_wrong_arguments_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"Point\.__init__\(\) missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        Point(1, z=2)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Point(1).z = 3  # type: ignore[attr-defined]


def test_how_a_record_is_called_can_be_asked_before_there_is_one() -> None:
    @record()
    class Shy:
        x: int
        y: int = 2

    class Bold(Shy):
        def __init__(self) -> None:
            super().__init__(1)

    assert "(x, y=2)" == str(inspect.signature(Shy))
    assert "() -> 'None'" == str(inspect.signature(Bold))
    assert (1, 2) == (Bold().x, Bold().y)
    assert 3 == Shy(3).x


class Pair(NamedTuple):
    """Two."""

    first: int
    second: Missing | None = None  # type: ignore[name-defined]  # noqa: F821

    @property
    def swapped(self) -> tuple[object, int]:
        return self.second, self.first


def test_a_named_tuple_is_that_of_typing_whatever_its_annotations_say() -> None:
    one = Pair(1)
    assert (1, None) == one
    assert "Pair(first=1, second=None)" == repr(one)
    assert (None, 1) == one.swapped
    assert Pair(1, 5) == one._replace(second=5)
    assert ("first", "second") == Pair._fields
    assert ("Two.", Pair.__module__) == (Pair.__doc__, __name__)
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(TypeError):
        Pair()  # type: ignore[call-arg]


def test_what_is_known_of_an_attribute_can_be_read() -> None:
    assert ["x", "y", "tags"] == list(fields(Point))
    assert "to see" == fields(Point)["tags"].about["why"]
    assert 2 == fields(Point)["y"].default
