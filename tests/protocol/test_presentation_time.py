"""wp_presentation: when a commit was really shown, or that it never was."""

from __future__ import annotations

import time

from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel


def ask(client: Client, surface: Proxy) -> Proxy:
    feedback: Proxy = client.get("wp_presentation").feedback(surface)
    return feedback


def names(feedback: Proxy) -> list[str]:
    return [name for name, _ in feedback.raw]


def test_the_clock_is_told_at_bind(client: Client) -> None:
    presentation = client.get("wp_presentation")
    client.roundtrip()
    assert [f"clock_id({time.CLOCK_MONOTONIC})"] == presentation.events


def test_a_commit_that_was_shown_is_told_with_its_output_and_time(client: Client, server: Stage) -> None:
    output = client.get("wl_output")
    window = Toplevel(client).show()
    server.frame()
    feedback = ask(client, window.surface)
    window.surface.damage(0, 0, 10, 10)
    window.surface.commit()
    client.roundtrip()
    assert [] == feedback.events
    server.frame()
    assert ["sync_output", "presented"] == names(feedback)
    assert (output,) == feedback.last("sync_output")
    hi, lo, ns, refresh, seq_hi, seq_lo, flags = feedback.last("presented")
    shown = ((hi << 32) + lo) * 1_000_000_000 + ns
    assert server.output.last_frame_ns == shown
    assert server.output.refresh_ns == refresh
    assert 1 == (seq_hi << 32) + seq_lo
    assert 0 == flags
    assert feedback.dead


def test_the_number_counts_refreshes_and_not_pictures(client: Client, server: Stage) -> None:
    window, other = Toplevel(client).show(), Toplevel(client).show()
    server.frame()
    numbers, times = [], []
    for idle_ms in (0, 0, 100, 0, 7):
        server.advance(idle_ms)
        feedbacks = []
        for surface in (window.surface, other.surface):
            feedbacks.append(ask(client, surface))
            surface.damage(0, 0, 10, 10)
            surface.commit()
        client.roundtrip()
        server.frame()
        first, second = (feedback.last("presented") for feedback in feedbacks)
        assert first == second
        _, seconds, ns, _, _, number, _ = first
        numbers.append(number)
        times.append(seconds * 1_000_000_000 + ns)
    passed = [round((time_ns - times[0]) / server.output.refresh_ns) for time_ns in times]
    assert passed[2] > 6
    assert passed == [number - numbers[0] for number in numbers]


def test_a_commit_replaced_before_the_frame_is_discarded(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.frame()
    first = ask(client, window.surface)
    window.surface.commit()
    second = ask(client, window.surface)
    window.surface.commit()
    client.roundtrip()
    assert (["discarded"], []) == (names(first), names(second))
    server.frame()
    assert ["presented"] == names(second)


def test_a_commit_without_feedback_replaces_one_too(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    feedback = ask(client, window.surface)
    window.surface.commit()
    window.surface.commit()
    client.roundtrip()
    assert ["discarded"] == names(feedback)


def test_several_feedbacks_of_one_commit_hear_the_same(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.frame()
    feedbacks = [ask(client, window.surface) for _ in range(3)]
    window.surface.damage(0, 0, 1, 1)
    window.surface.commit()
    server.frame()
    assert 1 == len({tuple(feedback.events) for feedback in feedbacks})
    assert ["presented"] == names(feedbacks[0])


def test_feedback_for_a_surface_that_goes_is_discarded(client: Client, server: Stage) -> None:
    surface = client.get("wl_compositor").create_surface()
    committed = ask(client, surface)
    surface.commit()
    pending = ask(client, surface)
    surface.destroy()
    client.roundtrip()
    assert (["discarded"], ["discarded"]) == (names(committed), names(pending))


def test_feedback_merged_away_while_the_commit_waits_is_discarded(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40)
    child = client.get("wl_compositor").create_surface()
    client.get("wl_subcompositor").get_subsurface(child, window.surface)
    first = ask(client, child)
    child.attach(Buffer(client, 10, 10), 0, 0)
    child.commit()
    second = ask(client, child)
    child.commit()
    client.roundtrip()
    assert (["discarded"], []) == (names(first), names(second))
    window.surface.commit()
    server.frame()
    assert ["presented"] == names(second)


def test_a_minimized_window_hears_nothing_until_its_next_commit(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    window.toplevel.set_minimized()
    client.roundtrip()
    feedback = ask(client, window.surface)
    window.surface.commit()
    server.advance(2000)
    assert [] == names(feedback)
    window.surface.commit()
    client.roundtrip()
    assert ["discarded"] == names(feedback)


def test_the_presentation_may_go_before_its_feedbacks(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.frame()
    feedback = ask(client, window.surface)
    client.bound.pop("wp_presentation").destroy()
    window.surface.damage(0, 0, 1, 1)
    window.surface.commit()
    server.frame()
    assert ["presented"] == names(feedback)


def test_times_and_callbacks_agree(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.frame()
    feedback, callback = ask(client, window.surface), window.surface.frame()
    window.surface.damage(0, 0, 1, 1)
    window.surface.commit()
    server.frame()
    hi, lo, ns, *_ = feedback.last("presented")
    [(ms,)] = [arguments for name, arguments in callback.raw if name == "done"]
    assert ((hi << 32) + lo) * 1000 + ns // 1_000_000 == ms


def test_too_many_feedbacks_for_one_commit_end_the_connection(
    client: Client, server: Stage, surface: Proxy
) -> None:
    server.server.options.limits.frame_callbacks = 50
    for _ in range(60):
        ask(client, surface)
    client.expect_error("wl_display", "implementation")
