"""Tables, medians, ratios, fits and the chart, from measurements made up here."""

from __future__ import annotations

import pytest

from benchmarks import growth, plot, report, run
from benchmarks.loads import LOADS, YARDSTICK
from benchmarks.measure import Measurement, parse_instructions


def measurement(
    compositor: str, load: str, cpu_us: float, run: int = 1, completeness: float = 1.0
) -> Measurement:
    return Measurement(
        compositor=compositor,
        load=load,
        run=run,
        unit="frame",
        seconds=2.0,
        units=120,
        cpu_us=cpu_us,
        cpu_share=0.1,
        missed=0,
        latency_us=16_000,
        latency_p99_us=17_000,
        wakeups=2.0,
        rss_kib=20_480,
        completeness=completeness,
    )


def test_a_table_aligns_names_left_and_numbers_right() -> None:
    expected = "name    ms\n----  ----\na      1.0\nbcd   20.5"
    assert expected == report.table(["name", "ms"], [["a", "1.0"], ["bcd", "20.5"]])


def test_a_ratio_is_the_median_of_the_ratios_of_each_run() -> None:
    # The machine became twice as slow in the second run and ten times in the third.
    costs = [(1, 100.0, 200.0), (2, 200.0, 400.0), (3, 1000.0, 5000.0)]
    found = [
        m
        for number, mine, theirs in costs
        for m in (
            measurement("weddell", "fullscreen", mine, number),
            measurement("sway", "fullscreen", theirs, number),
        )
    ]
    assert 0.5 == report.ratio(found, "fullscreen", "weddell", "sway")


def test_runs_that_only_one_compositor_finished_give_no_ratio() -> None:
    found = [measurement("weddell", "fullscreen", 1.0, 1), measurement("sway", "fullscreen", 2.0, 2)]
    assert report.ratio(found, "fullscreen", "weddell", "sway") is None


def test_weddell_is_compared_with_each_of_the_others() -> None:
    assert [("weddell", "sway"), ("weddell", "weston")] == report.comparison_pairs(
        ["sway", "weston", "weddell"]
    )


def test_a_missing_measurement_is_a_dash_and_not_a_zero() -> None:
    _, rows = report.cost_rows([measurement("sway", "pointer", 15.0)], ["pointer"], ["sway", "weston"])
    assert ["0.015", "–", "–"] == rows[0][1:]


def test_skipped_frames_are_marked_unless_the_surfaces_are_hidden() -> None:
    lazy = measurement("sway", "alpha-50", 1.0, completeness=0.5)
    hidden = measurement("sway", "occluded", 1.0, completeness=0.1)
    assert [lazy] == report.incomplete([lazy, hidden])
    _, rows = report.cost_rows([lazy], ["alpha-50"], ["sway"])
    assert rows[0][1].endswith("*")


def test_a_line_through_exact_points_is_found() -> None:
    slope, intercept = growth.least_squares([(1, 7.0), (50, 105.0), (1000, 2005.0)])
    assert 2.0 == pytest.approx(slope)
    assert 5.0 == pytest.approx(intercept)


def test_growth_is_fitted_for_each_compositor_over_medians_of_runs() -> None:
    found = [
        measurement(name, f"surfaces-{count}", factor * count + 10 + noise, number)
        for name, factor in (("sway", 5.0), ("weston", 4.0))
        for count in (1, 100, 1000)
        for number, noise in ((1, 0.0), (2, 500.0), (3, 0.0))
    ]
    assert {"sway": 5.0, "weston": 4.0} == {
        fit.compositor: pytest.approx(fit.slope_us) for fit in growth.fits(found)
    }


def test_loads_of_the_yardstick_come_first_and_in_order() -> None:
    assert list(YARDSTICK) == list(LOADS.values())[: len(YARDSTICK)]
    assert list(LOADS.values()) == run.chosen_loads("all")


def test_an_unknown_load_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match=r"no load 'nonsense'.*fullscreen"):
        run.chosen_loads("fullscreen,nonsense")


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (4.6, [0, 1, 2, 3, 4, 5]),
        (0.7, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        (13, [0, 2, 4, 6, 8, 10, 12, 14]),
    ],
)
def test_axis_ticks_are_round_and_reach_past_the_longest_bar(most: float, expected: list[float]) -> None:
    assert expected == plot.axis_ticks(most)


def test_the_chart_has_a_longer_bar_for_the_higher_cost() -> None:
    found = [measurement("weddell", "fullscreen", 500.0), measurement("sway", "fullscreen", 1000.0)]
    image = plot.draw(found, ["fullscreen"], ["sway", "weddell"])
    below_legend = image.crop((0, plot.HEADER, image.width, image.height)).tobytes()
    pixels = [tuple(below_legend[i : i + 3]) for i in range(0, len(below_legend), 3)]
    mine, theirs = (pixels.count(plot.COLOURS[name]) for name in ("weddell", "sway"))
    assert 2.0 == pytest.approx(theirs / mine, rel=0.05)


def test_instructions_are_read_from_perf_and_unsupported_ones_are_none() -> None:
    assert 123456 == parse_instructions("123456,,instructions:u,1000,100.00,,\n")
    assert parse_instructions("<not supported>,,instructions:u,0,100.00,,\n") is None
