"""Verdicts, days and charts: what the console makes of numbers."""

from datetime import date, timedelta

import pytest

from activities.storage.reports import Interval, ReportDay
from activities.storage.reports.intervals import arm_report, lift
from api.console import charts, numbers, ranges, settings_words, verdicts

TODAY = date(2027, 3, 9)


def _verdict(
    treated: tuple[int, int], held_out: tuple[int, int] | None, goal: str = "a first order"
) -> verdicts.Verdict:
    arms = [arm_report("treated", treated[1], 0, treated[0])]
    if held_out is not None:
        arms.append(arm_report("holdout", held_out[1], 0, held_out[0]))
    return verdicts.verdict(goal, tuple(arms), lift(*arms) if held_out else None)


@pytest.mark.parametrize(
    ("treated", "held_out", "short", "words"),
    [
        ((460, 1000), (181, 1000), "It works", "two and a half times as often as"),
        ((400, 1000), (200, 1000), "It works", "twice as often as"),
        ((300, 1000), (0, 1000), "It works", "and none of the"),
        ((560, 1000), (500, 1000), "It works, a little", "12 % more often than"),
        ((110, 1000), (100, 1000), "No clear difference", "what differs may be chance"),
        ((100, 1000), (200, 1000), "It does harm", "less often"),
        ((20, 40), (1, 20), "Too early to say", "may be an accident"),
        ((20, 40), None, "Nobody is held out", "Leave a share of them alone"),
        ((0, 0), None, "Nobody entered", "Nobody entered"),
    ],
)
def test_a_verdict_is_no_surer_than_its_numbers(
    treated: tuple[int, int], held_out: tuple[int, int] | None, short: str, words: str
) -> None:
    """A marketer reads in words what the interval allows to say, and no more."""
    found = _verdict(treated, held_out)
    assert found.short == short
    assert words in found.words


def test_a_journey_without_a_goal_has_no_verdict() -> None:
    """Where no goal is named nothing is claimed."""
    assert _verdict((1, 2), None, goal="").figure == "No goal"


def test_days_are_the_last_so_many_or_those_between_two() -> None:
    """Both ends are included, and a link leads to the same days again."""
    month = ranges.chosen({}, TODAY)
    assert (month.first, month.last, month.query) == (date(2027, 2, 8), TODAY, "days=30")
    assert month.words == "8 Feb – 9 Mar 2027"
    own = ranges.chosen({"from": "2026-12-30", "to": "2027-01-02"}, TODAY)
    assert (own.query, own.length, own.words) == ("from=2026-12-30&to=2027-01-02", "4 days", "30 Dec 2026 – 2 Jan 2027")


def test_a_spark_has_a_point_a_day() -> None:
    """Days on which nobody entered are on the line too."""
    found = charts.spark([ReportDay(TODAY, 4)], TODAY - timedelta(days=2), TODAY)
    assert found is not None
    assert found.line == "M0.0 28.0L42.0 28.0L84.0 2.0"
    assert charts.spark([], TODAY - timedelta(days=2), TODAY) is None


def test_intervals_share_one_scale_with_no_difference_on_it() -> None:
    """The bars of a table can be compared, and each with the dashed line."""
    scale = charts.Scale.over([Interval(2.0, 3.0), Interval(None, None)])
    assert (scale.x(1.0), scale.x(2.0), scale.x(3.0)) == (4.0, 52.0, 100.0)


def test_a_chart_keeps_the_last_share_and_says_it() -> None:
    """The share of complete accounts does not fall to nothing on days without a change."""
    line = charts.Line("us", "complete", {TODAY - timedelta(days=3): 0.18, TODAY - timedelta(days=1): 0.2})
    found = charts.chart([line], TODAY - timedelta(days=3), TODAY, share=True)
    assert found is not None
    assert found.last_words[0].text == "20 %"
    assert [tick.text for tick in found.up] == ["0 %", "10 %", "20 %"]


def test_a_chart_of_nothing_is_none() -> None:
    """Where there is nothing to see, no empty chart is shown."""
    assert charts.chart([charts.Line("us", "entered", {})], TODAY - timedelta(days=3), TODAY) is None


def test_abbreviations_are_written_as_people_write_them() -> None:
    """Staff read one spelling, whether a name comes from the code, a journey or a parameter."""
    assert numbers.sentence("rewarded by sms") == "Rewarded by SMS"
    assert numbers.spelled("time to act on the sms offer") == "time to act on the SMS offer"
    assert settings_words.label("push_url") == "Push URL"
