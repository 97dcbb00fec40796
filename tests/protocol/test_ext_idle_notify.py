"""ext_idle_notifier: told by the compositor's clock that nobody is there, and again that somebody is."""

from __future__ import annotations

from support.client import Client, Proxy
from support.stage import Stage


def watch(client: Client, timeout_ms: int) -> Proxy:
    notifier = client.get("ext_idle_notifier_v1")
    notification: Proxy = notifier.get_idle_notification(timeout_ms, client.get("wl_seat"))
    client.roundtrip()
    return notification


def test_idle_is_told_when_the_time_is_up_and_not_before(client: Client, server: Stage) -> None:
    notification = watch(client, 1000)
    server.advance(990)
    assert 0 == notification.count("idled")
    server.advance(20)
    assert 1 == notification.count("idled")
    server.advance(10_000)
    assert 1 == notification.count("idled")


def test_input_starts_the_time_anew_and_ends_idleness(client: Client, server: Stage) -> None:
    notification = watch(client, 1000)
    pointer = server.desktop.seat.pointer
    server.advance(600)
    pointer.move_to(10, 10)
    pointer.frame()
    server.advance(600)
    assert 0 == notification.count("idled")
    server.advance(600)
    assert 1 == notification.count("idled")
    assert 0 == notification.count("resumed")
    pointer.move_to(20, 20)
    pointer.frame()
    client.roundtrip()
    assert 1 == notification.count("resumed")
