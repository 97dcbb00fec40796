"""wl_output and zxdg_output_v1: screens, their modes and their going."""

from __future__ import annotations

from typing import Any

import pytest
from support.client import Client
from support.stage import Stage

from compositor.geometry import Transform
from compositor.model.output import Output
from compositor.server import OutputSpec


def told(events: list[str]) -> list[str]:
    """Return the names of events."""
    return [event.split("(")[0] for event in events]


def test_everything_is_told_at_bind_and_done_comes_last(client: Client) -> None:
    output = client.bind("wl_output", 4)
    client.roundtrip()
    assert {"geometry", "mode", "scale", "name", "description", "done"} == set(told(output.events))
    assert "done" == told(output.events)[-1]
    assert (3, 320, 240, 60_000) == output.last("mode")
    x, y, width_mm, height_mm, subpixel, make, model, transform = output.last("geometry")
    assert (0, 0, 0, 0) == (x, y, subpixel, transform)
    assert width_mm > 0
    assert height_mm > 0
    assert make
    assert model
    assert (1,) == output.last("scale")
    assert ("HEADLESS-1",) == output.last("name")


@pytest.mark.parametrize(
    ("version", "names"),
    [
        (1, {"geometry", "mode"}),
        (2, {"geometry", "mode", "scale", "done"}),
        (3, {"geometry", "mode", "scale", "done"}),
    ],
)
def test_older_versions_hear_no_newer_events(client: Client, version: int, names: set[str]) -> None:
    output = client.bind("wl_output", version)
    client.roundtrip()
    assert names == set(told(output.events))


def test_release_ends_the_object_only(client: Client, server: Stage) -> None:
    output = client.bind("wl_output", 3)
    output.release()
    client.roundtrip()
    assert output.dead
    server.output.configure(width=100)
    client.bind("wl_output")
    client.roundtrip()


def test_release_is_newer_than_version_2(client: Client) -> None:
    client.bind("wl_output", 2).release()
    client.expect_error("wl_display", "invalid_method")


def test_a_change_is_told_with_a_done(client: Client, server: Stage) -> None:
    output = client.bind("wl_output")
    client.roundtrip()
    output.take()
    server.output.configure(
        width=640, height=480, refresh_mhz=75_000, scale=1.5, transform=Transform.ROTATE_90
    )
    client.roundtrip()
    assert (3, 640, 480, 75_000) == output.last("mode")
    assert (2,) == output.last("scale")
    assert 1 == output.last("geometry")[-1]
    assert "done" == told(output.events)[-1]
    assert 1 == output.count("done")


def test_outputs_stand_side_by_side(make_stage: Any) -> None:
    client = make_stage(outputs=[OutputSpec(100, 50), OutputSpec(200, 60, scale=2.0)]).connect()
    first, second = client.bind("wl_output", index=0), client.bind("wl_output", index=1)
    client.roundtrip()
    assert (0, 0) == first.last("geometry")[:2]
    assert (100, 0) == second.last("geometry")[:2]
    assert (2,) == second.last("scale")
    assert first.last("name") != second.last("name")


def test_an_output_that_is_gone_is_told_nothing_more(client: Client, server: Stage) -> None:
    second = Output("NEW-1", 100, 100)
    server.server.backend.add_output(second)
    output = client.bind("wl_output", index=1)
    extension = client.get("zxdg_output_manager_v1").get_xdg_output(output)
    client.roundtrip()
    server.server.backend.remove_output(second)
    client.roundtrip()
    output.take()
    extension.take()
    second.configure(width=5)
    client.roundtrip()
    assert ([], []) == (output.events, extension.events)
    extension.destroy()
    output.release()
    client.roundtrip()


# xdg_output


def test_xdg_output_tells_the_rectangle_in_the_layout(make_stage: Any) -> None:
    client = make_stage(outputs=[OutputSpec(100, 50), OutputSpec(300, 60, scale=1.5)]).connect()
    output = client.bind("wl_output", index=1)
    client.roundtrip()
    output.take()
    extension = client.get("zxdg_output_manager_v1").get_xdg_output(output)
    client.roundtrip()
    assert (100, 0) == extension.last("logical_position")
    assert (200, 40) == extension.last("logical_size")
    assert output.last is not None
    assert ("HEADLESS-2",) == extension.last("name")
    # Since version 3 the output's own done ends the list.
    assert 0 == extension.count("done")
    assert ["done()"] == output.events


@pytest.mark.parametrize(("version", "names"), [(1, False), (2, True)])
def test_xdg_output_before_version_3_has_its_own_done(client: Client, version: int, names: bool) -> None:
    output = client.bind("wl_output")
    extension = client.bind("zxdg_output_manager_v1", version).get_xdg_output(output)
    client.roundtrip()
    assert "done" == told(extension.events)[-1]
    assert names == ("name" in told(extension.events))


def test_xdg_output_follows_scale_and_transform(client: Client, server: Stage) -> None:
    output = client.bind("wl_output")
    extension = client.get("zxdg_output_manager_v1").get_xdg_output(output)
    client.roundtrip()
    extension.take()
    server.output.configure(scale=2.0, transform=Transform.ROTATE_270)
    client.roundtrip()
    assert (120, 160) == extension.last("logical_size")


def test_xdg_output_survives_what_it_was_made_from(client: Client, server: Stage) -> None:
    output = client.bind("wl_output")
    extension = client.get("zxdg_output_manager_v1").get_xdg_output(output)
    client.bound.pop("zxdg_output_manager_v1").destroy()
    output.release()
    client.roundtrip()
    extension.take()
    server.output.configure(scale=2.0)
    client.roundtrip()
    assert [] == extension.events
    extension.destroy()
    client.roundtrip()


def test_a_surface_on_two_outputs_enters_both_and_leaves_one(make_stage: Any) -> None:
    from support.windows import Toplevel

    stage = make_stage(outputs=[OutputSpec(100, 100), OutputSpec(100, 100, scale=2.0)])
    client = stage.connect()
    first, second = client.bind("wl_output", index=0), client.bind("wl_output", index=1)
    window = Toplevel(client).show(40, 40)
    stage.window.move_to(80, 10)
    client.roundtrip()
    assert [f"enter({first!r})", f"enter({second!r})"] == [e for e in window.surface.events if "enter" in e]
    assert (2,) == window.surface.last("preferred_buffer_scale")
    stage.window.move_to(10, 10)
    client.roundtrip()
    assert f"leave({second!r})" in window.surface.events
    assert (1,) == window.surface.last("preferred_buffer_scale")
