"""How long a pool of voucher codes lasts, by one rule for every page and letter."""

from datetime import timedelta
from typing import Any

import pytest

from activities.storage.database import Database
from activities.storage.voucher_pools import Pool, pools
from tests.activities.storage.reports.populations import DESIGN, JOURNEY, MONDAY, Population


@pytest.mark.parametrize(
    ("codes", "days_later", "lasts", "is_low"),
    [
        (6, 0, timedelta(days=14), False),  # two of six given in a week
        (3, 0, timedelta(days=3, hours=12), True),
        (2, 0, timedelta(), True),
        (6, 8, None, False),
    ],
)
async def test_staff_hear_of_a_pool_before_it_is_empty(
    database: Database, codes: int, days_later: int, lasts: timedelta | None, is_low: bool
) -> None:
    """Judged by what was given in the last week; what nobody takes lasts."""

    def transaction(session: Any) -> list[Pool]:
        people = Population(session)
        people.stock(*(f"CODE-{number}" for number in range(codes)))
        for name in ("ada", "bob"):
            people.voucher(people.entry(people.register(name)))
        session.flush()
        return pools(session, [JOURNEY], MONDAY + timedelta(days=days_later))

    (pool,) = [each for each in await database.write(transaction) if each.design.name == DESIGN]

    assert (pool.free, pool.assigned) == (codes - 2, 2)
    assert (pool.lasts, pool.is_low) == (lasts, is_low)
