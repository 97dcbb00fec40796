"""The corpus finds nothing, and the fuzzers would find what they are there to find."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from fuzz import __main__ as program
from fuzz import codec, driver_inputs, drivers, world
from fuzz.campaign import Campaign, Result
from fuzz.codec_inputs import sample, split
from fuzz.events import Finding
from fuzz.grammar import creators, reachable, tables
from fuzz.mutate import Mutator
from fuzz.script import Step, parse, unparse
from fuzz.targets import TARGETS

from compositor import express
from compositor.control.connection import ControlConnection
from compositor.control.methods.windows import Windows
from compositor.model.output import Output
from compositor.model.surface import Surface
from compositor.model.surface_state import SurfaceState
from compositor.native import sources
from compositor.protocol.wl_surface import WlSurface
from compositor.service import Service
from compositor.wire import Client

ROOT = Path(__file__).resolve().parent.parent.parent
SURFACE = b"""
0 wl_compositor:0.create_surface
0 wl_surface:0.frame
0 wl_surface:0.commit
"""


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=110,
        check=False,
    )


# The corpus


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_no_input_of_the_corpus_finds_anything(name: str) -> None:
    done = command("--replay", "--json", "--target", name)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)[name]
    assert [] == result["found"]
    assert 50 < result["inputs"]


def test_what_libfuzzer_says_is_understood(tmp_path: Path) -> None:
    campaign = Campaign(TARGETS["codec"], 1, tmp_path, tmp_path, 0)
    result = Result("codec")
    for line in (
        "#19\tINITED cov: 12 ft: 20 corp: 2/30Kb exec/s: 9 rss: 124Mb",
        "#4694\tNEW    cov: 31874 ft: 61471 corp: 2363/3271Kb lim: 12288 exec/s: 13 rss: 1Mb L: 1/2",
        "INFO: anything else",
        f"artifact_prefix='{tmp_path}/'; Test unit written to {tmp_path}/codec-crash-1",
    ):
        campaign._hear(line, result, quiet=True)
    assert (4694, 12, 31874, 61471, 2363) == (
        result.executions,
        result.start_coverage,
        result.coverage,
        result.features,
        result.inputs,
    )
    assert [f"{tmp_path}/codec-crash-1"] == result.findings


def test_without_atheris_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["fuzz", "--minutes", "1"])
    assert 2 == program.main()
    assert "pip install 'weddell[fuzz]'" in capsys.readouterr().err


def test_an_input_is_run_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(SURFACE)
    done = command("--target", "server", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 wl_surface:0.commit" in done.stdout
    assert "1 inputs, 0 with findings" in done.stdout


# The server's oracle, each part against a compositor that is broken in that way


def finds(script: bytes = SURFACE) -> str:
    with pytest.raises(Finding) as caught:
        world.play(script)
    return str(caught.value)


def test_a_sound_compositor_is_found_sound() -> None:
    world.play(SURFACE)


def test_an_exception_in_a_handler_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compositor.model.surface.Surface.commit", lambda self: {}[0])
    assert "lost its connection" in finds() or "logged as an error" in finds()


def test_a_descriptor_that_stays_open_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []

    def leak(self: Client, reason: str, close: Any = Client.close) -> None:
        left.append(os.open("/dev/null", os.O_RDONLY))
        close(self, reason)

    monkeypatch.setattr(Client, "close", leak)
    try:
        assert "left open" in finds()
    finally:
        for fd in left:
            os.close(fd)


def test_a_client_that_is_kept_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[WlSurface] = []

    def keep(self: WlSurface, destroyed: Any = WlSurface.destroyed) -> None:
        kept.append(self)
        destroyed(self)

    monkeypatch.setattr(WlSurface, "destroyed", keep)
    assert "still kept" in finds()


def test_a_frame_that_never_comes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compositor.model.output.Output.schedule", lambda self: None)
    assert "no frame" in finds()


def test_an_event_for_an_object_that_is_gone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def speak(self: WlSurface, destroyed: Any = WlSurface.destroyed) -> None:
        destroyed(self)
        if self.client.alive:
            self.preferred_buffer_scale(1)

    monkeypatch.setattr(WlSurface, "destroyed", speak)
    assert "which is gone" in finds(SURFACE + b"0 wl_surface:0.destroy\n- turn\n")


# Clients in step, who are read when their frame is due

IN_STEP = sorted(path for path in TARGETS["server"].corpus.iterdir() if path.name.startswith("cadence-"))


OTHERWISE = {"cadence-viewport", "cadence-rows-parent-in-sync"}
"""Of one that is scaled no frame is made in one go, and in the other nobody is in step for long enough."""


def reads(path: Path) -> tuple[int, int]:
    """Return how many frames of an input clients were read for, and how many were made in one go."""
    options, *steps = parse(path.read_bytes())
    stage = world.World(options.arguments)
    try:
        stage.run(steps)
        return stage.stage.server.cadence.reads, stage.stage.server.cadence.passed
    finally:
        stage.close()


@pytest.mark.parametrize("path", IN_STEP, ids=lambda path: path.name)
def test_inputs_of_clients_in_step_reach_what_they_are_for(path: Path) -> None:
    read, passed = reads(path)
    assert (read and passed) or path.name in OTHERWISE


def test_drivers_are_heard_while_a_client_is_in_step() -> None:
    room = drivers.Room(True)
    try:
        cadence = room.world.stage.server.cadence
        assert cadence.kept
        assert cadence.passed
        room.run(b"- with cadence\n- advance 34\n" + QUESTION)
        assert not cadence.kept
        room.judge()
    finally:
        room.close()


def test_departures_are_made_of_frames() -> None:
    seen: set[str] = set()
    data = Path(TARGETS["server"].corpus, "cadence-fullscreen").read_bytes()
    for seed in range(200):
        steps = parse(Mutator(seed).mutate(data, 4000))
        seen |= {step.what for step in steps}
    assert {"draw", "rest", "wl_surface.attach", "wl_surface.commit"} <= seen


def in_step(name: str) -> str:
    with pytest.raises(AssertionError) as caught:
        world.play(Path(TARGETS["server"].corpus, f"cadence-{name}").read_bytes())
    return str(caught.value)


def test_a_client_that_nobody_listens_to_any_more_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Service, "attend", lambda self, client: None)
    assert "nobody listens" in in_step("question")


def test_a_client_whose_output_is_expected_no_more_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "expect", lambda self: None)
    assert "nobody listens" in in_step("question")


PARTS = {
    "add_straight(entry, ((left, top, width, height),), node.dst)": "window-drawn",
    "node.content = content": "fullscreen-colours",
    "held.locks += 1": "window",
    "and type(objects[attached]) is WlBuffer": "not-a-buffer",
    "and attached < len(objects)": "no-such-buffer",
    "and 0 < callback < len(objects)": "far-id",
    "content.width == old.width and": "ends-narrower",
    "content.height == old.height and": "ends-lower",
}
"""What is left out of `Express.frame`, and the input that finds that."""


@pytest.mark.parametrize("part", PARTS, ids=range(len(PARTS)))
def test_a_frame_made_in_one_go_but_not_rightly_is_found(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    # Not of the module that runs, which may be compiled.
    source = Path(sources.source("compositor.express")).read_text("utf-8")
    assert part in source
    broken = vars(types.ModuleType("broken"))
    exec(
        compile(source.replace(part, "" if "and" in (part[:3], part[-3:]) else "pass"), "broken", "exec"),
        broken,
    )
    monkeypatch.setattr(express, "Express", broken["Express"])
    assert in_step(PARTS[part])


def test_a_callback_that_is_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(self: Surface, state: SurfaceState, apply: Any = Surface.apply) -> None:
        state.callbacks.clear()
        apply(self, state)

    monkeypatch.setattr(Surface, "apply", lose)
    assert "nobody will answer it" in finds(SURFACE)


# The control socket's

QUESTION = b'0 {"jsonrpc":"2.0","id":1,"method":"windows.list"}\n'


def finds_of_drivers(data: bytes = QUESTION) -> str:
    with pytest.raises(Finding) as caught:
        drivers.play(data)
    return str(caught.value)


def test_a_control_socket_that_answers_right_is_found_sound() -> None:
    drivers.play(QUESTION + b'0 nonsense\n1 [1]\n1 {"id":5}\n2 {"id":[]}\n0 raw 7b\n0 cut 3\n0 hangup\n')


def test_an_answer_that_never_comes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def swallow(self: ControlConnection, line: bytes, serve: Any = ControlConnection._line) -> None:
        if b"nonsense" not in line:
            serve(self, line)

    monkeypatch.setattr(ControlConnection, "_line", swallow)
    drivers.play(QUESTION)
    assert "no answer came" in finds_of_drivers(b"0 nonsense\n")


def test_a_method_that_raises_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Windows, "describe", lambda self, window: {}[0])
    said = finds_of_drivers()
    assert "-32603" in said or "logged as an error" in said


def test_a_driver_that_is_hung_up_on_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang_up(self: ControlConnection, line: bytes, serve: Any = ControlConnection._line) -> None:
        self.close("no") if b"nonsense" in line else serve(self, line)

    monkeypatch.setattr(ControlConnection, "_line", hang_up)
    assert "hung up" in finds_of_drivers(b"0 nonsense\n")


def test_a_sample_is_there_for_every_method() -> None:
    assert set(driver_inputs.signatures()) <= {path.name for path in TARGETS["control"].corpus.iterdir()}


# The codec's


def test_a_decoder_that_hears_something_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = codec.mirrors()["wl_surface"]
    codec.play(sample("wl_surface"))
    decoders = list(mirror._dispatch)
    names = [message.name for message in mirror.REQUESTS]
    a, b = names.index("damage"), names.index("damage_buffer")
    decoders[a], decoders[b] = decoders[b], decoders[a]
    monkeypatch.setattr(mirror, "_dispatch", tuple(decoders))
    with pytest.raises(Finding, match="heard and meant"):
        codec.play(sample("wl_surface"))


def test_every_request_of_every_interface_is_in_its_sample() -> None:
    for name, table in tables().items():
        if name == "wl_display":
            continue
        reference = codec.Reference(name, table.version, 20)
        reference.feed(split(sample(name))[4])
        assert reference.code is None, name
        lasting = [entry.name for entry in table.requests.values() if not entry.destructor]
        heard = [request for _, request, _ in reference.calls]
        assert lasting == heard[: len(lasting)]


# Scripts


def test_a_script_is_read_as_it_was_written() -> None:
    steps = [
        Step(-1, "with", arguments=("lint",)),
        Step(0, "wl_surface.attach", 1, arguments=("wl_buffer:0", "0", "-1")),
        Step(3, "wl_surface.commit", 2, True),
        Step(1, "raw", arguments=("0011",)),
        Step(-1, "pointer.move", arguments=('{"x":1,"y":2}',)),
    ]
    assert steps == parse(unparse(steps))
    assert [] == parse(b"\xff\xfe\n0 \n9 wl_surface:0.commit\n0 nothing\n- \n0 a.b:c\n")


def test_whatever_is_made_of_a_script_is_one_of_no_more_than_its_bytes() -> None:
    data = b""
    for seed in range(300):
        mutator = Mutator(seed)
        data = mutator.mutate(data, 2000)
        assert len(data) <= 2000
        assert data == unparse(parse(data))
        assert len(mutator.cross(data, SURFACE, 500)) <= 500


def test_the_grammar_reaches_every_interface_with_requests() -> None:
    # Tablets have no devices here, and a data offer comes with an event: both are made by the server.
    made_by_server = {a.interface for t in tables().values() for e in t.events for a in e.arguments}
    for name, table in tables().items():
        if table.requests:
            assert name in reachable(), name
            assert name in made_by_server or name in creators() or name in world_globals(), name


def world_globals() -> set[str]:
    """What needs no creator."""
    from fuzz.grammar import global_names

    return {"wl_display", "wl_registry", *global_names()}
