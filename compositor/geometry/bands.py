"""Bands: the rows of a region, and the sweep that combines them.

A band is a top, a bottom, and the edges of the spans that are filled between them. In a list of bands
those come from top to bottom without overlap, spans do not touch, and bands that touch differ. `region`
alone imports this.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from itertools import pairwise

from compositor.geometry.rect import Rect

Band = tuple[int, int, tuple[int, ...]]
"""Top, bottom, and left, right, left, right, ..."""

Keep = tuple[bool, bool, bool, bool]
"""Indexed by (in first) * 2 + (in second): does the pixel belong to the result?"""
UNION: Keep = (False, True, True, True)
INTERSECT: Keep = (False, False, False, True)
SUBTRACT: Keep = (False, False, True, False)


def bands_of(rects: Iterable[Rect]) -> list[Band]:
    """The bands of rectangles that are in a region's form already."""
    bands: list[Band] = []
    edges: list[int] = []
    top = bottom = 0
    for x, y, w, h in rects:
        if edges and y != top:
            bands.append((top, bottom, tuple(edges)))
            edges = []
        top, bottom = y, y + h
        edges += (x, x + w)
    if edges:
        bands.append((top, bottom, tuple(edges)))
    return bands


def rects_of(bands: Iterable[Band]) -> tuple[Rect, ...]:
    """The rectangles of bands, in a region's form."""
    return tuple(
        Rect(left, top, right - left, bottom - top)
        for top, bottom, edges in bands
        for left, right in zip(edges[::2], edges[1::2], strict=True)
    )


def sweep(rects: Iterable[Rect]) -> list[Band]:
    """The bands of rectangles that may overlap and come in any order."""
    parts = sorted((y, x, y + h, x + w) for x, y, w, h in rects if w > 0 and h > 0)
    edges = sorted({part[0] for part in parts} | {part[2] for part in parts})
    bands: list[Band] = []
    # Left, right and bottom of those in the band, sorted.
    active: list[tuple[int, int, int]] = []
    next_part = 0
    for top, bottom in pairwise(edges):
        active = [span for span in active if span[2] > top]
        while next_part < len(parts) and parts[next_part][0] == top:
            _, x, y2, x2 = parts[next_part]
            insort(active, (x, x2, y2))
            next_part += 1
        if active:
            _append(bands, top, bottom, _merged(active))
    return bands


def combine(a: list[Band], b: list[Band], keep: Keep) -> list[Band]:
    """Sweep two lists, neither empty, from top to bottom."""
    result: list[Band] = []
    i = j = 0
    done = min(a[0][0], b[0][0])
    while i < len(a) or j < len(b):
        if i < len(a):
            a_top, a_bottom, a_edges = a[i]
            a_top = max(a_top, done)
        if j < len(b):
            b_top, b_bottom, b_edges = b[j]
            b_top = max(b_top, done)
        if j == len(b) or (i < len(a) and a_top < b_top):
            top = a_top
            bottom = a_bottom if j == len(b) else min(a_bottom, b_top)
            edges = a_edges if keep[2] else ()
        elif i == len(a) or b_top < a_top:
            top = b_top
            bottom = b_bottom if i == len(a) else min(b_bottom, a_top)
            edges = b_edges if keep[1] else ()
        else:
            top, bottom = a_top, min(a_bottom, b_bottom)
            edges = _merge_spans(a_edges, b_edges, keep)
        if edges:
            _append(result, top, bottom, edges)
        done = bottom
        if i < len(a) and a_bottom <= bottom:
            i += 1
        if j < len(b) and b_bottom <= bottom:
            j += 1
    return result


def _merge_spans(a: tuple[int, ...], b: tuple[int, ...], keep: Keep) -> tuple[int, ...]:
    """Sweep two edge lists from left to right; `keep` says which pixels stay."""
    edges: list[int] = []
    i = j = state = 0
    inside = False
    while i < len(a) or j < len(b):
        if j == len(b) or (i < len(a) and a[i] < b[j]):
            x = a[i]
        else:
            x = b[j]
        if i < len(a) and a[i] == x:
            state ^= 2
            i += 1
        if j < len(b) and b[j] == x:
            state ^= 1
            j += 1
        if keep[state] != inside:
            edges.append(x)
            inside = not inside
    return tuple(edges)


def _append(bands: list[Band], top: int, bottom: int, edges: tuple[int, ...]) -> None:
    """Add a band below the others, as part of the last one if the two are one."""
    if bands and bands[-1][1] == top and bands[-1][2] == edges:
        bands[-1] = (bands[-1][0], bottom, edges)
    else:
        bands.append((top, bottom, edges))


def _merged(spans: list[tuple[int, int, int]]) -> tuple[int, ...]:
    """The edges of overlapping or touching spans (left, right, anything), which are sorted."""
    left, end, _ = spans[0]
    edges: list[int] = []
    for start, stop, _ in spans:
        if start > end:
            edges += (left, end)
            left, end = start, stop
        elif stop > end:
            end = stop
    edges += (left, end)
    return tuple(edges)
