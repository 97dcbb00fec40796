"""A state machine of hypothesis around a compositor in this process."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

from support.stage import Stage

MACHINE_SETTINGS = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


class StageMachine(RuleBasedStateMachine):
    """Has a compositor of its own for each run.

    Attributes:
        stage: the compositor.
    """

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp())
        self.stage = Stage(self._folder)

    def finish(self) -> None:
        """What has to hold at the end."""

    def teardown(self) -> None:
        try:
            self.finish()
        finally:
            self.stage.close()
            shutil.rmtree(self._folder, ignore_errors=True)
