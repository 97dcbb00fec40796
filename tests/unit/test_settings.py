"""Settings: a file and a command line together, and what is wrong with either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compositor.errors import ConfigError
from compositor.limits import Limits
from compositor.memory import SealPolicy
from compositor.settings import Settings, load

WHOLE = """
layout = "de"
seal = "require"
privileged = "launched"
verbose = 1
allow-uid = [1000]
deny-uid = [1001, 1002]
allow-exe = ["/usr/bin/foot"]
deny-exe = ["/usr/bin/xeyes"]

[limit]
pool_bytes = "512M"
clients = 100
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the settings lie."""
    return tmp_path / "weddell.toml"


def test_without_file_and_options_all_is_as_it_always_is(file: Path) -> None:
    assert Settings() == load(None, {})
    file.touch()
    assert Settings() == load(file, {"layout": None, "limit": [], "allow-uid": []})


def test_everything_of_a_file_counts(file: Path) -> None:
    file.write_text(WHOLE)
    settings = load(file, {})
    assert ("de", SealPolicy.REQUIRE, "launched", 1) == (
        settings.layout,
        settings.seal,
        settings.privileged,
        settings.verbose,
    )
    who = settings.admittance
    assert ([1000], [1001, 1002]) == (who.allowed_uids, who.denied_uids)
    assert (["/usr/bin/foot"], ["/usr/bin/xeyes"]) == (who.allowed_exes, who.denied_exes)
    assert Limits(pool_bytes=512 << 20, clients=100) == settings.limits


def test_the_command_line_counts_over_the_file_and_is_added_to_its_lists(file: Path) -> None:
    file.write_text(WHOLE)
    given: dict[str, Any] = {
        "layout": "us",
        "seal": "copy",
        "privileged": "all",
        "verbose": 2,
        "allow-uid": [7],
        "limit": ["clients=5"],
        "headless": True,
    }
    settings = load(file, given)
    assert ("us", SealPolicy.COPY, "all", 2) == (
        settings.layout,
        settings.seal,
        settings.privileged,
        settings.verbose,
    )
    assert [1000, 7] == settings.admittance.allowed_uids
    assert Limits(pool_bytes=512 << 20, clients=5) == settings.limits


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layuot = 'de'", "there is no setting 'layuot'; did you mean layout?"),
        ("x = 1", "there is no setting 'x' (there are: layout, seal,"),
        ("seal = 'adapt'", 'seal must be "adopt" or "require" or "copy", not \'adapt\''),
        ("verbose = true", "verbose must be 0 or 1 or 2, not True"),
        ("layout = 3", "layout must be a string, not 3"),
        ("allow-uid = ['root']", "allow-uid must be a list of user ids, not ['root']"),
        ("deny-exe = '/bin/sh'", "deny-exe must be a list of paths, not '/bin/sh'"),
        ("limit = 5", "limit must be a table, not 5"),
        (
            "[limit]\npool_byte = 5",
            "limit pool_byte=5: there is no limit 'pool_byte'; did you mean pool_bytes?",
        ),
        ("[limit]\nclients = -5", "limit clients=-5: the value must be a number"),
        ("[limit]\nclients = 1.5", "limit.clients must be a number, or one with K, M or G in quotes"),
        ("layout =", "Invalid value"),
        ("a = [" * 5000, ""),
        ("a = '\xff'", "codec can't decode"),
    ],
)
def test_a_mistake_is_named_with_its_file(file: Path, text: str, said: str) -> None:
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)


def test_a_file_that_is_not_there_or_too_large_is_refused(file: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(file, {})
    file.write_text("#" * (1 << 20) + "\n")
    with pytest.raises(ConfigError, match="more than 1048576 bytes"):
        load(file, {})
