"""Vouchers: one code to one customer, whoever asks at the same time and however often."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from sqlmodel import Session, col, select

from activities.storage import vouchers
from activities.storage.database import Database
from activities.storage.tables import Voucher, VoucherDesign
from tests.activities.storage.rows import NOON, REWARD, add_pool, enrolled

ZONE = "Europe/London"


def _reserve(session: Session, enrollment_id: str) -> str | None:
    voucher = vouchers.reserve(session, REWARD, enrollment_id, NOON, ZONE)
    return None if voucher is None else voucher.code


def _assign(session: Session, enrollment_id: str, visit: int = 1) -> str | None:
    voucher = vouchers.assign(session, REWARD, enrollment_id, "reward", visit, NOON, ZONE)
    return None if voucher is None else voucher.code


def _states(session: Session) -> dict[str, str]:
    return {row.code: row.state for row in session.exec(select(Voucher).order_by(col(Voucher.position)))}


async def test_customers_who_come_at_once_get_codes_of_their_own(database: Database) -> None:
    """Eight customers promised a voucher in the same moment hold eight different codes."""
    codes = [f"SAVE-{n}" for n in range(8)]
    await database.write(lambda session: add_pool(session, *codes))
    ids = [await database.write(enrolled) for _ in codes]
    given = await asyncio.gather(
        *(database.write(partial(_reserve, enrollment_id=enrollment_id)) for enrollment_id in ids)
    )
    assert sorted(filter(None, given)) == codes


async def test_the_last_code_goes_to_one_customer(database: Database) -> None:
    """Of two customers who want the last code, one gets it and the other hears that none is left."""
    await database.write(lambda session: add_pool(session, "LAST"))
    ids = [await database.write(enrolled) for _ in range(2)]
    given = await asyncio.gather(
        *(database.write(partial(_assign, enrollment_id=enrollment_id)) for enrollment_id in ids)
    )
    assert sorted(map(str, given)) == ["LAST", "None"]


async def test_what_was_promised_is_what_is_given(database: Database) -> None:
    """A customer who earns the promised voucher gets the code that was kept for them, valid as promised."""
    await database.write(lambda session: add_pool(session, "A", "B"))
    first, second = [await database.write(enrolled) for _ in range(2)]
    assert await database.write(lambda session: _reserve(session, first)) == "A"
    assert await database.write(lambda session: _assign(session, second)) == "B"
    later = NOON + timedelta(days=2)
    earned = await database.write(lambda session: vouchers.assign(session, REWARD, first, "reward", 1, later, ZONE))
    assert earned is not None
    assert (earned.code, earned.valid_until) == ("A", date(2027, 3, 13))


async def test_asking_again_gives_the_same_code(database: Database) -> None:
    """A retry neither reserves nor assigns a second code; a second visit of the step does."""
    await database.write(lambda session: add_pool(session, "A", "B"))
    mine = await database.write(enrolled)
    assert [await database.write(lambda session: _reserve(session, mine)) for _ in range(3)] == ["A"] * 3
    assert [await database.write(lambda session: _assign(session, mine)) for _ in range(3)] == ["A"] * 3
    assert await database.write(lambda session: _assign(session, mine, visit=2)) == "B"


async def test_a_promise_not_earned_goes_back_to_the_pool(database: Database) -> None:
    """A code kept for a customer who did not earn it is there for the next one; an earned one stays theirs."""
    await database.write(lambda session: add_pool(session, "A", "B"))
    first, second = [await database.write(enrolled) for _ in range(2)]
    await database.write(lambda session: _assign(session, first))
    await database.write(lambda session: _reserve(session, second))
    await database.write(lambda session: vouchers.release(session, first))
    await database.write(lambda session: vouchers.release(session, second))
    assert await database.read(_states) == {"A": "assigned", "B": "free"}
    third = await database.write(enrolled)
    assert await database.write(lambda session: _reserve(session, third)) == "B"


@pytest.mark.parametrize("give", [_reserve, _assign])
async def test_an_empty_pool_is_an_answer(database: Database, give: Callable[[Session, str], str | None]) -> None:
    """Nothing breaks when the codes have run out."""
    await database.write(add_pool)
    mine = await database.write(enrolled)
    assert await database.write(lambda session: give(session, mine)) is None


async def test_loading_a_file_twice_adds_nothing(database: Database) -> None:
    """Whoever is not sure whether the upload went through loads the file again."""
    codes = ["A", "B", "A"]
    design = VoucherDesign(name=REWARD, value="£10 off")
    assert await database.write(lambda session: vouchers.load(session, design, codes)) == 2
    again = VoucherDesign(name=REWARD, value="£12 off")
    assert await database.write(lambda session: vouchers.load(session, again, [*codes, "C"])) == 1
    assert await database.read(_states) == {"A": "free", "B": "free", "C": "free"}


async def test_a_code_belongs_to_one_design(database: Database) -> None:
    """A file loaded into the wrong pool is refused whole."""
    await database.write(lambda session: add_pool(session, "A"))
    with pytest.raises(ValueError, match="A belongs to design profile-reward"):
        await database.write(lambda session: add_pool(session, "NEW", "A", design="other"))
    assert await database.read(_states) == {"A": "free"}
