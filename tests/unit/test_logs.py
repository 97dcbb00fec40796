"""Logging is imported when there is something to log, and then does what was asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from compositor.logs import Log

ROOT = Path(__file__).resolve().parents[2]


def run(script: str) -> str:
    """Return what a Python that starts anew prints, both ways."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_first_line_finds_level_and_streams_set_up() -> None:
    script = """
import io, sys
from compositor import logs
kept = io.StringIO()
logs.set_level(0)
logs.set_up(sys.stdout, kept)
log = logs.Log("weddell.seal")
print("logging" in sys.modules)
log.info("a %s", "quiet one")
log.warning("a %s", "loud one")
logs.set_level(1)
log.info("another")
log.debug("the last")
print([line.split(" ", 2)[2] for line in kept.getvalue().splitlines()])
"""
    lines = run(script).splitlines()
    assert "False" == lines[0]
    assert ["WARNING weddell.seal: a loud one", "INFO weddell.seal: another"] == [
        line.split(" ", 2)[2] for line in lines[1:3]
    ]
    assert "['WARNING weddell.seal: a loud one', 'INFO weddell.seal: another']" == lines[3]


def test_where_logging_is_there_already_it_is_told_at_once() -> None:
    script = """
import logging, sys
from compositor import logs
logs.set_up(sys.stdout)
logs.set_level(2)
logging.getLogger("a.library").debug("of its own")
"""
    assert run(script).endswith(" DEBUG a.library: of its own\n")


def test_an_embedded_compositor_leaves_logging_alone_and_names_the_line_that_speaks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = Log("weddell.test")
    try:
        raise OSError("gone")
    except OSError as error:
        log.exception("%s went wrong", "it")
        log.critical("it ends", error=error)
    log.error("plain")
    assert [
        ("weddell.test", 40, "it went wrong"),
        ("weddell.test", 50, "it ends"),
        ("weddell.test", 40, "plain"),
    ] == (caplog.record_tuples)
    assert [True, True, False] == [record.exc_info is not None for record in caplog.records]
    assert {Path(__file__).name} == {record.filename for record in caplog.records}


def test_without_a_descriptor_to_import_with_a_line_is_lost_and_nothing_else() -> None:
    script = """
import os, resource
from compositor import logs
log = logs.Log("weddell")
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
log.warning("no descriptors left")
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
print("went on")
"""
    assert "went on\n" == run(script)
