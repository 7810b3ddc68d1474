"""Moments on the customer's clock, as `wait_until` asks for them, where clocks change."""

from datetime import UTC, datetime

import pytest

from activities.calendar import LocalTime, instant_of

BEFORE = datetime(2027, 3, 27, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "instant"),
    [
        pytest.param(
            LocalTime(BEFORE, "Europe/Prague", "10:00", 0), datetime(2027, 3, 29, 8, tzinfo=UTC), id="on summer time"
        ),
        pytest.param(
            LocalTime(BEFORE, "Europe/Prague", "09:30"), datetime(2027, 3, 27, 8, 30, tzinfo=UTC), id="this very minute"
        ),
        pytest.param(
            LocalTime(BEFORE, "Europe/Prague", "09:29"), datetime(2027, 3, 28, 7, 29, tzinfo=UTC), id="a minute ago"
        ),
        pytest.param(
            LocalTime(BEFORE, "Europe/Prague", "09:30", 5), datetime(2027, 3, 27, 8, 30, tzinfo=UTC), id="today"
        ),
        pytest.param(
            LocalTime(BEFORE, "Europe/Prague", "08:00", 5), datetime(2027, 4, 3, 6, tzinfo=UTC), id="a week on"
        ),
        pytest.param(
            LocalTime(BEFORE, "Europe/Prague", "02:30", date="2027-10-31"),
            datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
            id="an hour that comes twice",
        ),
        pytest.param(
            LocalTime(BEFORE, "Europe/Prague", "10:00", date="2027-01-01"),
            datetime(2027, 1, 1, 9, tzinfo=UTC),
            id="a day gone by",
        ),
        pytest.param(
            LocalTime(BEFORE, "Asia/Kathmandu", "10:00"), datetime(2027, 3, 28, 4, 15, tzinfo=UTC), id="an odd offset"
        ),
        pytest.param(
            LocalTime(BEFORE, "Europe/Prague", "02:30", date="2027-03-28"),
            datetime(2027, 3, 28, 1, tzinfo=UTC),
            id="an hour that is skipped",
        ),
    ],
)
def test_a_moment_is_what_the_customers_clock_shows(wanted: LocalTime, instant: datetime) -> None:
    """A customer is written to at the hour their own clock shows, on both sides of a clock change."""
    assert instant_of(wanted) == instant
