"""Providers get no more than they can take, and what they cannot take waits where everybody sees it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from activities.channels import Channel
from activities.delivery import Ambiguous, Misconfigured, Unavailable, Verdict
from activities.gate.gate import MessageGate
from activities.gate.pacing import AWAY, PATIENCE, PAUSED, TURN
from activities.messages import GateAnswer, Result
from activities.storage import provider_states
from activities.storage.database import Database
from activities.storage.ledger import State
from activities.storage.tables import Message, ProviderState, TimelineEntry
from tests.activities.gate.desk import REACHABILITY, SERVICE, WORDING, PlainRenderer
from tests.activities.gate.shop import DOWN, SECOND, Shop
from tests.activities.storage.rows import NOON


async def test_full_mailboxes_hold_up_nobody_else(shop: Shop) -> None:
    """However many customers' mailboxes are full, the next customer's email goes at once."""
    *full, well = await shop.orders(12)
    await shop.fail(full, Unavailable("452 4.2.2 to RCPT TO", retry_after=1800, mailbox=True))
    shop.company.verdict = None
    assert (await shop.ask(well)).result is Result.SENT


async def test_patience_asked_for_once_is_kept_by_all(shop: Shop) -> None:
    """A provider that says 429 with Retry-After is left alone by every process, and each message leaves afterwards."""
    one, two, three = await shop.orders(3)
    shop.company.verdict = Unavailable("429", retry_after=60)
    answers = [await shop.ask(one), await shop.ask(two), await shop.ask(three, gate=1)]
    assert {(each.result, each.reason) for each in answers} == {(Result.DEFERRED, PATIENCE)}
    assert len(shop.company.asked) == 1
    moments = [each.until for each in answers if each.until]
    assert all(NOON + 60 * SECOND <= each <= NOON + 120 * SECOND for each in moments)
    assert len(set(moments)) == 3  # spread, so that they do not all come back at one instant
    shop.company.verdict = None
    shop.now = max(moments)
    assert [(await shop.ask(each)).result for each in (one, two, three)] == [Result.SENT] * 3


async def test_the_longest_patience_asked_for_counts(shop: Shop) -> None:
    """A provider that wanted a minute has it, though a call that was under way is then told of a second."""
    first, second, third = await shop.orders(3)

    async def ask_for_a_minute() -> None:
        shop.company.verdict = Unavailable("429", retry_after=60)
        await shop.ask(second)
        shop.company.verdict = Unavailable("429", retry_after=1)

    shop.company.meanwhile = ask_for_a_minute
    await shop.ask(first)
    shop.company.verdict = None
    shop.now += 2 * SECOND
    assert (await shop.ask(third, gate=1)).reason == PATIENCE


async def test_patience_outlasts_a_call_that_was_under_way(shop: Shop) -> None:
    """A provider that wants a minute has it, though a call from before goes through and ends its failures."""
    failing, slow, refused, third = await shop.orders(4)
    await shop.fail([failing])

    async def ask_for_a_minute() -> None:
        shop.company.verdict = Unavailable("429", retry_after=60)
        await shop.ask(refused)
        shop.company.verdict = None

    shop.company.verdict = None
    shop.company.meanwhile = ask_for_a_minute
    assert (await shop.ask(slow)).result is Result.SENT
    assert (await shop.ask(third)).reason == PATIENCE
    (row,) = await shop.rows(ProviderState)
    assert (row.failures, row.last_failed) == (0, "")


async def test_patience_past_the_evening_moves_a_message_to_the_morning(shop: Shop) -> None:
    """A provider that wants an hour at half past eight makes nobody's phone ring at night (guarantees B2)."""
    (order,) = await shop.orders(1)
    shop.now = NOON + timedelta(hours=8, minutes=30)
    shop.company.verdict = Unavailable("429", retry_after=3600)
    answer = await shop.ask(order)
    assert (answer.result, answer.until) == (Result.DEFERRED, NOON + timedelta(hours=21))
    assert not answer.punctual  # the journey adds its own spread to the opening


@pytest.mark.parametrize("verdict", [DOWN, Ambiguous("timed out")], ids=["away", "hangs"])
async def test_a_provider_that_fails_is_left_alone(shop: Shop, verdict: Verdict) -> None:
    """After five failures in a row one message a time finds out whether a provider is back; the others wait."""
    orders = await shop.orders(9)
    shop.company.verdict = verdict
    for order in orders[:4]:
        if verdict is DOWN:
            await shop.fail([order])
        else:
            assert (await shop.ask(order)).result is Result.UNKNOWN
    await shop.ask(orders[4])
    held = [await shop.ask(order, gate) for gate, order in enumerate(orders[5:7])]
    assert {(each.result, each.reason) for each in held} == {(Result.DEFERRED, AWAY)}
    assert len(shop.company.asked) == 5
    (row,) = await shop.rows(ProviderState)
    assert row.held_until == NOON + 30 * SECOND

    shop.now = NOON + 30 * SECOND
    await shop.ask(orders[7])  # it finds out
    assert (await shop.ask(orders[8])).reason == AWAY
    assert len(shop.company.asked) == 6
    (row,) = await shop.rows(ProviderState)
    assert (row.held_since, row.held_until) == (NOON, shop.now + 60 * SECOND)

    shop.now += 60 * SECOND
    shop.company.verdict = None
    assert (await shop.ask(orders[8])).result is Result.SENT
    assert (await shop.ask(orders[6], gate=1)).result is Result.SENT
    (row,) = await shop.rows(ProviderState)
    assert (row.held_until, row.failures) == (None, 0)


async def test_the_others_wait_for_the_one_that_finds_out(shop: Shop) -> None:
    """While a message asks whether its provider is back, no process sends it another."""
    *lost, one, two, three = await shop.orders(8)
    await shop.fall_over(lost)
    shop.now += 30 * SECOND
    shop.company.verdict, answers = None, list[GateAnswer]()

    async def ask_for_others() -> None:
        answers.extend([await shop.ask(two), await shop.ask(three, gate=1)])

    shop.company.meanwhile = ask_for_others
    assert (await shop.ask(one)).result is Result.SENT
    assert [(each.result, each.reason) for each in answers] == [(Result.DEFERRED, AWAY)] * 2


async def test_who_waits_for_a_turn_finds_nothing_out(shop: Shop) -> None:
    """A campaign's email that has no turn yet does not keep a confirmation from asking whether the provider is back."""
    shop.gates = [shop.gate(rate=0.1)]
    await shop.fall_over(await shop.orders(5, SERVICE))
    shop.company.verdict = None
    shop.now += 30 * SECOND
    (campaign,), (confirmation,) = await shop.orders(1), await shop.orders(1, SERVICE)
    assert (await shop.ask(campaign)).reason == TURN
    assert (await shop.ask(confirmation)).result is Result.SENT


async def test_calls_that_were_under_way_do_not_prolong_the_hold(shop: Shop) -> None:
    """A provider that falls over is asked again after half a minute, however many calls it takes down with it."""
    slow, *others = await shop.orders(6)

    async def fall_over() -> None:
        await shop.fall_over(others)

    shop.company.meanwhile = fall_over
    await shop.ask(slow)
    (row,) = await shop.rows(ProviderState)
    assert row.held_until == NOON + 30 * SECOND


async def test_a_provider_that_was_away_for_hours_is_soon_found_to_be_back(shop: Shop) -> None:
    """However long a provider was away, customers wait a quarter of an hour at most once it is back."""
    orders = await shop.orders(13)
    await shop.fall_over(orders[:5])
    for order in orders[5:]:
        (row,) = await shop.rows(ProviderState)
        shop.now = row.held_until
        await shop.ask(order)
    (row,) = await shop.rows(ProviderState)
    assert row.held_until == shop.now + timedelta(minutes=15)


async def test_one_bad_message_does_not_stop_the_others(shop: Shop) -> None:
    """A message that fails again and again, as with greylisting, says nothing about its provider."""
    bad, good = await shop.orders(2)
    await shop.fail([bad] * 8)
    shop.company.verdict = None
    assert (await shop.ask(good)).result is Result.SENT


async def test_a_wrong_key_pauses_the_channel_and_loses_nothing(shop: Shop) -> None:
    """A revoked API key costs no customer a message: all are kept until staff resume, however long that takes."""
    orders = await shop.orders(3)
    shop.company.verdict = Misconfigured("401: see SOJOURN_COMPANY_KEY")
    answers = [await shop.ask(each, gate) for each, gate in zip(orders, (0, 0, 1), strict=True)]
    assert {(each.result, each.reason) for each in answers} == {(Result.DEFERRED, PAUSED)}
    assert len(shop.company.asked) == 1
    assert [row.state for row in await shop.rows(Message)].count(State.RETRYABLE) == 1
    (row,) = await shop.rows(ProviderState)
    assert (row.paused_since, row.pause_reason) == (NOON, "401: see SOJOURN_COMPANY_KEY")
    assert await shop.database.read(provider_states.waiting) == {("company", PAUSED): 3}

    shop.now += timedelta(days=5)  # longer than an absence is borne
    again = await shop.ask(orders[0])
    assert again.until is not None
    assert again.until - shop.now <= timedelta(minutes=45)
    lines = [row.data for row in await shop.rows(TimelineEntry) if row.enrollment_id == orders[0].enrollment_id]
    assert [(line["result"], line["reason"]) for line in lines] == [("deferred", PAUSED)]  # once, however often asked

    shop.company.verdict = None
    await shop.resume()
    shop.gates = [shop.gate()]  # nobody waits for what a process remembers
    assert [(await shop.ask(each)).result for each in orders] == [Result.SENT] * 3
    assert await shop.database.read(provider_states.waiting) == {}


@pytest.mark.parametrize(
    ("pause", "minutes"), [(timedelta(0), 5), (timedelta(hours=2), 15), (timedelta(days=5), 30)], ids=str
)
async def test_the_longer_a_pause_the_less_often_it_is_asked_after(shop: Shop, pause: timedelta, minutes: int) -> None:
    """A message behind a paused channel asks again after an eighth of the pause, from five minutes to half an hour."""
    broken, waiting = await shop.orders(2, spread_seconds=0)
    shop.company.verdict = Misconfigured("401: see SOJOURN_COMPANY_KEY")
    await shop.ask(broken)
    shop.now += pause
    assert (await shop.ask(waiting)).until == shop.now + timedelta(minutes=minutes)


async def test_a_message_takes_the_end_of_the_window_along(shop: Shop) -> None:
    """A provider's own queue is told when the customer's evening begins, to the second."""
    (order,) = await shop.orders(1)
    await shop.ask(order)
    (confirmation,) = await shop.orders(1, SERVICE)
    await shop.ask(confirmation)
    assert [each.not_after for each in shop.company.asked] == [NOON + timedelta(hours=9), None]


async def test_a_pace_that_nobody_set_costs_nothing(shop: Shop) -> None:
    """A send makes the same statements with the pace of providers as without."""
    without = MessageGate(shop.database, dict.fromkeys(Channel, shop.company), PlainRenderer(), WORDING, REACHABILITY)
    orders = await shop.orders(3)
    await shop.ask(orders[0])  # reads what is known; it serves for a second
    with statements(shop.database) as paced:
        await shop.ask(orders[1])
    shop.gates = [without]
    with statements(shop.database) as bare:
        await shop.ask(orders[2])
    assert [each for each in paced if "provider_states" not in each] == bare
    assert len(paced) <= len(bare) + 1  # a slow machine may have needed the second


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What the database is told meanwhile."""
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
