"""The keeper of stock: pools stay filled from Voucherify, nothing is allocated twice, and owners become known."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from activities.providers.voucherify import Voucherify
from activities.storage import voucher_stock, vouchers
from activities.storage.database import Database
from activities.storage.tables import Customer, Enrollment, OrderedCode, Voucher
from tests.activities.storage.rows import NOON, REWARD, add_customer, add_enrollment
from tests.fake_providers import FakeProviders
from tests.system import until
from worker.fake_providers.voucherify import APP_ID, APP_TOKEN
from worker.voucher_stock import Stock, StockKeeper, VoucherServiceError

ZONE = "Europe/London"
CAMPAIGNS = {REWARD: "Profile reward"}


@asynccontextmanager
async def keeper(
    database: Database,
    fakes: FakeProviders,
    *,
    target: int = 5,
    later: timedelta = timedelta(),
    campaigns: Mapping[str, str] = CAMPAIGNS,
) -> AsyncIterator[StockKeeper]:
    """A keeper of the reward's pool."""
    source = Voucherify(app_id=APP_ID, app_token=APP_TOKEN, url=fakes.url("voucherify"))
    stock = Stock(source, campaigns, target)
    try:
        yield StockKeeper(database, stock, lambda: NOON + later)
    finally:
        await source.aclose()


async def pool(database: Database) -> list[str]:
    """The codes that can be promised."""
    return await database.read(lambda session: list(session.exec(select(Voucher.code).where(Voucher.state == "free"))))


async def known(fakes: FakeProviders, what: str = "voucher") -> list[str]:
    """The codes that Voucherify knows, or has published."""
    sent = [each["sending"] for each in await fakes.sent("voucherify")]
    return [each["content"]["code"] for each in sent if each["content"]["object"] == what]


async def given(database: Database, **changes: Any) -> str:
    """A code that a customer was given; `changes` are columns of the customer."""

    def transaction(session: Session) -> str:
        enrollment = add_enrollment(session, add_customer(session, **changes))
        voucher = vouchers.assign(session, REWARD, enrollment.id, "reward", 1, NOON, ZONE)
        assert voucher is not None
        return voucher.code

    return await database.write(transaction)


async def test_the_pool_is_filled_and_no_further(database: Database, fakes: FakeProviders) -> None:
    """There are as many free codes as staff want, each of them known to Voucherify; more are made as they go."""
    async with keeper(database, fakes) as stock:
        assert await stock.fill(REWARD) == 5
        assert await stock.fill(REWARD) == 0
        await given(database)
        assert await stock.fill(REWARD) == 1
        assert await stock.fill(REWARD, target=60) == 55
    assert len(await pool(database)) == 60
    assert set(await pool(database)) < set(await known(fakes))
    assert len(await known(fakes)) == len(set(await known(fakes))) == 61


@pytest.mark.parametrize("processed", [True, False])
@pytest.mark.parametrize("do", ["reset", "answer"])
async def test_a_lost_answer_makes_no_second_code(
    do: str, processed: bool, database: Database, fakes: FakeProviders
) -> None:
    """When answers are lost no code is left behind at Voucherify that nobody here knows of."""
    await fakes.script("voucherify", {}, {"do": do, "status": 500, "processed": processed})
    async with keeper(database, fakes) as stock:
        with pytest.raises(VoucherServiceError):
            await stock.fill(REWARD)
        assert len(await pool(database)) == 1, "a code is promised only when Voucherify has said that it is there"
        assert await stock.fill(REWARD) == 4
    assert sorted(await pool(database)) == sorted(await known(fakes))


async def test_a_keeper_that_died_between_answer_and_commit_goes_on(database: Database, fakes: FakeProviders) -> None:
    """A process that is killed after Voucherify's answer has not lost the code: the next one takes it over."""
    [code] = await database.write(
        lambda session: voucher_stock.order(session, REWARD, "Profile reward", 1, NOON, limit=50)
    )
    async with keeper(database, fakes, target=1) as stock:
        assert await known(fakes) == []
        source = stock._stock.source
        await source.add(code, "Profile reward")  # and here it dies
        assert await stock.fill(REWARD) == 1
    assert await pool(database) == await known(fakes) == [code]


async def test_two_keepers_share_the_work(database: Database, fakes: FakeProviders) -> None:
    """Two workers that find the same pool empty fill it once."""
    async with keeper(database, fakes, target=20) as one, keeper(database, fakes, target=20) as other:
        new = await asyncio.gather(one.fill(REWARD), other.fill(REWARD))
    assert sum(new) == 20
    assert len(await pool(database)) == len(await known(fakes)) == 20


async def test_voucherify_learns_whose_codes_are(database: Database, fakes: FakeProviders) -> None:
    """A code that a customer was given is published to them under the client's own id, once; others are not."""
    async with keeper(database, fakes) as stock:
        await stock.fill(REWARD)
        first = await given(database, external_id="client-7")
        second = await given(database, email="b@example.com", phone=None)
        assert await stock.publish() == 2
        assert await stock.publish() == 0
    owner = await database.read(
        lambda session: session.exec(
            select(Customer.id)
            .join(Enrollment, Enrollment.customer_id == Customer.id)  # type: ignore[arg-type] # a clause, not a bool
            .join(Voucher, Voucher.enrollment_id == Enrollment.id)  # type: ignore[arg-type] # as above
            .where(Voucher.code == second)
        ).one()
    )
    sent = [each["sending"] for each in await fakes.sent("voucherify")]
    published = {each["content"]["code"]: each["recipient"] for each in sent if each["content"]["object"] != "voucher"}
    assert published == {first: "client-7", second: owner}


@pytest.mark.parametrize("processed", [True, False])
async def test_a_lost_publication_is_made_once(processed: bool, database: Database, fakes: FakeProviders) -> None:
    """After a lost answer Voucherify is asked before a code is published again; a moment later, not at once."""
    async with keeper(database, fakes, target=1) as stock:
        await stock.fill(REWARD)
        code = await given(database)
        await fakes.script("voucherify", {"do": "reset", "processed": processed, "path": "/v1/publications"})
        with pytest.raises(VoucherServiceError):
            await stock.publish()
        assert await stock.publish() == 0, "the attempt might still be under way"
    async with keeper(database, fakes, later=timedelta(minutes=3)) as stock:
        assert await stock.publish() == 1
    assert await known(fakes, "publication") == [code]


async def test_a_refused_publication_takes_nothing_from_the_customer(database: Database, fakes: FakeProviders) -> None:
    """The customer keeps their code; staff find in the log that Voucherify does not know whose it is."""
    async with keeper(database, fakes, target=1) as stock:
        await stock.fill(REWARD)
        await given(database)
        body = {"id": "pub_1", "result": "FAILURE"}
        await fakes.script("voucherify", {"do": "answer", "status": 200, "body": body})
        assert await stock.publish() == 0
        assert await stock.publish() == 0
    [row] = await database.read(lambda session: list(session.exec(select(OrderedCode))))
    assert row.refused == "200 with result FAILURE"


async def test_one_wrong_campaign_keeps_no_other_waiting(
    sqlite_database: Database, fakes: FakeProviders, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt campaign is said in the log, once; the other designs have their codes all the same."""
    monkeypatch.setattr("worker.voucher_stock.AFTER_TROUBLE", timedelta(milliseconds=10))
    designs = {"loyalty-discount": "Misspelt", REWARD: "Profile reward"}

    async def several_turns() -> bool:
        asked = [entry for entry in await fakes.journal("voucherify") if "Misspelt" in entry["path"]]
        return len(asked) > 2

    async with keeper(sqlite_database, fakes, target=2, campaigns=designs) as stock:
        running = asyncio.create_task(stock.run())
        await until(several_turns, what="several turns")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert len(await pool(sqlite_database)) == len(await known(fakes)) == 2
    [said] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "SOJOURN_VOUCHERIFY_CAMPAIGNS" in said


async def test_the_keeper_outlives_a_database_that_is_away(
    sqlite_database: Database, fakes: FakeProviders, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong in one turn is tried again in the next; the worker goes on meanwhile."""
    monkeypatch.setattr("worker.voucher_stock.TURN", timedelta(milliseconds=10))
    broken = 2

    def sometimes(*args: Any, **kwargs: Any) -> list[str]:
        nonlocal broken
        broken -= 1
        if broken >= 0:
            raise OSError("away")
        return order(*args, **kwargs)

    order = voucher_stock.order
    monkeypatch.setattr(voucher_stock, "order", sometimes)

    async def filled() -> bool:
        return len(await pool(sqlite_database)) == 5

    async with keeper(sqlite_database, fakes) as stock:
        running = asyncio.create_task(stock.run())
        await until(filled, what="a full pool")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert "could not use the database" in caplog.text
