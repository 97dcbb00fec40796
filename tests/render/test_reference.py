"""Whole scenes against the images in assets/reference/, which were looked at by people."""

import numpy as np
import pytest
from PIL import Image
from reference_scenes import SCENES, drawn

from compositor.locate import assets_dir
from compositor.render.cpu import CpuRenderer


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_looks_as_it_did(renderer: CpuRenderer, scene: str) -> None:
    with Image.open(assets_dir() / "reference" / f"{scene}.png") as image:
        expected = np.asarray(image.convert("RGBA")).astype(int)
    actual = drawn(renderer, scene)
    assert expected.shape == actual.shape
    assert 1 >= np.abs(expected - actual).max()
