"""Whether a frame is one client's buffer and nothing else, so that no pixel need be moved.

Outputs ask before they render; when the answer is SUCCESS they show the buffer itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect
from compositor.model import formats
from compositor.model.content import Content, SolidContent
from compositor.model.node import Node
from compositor.render.sampling import sampling_of


class ScanoutResult(Enum):
    """How near a frame came to being scanned out."""

    INELIGIBLE = "ineligible"
    """No single node fills the output, or something lies on top."""
    CANDIDATE = "candidate"
    """One node fills the output, but its buffer cannot be shown as it is."""
    SUCCESS = "success"
    """The node's buffer is the frame."""


class ScanoutDecision(NamedTuple):
    """The answer, why, and about which node."""

    result: ScanoutResult
    reason: str
    """For people: why not, or that it is."""
    node: Node | None
    """The node that is or could have been shown; None if INELIGIBLE."""

    @property
    def pixels(self) -> npt.NDArray[np.uint32]:
        """The frame: (height, width) uint32, output pixels, read-only; the highest byte means nothing,
        and the client may write meanwhile. Only after SUCCESS.
        """
        node = self.node
        assert self.result is ScanoutResult.SUCCESS and node is not None
        assert isinstance(node.content, Content)
        x, y = round(node.src[0]), round(node.src[1])
        return node.content.pixels[y : y + node.dst.height, x : x + node.dst.width]


_NOTHING = ScanoutDecision(ScanoutResult.INELIGIBLE, "nothing is shown", None)
_NOT_FILLED = ScanoutDecision(ScanoutResult.INELIGIBLE, "the topmost node does not fill the output", None)


def decide(nodes: Sequence[Node], width: int, height: int) -> ScanoutDecision:
    """Decide whether one client buffer can stand for the whole frame.

    Args:
        nodes: bottom to top.
        width, height: of the output, output pixels.
    """
    for node in reversed(nodes):
        x, y, across, down = node.dst
        if not across > 0 or not down > 0 or not node.alpha > 0:
            continue
        if x < width and y < height and x + across > 0 and y + down > 0:
            break
    else:
        return _NOTHING
    if x > 0 or y > 0 or x + across < width or y + down < height:
        return _NOT_FILLED
    output = Rect(0, 0, width, height)
    obstacle = _obstacle(node, output)
    if obstacle is not None:
        return ScanoutDecision(ScanoutResult.CANDIDATE, obstacle, node)
    return ScanoutDecision(ScanoutResult.SUCCESS, "the topmost node is the whole frame", node)


def _obstacle(node: Node, output: Rect) -> str | None:
    """Why a node that fills the output cannot be shown as it is."""
    content = node.content
    if isinstance(content, SolidContent):
        return "it is a colour without a buffer"
    if node.alpha < 1:
        return "it is drawn translucent"
    if node.corner_radius:
        return "its corners are rounded"
    if content.format is not formats.XRGB8888 and content.format is not formats.ARGB8888:
        return "its format is neither XRGB8888 nor ARGB8888"
    if content.format.has_alpha and not node.opaque.contains_rect(output):
        return "its alpha channel is not declared opaque everywhere"
    if node.transform:
        return "its buffer is turned or mirrored"
    if node.dst != output:
        return "it reaches beyond the output"
    if sampling_of(node, content.width, content.height) is not None:
        return "its buffer is scaled"
    return None
