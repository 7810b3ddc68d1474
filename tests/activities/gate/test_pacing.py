"""Providers get no more than they can take, and what they cannot take waits where everybody sees it."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, select
from temporalio.exceptions import ApplicationError

from activities.channels import EMAIL, Channel
from activities.delivery import Accepted, Ambiguous, Deduplication, Delivery, Misconfigured, Unavailable, Verdict
from activities.gate.gate import MessageGate
from activities.gate.pacing import AWAY, NO_TURN, PATIENCE, PAUSED, QUOTA, TURN, Pacing, Plan
from activities.messages import GateAnswer, Result, SendOrder
from activities.send_window import SendWindow
from activities.storage import provider_states
from activities.storage.database import Database
from activities.storage.ledger import State
from activities.storage.tables import Message, ProviderState, TimelineEntry
from tests.activities.gate.desk import REACHABILITY, SERVICE, WORDING, PlainRenderer
from tests.activities.storage.rows import NOON, add_customer, add_enrollment

WINDOW = SendWindow("09:00", "21:00")
SECOND = timedelta(seconds=1)
DOWN = Unavailable("no connection")


class Company:
    """A provider that answers what it is told to."""

    name = "company"
    deduplication = Deduplication.NONE

    def __init__(self) -> None:
        self.verdict: Verdict | None = None
        self.asked: list[Delivery] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None  # happens once, while it is asked

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Answer."""
        self.asked.append(delivery)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return self.verdict or Accepted(delivery.key)

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 - the contract's signature
        """It cannot tell."""
        return None


class Shop:
    """Customers before gates that share a database and a provider, as those of two worker processes do."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.company = Company()
        self.now = NOON
        self.gates = [self.gate(), self.gate()]

    def gate(self, **plan: Any) -> MessageGate:
        """The gate of one more process."""
        pacing = Pacing({"company": Plan(**plan)} if plan else {})
        providers = dict.fromkeys(Channel, self.company)
        return MessageGate(self.database, providers, PlainRenderer(), WORDING, REACHABILITY, pacing=pacing)

    async def orders(self, number: int, template: str = "hello", spread_seconds: int = 900) -> list[SendOrder]:
        """Messages to as many customers."""

        def enter(session: Session) -> list[str]:
            found = []
            for each in range(number):
                customer = add_customer(session, email=f"ada{each}@example.com", phone=None)
                found.append(add_enrollment(session, customer, spread_seconds=spread_seconds).id)
            return found

        window = None if template == SERVICE else WINDOW
        return [SendOrder(each, template, 1, 1, EMAIL, template, window) for each in await self.database.write(enter)]

    async def ask(self, order: SendOrder, gate: int = 0) -> GateAnswer:
        """Ask one of the gates."""
        return await self.gates[gate].send(order, lambda: self.now)

    async def fail(self, orders: list[SendOrder], verdict: Verdict = DOWN) -> None:
        """Have each message fail, so that Temporal is to ask again."""
        self.company.verdict = verdict
        for order in orders:
            with pytest.raises(ApplicationError):
                await self.ask(order)

    async def fall_over(self, orders: list[SendOrder]) -> None:
        """Have each of five messages fail, so that the provider is left alone."""
        *first, last = orders
        await self.fail(first)
        await self.ask(last)

    async def rows(self, table: type[Any]) -> list[Any]:
        """The rows of a table."""
        return await self.database.read(lambda session: list(session.exec(select(table))))

    async def resume(self) -> None:
        """What staff do."""
        await self.database.write(lambda session: provider_states.resume(session, "company", self.now))


@pytest.fixture
async def shop(database: Database) -> Shop:
    """Two gates at noon."""
    return Shop(database)


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


async def test_two_workers_share_a_rate(shop: Shop) -> None:
    """An account that takes five a second gets five a second, however many processes send (guarantees B5)."""
    shop.gates = [shop.gate(rate=5), shop.gate(rate=5)]
    orders = await shop.orders(20)
    answers = [await shop.ask(order, gate=number % 2) for number, order in enumerate(orders)]
    sent = [each for each in answers if each.result is Result.SENT]
    waiting = [(order, each) for order, each in zip(orders, answers, strict=True) if each.result is Result.DEFERRED]
    assert len(sent) == 5
    assert all(each.reason == TURN and each.punctual for _, each in waiting)
    turns = [each.until for _, each in waiting if each.until]
    assert [(turn - turns[0]) / SECOND for turn in turns] == pytest.approx([0.2 * each for each in range(15)])
    for order, answer in waiting:
        assert answer.until is not None
        shop.now = answer.until
        assert (await shop.ask(order)).result is Result.SENT  # a turn waited for is a turn


async def test_an_account_that_takes_few_gets_the_first_at_once(shop: Shop) -> None:
    """Where one message may go in ten seconds, the first customer does not wait, and the others do so one by one."""
    shop.gates = [shop.gate(rate=0.1)]
    answers = [await shop.ask(order) for order in await shop.orders(3)]
    assert [each.result for each in answers] == [Result.SENT, Result.DEFERRED, Result.DEFERRED]
    assert [each.until for each in answers[1:]] == [NOON + 10 * SECOND, NOON + 20 * SECOND]


async def test_quiet_time_is_not_made_up_for(shop: Shop) -> None:
    """After a quiet hour an account that takes five a second gets five in a moment, not an hour's worth."""
    shop.gates = [shop.gate(rate=5)]
    first, *orders = await shop.orders(20)
    await shop.ask(first)
    shop.now += timedelta(hours=1)
    assert [(await shop.ask(order)).result for order in orders].count(Result.SENT) == 5


async def test_turns_that_were_missed_are_lined_up_for_again(shop: Shop) -> None:
    """Messages that come an hour after their turns, as when workers were away, do not flood the account."""
    shop.gates = [shop.gate(rate=1)]
    _, *late = orders = await shop.orders(10)
    for order in orders:
        await shop.ask(order)
    shop.now += timedelta(hours=1)
    assert [(await shop.ask(order)).result for order in late].count(Result.SENT) == 1


async def test_turns_in_the_night_are_given_to_nobody(shop: Shop) -> None:
    """Whoever asks in the morning does not wait for all those whose turns fell into the night."""
    shop.gates = [shop.gate(rate=1 / 3600)]
    *evening, morning = await shop.orders(20)
    shop.now = NOON + timedelta(hours=8, minutes=59)
    for order in evening:
        await shop.ask(order)
    shop.now = NOON + timedelta(hours=21)
    assert (await shop.ask(morning)).result is Result.SENT


async def test_whose_turn_fell_into_the_night_takes_turns_in_the_morning(shop: Shop) -> None:
    """A campaign that closing time cut short does not reach the provider all at once when the hours begin again."""
    shop.gates = [shop.gate(rate=1)]
    orders = await shop.orders(20)
    shop.now = NOON + timedelta(hours=9) - 5 * SECOND
    answers = [(order, await shop.ask(order)) for order in orders]
    night = [order for order, answer in answers if answer.reason == NO_TURN]
    assert len(night) == 15
    shop.now = NOON + timedelta(hours=21)
    assert {answer.until for _, answer in answers if answer.reason == NO_TURN} == {shop.now}
    assert [(await shop.ask(order)).result for order in night].count(Result.SENT) == 1


async def test_a_service_message_does_not_wait_in_line(shop: Shop) -> None:
    """Whoever waits for their confirmation is not behind a campaign of a thousand."""
    shop.gates = [shop.gate(rate=1)]
    for order in await shop.orders(10):
        await shop.ask(order)
    (confirmation,) = await shop.orders(1, SERVICE)
    assert (await shop.ask(confirmation)).result is Result.SENT


@pytest.mark.parametrize(("plan", "expected"), [({"daily": 5}, [2, 4, 5]), ({}, [2, 4, 8])], ids=["quota", "no quota"])
async def test_a_new_sender_warms_up(shop: Shop, plan: dict[str, int], expected: list[int]) -> None:
    """Two messages on the first day, four on the second, never more than the quota; the others wait for the next."""
    shop.gates = [shop.gate(warm_up=2, **plan)]
    orders, went = await shop.orders(20), []
    for _ in range(3):
        answers = [await shop.ask(order) for order in orders]
        went.append(sum(each.result is Result.SENT for each in answers))
        left = [each for each in answers if each.result is Result.DEFERRED]
        assert {each.reason for each in left} == {QUOTA}
        assert {each.until for each in left} == {shop.now + timedelta(hours=21)}  # the opening after midnight UTC
        orders = [order for order, each in zip(orders, answers, strict=True) if each.result is Result.DEFERRED]
        shop.now += timedelta(days=1)
    assert went == expected


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
