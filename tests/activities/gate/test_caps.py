"""The frequency cap: so many marketing messages to a customer in so many days, from all journeys together."""

import asyncio
import re
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session

from activities.channels import EMAIL, SMS
from activities.delivery import Deduplication
from activities.frequency import FrequencyCap, FrequencyCaps
from activities.gate.caps import free_from
from activities.messages import Promise, Result, Reward, SendOrder
from activities.storage.database import Database
from api.timeline_words import sentence
from tests.activities.gate.fakes import Act, Death
from tests.activities.gate.marketing_desk import MarketingDesk
from tests.activities.storage.rows import NOON

DAY = timedelta(days=1)
WEEKLY = FrequencyCaps((FrequencyCap(2, 7),))
CAPPED = "frequency cap"


def capped(database: Database, *caps: FrequencyCap, patience: timedelta = 7 * DAY) -> MarketingDesk:
    """A desk with those caps."""
    return MarketingDesk(database, FrequencyCaps(caps, patience))


async def test_one_message_too_many_waits_for_its_place(database: Database) -> None:
    """With two messages a week, the third of two journeys together comes when the first is a week old, not before."""
    desk = await MarketingDesk(database, WEEKLY).welcome(2)
    assert (await desk.ask("one")).result is Result.SENT
    desk.now += DAY
    assert (await desk.ask("two", journey=1)).result is Result.SENT
    desk.now += DAY
    third = await desk.ask("three", SMS)
    assert (third.result, third.reason, third.until) == (Result.DEFERRED, CAPPED, NOON + 7 * DAY)
    desk.now = NOON + 7 * DAY - timedelta(seconds=1)
    assert (await desk.ask("three", SMS)).until == NOON + 7 * DAY
    desk.now = NOON + 7 * DAY
    assert (await desk.ask("three", SMS)).result is Result.SENT
    assert (await desk.ask("four", journey=1)).until == NOON + 8 * DAY


async def test_the_timeline_says_why(database: Database) -> None:
    """Support reads that it was the cap, of what waits and of what was left out."""
    desk = await capped(database, FrequencyCap(1, 7), patience=6 * DAY).welcome()
    await desk.ask("one")
    desk.now += DAY
    await desk.ask("two")
    desk.now -= timedelta(hours=1)
    await desk.ask("three")
    _, waits, left_out = [sentence(entry, "Europe/London") for entry in await desk.timeline()]
    assert waits.startswith("Put off the email 'two'")
    assert CAPPED in waits
    assert left_out == "Did not send the email 'three': frequency cap."


async def test_every_customer_has_a_cap_of_their_own(database: Database) -> None:
    """What others get takes no place of mine."""
    first = await capped(database, FrequencyCap(1, 7)).welcome()
    second = await capped(database, FrequencyCap(1, 7)).welcome()
    assert (await first.ask()).result is Result.SENT
    assert (await second.ask()).result is Result.SENT


async def test_journeys_at_once_share_one_place(database: Database) -> None:
    """A customer for whom six journeys ask in the same moment gets as many messages as the cap allows."""
    desk = await MarketingDesk(database, WEEKLY).welcome(6)
    answers = await asyncio.gather(*(desk.ask(journey=number) for number in range(6)))
    assert sorted(answer.result for answer in answers) == [*[Result.DEFERRED] * 4, *[Result.SENT] * 2]
    assert len(desk.provider.accepted) == 2


async def test_service_messages_neither_wait_nor_count(database: Database) -> None:
    """Whoever has had their marketing still gets the confirmation they asked for, and that costs them no place."""
    desk = await capped(database, FrequencyCap(1, 7)).welcome()
    assert (await desk.ask("service")).result is Result.SENT
    assert (await desk.ask("one")).result is Result.SENT
    assert (await desk.ask("service", visit=2)).result is Result.SENT
    assert (await desk.ask("two")).reason == CAPPED


@pytest.mark.parametrize(
    ("act", "counts"),
    [(Act.ACCEPT, True), (Act.LOSE_ANSWER, True), (Act.DIE_BEFORE, True), (Act.REFUSE, False)],
)
async def test_what_may_have_come_counts(database: Database, act: Act, counts: bool) -> None:
    """A message whose fate is unknown, or that is under way, takes a place; one that surely did not go takes none."""
    desk = await capped(database, FrequencyCap(1, 7)).welcome(2)
    with suppress(Death):
        await desk.ask("one", act=act)
    answer = await desk.ask("two", journey=1)
    assert answer.result is (Result.DEFERRED if counts else Result.SENT)


async def test_a_message_keeps_the_place_it_has(database: Database) -> None:
    """An attempt of unclear fate is repeated under its key: it does not stand in its own way."""
    desk = await MarketingDesk(database, FrequencyCaps((FrequencyCap(1, 7),)), deduplication=Deduplication.KEY).welcome(
        2
    )
    with pytest.raises(Death):
        await desk.ask("one", act=Act.DIE_AFTER)
    desk.now += timedelta(minutes=2)
    assert (await desk.ask("one")).result is Result.SENT
    assert len(desk.provider.accepted) == 1
    assert (await desk.ask("two", journey=1)).reason == CAPPED


async def test_the_place_is_taken_inside_the_window(database: Database) -> None:
    """A place that becomes free at night is taken in the morning, on the customer's clock."""
    desk = await capped(database, FrequencyCap(1, 1)).welcome(timezone="America/New_York")
    desk.now = NOON + timedelta(hours=16)  # eleven at night, for a message that may go then
    assert (await desk.ask("one", window=None)).result is Result.SENT
    desk.now += timedelta(hours=12)
    at_any_time, by_day = await desk.ask("two", window=None), await desk.ask("three")
    assert (at_any_time.reason, at_any_time.until, at_any_time.punctual) == (CAPPED, NOON + timedelta(hours=40), True)
    assert (by_day.reason, by_day.until, by_day.punctual) == (CAPPED, NOON + timedelta(hours=50), False)


async def test_what_would_come_too_late_is_left_out(database: Database) -> None:
    """A reminder that would be a month late is not sent at all; one that handed over a reward would wait, and come."""
    desk = await capped(database, FrequencyCap(1, 30)).welcome()
    await desk.ask("one")
    desk.now += DAY
    assert (await desk.ask("reward", hands_over="vou_1")).until == NOON + 30 * DAY
    answer = await desk.ask("two")
    assert (answer.result, answer.reason, answer.ends) == (Result.SUPPRESSED, CAPPED, False)
    assert (await desk.ask("two")).reason == CAPPED


async def test_patience_is_counted_from_the_first_time_of_asking(database: Database) -> None:
    """A message that others overtake again and again is left out in the end, not put off for ever."""
    desk = await capped(database, FrequencyCap(1, 4), patience=7 * DAY).welcome(2)
    await desk.ask("one")
    assert (await desk.ask("two", journey=1)).until == NOON + 4 * DAY
    desk.now += 4 * DAY
    assert (await desk.ask("three")).result is Result.SENT
    assert (await desk.ask("two", journey=1)).reason == CAPPED
    assert (await desk.ask("two", journey=1)).result is Result.SUPPRESSED


async def test_a_cap_may_be_on_one_channel(database: Database) -> None:
    """With one text a week, emails go on; each cap holds by itself, and the strictest decides."""
    desk = await capped(database, FrequencyCap(1, 7, "sms"), FrequencyCap(3, 2)).welcome()
    assert (await desk.ask("one", SMS)).result is Result.SENT
    assert (await desk.ask("two", SMS)).until == NOON + 7 * DAY
    for name in ("three", "four"):
        assert (await desk.ask(name, EMAIL)).result is Result.SENT
    assert (await desk.ask("five", EMAIL)).until == NOON + 2 * DAY
    assert (await desk.ask("six", SMS)).until == NOON + 7 * DAY


async def test_marketing_calls_count_too(database: Database) -> None:
    """A push with an offer takes a place as an email does, and waits for one."""
    desk = await capped(database, FrequencyCap(1, 7)).welcome(2)
    assert (await desk.push()).result is Result.SENT
    assert (await desk.ask(journey=1)).reason == CAPPED
    again = await desk.push("push-again", journey=1)
    assert (again.result, again.until) == (Result.DEFERRED, NOON + 7 * DAY)
    desk.now += 7 * DAY
    assert (await desk.push("push-again", journey=1)).result is Result.SENT


async def test_a_promise_that_is_left_out_reserves_nothing(database: Database) -> None:
    """A message beyond the cap takes no voucher from the pool."""
    desk = await capped(database, FrequencyCap(1, 30)).welcome()
    await desk.ask("one")
    promise = Promise(Reward.VOUCHER, 86400, "no-such-design")
    assert (await desk.ask("offer", promise=promise)).reason == CAPPED


async def test_counting_reads_an_index(database: Database) -> None:
    """With millions of messages in the ledger, a customer's own are found by their index, and no others are read."""
    order = SendOrder("enr_1", "news", 1, 1, EMAIL, "news")

    def plan(session: Session) -> str:
        connection, asked = session.connection(), []
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        free_from(session, WEEKLY, "cus_1", order, NOON)
        [(statement, parameters)] = asked
        if database.is_sqlite:
            explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # an empty table is not worth an index
            explained = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return " ".join(map(str, explained))

    found = await database.read(plan)
    assert re.search(r"ix_messages_customer_id_decided_at.*customer_id\b.*=.*decided_at *>", found), found
