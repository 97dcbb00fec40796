"""Parameters are checked against the method's annotations, with messages that name what was wrong."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import pytest

from compositor.control.jsonrpc import Code, RequestError
from compositor.control.params import Range, compile_params
from compositor.descriptor import Descriptor


class Example:
    def move(self, id: int, x: float, y: float = 0.0) -> None: ...
    def many(
        self,
        argv: Annotated[list[str], Range(1, 3)],
        env: dict[str, str] | None = None,
        mode: Literal["a", "b"] = "a",
        level: Annotated[int, Range(0, 9)] = 0,
        flag: bool = False,
        key: int | str = 0,
    ) -> None: ...
    def pass_it(self, file: Descriptor) -> None: ...


move = compile_params("window.move", Example.move)
many = compile_params("many", Example.many)
pass_it = compile_params("pass", Example.pass_it)


def refusal(check, params, fds=()):
    with pytest.raises(RequestError) as caught:
        check(params, list(fds))
    assert Code.INVALID_PARAMS == caught.value.code
    return caught.value.message


def test_good_parameters_become_keyword_arguments():
    assert {"id": 3, "x": 1.0, "y": 2.5} == move({"id": 3, "x": 1, "y": 2.5}, [])
    assert {"id": 3, "x": 1.0} == move({"id": 3, "x": 1}, [])
    assert {"argv": ["a"], "env": {"A": "b"}, "mode": "b", "level": 9, "flag": True, "key": "x"} == many(
        {"argv": ["a"], "env": {"A": "b"}, "mode": "b", "level": 9, "flag": True, "key": "x"}, []
    )
    assert {"argv": ["a"], "env": None} == many({"argv": ["a"], "env": None}, [])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"x": 1}, 'window.move: "id" is missing'),
        ({"id": "3", "x": 1}, 'window.move: "id" must be an integer, not "3"'),
        ({"id": True, "x": 1}, 'window.move: "id" must be an integer, not true'),
        ({"id": 1.0, "x": 1}, 'window.move: "id" must be an integer, not 1.0'),
        ({"id": 1, "x": None}, 'window.move: "x" must be a number, not null'),
        ({"id": 1, "x": "a" * 99}, 'window.move: "x" must be a number, not "' + "a" * 56 + "..."),
        ({"id": 1, "x": 1, "z": 0}, 'window.move: there is no parameter "z" (there are: id, x, y)'),
    ],
)
def test_a_refusal_names_method_parameter_and_value(params, message):
    assert message == refusal(move, params)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"argv": []}, 'many: "argv" must be a list of 1 to 3 entries, not []'),
        ({"argv": "ls"}, 'many: "argv" must be a list, not "ls"'),
        ({"argv": ["a", 1]}, 'many: "argv"[1] must be a string, not 1'),
        ({"argv": ["a"], "env": {"A": 1}}, 'many: "env"["A"] must be a string, not 1'),
        ({"argv": ["a"], "mode": "c"}, 'many: "mode" must be "a" or "b", not "c"'),
        ({"argv": ["a"], "level": 10}, 'many: "level" must be an integer from 0 to 9, not 10'),
        ({"argv": ["a"], "flag": 1}, 'many: "flag" must be true or false, not 1'),
        ({"argv": ["a"], "key": []}, 'many: "key" must be an integer or a string, not []'),
    ],
)
def test_lists_objects_choices_and_ranges_are_checked(params, message):
    assert message == refusal(many, params)


def test_a_descriptor_is_named_by_its_place():
    ends = [Descriptor(fd) for fd in os.pipe()]
    assert {"file": ends[1]} == pass_it({"file": 1}, ends)
    assert "must be the place of one of the 2 descriptors" in refusal(pass_it, {"file": 2}, ends)
    assert "must be the place of one of the 0 descriptors" in refusal(pass_it, {"file": 0})


def test_numbers_too_large_for_json_integers_are_refused():
    assert "must be an integer" in refusal(move, {"id": 2**60, "x": 1})
    assert "must be a number" in refusal(move, {"id": 1, "x": 10**400})


def test_an_annotation_nobody_can_check_is_refused_at_once():
    def bad(self, x: set[int]) -> None: ...

    with pytest.raises(TypeError, match="cannot be annotated"):
        compile_params("bad", bad)
