"""Programs that cannot run here end by themselves, and say why: the list in docs/programs.md is true."""

from __future__ import annotations

import pytest
from support.looking import PATIENCE_S, nothing_wrong
from support.unsupported import UNSUPPORTED, Unsupported

from compositor.testing import Compositor


@pytest.mark.parametrize("program", UNSUPPORTED, ids=lambda program: program.name)
def test_a_program_that_cannot_run_says_so_and_harms_nobody(
    compositor: Compositor, program: Unsupported
) -> None:
    argv = [program.name, *(["--all-streams"] if program.name == "weston-debug" else [])]
    app = compositor.launch(argv)
    assert 0 != app.wait(timeout_s=PATIENCE_S), app.output
    assert program.says in app.output
    nothing_wrong(compositor)
