"""The control socket's transport: lines, descriptors, deferred answers, bounds."""

from __future__ import annotations

import gc
import os
import socket

import pytest
from control_rig import open_descriptors

from compositor.control import connection as connection_module
from compositor.control.connection import MAX_DEFERRED, PAUSE_BYTES
from compositor.control.events import Events
from compositor.control.jsonrpc import MAX_LINE_BYTES, Code, RequestError
from compositor.control.registry import Call, Deferred, Registry, Reply, method
from compositor.descriptor import Descriptor

BIG = 100_000


class Example:
    def __init__(self):
        self.calls = []
        self.deferred = []
        self.events = Events(lambda: 7)

    @method("echo")
    def echo(self, text: str) -> str:
        self.calls.append(text)
        return text

    @method("big")
    def big(self) -> str:
        self.calls.append("big")
        return "y" * BIG

    @method("fail")
    def fail(self) -> None:
        raise RequestError(Code.NOT_FOUND, "there is none", {"there": []})

    @method("bug")
    def bug(self) -> None:
        raise KeyError("oops")

    @method("later")
    def later(self) -> Deferred:
        deferred = Deferred(lambda: self.calls.append("cancelled"))
        self.deferred.append(deferred)
        return deferred

    @method("at_once")
    def at_once(self) -> Deferred:
        deferred = Deferred()
        deferred.resolve("now")
        return deferred

    @method("read")
    def read(self, file: Descriptor) -> str:
        return os.read(file.fileno(), 100).decode()

    @method("pipe")
    def pipe(self) -> Reply:
        read, write = os.pipe()
        os.write(write, b"through the pipe")
        os.close(write)
        return Reply({"fd": 0}, [Descriptor(read)])

    @method("subscribe")
    def subscribe(self, call: Call, kinds: list[str]) -> None:
        self.events.subscribe(call.connection, kinds)


@pytest.fixture
def example():
    return Example()


@pytest.fixture
def driver(connect, example):
    return connect(example)


def error_of(reply):
    return reply["error"]["code"], reply["error"]["message"]


def test_a_request_gets_its_result_under_its_own_id(driver):
    assert {"jsonrpc": "2.0", "id": 1, "result": "hello"} == driver.request("echo", text="hello")
    assert {"jsonrpc": "2.0", "id": "a", "result": "€ ☃"} == driver.request("echo", id="a", text="€ ☃")


def test_several_lines_in_one_packet_and_one_line_in_several_packets(driver):
    line = b'{"jsonrpc":"2.0","id":%d,"method":"echo","params":{"text":"x"}}\n'
    driver.send(line % 1 + line % 2 + (line % 3)[:20])
    assert [1, 2, None] == [driver.line()["id"], driver.line()["id"], driver.line()]
    driver.send((line % 3)[20:])
    assert 3 == driver.line()["id"]


def test_a_notification_is_served_and_gets_no_answer(driver, example):
    driver.send(b'{"jsonrpc":"2.0","method":"echo","params":{"text":"x"}}\n')
    assert None is driver.line()
    assert ["x"] == example.calls


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"nonsense", Code.PARSE_ERROR),
        (b"\xff\xfe", Code.PARSE_ERROR),
        (b'{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":NaN}}', Code.PARSE_ERROR),
        (b"[" * 100_000, Code.PARSE_ERROR),
        (b"[]", Code.INVALID_REQUEST),
        (b"1", Code.INVALID_REQUEST),
        (b'{"id":1,"method":"echo"}', Code.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":{},"method":"echo"}', Code.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1,"method":5}', Code.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1,"method":"echo","fds":99}', Code.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1,"method":"echo","params":["x"]}', Code.INVALID_PARAMS),
        (b'{"jsonrpc":"2.0","id":1,"method":"echo"}', Code.INVALID_PARAMS),
        (b'{"jsonrpc":"2.0","id":1,"method":"ecko"}', Code.METHOD_NOT_FOUND),
    ],
)
def test_a_bad_line_gets_an_error_and_the_connection_goes_on(driver, example, line, code):
    driver.send(line + b"\n")
    assert code == driver.line()["error"]["code"]
    assert [] == example.calls
    assert "still here" == driver.request("echo", text="still here")["result"]


def test_an_unknown_method_is_told_which_one_is_near(driver):
    assert (Code.METHOD_NOT_FOUND, "there is no method 'ecko'; did you mean echo?") == error_of(
        driver.request("ecko")
    )


def test_an_error_carries_code_message_and_data(driver):
    reply = driver.request("fail")
    assert {"code": -32001, "message": "there is none", "data": {"there": []}} == reply["error"]


def test_a_bug_is_logged_and_answered(driver, caplog):
    code, message = error_of(driver.request("bug"))
    assert Code.INTERNAL_ERROR == code
    assert "bug: internal error of the compositor: KeyError: 'oops'" == message
    assert "bug: the control method bug" in caplog.text


def test_an_answer_may_come_later_and_out_of_order(driver, example):
    assert None is driver.request("later", id=1)
    assert "x" == driver.request("echo", id=2, text="x")["result"]
    example.deferred[0].resolve([1])
    example.deferred[0].resolve("twice")
    assert {"jsonrpc": "2.0", "id": 1, "result": [1]} == driver.line()
    assert None is driver.line()
    assert "now" == driver.request("at_once")["result"]


def test_an_answer_that_nobody_waits_for_any_more_is_cancelled(driver, example, loop):
    driver.request("later")
    driver.sock.close()
    loop.run()
    assert ["cancelled"] == example.calls
    assert example.deferred[0].done
    example.deferred[0].resolve(1)


def test_answers_outstanding_are_bounded(driver):
    for _ in range(MAX_DEFERRED):
        assert None is driver.request("later")
    assert Code.FAILED == driver.request("later")["error"]["code"]


def test_descriptors_travel_with_the_line_that_counts_them(driver):
    before = open_descriptors()
    read, write = os.pipe()
    os.write(write, b"content")
    assert "content" == driver.request("read", fds=[read], file=0)["result"]
    os.close(read)
    os.close(write)
    assert before == open_descriptors()
    reply = driver.request("pipe")
    assert {"jsonrpc": "2.0", "id": 1, "result": {"fd": 0}, "fds": 1} == reply
    assert b"through the pipe" == os.read(driver.fds[0], 100)
    os.close(driver.fds.pop())
    assert before == open_descriptors()


def test_descriptors_of_a_line_that_is_refused_are_closed(driver):
    before = open_descriptors()
    read, write = os.pipe()
    for method_name, params in (("echo", {"text": "x"}), ("nothing", {}), ("read", {"file": 5})):
        driver.request(method_name, fds=[read, write], **params)
    os.close(read)
    os.close(write)
    assert before == open_descriptors()


def test_descriptors_that_no_line_counts_end_the_connection(driver, loop):
    before = open_descriptors()
    read, write = os.pipe()
    driver.send(b'{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"x"}}\n', [read, write])
    os.close(read)
    os.close(write)
    assert "x" == driver.line()["result"]
    assert "closed" == driver.line()
    # Its own socket is closed as well.
    assert before - 1 == open_descriptors()


def test_a_line_that_counts_descriptors_it_did_not_bring_ends_the_connection(driver):
    driver.send(b'{"jsonrpc":"2.0","id":1,"method":"read","params":{"file":0},"fds":1}\n')
    assert "closed" == driver.line()


def test_a_line_without_an_end_is_cut_off(driver):
    driver.sock.setblocking(False)
    answer = None
    chunk = b"x" * 65536
    for _ in range(2 * MAX_LINE_BYTES // len(chunk)):
        try:
            driver.sock.send(chunk)
        except (BrokenPipeError, BlockingIOError):
            pass
        answer = answer or driver.line()
    assert Code.PARSE_ERROR == answer["error"]["code"]
    assert "closed" == driver.line()


def test_a_driver_that_does_not_read_its_answers_is_not_served_until_it_does(driver, example):
    line = b'{"jsonrpc":"2.0","id":1,"method":"big","params":{}}\n'
    driver.send(line * 40)
    held = len(example.calls)
    # Besides what is held back, some answers fit into the socket's own buffer.
    assert held * BIG < PAUSE_BYTES + 700_000
    assert driver.connection.alive
    assert [BIG] * 40 == [len(driver.line()["result"]) for _ in range(40)]
    assert 40 == len(example.calls)


def test_a_subscriber_that_does_not_read_is_disconnected(driver, example, monkeypatch):
    monkeypatch.setattr(connection_module, "MAX_OUTPUT_BYTES", 1_000_000)
    driver.request("subscribe", kinds=["window"])
    for _ in range(10_000):
        example.events.publish("window.mapped", text="x" * 1000)
        if not driver.connection.alive:
            break
    assert not driver.connection.alive
    assert not example.events.subscribers["window"]


def test_events_reach_those_who_subscribed_to_their_kind(connect, example):
    both, windows = connect(example), connect(example)
    both.request("subscribe", kinds=["window", "frame"])
    windows.request("subscribe", kinds=["window"])
    example.events.publish("frame", output="one")
    example.events.publish("window.mapped", id=3)
    frame = {"jsonrpc": "2.0", "method": "event", "params": {"event": "frame", "time_ns": 7, "output": "one"}}
    mapped = {
        "jsonrpc": "2.0",
        "method": "event",
        "params": {"event": "window.mapped", "time_ns": 7, "id": 3},
    }
    assert [frame, mapped, None] == [both.line(), both.line(), both.line()]
    assert [mapped, None] == [windows.line(), windows.line()]
    both.request("subscribe", kinds=[])
    assert not example.events.subscribers["frame"]


def test_a_connection_leaks_no_descriptor(connect, example, loop):
    gc.collect()
    before = open_descriptors()
    for _ in range(3):
        driver = connect(example)
        driver.request("pipe")
        driver.request("later")
        os.close(driver.fds.pop())
        driver.sock.close()
        loop.run()
        assert not driver.connection.alive
    assert before == open_descriptors()


def test_a_method_declared_twice_is_refused():
    with pytest.raises(ValueError, match="declared twice"):
        Registry([Example(), Example()])


def test_a_reset_connection_is_closed_quietly(driver, loop):
    driver.connection.sock.shutdown(socket.SHUT_RDWR)
    loop.run()
    assert not driver.connection.alive
    driver.connection.close("again")
