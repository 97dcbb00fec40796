"""How cost grows: CPU time per frame against the number of surfaces, clients and outputs.

The slope of a least-squares line is what one more costs; the intercept is what a frame costs anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import loads as load_table
from benchmarks.loads import Load
from benchmarks.measure import Measurement

SURFACES = (1, 50, 200, 500, 1000)
CLIENTS = (1, 25, 50, 100)
OUTPUTS = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Fit:
    """cost = intercept + slope · count, µs per frame."""

    compositor: str
    what: str
    slope_us: float
    intercept_us: float
    #: (count, median µs per frame), by count.
    points: tuple[tuple[int, float], ...]


def loads() -> list[Load]:
    """The loads to measure."""
    return [
        *(load_table.surfaces(n) for n in SURFACES),
        *(load_table.clients(n) for n in CLIENTS),
        *(load_table.outputs(n) for n in OUTPUTS),
    ]


def least_squares(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """(slope, intercept) of the line through ``points`` with the least squared error in y."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        raise ValueError("a line needs two different x")
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return slope, mean_y - slope * mean_x


def fits(measurements: Iterable[Measurement]) -> list[Fit]:
    """A line for each compositor and each kind of count measured at two counts or more."""
    costs: dict[tuple[str, str], dict[int, list[float]]] = {}
    for m in measurements:
        what, _, count = m.load.rpartition("-")
        if what in ("surfaces", "clients", "outputs"):
            costs.setdefault((what, m.compositor), {}).setdefault(int(count), []).append(m.cpu_us)
    result = []
    for (what, compositor), by_count in costs.items():
        if len(by_count) > 1:
            points = tuple((count, median(values)) for count, values in sorted(by_count.items()))
            slope, intercept = least_squares(points)
            result.append(Fit(compositor, what, slope, intercept, points))
    return sorted(result, key=lambda fit: ("surfaces", "clients", "outputs").index(fit.what))


def rows(some: Iterable[Fit]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of a table."""
    headings = ["grows with", "compositor", "µs each", "µs anyway", "measured (count: ms per frame)"]
    return headings, [
        [
            fit.what,
            fit.compositor,
            f"{fit.slope_us:.2f}",
            f"{fit.intercept_us:.0f}",
            "  ".join(f"{count}: {cost / 1000:.3f}" for count, cost in fit.points),
        ]
        for fit in some
    ]
