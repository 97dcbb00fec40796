"""Every attack, against one real compositor that has to come through all of them."""

from __future__ import annotations

from collections.abc import Iterator

import hostile.attacks  # noqa: F401  (fills the list)
import pytest
from hostile.registry import ATTACKS, Attack
from hostile.siege import Siege

from compositor.testing import Compositor

pytestmark = pytest.mark.slow

GROWTH_BYTES = 50 << 20


@pytest.fixture(scope="module")
def besieged() -> Iterator[tuple[Compositor, Siege]]:
    """The compositor and the siege of it."""
    with Compositor(timeout_s=20) as compositor:
        siege = Siege(compositor.pid, str(compositor.socket))
        yield compositor, siege
        siege.close()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_everybody_else_goes_on(besieged: tuple[Compositor, Siege], attack: Attack) -> None:
    compositor, siege = besieged
    log_read = len(compositor.log)
    result = siege.carry_out(attack)
    assert result.alive, compositor.log[-4000:]
    assert attack.is_right(result.outcome), result.outcome
    assert result.descriptors <= 0
    assert result.grown_bytes < GROWTH_BYTES
    assert "bug:" not in compositor.log[log_read:]
    assert result.hertz is not None
    expected = 54 if result.calm_hertz is None else 0.9 * min(60, result.calm_hertz)
    assert result.hertz >= min(54, expected)


def test_there_are_enough_attacks_and_no_two_of_one_name() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(names) == len(set(names))
    assert len(names) >= 60
