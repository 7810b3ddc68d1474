"""Consent, by channel and by topic: what goes, and what waits for a yes."""

from collections.abc import Callable

import pytest
from sqlmodel import Session

from activities.channels import EMAIL, SMS
from activities.messages import Promise, Result, Reward
from activities.storage import customers, topics
from activities.storage.database import Database
from activities.storage.tables import Customer
from tests.activities.gate.marketing_desk import MarketingDesk
from tests.activities.storage.rows import NOON, REWARD, add_pool

DECLINED = "topic declined"
UNDECIDED = "no consent yet"
Change = Callable[[Session, Customer], object]


def topic(code: str, *, given: bool) -> Change:
    """A decision about a topic."""
    return lambda session, customer: topics.decide(session, customer.id, code, given=given, source="test", now=NOON)


def channel(name: str, *, given: bool) -> Change:
    """A decision about a channel."""
    return lambda session, customer: customers.decide(session, customer, name, given=given, source="test", now=NOON)


async def test_a_declined_topic_stays_away_and_the_others_come(database: Database) -> None:
    """Whoever wants no offers gets none on any channel, and still the news and what belongs to no topic."""
    desk = await MarketingDesk(database).welcome()
    await desk.change(topic("offers", given=False))
    for way in (EMAIL, SMS):
        answer = await desk.ask("offer", way, topic="offers")
        assert (answer.result, answer.reason, answer.ends) == (Result.SUPPRESSED, DECLINED, False)
    assert (await desk.ask("news", topic="new")).result is Result.SENT
    assert (await desk.ask("other")).result is Result.SENT
    assert [entry["result"] for entry in await desk.timeline()][:2] == [f"suppressed:{DECLINED}"] * 2
    await desk.change(topic("offers", given=True))
    assert (await desk.ask("another", topic="offers")).result is Result.SENT


async def test_a_topic_is_not_enough_without_a_channel(database: Database) -> None:
    """Whoever left a channel hears nothing there, not even of what they like."""
    desk = await MarketingDesk(database).welcome()
    await desk.change(topic("offers", given=True))
    await desk.change(channel("email", given=False))
    assert (await desk.ask("offer", topic="offers")).reason == "opted out"
    assert (await desk.ask("offer", SMS, topic="offers")).result is Result.SENT


async def test_service_messages_have_no_topic(database: Database) -> None:
    """A confirmation goes whatever the journey is about."""
    desk = await MarketingDesk(database).welcome()
    await desk.change(topic("offers", given=False))
    assert (await desk.ask("service", topic="offers")).result is Result.SENT


async def test_what_was_promised_is_handed_over(database: Database) -> None:
    """A customer who declines offers after one was made gets the code they earned; one that nobody promised stays."""
    desk = await MarketingDesk(database).welcome(2)
    await database.write(lambda session: add_pool(session, "CODE-1"))
    await desk.ask("offer", topic="offers", promise=Promise(Reward.VOUCHER, 86400, REWARD))
    await desk.change(topic("offers", given=False))
    assert (await desk.ask("reminder", topic="offers")).reason == DECLINED
    kept = await desk.push("code", topic="offers", hands_over="vou_1")
    assert kept.result is Result.SENT
    assert (await desk.push("code", journey=1, topic="offers", hands_over="vou_2")).reason == DECLINED


async def test_a_declined_topic_stops_calls_too(database: Database) -> None:
    """A push about offers is one."""
    desk = await MarketingDesk(database).welcome()
    await desk.change(topic("offers", given=False))
    answer = await desk.push(topic="offers")
    assert (answer.result, answer.reason) == (Result.SUPPRESSED, DECLINED)


@pytest.mark.parametrize("way", [EMAIL, SMS])
async def test_silence_is_neither_yes_nor_no(database: Database, way: str) -> None:
    """Where silence is no consent, marketing waits for a yes, a confirmation goes, and the journey goes on."""
    desk = await MarketingDesk(database, consent_by_default=False).welcome()
    waits = await desk.ask("news", EMAIL if way == EMAIL else SMS)
    assert (waits.result, waits.reason, waits.ends) == (Result.SUPPRESSED, UNDECIDED, False)
    assert (waits.facts.opted_out, waits.facts.undecided) == (False, (EMAIL, SMS))
    assert (await desk.ask("service")).result is Result.SENT
    await desk.change(channel(way, given=True))
    answer = await desk.ask("more news", EMAIL if way == EMAIL else SMS)
    assert (answer.result, way in answer.facts.undecided) == (Result.SENT, False)


async def test_a_no_is_a_no_where_silence_is_none(database: Database) -> None:
    """Whoever declined one channel and said nothing of the other has not left; whoever declined both has."""
    desk = await MarketingDesk(database, consent_by_default=False).welcome()
    await desk.change(channel("email", given=False))
    answer = await desk.ask("news")
    assert (answer.reason, answer.ends, answer.facts.opted_out) == ("opted out", False, False)
    await desk.change(channel("sms", given=False))
    answer = await desk.ask("more news")
    assert (answer.reason, answer.ends, answer.facts.opted_out) == ("opted out", True, True)


async def test_a_push_waits_for_a_yes(database: Database) -> None:
    """A push with an offer goes to those who agreed to push, or to any other way; a service call goes at once."""
    desk = await MarketingDesk(database, consent_by_default=False).welcome()
    waits = await desk.push()
    assert (waits.result, waits.reason, waits.ends) == (Result.SUPPRESSED, UNDECIDED, False)
    await desk.change(channel("push", given=True))
    assert (await desk.push("again")).result is Result.SENT
