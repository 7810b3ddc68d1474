"""The geometry of small charts: numbers in, paths and places out; how they look is for the style sheet."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from activities.storage.reports import Interval, ReportDay

SPARK_WIDTH, SPARK_HEIGHT, SPARK_TOP = 84.0, 28.0, 2.0
SCALE_WIDTH, SCALE_EDGE = 104.0, 4.0  # of the bar that shows an interval of ratios
LEFT, RIGHT, TOP, BOTTOM = 40.0, 388.0, 12.0, 166.0  # of a chart of 440 by 190
MOST_TICKS = 4
MOST_POINTS = 90  # of a line; a longer range is drawn by weeks
WEEK = 7
APART = 15.0  # between two words beside each other's lines


@dataclass(frozen=True)
class Spark:
    """A line as large as a word.

    Attributes:
        line: path.
        area: path of what is under it.
        end: where it ends.
        mean: of its numbers.
    """

    line: str
    area: str
    end: tuple[float, float]
    mean: float


def spark(days: Sequence[ReportDay], first: date, last: date) -> Spark | None:
    """Who entered, day by day or how many a day in each week; None where nobody did, or on one day only."""
    by_day = {each.day: float(each.enrolled) for each in days if first <= each.day <= last}
    numbers = [number for _, number in _added(by_day, first, last)]
    highest = max(numbers, default=0)
    if not highest or len(numbers) < 2:
        return None
    step = SPARK_WIDTH / (len(numbers) - 1)
    points = [
        (step * number, SPARK_TOP + (SPARK_HEIGHT - SPARK_TOP) * (1 - value / highest))
        for number, value in enumerate(numbers)
    ]
    line = _path(points)
    area = f"{line}L{SPARK_WIDTH:g} {SPARK_HEIGHT:g}L0 {SPARK_HEIGHT:g}Z"
    return Spark(line, area, points[-1], sum(by_day.values()) / ((last - first).days + 1))


@dataclass(frozen=True)
class Scale:
    """Intervals of ratios on one line, so that the rows of a table can be compared.

    Attributes:
        low: the smallest of all.
        high: the largest of all.
    """

    low: float
    high: float

    @staticmethod
    def over(intervals: Sequence[Interval]) -> "Scale":
        """A scale that all of them fit on, and 1 too."""
        ends = [end for each in intervals for end in (each.low, each.high) if end is not None]
        return Scale(min([1.0, *ends]), max([1.0, *ends]))

    def x(self, ratio: float) -> float:
        """Where a ratio stands, in pixels."""
        span = (self.high - self.low) or 1.0
        return SCALE_EDGE + (SCALE_WIDTH - 2 * SCALE_EDGE) * (ratio - self.low) / span


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, and what it says."""

    at: float
    text: str


@dataclass(frozen=True)
class Series:
    """One line of a chart.

    Attributes:
        kind: `us` or `them`.
        name: what it shows.
        line: path.
        area: path of what is under it; empty for all but the first.
        end: where it ends.
        last: its last number, as shown.
    """

    kind: str
    name: str
    line: str
    area: str
    end: tuple[float, float]
    last: str


@dataclass(frozen=True)
class Chart:
    """Lines over days.

    Attributes:
        series: the lines.
        across: marks of the days.
        up: marks of the numbers.
        events: what happened on a day, in words.
        last_words: the last number of each line, where they do not cover each other.
        said: all of it in a sentence.
    """

    series: tuple[Series, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    events: tuple[Tick, ...]
    last_words: tuple[Tick, ...]
    said: str


@dataclass(frozen=True)
class Line:
    """What a line is drawn from: its numbers by day."""

    kind: str
    name: str
    numbers: dict[date, float]


def chart(
    lines: Sequence[Line],
    first: date,
    last: date,
    *,
    share: bool = False,
    said: str = "",
    events: Sequence[tuple[date, str]] = (),
) -> Chart | None:
    """Lines over the days from one to another, at most `MOST_POINTS` a line; None where there is nothing to see.

    Args:
        lines: what is drawn; the first is filled.
        first: the first day.
        last: the last one.
        share: the numbers are shares from 0 to 1, and a day without one keeps the last.
        said: the chart in a sentence.
        events: days with what happened on them.
    """
    span = (last - first).days
    filled = [(_kept if share else _added)(line.numbers, first, last) for line in lines]
    highest = max((value for each in filled for _, value in each), default=0)
    if span < 1 or not highest:
        return None
    top = _round_up(highest, share=share)

    def x(day: date) -> float:
        return LEFT + (RIGHT - LEFT) * (day - first).days / span

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / top

    drawn = []
    for number, (line, numbers) in enumerate(zip(lines, filled, strict=True)):
        points = [(x(day), y(value)) for day, value in numbers]
        if len(points) < 2:
            continue
        path = _path(points)
        area = f"{path}L{points[-1][0]:.1f} {BOTTOM:g}L{points[0][0]:.1f} {BOTTOM:g}Z" if not number else ""
        drawn.append(Series(line.kind, line.name, path, area, points[-1], _said(numbers[-1][1], share=share)))
    if not drawn:
        return None
    marks = [first + timedelta(days=round(span * number / (MOST_TICKS - 1))) for number in range(MOST_TICKS)]
    return Chart(
        tuple(drawn),
        tuple(Tick(x(day), f"{day.day} {day:%b}") for day in dict.fromkeys(marks)),
        tuple(Tick(y(top * part / 2), _said(top * part / 2, share=share)) for part in range(3)),
        tuple(Tick(x(day), words) for day, words in events if first <= day <= last),
        _apart([Tick(each.end[1] + 4, each.last) for each in drawn]),
        said,
    )


def _apart(words: list[Tick]) -> tuple[Tick, ...]:
    """Words beside the ends of lines, moved up where they would cover those below."""
    found: list[Tick] = []
    for each in sorted(words, key=lambda tick: -tick.at):
        found.append(Tick(min(each.at, found[-1].at - APART) if found else each.at, each.text))
    return tuple(found)


def _ends(first: date, last: date) -> list[date]:
    """The last day of each point: every day, or as few weeks together as do not make too many points."""
    count = (last - first).days + 1
    size = 1 if count <= MOST_POINTS else WEEK * ceil(count / (WEEK * MOST_POINTS))
    return [first + timedelta(days=min(end, count) - 1) for end in range(size, count + size, size)]


def _added(numbers: dict[date, float], first: date, last: date) -> list[tuple[date, float]]:
    """How many a day, by the last day of each point."""
    ends = _ends(first, last)
    sums = [0.0] * len(ends)
    for day, number in numbers.items():
        if first <= day <= last:
            sums[bisect_left(ends, day)] += number
    begins = [first, *(end + timedelta(days=1) for end in ends[:-1])]
    return [(end, total / ((end - begin).days + 1)) for begin, end, total in zip(begins, ends, sums, strict=True)]


def _kept(numbers: dict[date, float], first: date, last: date) -> list[tuple[date, float]]:
    """The latest number, by the last day of each point; none before the first of them."""
    days = sorted(numbers)
    places = [(end, bisect_right(days, end)) for end in _ends(first, last)]
    return [(end, numbers[days[place - 1]]) for end, place in places if place and days[place - 1] >= first]


def _round_up(value: float, *, share: bool) -> float:
    if share:
        return next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if value <= step)
    size = 10.0 ** (len(str(int(value))) - 1)
    return max(2.0, next(size * step for step in (1, 2, 4, 6, 8, 10) if value <= size * step))


def _said(value: float, *, share: bool) -> str:
    if share:
        return f"{100 * value:.1f} %".replace(".0 %", " %")
    return f"{value:,.0f}"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
