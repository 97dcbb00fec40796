"""The protocol trace: what is written, and what `weddell trace` makes of it."""

from __future__ import annotations

import json

import pytest
from test_cli import weddell


@pytest.fixture
def compositor_args(compositor_args, tmp_path):
    return {**compositor_args, "trace": tmp_path / "trace.json"}


@pytest.fixture
def trace(compositor, demo, tmp_path):
    """The trace of a demo client of five frames, from its beginning to its end."""
    assert 0 == demo("clock", "--frames", "5").wait()
    compositor.wait_idle()
    return tmp_path / "trace.json"


def test_a_trace_is_readable_and_can_be_filtered(trace):
    status, everything, _ = weddell("trace", trace)
    assert 0 == status
    assert ".get_registry(2)" in everything.splitlines()[0]
    status, commits, _ = weddell("trace", "--interface", "wl_surf*", "--message", "commit", trace)
    assert 0 == status
    # The first commit asks for a size and shows nothing.
    assert 6 == len(commits.splitlines())
    assert all(" -> wl_surface#" in line and line.endswith(".commit()") for line in commits.splitlines())
    assert commits.splitlines()[0] in everything.splitlines()
    _, events, _ = weddell("trace", "--events", "--message", "done", "--interface", "wl_callback", trace)
    assert all(" <- wl_callback#" in line for line in events.splitlines()) and events
    assert (0, "") == weddell("trace", "--client", "99", trace)[:2]


def test_statistics_count_messages_bytes_and_commits(trace):
    status, out, _ = weddell("trace", "--stats", "--json", trace)
    found = json.loads(out)
    assert 0 == status
    [client] = found["clients"].values()
    assert 6 == client["commits"] == found["messages_by_name"]["wl_surface.commit"]["requests"]
    # A header alone is 8 bytes; attach has three arguments of 4. Source: wayland.xml.
    assert 6 * 8 == found["messages_by_name"]["wl_surface.commit"]["bytes"]
    assert 5 * 20 == found["messages_by_name"]["wl_surface.attach"]["bytes"]
    assert found["messages"] == sum(r["requests"] + r["events"] for r in found["interfaces"].values())
    status, table, _ = weddell("trace", "--stats", trace)
    assert 0 == status
    assert f"{found['messages']} messages" in table
    assert "commits/s" in table


def test_what_is_no_trace_is_refused_and_a_cut_line_is_not(trace, tmp_path):
    status, _, error = weddell("trace", tmp_path / "nowhere")
    assert 1 == status
    assert "No such file" in error
    (tmp_path / "other").write_text("not a trace\n")
    status, _, error = weddell("trace", tmp_path / "other")
    assert 1 == status
    assert "other:1 is no line of a protocol trace" in error
    whole = trace.read_text().splitlines(keepends=True)
    (tmp_path / "cut").write_text("".join(whole[:3]) + whole[3][:20])
    status, out, _ = weddell("trace", tmp_path / "cut")
    assert (0, 3) == (status, len(out.splitlines()))
