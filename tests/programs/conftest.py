"""Fixtures of the tests that run real programs, and what those tests tell (see support.program_page)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.looking import PATIENCE_S

from compositor.errors import WeddellError
from compositor.testing import Compositor


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Variables that give a program a home of its own, without anybody's settings."""
    for name in ("config", "data", "cache"):
        (tmp_path / name).mkdir()
    return {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GSETTINGS_BACKEND": "memory",
    }


@pytest.fixture
def compositor_args(request: pytest.FixtureRequest, compositor_args: dict[str, Any]) -> dict[str, Any]:
    """Arguments for `Compositor`: patience, and the options that the test's marker names."""
    marker = request.node.get_closest_marker("options")
    arguments = marker.args if marker is not None else ()
    return {**compositor_args, "timeout_s": PATIENCE_S, "arguments": arguments}


@pytest.fixture(autouse=True)
def told(request: pytest.FixtureRequest) -> Iterator[None]:
    """Note what the compositor says of each client: those that are there at the end, and those that left."""
    if "compositor" not in request.fixturenames:
        yield
        return
    compositor: Compositor = request.getfixturevalue("compositor")
    with compositor.connect() as watch:
        watch.call("events.subscribe", kinds=["client"])
        yield
        # By number, so that one that leaves while we ask is told of once.
        clients: dict[int, dict[str, Any]] = {}
        programs: dict[int, str] = {}
        with contextlib.suppress(WeddellError):
            clients = {client["client"]: client for client in watch.call("clients.list")}
            while (event := watch.next_event(0)) is not None:
                if event["event"] == "client.connected":
                    programs[event["client"]] = event["program"]
                elif event["event"] == "client.gone":
                    clients[event["client"]] = {**event, "program": programs.get(event["client"], "?")}
        kept = ("program", "globals", "verdicts")
        request.node.user_properties += [
            ("client", {key: client[key] for key in kept}) for client in clients.values()
        ]
