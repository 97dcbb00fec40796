"""ext_foreign_toplevel_list_v1 and zwlr_foreign_toplevel_manager_v1: windows seen and steered by others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.client import Client, Proxy
from support.stage import Stage
from support.windows import Toplevel

from compositor.server import OutputSpec

LIST = "ext_foreign_toplevel_list_v1"
MANAGER = "zwlr_foreign_toplevel_manager_v1"
MAXIMIZED, MINIMIZED, ACTIVATED, FULLSCREEN = range(4)


@pytest.fixture
def watcher(server: Stage) -> Client:
    """A client that watches the windows of others."""
    return server.connect()


def watch(watcher: Client, interface: str, version: int | None = None) -> Proxy:
    """Bind a list or manager and hear what there is."""
    proxy = watcher.bind(interface, version)
    if interface == MANAGER:
        watcher.get("wl_output")
    watcher.roundtrip()
    return proxy


def handles(proxy: Proxy) -> list[Proxy]:
    """Every handle that came, in order."""
    return [values[0] for name, values in proxy.raw if name == "toplevel"]


def names(proxy: Proxy) -> list[str]:
    """The names of the events that came."""
    return [name for name, _ in proxy.raw]


def named(client: Client, title: str, app_id: str = "org.test") -> Toplevel:
    """Show a window with a title."""
    window = Toplevel(client)
    window.toplevel.set_title(title)
    window.toplevel.set_app_id(app_id)
    return window.show()


# The list


def test_the_list_has_every_mapped_window_and_each_that_comes(client: Client, watcher: Client) -> None:
    named(client, "one")
    Toplevel(client).start()
    toplevels = watch(watcher, LIST)
    (one,) = handles(toplevels)
    assert ["identifier", "title", "app_id", "done"] == names(one)
    assert ("one",) == one.last("title")
    assert ("org.test",) == one.last("app_id")
    named(client, "two")
    watcher.roundtrip()
    assert ["one", "two"] == [h.last("title")[0] for h in handles(toplevels)]


def test_identifiers_are_the_same_in_every_list_and_never_used_twice(client: Client, watcher: Client) -> None:
    window = named(client, "one")
    (first,) = handles(watch(watcher, LIST))
    (again,) = handles(watch(watcher, LIST))
    assert first.last("identifier") == again.last("identifier")
    assert 0 < len(first.last("identifier")[0]) <= 32
    window.destroy()
    named(client, "two")
    (other,) = handles(watch(watcher, LIST))
    assert first.last("identifier") != other.last("identifier")


def test_a_window_that_was_unmapped_has_another_identifier(client: Client, watcher: Client) -> None:
    window = named(client, "one")
    listing = watch(watcher, LIST)
    (first,) = handles(listing)
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    window.surface.commit()
    client.roundtrip()
    window.ack().show()
    watcher.roundtrip()
    (_, second) = handles(listing)
    assert first.last("identifier") != second.last("identifier")


def test_changes_of_title_and_app_id_are_told(client: Client, watcher: Client) -> None:
    window = named(client, "one")
    (handle,) = handles(watch(watcher, LIST))
    handle.take()
    window.toplevel.set_title("uno")
    client.roundtrip()
    watcher.roundtrip()
    assert ["title(uno)", "done()"] == handle.take()
    window.toplevel.set_app_id("org.other")
    client.roundtrip()
    watcher.roundtrip()
    assert ["app_id(org.other)", "done()"] == handle.take()


@pytest.mark.parametrize("interface", [LIST, MANAGER])
def test_a_window_that_is_unmapped_closes_its_handle_and_gets_another(
    client: Client, watcher: Client, interface: str
) -> None:
    window = named(client, "one")
    toplevels = watch(watcher, interface)
    (handle,) = handles(toplevels)
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    client.roundtrip()
    watcher.roundtrip()
    assert "closed()" == handle.events[-1]
    window.start().show()
    watcher.roundtrip()
    assert 2 == len(handles(toplevels))
    handle.destroy()
    watcher.roundtrip()


def test_a_list_that_was_stopped_goes_on_telling_of_what_it_has(
    server: Stage, client: Client, watcher: Client
) -> None:
    before = len(server.desktop.on_window)
    window = named(client, "one")
    toplevels = watch(watcher, LIST)
    (handle,) = handles(toplevels)
    toplevels.stop()
    watcher.roundtrip()
    assert "finished()" == toplevels.events[-1]
    toplevels.destroy()
    named(client, "two")
    window.toplevel.set_title("uno")
    client.roundtrip()
    watcher.roundtrip()
    assert 1 == len(handles(toplevels))
    assert ("uno",) == handle.last("title")
    window.destroy()
    client.roundtrip()
    watcher.roundtrip()
    assert "closed()" == handle.events[-1]
    assert before == len(server.desktop.on_window)


@pytest.mark.parametrize("interface", [LIST, MANAGER])
def test_a_watcher_that_hangs_up_leaves_nothing_behind(
    server: Stage, client: Client, watcher: Client, interface: str
) -> None:
    before = len(server.desktop.on_window), len(server.scene.on_layout)
    named(client, "one")
    watch(watcher, interface)
    watcher.close()
    server.pump()
    assert before == (len(server.desktop.on_window), len(server.scene.on_layout))
    named(client, "two")


# The taskbar's manager


def test_the_manager_tells_all_of_a_window(server: Stage, client: Client, watcher: Client) -> None:
    named(client, "one")
    (handle,) = handles(watch(watcher, MANAGER))
    output = watcher.get("wl_output")
    told = ["title(one)", "app_id(org.test)", f"state([{ACTIVATED}])", "done()"]
    assert [*told, f"output_enter({output!r})", "done()"] == handle.events
    named(client, "two")
    watcher.roundtrip()
    assert (output,) == newest_handle(watcher).last("output_enter")


def test_an_output_that_is_bound_late_is_entered(client: Client, watcher: Client) -> None:
    named(client, "one")
    (handle,) = handles(watch(watcher, MANAGER))
    handle.take()
    late = watcher.bind("wl_output")
    watcher.roundtrip()
    assert [("output_enter", (late,)), ("done", ())] == handle.raw
    late.release()
    watcher.roundtrip()


def newest_handle(watcher: Client) -> Proxy:
    """Return the newest handle of the client."""
    return next(
        p for p in reversed(watcher.objects.values()) if p.interface == "zwlr_foreign_toplevel_handle_v1"
    )


@pytest.fixture
def handle(client: Client, watcher: Client, toplevel: Toplevel) -> Proxy:
    """The handle of `toplevel`, all told."""
    (made,) = handles(watch(watcher, MANAGER))
    made.take()
    return made


def test_a_taskbar_maximizes(
    server: Stage, client: Client, watcher: Client, toplevel: Toplevel, handle: Proxy
) -> None:
    handle.set_maximized()
    watcher.roundtrip()
    assert server.window.maximized
    assert [f"state([{MAXIMIZED}, {ACTIVATED}])", "done()"] == handle.take()
    client.roundtrip()
    assert {"maximized", "activated"} <= toplevel.proposal[2]
    handle.unset_maximized()
    watcher.roundtrip()
    assert [f"state([{ACTIVATED}])", "done()"] == handle.take()


def test_a_taskbar_minimizes_and_brings_back(server: Stage, watcher: Client, handle: Proxy) -> None:
    handle.set_minimized()
    watcher.roundtrip()
    assert server.window.minimized
    assert ([MINIMIZED],) == handle.last("state")
    handle.unset_minimized()
    watcher.roundtrip()
    assert server.window.visible
    assert ([ACTIVATED],) == handle.last("state")


def test_a_taskbar_makes_fullscreen(server: Stage, watcher: Client, handle: Proxy) -> None:
    handle.set_fullscreen(watcher.get("wl_output"))
    watcher.roundtrip()
    assert server.window.fullscreen
    assert ([ACTIVATED, FULLSCREEN],) == handle.last("state")
    handle.unset_fullscreen()
    watcher.roundtrip()
    assert not server.window.fullscreen


def test_a_taskbar_activates(server: Stage, client: Client, watcher: Client, handle: Proxy) -> None:
    Toplevel(client).show()
    watcher.roundtrip()
    assert ([],) == handle.last("state")
    handle.activate(watcher.get("wl_seat"))
    watcher.roundtrip()
    assert server.desktop.windows[0] is server.desktop.focused
    assert ([ACTIVATED],) == handle.last("state")


def test_a_taskbar_closes(client: Client, watcher: Client, toplevel: Toplevel, handle: Proxy) -> None:
    handle.close()
    watcher.roundtrip()
    client.roundtrip()
    assert 1 == toplevel.toplevel.count("close")


def test_parents_are_told(client: Client, watcher: Client, toplevel: Toplevel, handle: Proxy) -> None:
    child = Toplevel(client)
    child.toplevel.set_parent(toplevel.toplevel)
    child.show()
    watcher.roundtrip()
    dialog = newest_handle(watcher)
    assert (handle,) == dialog.last("parent")
    toplevel.destroy()
    client.roundtrip()
    watcher.roundtrip()
    assert "closed()" == handle.events[-1]


def test_an_older_version_is_told_nothing_of_parents_and_fullscreen(
    server: Stage, client: Client, toplevel: Toplevel, watcher: Client
) -> None:
    child = Toplevel(client)
    child.toplevel.set_parent(toplevel.toplevel)
    child.show()
    server.window.set_fullscreen(True)
    for made in handles(watch(watcher, MANAGER, 1)):
        assert "parent" not in names(made)
        assert FULLSCREEN not in made.last("state")[0]


def test_the_outputs_of_a_window_are_told_as_it_moves(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(outputs=[OutputSpec(320, 240), OutputSpec(400, 300)])
    Toplevel(stage.connect()).show()
    watcher = stage.connect()
    first, second = watcher.bind("wl_output"), watcher.bind("wl_output", index=1)
    manager = watcher.bind(MANAGER)
    watcher.roundtrip()
    (handle,) = handles(manager)
    assert [(first,)] == [values for name, values in handle.raw if name == "output_enter"]
    handle.take()
    stage.window.move_to(350, 20)
    watcher.roundtrip()
    assert [("output_leave", (first,)), ("output_enter", (second,))] == [
        event for event in handle.raw if event[0].startswith("output")
    ]
    assert "done()" == handle.events[-1]


def test_requests_for_a_window_that_is_gone_do_nothing(
    client: Client, watcher: Client, toplevel: Toplevel, handle: Proxy
) -> None:
    toplevel.destroy()
    client.roundtrip()
    for request in ("set_maximized", "unset_maximized", "set_minimized", "unset_minimized", "close"):
        getattr(handle, request)()
    handle.activate(watcher.get("wl_seat"))
    handle.set_fullscreen(None)
    handle.unset_fullscreen()
    handle.destroy()
    watcher.roundtrip()


def test_a_rectangle_with_a_negative_side_is_an_error(watcher: Client, handle: Proxy) -> None:
    surface = watcher.get("wl_compositor").create_surface()
    handle.set_rectangle(surface, 0, 0, 10, 10)
    watcher.roundtrip()
    handle.set_rectangle(surface, 0, 0, 10, -1)
    watcher.expect_error("zwlr_foreign_toplevel_handle_v1", "invalid_rectangle")


def test_a_manager_that_was_stopped_goes_on_telling_of_what_it_has(
    server: Stage, client: Client, watcher: Client, toplevel: Toplevel
) -> None:
    before = len(server.desktop.on_window)
    manager = watch(watcher, MANAGER)
    (handle,) = handles(manager)
    manager.stop()
    watcher.roundtrip()
    assert "finished()" == manager.events[-1]
    assert manager.dead
    toplevel.toplevel.set_title("later")
    client.roundtrip()
    watcher.roundtrip()
    assert ("later",) == handle.last("title")
    handle.destroy()
    watcher.roundtrip()
    assert before == len(server.desktop.on_window)
