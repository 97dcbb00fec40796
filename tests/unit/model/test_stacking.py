"""Windows among themselves: focus, order, layers; driven through real clients."""

from __future__ import annotations

from support.client import Client
from support.stage import Stage
from support.windows import Toplevel

from compositor.model.scene import Layer


def titles(server: Stage, layer: Layer = Layer.WINDOWS) -> str:
    """Return the windows of a layer, bottom to top."""
    return "".join(window.title for window in server.scene.layers[layer])


def windows(client: Client, server: Stage, names: str) -> list[Toplevel]:
    made = []
    for name in names:
        window = Toplevel(client)
        window.toplevel.set_title(name)
        made.append(window.show())
    return made


def test_new_windows_come_on_top_with_the_focus(client: Client, server: Stage) -> None:
    windows(client, server, "abc")
    assert "abc" == titles(server)
    assert server.desktop.focused is server.window


def test_activating_raises(client: Client, server: Stage) -> None:
    windows(client, server, "abc")
    server.desktop.activate(server.desktop.windows[0])
    assert "bca" == titles(server)


def test_the_focus_goes_back_through_history(client: Client, server: Stage) -> None:
    made = windows(client, server, "abc")
    a, b, c = server.desktop.windows
    server.desktop.activate(a)
    made[0].destroy()
    client.roundtrip()
    assert server.desktop.focused is c
    made[2].destroy()
    client.roundtrip()
    assert server.desktop.focused is b
    made[1].destroy()
    client.roundtrip()
    assert server.desktop.focused is None


def test_dialogs_stay_above_their_parents(client: Client, server: Stage) -> None:
    made = windows(client, server, "abc")
    made[2].toplevel.set_parent(made[0].toplevel)
    client.roundtrip()
    server.desktop.activate(server.desktop.windows[1])
    assert "acb" == titles(server)
    server.desktop.activate(server.desktop.windows[0])
    assert "bac" == titles(server)


def test_a_focused_fullscreen_window_is_above_panels_until_it_loses_the_focus(
    client: Client, server: Stage
) -> None:
    made = windows(client, server, "ab")
    made[1].toplevel.set_fullscreen(None)
    client.roundtrip()
    assert ("a", "b") == (titles(server), titles(server, Layer.FULLSCREEN))
    server.desktop.activate(server.desktop.windows[0])
    assert ("", "ba") == (titles(server, Layer.FULLSCREEN), titles(server))


def test_a_minimized_window_comes_back_when_activated(client: Client, server: Stage) -> None:
    windows(client, server, "ab")
    b = server.window
    b.set_minimized(True)
    assert server.desktop.focused is server.desktop.windows[0]
    server.desktop.activate(b)
    assert server.desktop.focused is b
    assert not b.minimized


def test_a_window_out_of_sight_is_brought_back_when_outputs_change(client: Client, server: Stage) -> None:
    windows(client, server, "a")
    server.window.move_to(300, 200)
    server.output.configure(width=100, height=100)
    assert server.output.rect_layout.contains_rect(server.window.rect_layout)
