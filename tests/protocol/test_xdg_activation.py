"""xdg_activation_v1: the focus passed on from one window to another, with proof."""

from __future__ import annotations

import pytest
from support.client import Client, Proxy
from support.people import Desk, Person
from support.stage import Stage
from support.windows import Toplevel


def token(client: Client, seat: Proxy | None = None, serial: int = 0, surface: Proxy | None = None) -> str:
    """Ask for a token and return it."""
    made = client.get("xdg_activation_v1").get_activation_token()
    if seat is not None:
        made.set_serial(serial, seat)
    if surface is not None:
        made.set_surface(surface)
    made.set_app_id("launcher")
    made.commit()
    client.roundtrip()
    [name] = made.last("done")
    made.destroy()
    return str(name)


def pressed(server: Stage, desk: Desk) -> int:
    """Click on the desk's window; return the serial of the press."""
    person = Person(server)
    person.point(desk.x + 10, desk.y + 10)
    person.click()
    desk.client.roundtrip()
    return int(desk.pointer.raw[[name for name, _ in desk.pointer.raw].index("button")][1][0])


def test_a_press_is_proof_and_another_programs_window_gets_the_focus(client: Client, server: Stage) -> None:
    other = server.connect()
    launched = Toplevel(other).show()
    desk = Desk(server, client)
    proof = token(client, desk.seat, pressed(server, desk), desk.surface)
    first, second = server.desktop.windows
    assert second is server.desktop.focused
    other.get("xdg_activation_v1").activate(proof, launched.surface)
    other.roundtrip()
    assert first is server.desktop.focused
    server.check()


def test_a_token_is_good_once(client: Client, server: Stage) -> None:
    other = server.connect()
    launched = Toplevel(other).show()
    desk = Desk(server, client)
    proof = token(client, desk.seat, pressed(server, desk))
    activation = other.get("xdg_activation_v1")
    activation.activate(proof, launched.surface)
    other.roundtrip()
    server.desktop.activate(desk.window)
    activation.activate(proof, launched.surface)
    other.roundtrip()
    assert desk.window is server.desktop.focused


def test_a_window_that_is_not_mapped_yet_gets_the_focus_when_it_is(client: Client, server: Stage) -> None:
    desk = Desk(server, client)
    proof = token(client, desk.seat, pressed(server, desk))
    other = server.connect()
    launched = Toplevel(other)
    other.get("xdg_activation_v1").activate(proof, launched.surface)
    launched.show()
    assert server.desktop.windows[-1] is server.desktop.focused


@pytest.mark.parametrize("how", ["no serial", "a serial of nobody", "another surface", "a token of nobody"])
def test_without_proof_a_window_is_only_urgent(client: Client, server: Stage, how: str) -> None:
    other = server.connect()
    launched = Toplevel(other).show()
    background = Toplevel(client).show()
    desk = Desk(server, client)
    serial = pressed(server, desk)
    proofs = {
        "no serial": lambda: token(client),
        "a serial of nobody": lambda: token(client, desk.seat, serial + 1000),
        "another surface": lambda: token(client, desk.seat, serial, background.surface),
        "a token of nobody": lambda: "0123456789abcdef",
    }
    other.get("xdg_activation_v1").activate(proofs[how](), launched.surface)
    other.roundtrip()
    assert desk.window is server.desktop.focused
    assert server.desktop.windows[0].urgent


@pytest.mark.parametrize("request_name", ["set_serial", "set_app_id", "set_surface", "commit"])
def test_a_token_that_was_committed_cannot_be_changed(client: Client, request_name: str) -> None:
    made = client.get("xdg_activation_v1").get_activation_token()
    made.commit()
    arguments = {
        "set_serial": (1, client.get("wl_seat")),
        "set_app_id": ("x",),
        "set_surface": (client.get("wl_compositor").create_surface(),),
    }
    getattr(made, request_name)(*arguments.get(request_name, ()))
    client.expect_error("xdg_activation_token_v1", "already_used")
