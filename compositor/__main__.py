"""``python -m compositor`` is ``weddell``."""

from __future__ import annotations

import sys

from compositor.cli import main

if __name__ == "__main__":
    sys.exit(main())
