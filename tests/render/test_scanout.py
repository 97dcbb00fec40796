"""When a client's buffer is the frame, and why not."""

import numpy as np
import pytest
from render_scenes import picture

from compositor.geometry import Rect, Region, Transform
from compositor.model import formats
from compositor.model.content import SolidContent
from compositor.model.node import Node
from compositor.render.scanout import ScanoutDecision, ScanoutResult, decide

W, H = 60, 40
OUTPUT = Rect(0, 0, W, H)


def check(*nodes: Node) -> ScanoutDecision:
    return decide(nodes, W, H)


def fullscreen(width: int = W, height: int = H, format: formats.PixelFormat = formats.XRGB8888) -> Node:
    return Node(picture(1, width, height, format), OUTPUT)


def test_an_opaque_buffer_that_fills_the_output_is_scanned_out() -> None:
    node = fullscreen()
    below = Node(picture(2, 9, 9, formats.ARGB8888), Rect(0, 0, 9, 9))
    decision = check(below, node)
    assert (ScanoutResult.SUCCESS, node) == (decision.result, decision.node)
    assert np.shares_memory(decision.pixels, node.content.pixels)
    assert (H, W) == decision.pixels.shape


def test_a_buffer_with_alpha_needs_an_opaque_region_over_all() -> None:
    node = fullscreen(format=formats.ARGB8888)
    assert (ScanoutResult.CANDIDATE, node) == check(node)[::2]
    node.opaque = Region.from_rect(OUTPUT)
    assert ScanoutResult.SUCCESS is check(node).result
    node.opaque = Region.from_rect(Rect(0, 0, W - 1, H))
    assert ScanoutResult.CANDIDATE is check(node).result


def test_nodes_that_cannot_be_seen_do_not_prevent_it() -> None:
    outside = Node(picture(2, 9, 9, formats.ARGB8888), Rect(W, 0, 9, 9))
    clear = Node(picture(2, 9, 9, formats.ARGB8888), Rect(0, 0, 9, 9), alpha=0)
    empty = Node(picture(2, 9, 9, formats.ARGB8888), Rect(3, 3, 0, 0))
    assert ScanoutResult.SUCCESS is check(fullscreen(), outside, clear, empty).result


def test_a_part_of_a_larger_buffer_is_scanned_out_where_it_lies() -> None:
    node = Node(picture(1, 100, 90, formats.XRGB8888), OUTPUT, (7.0, 3.0, W, H))
    decision = check(node)
    assert ScanoutResult.SUCCESS is decision.result
    assert np.array_equal(node.content.pixels[3 : 3 + H, 7 : 7 + W], decision.pixels)


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([], "nothing is shown"),
        ([fullscreen(), Node(SolidContent(0, 0, 0, 0.5), Rect(3, 3, 1, 1))], "does not fill"),
        ([Node(picture(1, W - 1, H, formats.XRGB8888), Rect(0, 0, W - 1, H))], "does not fill"),
    ],
)
def test_a_frame_of_several_things_is_ineligible(nodes: list[Node], reason: str) -> None:
    decision = check(*nodes)
    assert (ScanoutResult.INELIGIBLE, None) == (decision.result, decision.node)
    assert reason in decision.reason


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (Node(SolidContent(1, 1, 1), OUTPUT), "colour"),
        (Node(picture(1, W, H, formats.XRGB8888), OUTPUT, alpha=0.9), "translucent"),
        (fullscreen(format=formats.XBGR8888), "format"),
        (fullscreen(format=formats.RGB565), "format"),
        (fullscreen(format=formats.ARGB8888), "alpha channel"),
        (Node(picture(1, W, H, formats.XRGB8888), OUTPUT, None, Transform.ROTATE_180), "turned"),
        (fullscreen(W * 2, H * 2), "scaled"),
        (Node(picture(1, W + 1, H, formats.XRGB8888), Rect(0, 0, W + 1, H)), "beyond"),
        (Node(picture(1, W, H, formats.XRGB8888), OUTPUT, corner_radius=8), "rounded"),
    ],
)
def test_a_lone_node_that_will_not_do_says_why(node: Node, reason: str) -> None:
    decision = check(fullscreen(), node)
    assert (ScanoutResult.CANDIDATE, node) == (decision.result, decision.node)
    assert reason in decision.reason
