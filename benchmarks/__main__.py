"""``python -m benchmarks``: the loads, side by side (see benchmarks/run.py)."""

import sys

from benchmarks.run import main

sys.exit(main())
