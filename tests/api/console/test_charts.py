"""Small charts: long ranges are drawn with few points, and say the same."""

from datetime import date, timedelta

from activities.storage.reports import ReportDay
from api.console import charts
from api.console.charts import Line, chart, spark

FIRST = date(2027, 1, 1)
NINETY_DAYS = FIRST + timedelta(days=89)
FOREVER = date(9999, 12, 31)


def points(path: str) -> int:
    return path.count("L") + 1


def test_a_short_range_has_a_point_for_each_day() -> None:
    """Up to ninety days every day can be seen."""
    drawn = spark([ReportDay(FIRST, 3), ReportDay(NINETY_DAYS, 6)], FIRST, NINETY_DAYS)
    assert drawn is not None
    assert points(drawn.line) == 90
    assert drawn.mean == 9 / 90


def test_a_year_is_drawn_by_weeks() -> None:
    """A longer range shows how many a day came in each week, and the mean stays that of a day."""
    days = [ReportDay(FIRST + timedelta(days=day), 7 if day % 7 == 0 else 0) for day in range(364)]
    drawn = spark(days, FIRST, FIRST + timedelta(days=363))
    assert drawn is not None
    assert points(drawn.line) == 52
    assert drawn.mean == 1.0
    assert all(place.endswith(" 2.0") for place in drawn.line[1:].split("L"))  # one a day in every week


def test_no_range_makes_a_page_large() -> None:
    """A member of staff who asks for all times gets a page as small and as quick as any."""
    day = ReportDay(FIRST, 5)
    drawn = spark([day], date.min, FOREVER)
    assert drawn is not None
    assert points(drawn.line) <= charts.MOST_POINTS
    lines = [Line("us", "entered", {FIRST: 5.0}), Line("them", "reached the goal", {FIRST: 1.0})]
    both = chart(lines, date.min, FOREVER)
    assert both is not None
    assert all(points(each.line) <= charts.MOST_POINTS for each in both.series)


def test_a_share_keeps_its_last_value_over_a_long_range() -> None:
    """The share of complete accounts ends where it is today, however coarse the line."""
    shares = {FIRST: 0.18, FIRST + timedelta(days=200): 0.46}
    drawn = chart([Line("us", "complete", shares)], FIRST, FIRST + timedelta(days=400), share=True)
    assert drawn is not None
    [line] = drawn.series
    assert line.last == "46 %"
    assert points(line.line) <= charts.MOST_POINTS
