"""Weddell, headless, made to draw every frame: ``python -m benchmarks.drawing SOCKET OUTPUTS``.

By itself a headless Weddell draws when somebody looks. Sway and Weston draw every frame, so this is the one
to compare with them. Nothing else differs from ``weddell run --headless``. Started by compositors.py.
"""

from __future__ import annotations

import sys

from compositor.server import OutputSpec, Server, ServerOptions


def main() -> int:
    socket, outputs = sys.argv[1], int(sys.argv[2])
    specs = [OutputSpec(1920, 1080, 60_000)] * outputs
    return Server(ServerOptions(headless=True, socket=socket, outputs=specs, compose="always")).run()


if __name__ == "__main__":
    sys.exit(main())
