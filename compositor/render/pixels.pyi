from collections.abc import Iterable, Sequence
from typing import Any

import numpy.typing as npt

from compositor.geometry import Rect
from compositor.model.node import Node
from compositor.render.schedule import Place

def use_vectors(most: int) -> int: ...

class Raster:
    def __init__(self, pixels: npt.NDArray[Any], has_alpha: bool) -> None: ...

class Sheet:
    def __init__(self, target: Raster, places: list[Place], damage: Sequence[Rect]) -> None: ...
    def draw(self, nodes: list[Node]) -> int: ...

def fill(target: Raster, rects: Iterable[Rect], argb: int) -> None: ...
