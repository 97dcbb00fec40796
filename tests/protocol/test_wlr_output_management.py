"""zwlr_output_manager_v1, output power and gamma control."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import numpy as np
import pytest
from support.client import Client, Proxy
from support.stage import Stage
from support.windows import Toplevel

from compositor.geometry import Transform
from compositor.server import OutputSpec

WIDTH, HEIGHT = 320, 240


class Manager:
    """What a client knows of the outputs."""

    def __init__(self, client: Client, version: int | None = None) -> None:
        self.client = client
        self.proxy: Proxy = client.bind("zwlr_output_manager_v1", version)
        client.roundtrip()

    @property
    def heads(self) -> list[Proxy]:
        """Every head that came, in order."""
        return [values[0] for name, values in self.proxy.raw if name == "head"]

    @property
    def serial(self) -> int:
        """Of the newest done."""
        return int(self.proxy.last("done")[0])

    def configuration(self, serial: int | None = None) -> Proxy:
        """Begin a configuration."""
        made: Proxy = self.proxy.create_configuration(self.serial if serial is None else serial)
        return made


def modes(head: Proxy) -> list[Proxy]:
    """The modes of a head, in the order they came."""
    return [values[0] for name, values in head.raw if name == "mode"]


def names(proxy: Proxy) -> list[str]:
    """The names of the events that came."""
    return [name for name, _ in proxy.raw]


@pytest.fixture
def manager(client: Client) -> Manager:
    """A manager of `client`."""
    return Manager(client)


@pytest.fixture
def two(make_stage: Callable[..., Stage]) -> Stage:
    """A compositor with two outputs."""
    return make_stage(outputs=[OutputSpec(WIDTH, HEIGHT), OutputSpec(400, 300)])


# Telling


def test_a_head_is_told_with_all_that_it_is(server: Stage, manager: Manager) -> None:
    (head,) = manager.heads
    assert (server.output.name,) == head.last("name")
    assert (1,) == head.last("enabled")
    assert (0, 0) == head.last("position")
    assert (0,) == head.last("transform")
    assert (1.0,) == head.last("scale")
    assert (0,) == head.last("adaptive_sync")
    preferred = modes(head)[0]
    assert [f"size({WIDTH}, {HEIGHT})", "refresh(60000)", "preferred()"] == preferred.events
    assert (preferred,) == head.last("current_mode")
    assert 1 == sum("preferred" in names(mode) for mode in modes(head))
    assert (1920, 1080) in [mode.last("size") for mode in modes(head)]
    assert "done" == names(manager.proxy)[-1]


@pytest.mark.parametrize(
    ("version", "absent"), [(1, {"make", "model", "adaptive_sync"}), (3, {"adaptive_sync"})]
)
def test_older_versions_are_told_what_they_know(client: Client, version: int, absent: set[str]) -> None:
    (head,) = Manager(client, version).heads
    assert not absent & set(names(head))
    assert {"name", "current_mode"} <= set(names(head))


def test_only_what_changes_is_told(server: Stage, manager: Manager) -> None:
    (head,) = manager.heads
    serial = manager.serial
    head.take()
    server.output.configure(scale=2)
    manager.client.roundtrip()
    assert ["scale(2)"] == head.take()
    assert serial != manager.serial
    serial = manager.serial
    server.output.configure(scale=2)
    manager.client.roundtrip()
    assert [] == head.events
    assert serial == manager.serial


def test_a_mode_that_nobody_listed_is_listed_when_it_comes(server: Stage, manager: Manager) -> None:
    (head,) = manager.heads
    server.output.configure(width=333, height=222, refresh_mhz=75_000)
    manager.client.roundtrip()
    newest = modes(head)[-1]
    assert ["size(333, 222)", "refresh(75000)"] == newest.events
    assert (newest,) == head.last("current_mode")


def test_heads_come_and_go(two: Stage) -> None:
    manager = Manager(two.connect())
    first, second = manager.heads
    output = two.desktop.outputs[1]
    two.server.backend.remove_output(output)
    manager.client.roundtrip()
    assert "finished()" == second.events[-1]
    assert all("finished()" == mode.events[-1] for mode in modes(second))
    assert "finished" not in names(first)
    second.release()
    manager.client.roundtrip()


def test_before_version_3_heads_that_finish_are_destroyed(two: Stage) -> None:
    manager = Manager(two.connect(), 2)
    _, second = manager.heads
    gone = [second, *modes(second)]
    two.server.backend.remove_output(two.desktop.outputs[1])
    manager.client.roundtrip()
    assert "finished()" == second.events[-1]
    # Ids of the server's own: no delete_id tells of them, but a request to them would be an error.
    assert all(proxy.id >= 0xFF000000 for proxy in gone)


def test_stopping_finishes(server: Stage, manager: Manager) -> None:
    manager.proxy.stop()
    manager.client.roundtrip()
    assert "finished()" == manager.proxy.events[-1]
    assert [] == server.desktop.on_heads
    server.output.configure(scale=2)
    manager.client.roundtrip()


# Applying


def test_a_configuration_is_applied(server: Stage, manager: Manager, toplevel: Toplevel) -> None:
    (head,) = manager.heads
    wanted = next(mode for mode in modes(head) if mode.last("size") == (800, 600))
    configuration = manager.configuration()
    setup = configuration.enable_head(head)
    setup.set_mode(wanted)
    setup.set_position(10, 20)
    setup.set_transform(3)
    setup.set_scale(1.25)
    setup.set_adaptive_sync(1)
    configuration.apply()
    manager.client.roundtrip()
    assert ["succeeded()"] == configuration.events
    output = server.output
    assert (800, 600, 60_000) == tuple(output.mode)
    assert (10, 20, Transform.ROTATE_270, 1.25) == (output.x, output.y, output.transform, output.scale)
    assert output.adaptive_sync
    assert (wanted,) == head.last("current_mode")
    assert (1,) == head.last("adaptive_sync")
    # One done for all of it, before the answer.
    assert 2 == manager.proxy.count("done")
    configuration.destroy()
    server.frame()
    assert (800, 600) == server.capture().shape


def test_what_is_not_said_stays(server: Stage, manager: Manager) -> None:
    server.output.configure(scale=2, x=5)
    manager.client.roundtrip()
    configuration = manager.configuration()
    configuration.enable_head(manager.heads[0]).set_transform(1)
    configuration.apply()
    manager.client.roundtrip()
    output = server.output
    assert (2, 5, WIDTH, Transform.ROTATE_90) == (output.scale, output.x, output.width, output.transform)


def test_a_test_changes_nothing(server: Stage, manager: Manager) -> None:
    configuration = manager.configuration()
    configuration.enable_head(manager.heads[0]).set_custom_mode(500, 400, 0)
    configuration.test()
    manager.client.roundtrip()
    assert ["succeeded()"] == configuration.events
    assert WIDTH == server.output.width


@pytest.mark.parametrize(
    ("request_name", "values"),
    [
        ("set_custom_mode", (100_000, 100, 60_000)),
        ("set_custom_mode", (16_000, 16_000, 60_000)),
        ("set_custom_mode", (100, 100, 1)),
        ("set_scale", (1000.0,)),
        ("set_position", (1 << 30, 0)),
    ],
)
@pytest.mark.parametrize("verb", ["apply", "test"])
def test_what_no_output_can_do_fails_and_changes_nothing(
    server: Stage, manager: Manager, request_name: str, values: tuple[float, ...], verb: str
) -> None:
    configuration = manager.configuration()
    setup = configuration.enable_head(manager.heads[0])
    getattr(setup, request_name)(*values)
    setup.set_transform(1)
    getattr(configuration, verb)()
    manager.client.roundtrip()
    assert ["failed()"] == configuration.events
    assert Transform.NORMAL is server.output.transform


def test_a_configuration_of_what_was_is_cancelled(server: Stage, manager: Manager) -> None:
    configuration = manager.configuration()
    configuration.enable_head(manager.heads[0]).set_transform(1)
    server.output.configure(scale=2)
    configuration.apply()
    manager.client.roundtrip()
    assert ["cancelled()"] == configuration.events
    assert Transform.NORMAL is server.output.transform


def test_an_output_is_switched_off_and_on(two: Stage) -> None:
    client = two.connect()
    window = Toplevel(client).show()
    two.window.move_to(WIDTH + 20, 20)
    client.get("wl_output")
    manager = Manager(client)
    first, second = manager.heads
    configuration = manager.configuration()
    configuration.enable_head(first).set_transform(2)
    configuration.disable_head(second)
    configuration.apply()
    client.roundtrip()
    assert ["succeeded()"] == configuration.events
    # One done for both outputs.
    assert 2 == manager.proxy.count("done")
    assert (0,) == second.last("enabled")
    assert "finished" not in names(second)
    assert [two.output] == two.desktop.outputs
    assert 1 == len(client.globals["wl_output"])
    assert two.window.x < WIDTH
    two.frame()
    configuration = manager.configuration()
    configuration.enable_head(first)
    configuration.enable_head(second)
    configuration.apply()
    client.roundtrip()
    assert (1,) == second.last("enabled")
    assert 2 == len(client.globals["wl_output"])
    two.window.move_to(WIDTH + 20, 20)
    two.advance(50)
    assert 0x336699 == int(two.capture(1)[30, 30]) & 0xFFFFFF
    assert window.surface.count("enter") >= 2


def test_with_every_output_off_nothing_breaks(two: Stage) -> None:
    client = two.connect()
    Toplevel(client).show()
    manager = Manager(client)
    configuration = manager.configuration()
    for head in manager.heads:
        configuration.disable_head(head)
    configuration.apply()
    client.roundtrip()
    assert [] == two.desktop.outputs
    pointer = two.desktop.seat.pointer
    pointer.move_to(5, 5)
    pointer.button(0x110, True)
    pointer.button(0x110, False)
    Toplevel(client).show().toplevel.set_maximized()
    client.get("zwlr_layer_shell_v1")
    two.advance(100)
    client.roundtrip()
    configuration = manager.configuration()
    for head in manager.heads:
        configuration.enable_head(head)
    configuration.apply()
    client.roundtrip()
    two.advance(100)
    assert 2 == len(two.desktop.outputs)
    assert 0x336699 in (np.unique(two.capture()) & 0xFFFFFF)


# Errors


def test_leaving_a_head_out_is_an_error(two: Stage) -> None:
    manager = Manager(two.connect())
    configuration = manager.configuration()
    configuration.enable_head(manager.heads[0])
    configuration.apply()
    manager.client.expect_error("zwlr_output_configuration_v1", "unconfigured_head")


@pytest.mark.parametrize("second", ["enable_head", "disable_head"])
def test_naming_a_head_twice_is_an_error(manager: Manager, second: str) -> None:
    configuration = manager.configuration()
    configuration.enable_head(manager.heads[0])
    getattr(configuration, second)(manager.heads[0])
    manager.client.expect_error("zwlr_output_configuration_v1", "already_configured_head")


@pytest.mark.parametrize("name", ["apply", "test", "enable_head", "disable_head"])
def test_a_configuration_is_good_once(manager: Manager, name: str) -> None:
    configuration = manager.configuration()
    configuration.enable_head(manager.heads[0])
    configuration.test()
    getattr(configuration, name)(*(manager.heads[:1] if name.endswith("head") else ()))
    manager.client.expect_error("zwlr_output_configuration_v1", "already_used")


@pytest.mark.parametrize(
    ("request_name", "values"),
    [
        ("set_custom_mode", (640, 480, 60_000)),
        ("set_position", (0, 0)),
        ("set_transform", (0,)),
        ("set_scale", (1.0,)),
        ("set_adaptive_sync", (0,)),
    ],
)
def test_setting_anything_twice_is_an_error(
    manager: Manager, request_name: str, values: tuple[float, ...]
) -> None:
    setup = manager.configuration().enable_head(manager.heads[0])
    getattr(setup, request_name)(*values)
    getattr(setup, request_name)(*values)
    manager.client.expect_error("zwlr_output_configuration_head_v1", "already_set")


def test_a_mode_and_a_custom_mode_are_an_error(manager: Manager) -> None:
    setup = manager.configuration().enable_head(manager.heads[0])
    setup.set_mode(modes(manager.heads[0])[0])
    setup.set_custom_mode(640, 480, 0)
    manager.client.expect_error("zwlr_output_configuration_head_v1", "already_set")


def test_a_mode_of_another_head_is_an_error(two: Stage) -> None:
    manager = Manager(two.connect())
    first, second = manager.heads
    manager.configuration().enable_head(first).set_mode(modes(second)[0])
    manager.client.expect_error("zwlr_output_configuration_head_v1", "invalid_mode")


@pytest.mark.parametrize(
    ("request_name", "values", "error"),
    [
        ("set_custom_mode", (0, 480, 0), "invalid_custom_mode"),
        ("set_custom_mode", (640, -1, 0), "invalid_custom_mode"),
        ("set_custom_mode", (640, 480, -1), "invalid_custom_mode"),
        ("set_transform", (8,), "invalid_transform"),
        ("set_transform", (-1,), "invalid_transform"),
        ("set_scale", (0.0,), "invalid_scale"),
        ("set_scale", (-1.0,), "invalid_scale"),
        ("set_adaptive_sync", (2,), "invalid_adaptive_sync_state"),
    ],
)
def test_a_value_that_is_none_is_an_error(
    manager: Manager, request_name: str, values: tuple[float, ...], error: str
) -> None:
    setup = manager.configuration().enable_head(manager.heads[0])
    getattr(setup, request_name)(*values)
    manager.client.expect_error("zwlr_output_configuration_head_v1", error)


# Power


def test_power_is_told_and_set(server: Stage, client: Client, toplevel: Toplevel) -> None:
    manager = client.get("zwlr_output_power_manager_v1")
    power, other = (manager.get_output_power(client.get("wl_output")) for _ in range(2))
    client.roundtrip()
    assert ["mode(1)"] == power.take()
    power.set_mode(0)
    client.roundtrip()
    assert not server.output.powered
    assert ["mode(0)"] == power.take()
    assert "mode(0)" == other.events[-1]
    power.set_mode(0)
    client.roundtrip()
    assert [] == power.events
    server.advance(100)
    frames = server.output.frames
    power.set_mode(1)
    client.roundtrip()
    assert ["mode(1)"] == power.take()
    server.frame()
    assert frames + 1 == server.output.frames
    assert 0x336699 in (np.unique(server.capture()) & 0xFFFFFF)


def test_power_of_an_output_that_is_unplugged_fails(server: Stage, client: Client) -> None:
    output = client.get("wl_output")
    power = client.get("zwlr_output_power_manager_v1").get_output_power(output)
    client.roundtrip()
    model = server.output
    server.server.backend.remove_output(model)
    power.set_mode(0)
    client.roundtrip()
    assert ["mode(1)", "failed()"] == power.events
    assert [] == model.on_power
    late = client.get("zwlr_output_power_manager_v1").get_output_power(output)
    client.roundtrip()
    assert ["failed()"] == late.events


def test_a_power_mode_that_is_none_is_an_error(client: Client) -> None:
    client.get("zwlr_output_power_manager_v1").get_output_power(client.get("wl_output")).set_mode(2)
    client.expect_error("zwlr_output_power_v1", "invalid_mode")


# Gamma


def gamma_of(client: Client) -> Proxy:
    """Ask for the gamma table of the output."""
    manager = client.get("zwlr_gamma_control_manager_v1")
    control: Proxy = manager.get_gamma_control(client.get("wl_output"))
    client.roundtrip()
    return control


def table_file(data: bytes) -> int:
    """Return a memfd with a table."""
    fd = os.memfd_create("gamma", os.MFD_CLOEXEC)
    os.pwrite(fd, data, 0)
    return fd


def test_a_gamma_table_is_kept_until_its_control_goes(server: Stage, client: Client) -> None:
    control = gamma_of(client)
    assert ["gamma_size(256)"] == control.events
    table = np.arange(768, dtype=np.uint16).tobytes()
    fd = table_file(table)
    control.set_gamma(fd)
    client.roundtrip()
    os.close(fd)
    assert table == server.output.gamma
    control.destroy()
    client.roundtrip()
    assert server.output.gamma is None


def test_one_client_at_a_time_has_the_gamma(server: Stage, client: Client) -> None:
    gamma_of(client)
    other = server.connect()
    refused = gamma_of(other)
    assert ["failed()"] == refused.events
    fd = table_file(bytes(1536))
    refused.set_gamma(fd)
    other.roundtrip()
    os.close(fd)
    assert server.output.gamma is None
    client.close()
    server.pump()
    assert ["gamma_size(256)"] == gamma_of(other).events


def test_the_gamma_of_an_output_that_is_unplugged_fails(server: Stage, client: Client) -> None:
    control = gamma_of(client)
    server.server.backend.remove_output(server.output)
    client.roundtrip()
    assert ["gamma_size(256)", "failed()"] == control.events


def test_a_table_that_is_too_short_is_an_error(client: Client) -> None:
    control = gamma_of(client)
    fd = table_file(bytes(1535))
    control.set_gamma(fd)
    client.expect_error("zwlr_gamma_control_v1", "invalid_gamma")
    os.close(fd)


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_descriptor_that_would_have_to_be_waited_for_is_an_error(client: Client, kind: str) -> None:
    control = gamma_of(client)
    ends = os.pipe() if kind == "pipe" else [s.detach() for s in socket.socketpair()]
    control.set_gamma(ends[0])
    client.expect_error("zwlr_gamma_control_v1", "invalid_gamma")
    for fd in ends:
        os.close(fd)
