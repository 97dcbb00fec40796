"""Integer rectangles, regions of pixels, and the eight output transforms.

Everything here is a value: immutable, hashable, without knowledge of surfaces or outputs. A rectangle
does not know its coordinate space; the variable that holds it says so (`rect_surface`, `damage_buffer`).
Any room may import this package; it imports nothing of the compositor.
"""

from compositor.geometry.rect import EMPTY_RECT, Rect, make_rect
from compositor.geometry.region import EMPTY_REGION, Region
from compositor.geometry.transform import Transform

__all__ = ["EMPTY_RECT", "EMPTY_REGION", "Rect", "Region", "Transform", "make_rect"]
