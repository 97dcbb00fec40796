"""Measurements as plain tables: medians over runs, and ratios taken within each run.

A machine drifts over minutes, so two compositors are compared run by run, and the ratio shown is the
median of those ratios, not the ratio of two medians.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.loads import LOADS
from benchmarks.measure import Measurement

#: Below this share of callbacks a compositor did visibly less work than asked.
COMPLETE = 0.97
#: Whose costs are compared with those of the others: the first of these that was measured.
SUBJECTS = ("weddell-drawing", "weddell")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns aligned with spaces: the first to the left, the others to the right."""
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    text = []
    for line in lines:
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True)),
        ]
        text.append("  ".join(cells).rstrip())
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(text)


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The same as a Markdown table."""
    lines = [list(headings), ["---", *["---:"] * (len(headings) - 1)], *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cpu_us(measurements: Iterable[Measurement], compositor: str, load: str) -> float | None:
    """Median CPU time per unit over the runs, µs; None when nothing was measured."""
    found = [m.cpu_us for m in measurements if m.compositor == compositor and m.load == load]
    return median(found) if found else None


def ratio(measurements: Iterable[Measurement], load: str, of: str, to: str) -> float | None:
    """Median over the runs of CPU time of ``of`` ÷ CPU time of ``to``; None without a common run."""
    by_run: dict[int, dict[str, float]] = {}
    for m in measurements:
        if m.load == load:
            by_run.setdefault(m.run, {})[m.compositor] = m.cpu_us
    ratios = [run[of] / run[to] for run in by_run.values() if of in run and run.get(to)]
    return median(ratios) if ratios else None


def comparison_pairs(compositors: Sequence[str]) -> list[tuple[str, str]]:
    """Which ratios are worth a column: of the one that does the same work as the others, to each of them."""
    subject = next((name for name in SUBJECTS if name in compositors), compositors[-1])
    return [(subject, other) for other in compositors if other != subject and other not in SUBJECTS]


def cost_rows(
    measurements: Sequence[Measurement], loads: Sequence[str], compositors: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the main table: CPU time per frame, and ratios."""
    pairs = comparison_pairs(compositors)
    headings = ["load", *(f"{name} ms" for name in compositors), *(f"{a} ÷ {b}" for a, b in pairs)]
    rows = []
    for load in loads:
        title = LOADS[load].title if load in LOADS else load
        if load in LOADS and LOADS[load].unit != "frame":
            title += f" (per {LOADS[load].unit})"
        cells = []
        for name in compositors:
            cost = cpu_us(measurements, name, load)
            cells.append("–" if cost is None else f"{cost / 1000:.3f}{_mark(measurements, name, load)}")
        for a, b in pairs:
            value = ratio(measurements, load, a, b)
            cells.append("–" if value is None else f"{value:.2f}")
        rows.append([title, *cells])
    return headings, rows


def detail_rows(
    measurements: Sequence[Measurement], loads: Sequence[str], compositors: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of everything else that was seen, medians over the runs."""
    headings = [
        "load",
        "compositor",
        "frames/s",
        "missed/s",
        "median ms",
        "p99 ms",
        "wake-ups",
        "CPU %",
        "MiB",
    ]
    with_instructions = any(m.instructions for m in measurements)
    with_captures = any(m.captures_per_s for m in measurements)
    headings += ["instr."] * with_instructions + ["captures/s"] * with_captures
    rows = []
    for load in loads:
        for name in compositors:
            found = [m for m in measurements if m.compositor == name and m.load == load]
            if not found:
                continue
            row = [
                load,
                name,
                f"{median(m.units / m.seconds for m in found):.1f}",
                f"{median(m.missed / m.seconds for m in found):.1f}",
                f"{median(m.latency_us for m in found) / 1000:.2f}",
                f"{median(m.latency_p99_us for m in found) / 1000:.2f}",
                f"{median(m.wakeups for m in found):.2f}",
                f"{100 * median(m.cpu_share for m in found):.1f}",
                f"{median(m.rss_kib for m in found) / 1024:.0f}",
            ]
            if with_instructions:
                row.append(f"{median(m.instructions or 0 for m in found):.0f}")
            if with_captures:
                row.append(f"{median(m.captures_per_s or 0 for m in found):.0f}")
            rows.append(row)
    return headings, rows


def incomplete(measurements: Iterable[Measurement]) -> list[Measurement]:
    """Measurements in which the compositor did less than the load asked for."""
    return [
        m
        for m in measurements
        if m.completeness < COMPLETE and (m.load not in LOADS or LOADS[m.load].all_visible)
    ]


def _mark(measurements: Sequence[Measurement], compositor: str, load: str) -> str:
    mine = [m for m in measurements if m.compositor == compositor and m.load == load]
    return "*" if incomplete(mine) else ""
