"""Limits on what all clients have together: who asks last is refused, and the others keep what they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hostile.test_each_limit import PAGE, a_pool, shown_copy
from support.arena import Arena
from support.client import Client, ConnectionLost

from compositor.limits import Limits
from compositor.record import fields

TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture
def arena_process(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """A compositor with one low limit."""
    arena = Arena("--limit", request.param)
    yield arena
    arena.close()


def limited(limit: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("arena_process", [limit], indirect=True)


@limited(f"pool_bytes_in_all={400 * PAGE}")
def test_bytes_of_pools(new_attacker: Callable[[], Client]) -> None:
    first, second, third = (new_attacker() for _ in range(3))
    for client in (first, second):
        a_pool(client, 150)
        client.roundtrip()
    a_pool(third, 150)
    assert "bytes of pools in all" in third.expect_error("wl_shm", "invalid_fd")
    first.roundtrip()
    second.close()
    fourth = new_attacker()
    a_pool(fourth, 150)
    fourth.roundtrip()


@limited(f"pool_bytes_in_all={400 * PAGE}")
def test_bytes_of_pools_that_grow(new_attacker: Callable[[], Client]) -> None:
    first, second = new_attacker(), new_attacker()
    a_pool(first, 200)
    first.roundtrip()
    pool = a_pool(second, 100)
    second.roundtrip()
    second.keep[-1].grow(300 * PAGE)  # type: ignore[union-attr]
    pool.resize(300 * PAGE)
    assert "bytes of pools in all" in second.expect_error("wl_shm_pool", "invalid_fd")
    first.roundtrip()


@limited("mappings_in_all=20")
def test_mappings(new_attacker: Callable[[], Client]) -> None:
    first, second = new_attacker(), new_attacker()
    for _ in range(12):
        a_pool(first, 1)
    first.roundtrip()
    for _ in range(12):
        a_pool(second, 1)
    assert "20 mappings in all" in second.expect_error("wl_shm", "invalid_fd")
    first.roundtrip()


@limited(f"copied_bytes_in_all={60 * PAGE}")
def test_bytes_of_copies(new_attacker: Callable[[], Client]) -> None:
    first, second = new_attacker(), new_attacker()
    shown_copy(first, 160)
    first.roundtrip()
    shown_copy(second, 160)
    assert "bytes in all" in second.expect_error("wl_buffer", "invalid_fd")
    first.roundtrip()


@pytest.mark.parametrize(
    ("arena_process", "why"),
    [("clients=6", "6 connections"), ("clients_per_uid=6", "6 connections of one user")],
    indirect=["arena_process"],
)
def test_connections(new_attacker: Callable[[], Client], arena: Arena, why: str) -> None:
    kept = [new_attacker() for _ in range(5)]
    for client in kept:
        client.roundtrip()
    refused = new_attacker()
    with pytest.raises(ConnectionLost):
        refused.roundtrip()
    assert f"over the limit of {why}\n" in arena.compositor.log
    kept[0].close()
    # Until that was noticed.
    kept[1].roundtrip()
    new_attacker().roundtrip()


def test_every_limit_is_gone_over_in_some_test() -> None:
    text = "".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    text += "".join(path.read_text("utf-8") for path in (TESTS / "hostile" / "attacks").glob("*.py"))
    assert [] == [name for name in fields(Limits) if name not in text]
