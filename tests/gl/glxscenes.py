"""Draws the reference scenes with the context that windows have: python glxscenes.py FILE.npz."""

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "render")]

from reference_scenes import SCENES, drawn  # noqa: E402

from compositor.backend.window.glwindow import HiddenContext, connect  # noqa: E402
from compositor.render.gl.renderer import GlRenderer  # noqa: E402

connection = connect()
renderer = GlRenderer(HiddenContext(connection))
np.savez(sys.argv[1], **{scene: drawn(renderer, scene) for scene in SCENES})
renderer.close()
