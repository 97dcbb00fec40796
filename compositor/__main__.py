"""The command ``weddell``, also ``python -m compositor``."""

from __future__ import annotations

import gc

# What is imported stays: while a command starts there is nothing to collect. `main` switches it on again.
gc.disable()

from compositor import bytecode  # noqa: E402

bytecode.use()

import sys  # noqa: E402

from compositor.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
