"""The journey clock: a demo lives a day in two seconds, production lives in real time."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.clock import EPOCH, JourneyClock

STARTED = datetime(2026, 11, 22, 9, tzinfo=UTC)
SPRING = datetime(2027, 3, 27, 8, 30, tzinfo=UTC)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis wants naive bounds


@given(at=instants)
def test_in_production_the_journey_clock_is_the_wall_clock(at: datetime) -> None:
    """Nothing is gained, lost or rounded when no speed is set."""
    clock = JourneyClock()
    assert clock.at(at) == clock.wall(at) == at
    assert clock.real(timedelta(days=3)) == timedelta(days=3)


def test_a_demo_lives_a_day_in_two_seconds() -> None:
    """At speed 43200 two real seconds after the start a day has passed on the chosen date."""
    clock = JourneyClock(wall_origin=STARTED, journey_origin=SPRING, speed=43200)
    assert clock.at(STARTED) == SPRING
    assert clock.at(STARTED + timedelta(seconds=2)) == SPRING + timedelta(days=1)
    assert clock.wall(SPRING + timedelta(days=1)) == STARTED + timedelta(seconds=2)
    assert clock.real(timedelta(hours=12)) == timedelta(seconds=1)


@given(at=instants, speed=st.floats(min_value=1, max_value=43200))
def test_a_due_time_comes_due_when_it_should(at: datetime, speed: float) -> None:
    """A timer set for a journey instant rings no more than its speed's rounding away from it."""
    clock = JourneyClock(wall_origin=STARTED, journey_origin=SPRING, speed=speed)
    assert abs(clock.at(clock.wall(at)) - at) <= timedelta(microseconds=1) * speed


def test_the_callers_time_zone_makes_no_difference() -> None:
    """An instant written in any time zone is the same instant, and the answer is UTC."""
    clock = JourneyClock(wall_origin=STARTED, journey_origin=SPRING, speed=2)
    later = (STARTED + timedelta(hours=1)).astimezone(timezone(timedelta(hours=-5)))
    assert clock.at(later) == SPRING + timedelta(hours=2)
    assert clock.at(later).utcoffset() == clock.wall(later).utcoffset() == timedelta(0)


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_speed_that_stands_still_or_runs_back_is_refused(speed: float) -> None:
    """A wrong speed stops the start instead of a journey."""
    with pytest.raises(ValueError, match="speed must be a positive number"):
        JourneyClock(speed=speed)


def test_naive_datetimes_are_refused() -> None:
    """The machine's own time zone never slips into a journey."""
    naive: Any = datetime(2026, 11, 22, 9)  # noqa: DTZ001 the mistake under test
    for mistake in (
        lambda: JourneyClock(wall_origin=naive),
        lambda: JourneyClock(journey_origin=naive),
        lambda: JourneyClock().at(naive),
        lambda: JourneyClock().wall(naive),
    ):
        with pytest.raises(ValueError, match="aware"):
            mistake()
    assert EPOCH.tzinfo is UTC
