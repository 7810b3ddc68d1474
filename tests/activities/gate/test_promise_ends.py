"""When a promised reward ends, as the customer reads it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from activities.channels import EMAIL, SMS, Channel
from activities.gate.wording import promise_ends
from activities.messages import Promise, Reward

PROMISE = Promise(Reward.VOUCHER, 2 * 86400, "profile-reward")
LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("channel", "now", "expected"),
    [
        (EMAIL, datetime(2027, 1, 12, 12, 47, 31, tzinfo=UTC), datetime(2027, 1, 14, 12, 0, tzinfo=LONDON)),
        (SMS, datetime(2027, 1, 12, 12, 47, 31, tzinfo=UTC), datetime(2027, 1, 14, 12, 30, tzinfo=LONDON)),
        (SMS, datetime(2027, 1, 12, 12, 29, 59, tzinfo=UTC), datetime(2027, 1, 14, 12, 0, tzinfo=LONDON)),
        # Clocks go forward between promise and end: 48 hours later it is an hour later by the clock.
        (EMAIL, datetime(2027, 3, 27, 12, 15, tzinfo=UTC), datetime(2027, 3, 29, 13, 0, tzinfo=LONDON)),
        # And back again, to one o'clock of the second time round.
        (EMAIL, datetime(2027, 10, 29, 1, 40, tzinfo=UTC), datetime(2027, 10, 31, 1, 0, tzinfo=LONDON, fold=1)),
    ],
    ids=["hour", "half hour in texts", "hour in texts", "clocks go forward", "clocks go back"],
)
def test_a_promise_ends_on_a_round_hour_and_not_after_the_check(
    channel: Channel, now: datetime, expected: datetime
) -> None:
    """A customer reads a plain hour on their own clock, and whoever keeps to it is never too late."""
    ends = promise_ends(PROMISE, channel, now, LONDON)
    assert ends.astimezone(UTC) == expected.astimezone(UTC)
    assert timedelta() <= now + PROMISE.within - ends.astimezone(UTC) < timedelta(hours=1)
