"""What the pytest plugin says about pictures, for the test that runs. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Settings:
    """How `assert_image` behaves.

    Attributes:
        update: write golden pictures instead of failing.
        artifacts: where pictures of failures go; by default beside the golden ones.
        saved: what was written for the running test.
    """

    update: bool = False
    artifacts: Path | None = None
    saved: list[Path] = field(default_factory=list)


settings = Settings()
