"""The gate, answer by answer, with the product's own messages, on both databases."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select
from temporalio.exceptions import ApplicationError

from activities.channels import EMAIL, SMS, Channel
from activities.delivery import Deduplication, Delivery
from activities.gate.gate import GateLimits, MessageGate
from activities.messages import GateAnswer, Promise, Result, Reward, SendOrder
from activities.send_window import SendWindow
from activities.storage import customers, enrollments
from activities.storage.database import Database
from activities.storage.enrolled import end
from activities.storage.ledger import State
from activities.storage.tables import Customer, Enrollment, Message, OutboxItem, Suppression, TimelineEntry, Voucher
from tests.activities.gate.desk import REACHABILITY, real_gate
from tests.activities.gate.fakes import Act, Death, FakeProvider
from tests.activities.storage.rows import NOON, REWARD, add_customer, add_enrollment, add_pool

WINDOW = SendWindow("09:00", "21:00")
PROMISE = Promise(Reward.VOUCHER, 2 * 86400, REWARD)


class Desk:
    """One customer before one gate, whose time stands still."""

    def __init__(self, database: Database, deduplication: Deduplication = Deduplication.NONE) -> None:
        self.database = database
        self.provider = FakeProvider(deduplication)
        self.gate: MessageGate = real_gate(database, self.provider)
        self.now = NOON
        self.seq = 0
        self.enrollment_id = ""
        self.customer_id = ""

    async def welcome(self, **columns: Any) -> "Desk":
        """Let a customer in."""

        def enter(session: Session) -> tuple[str, str]:
            customer = add_customer(session, **columns)
            return customer.id, add_enrollment(session, customer).id

        self.customer_id, self.enrollment_id = await self.database.write(enter)
        return self

    def order(self, template: str = "complete-your-account", channel: Channel = EMAIL, **more: Any) -> SendOrder:
        """An order of this customer's journey."""
        self.seq += 1
        wanted = SendOrder(
            self.enrollment_id, template, 1, self.seq, channel, template, WINDOW, asks_for=("last_name",)
        )
        return replace(wanted, **more)

    def offer(self, channel: Channel = EMAIL, **more: Any) -> SendOrder:
        """An order that promises a voucher."""
        return self.order("voucher-offer", channel, promise=PROMISE, **more)

    async def ask(self, order: SendOrder | None = None, act: Act = Act.ACCEPT) -> GateAnswer:
        """Ask the gate."""
        self.provider.act = act
        return await self.gate.send(order or self.order(), lambda: self.now)

    async def change(self, how: Callable[[Session, Customer, Enrollment], object]) -> None:
        """Change the customer's rows."""

        def transaction(session: Session) -> None:
            rows = session.get_one(Customer, self.customer_id), session.get_one(Enrollment, self.enrollment_id)
            how(session, *rows)
            session.add_all(rows)

        await self.database.write(transaction)

    async def all(self, table: type[Any]) -> list[Any]:
        """The rows of a table."""
        return await self.database.read(lambda session: list(session.exec(select(table))))

    async def lines(self) -> list[str]:
        """Results of messages on the timeline, and its end."""
        rows = sorted(await self.all(TimelineEntry), key=lambda row: row.seq)
        return [row.data.get("result") or row.data["outcome"] for row in rows]


@pytest.fixture
async def desk(database: Database) -> Desk:
    """A customer before the gate, at noon."""
    return await Desk(database).welcome()


def _leave(*channels: Channel) -> Callable[[Session, Customer, Enrollment], None]:
    def how(session: Session, customer: Customer, _: Enrollment) -> None:
        for channel in channels:
            customers.decide(session, customer, channel.value, given=False, source="test", now=NOON)

    return how


async def test_a_message_goes_out_once_however_often_it_is_asked_for(desk: Desk) -> None:
    """A customer gets one email, and the journey the same answer five times (guarantees A4)."""
    order = desk.order()
    answers = [await desk.ask(order) for _ in range(5)]
    assert {(answer.result, answer.message_id) for answer in answers} == {(Result.SENT, answers[0].message_id)}
    (delivery,) = desk.provider.called
    assert (delivery.to, delivery.key, delivery.decided_at) == ("ada@example.com", answers[0].message_id, NOON)
    assert "Ada" in delivery.text
    assert delivery.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert await desk.lines() == ["sent"]


async def test_staff_find_a_message_by_its_journey(desk: Desk) -> None:
    """The row says in which journey the message was sent, so that a list of all messages can be filtered by it."""
    await desk.ask()
    assert [row.journey for row in await desk.all(Message)] == ["data-collection-voucher"]


@pytest.mark.parametrize(
    ("before", "more", "expected"),
    [
        (lambda _s, c, _e: setattr(c, "erased_at", NOON), {}, ("erased", True, "")),
        (lambda s, _c, e: enrollments.cancel(s, e, "by phone", NOON), {}, ("cancelled", True, "by phone")),
        (lambda s, _c, e: end(s, e, "terminated", "by Bea", NOON), {}, ("terminated", True, "by Bea")),
        (_leave(EMAIL, SMS), {}, ("opted out", True, "")),
        (_leave(EMAIL), {}, ("opted out", False, "")),
        (lambda _s, c, _e: setattr(c, "email", None), {}, ("no email address", False, "")),
        (lambda _s, c, _e: setattr(c, "last_name", "Byron"), {"unless": ("last_name",)}, ("complete", False, "")),
        (
            lambda s, _c, _e: REACHABILITY.suppress(s, EMAIL, "ADA@example.com", "complained", NOON),
            {},
            ("complained", False, ""),
        ),
    ],
    ids=["erased", "cancelled", "ended", "left everything", "left email", "no address", "complete", "suppressed"],
)
async def test_what_forbids_a_message_is_said_in_plain_words(
    desk: Desk,
    before: Callable[[Session, Customer, Enrollment], object],
    more: dict[str, Any],
    expected: tuple[str, bool, str],
) -> None:
    """Staff read why a customer got nothing, the journey learns whether to end, and no provider is called."""
    await desk.change(before)
    order = desk.order(**more)
    answer = await desk.ask(order)
    assert answer.result is Result.SUPPRESSED
    assert (answer.reason, answer.ends, answer.detail) == expected
    assert desk.provider.called == []
    # Nothing is written behind the end of a journey, which says the same.
    assert await desk.lines() in ([f"suppressed:{expected[0]}"], [expected[0]])
    again = await desk.ask(order)
    assert (again.result, again.reason, again.ends) == (answer.result, answer.reason, answer.ends)


async def test_a_held_journey_sends_nothing_and_goes_on_at_resume(desk: Desk) -> None:
    """From the commit of a hold nothing leaves; after the resume the very message goes out."""
    await desk.change(lambda session, _, enrollment: enrollments.hold(session, enrollment, "complaint", NOON))
    order = desk.order()
    answer = await desk.ask(order)
    assert (answer.result, answer.reason, answer.hold.held) == (Result.HELD, "complaint", True)
    await desk.change(lambda session, _, enrollment: enrollments.resume(session, enrollment, "solved", NOON))
    assert (await desk.ask(order)).result is Result.SENT
    assert len(desk.provider.accepted) == 1


@pytest.mark.parametrize(
    ("zone", "now", "opens"),
    [
        ("Europe/London", datetime(2027, 1, 12, 21, 0, tzinfo=UTC), datetime(2027, 1, 13, 9, tzinfo=UTC)),
        ("Europe/London", datetime(2027, 1, 12, 8, 59, 59, tzinfo=UTC), datetime(2027, 1, 12, 9, tzinfo=UTC)),
        ("Australia/Sydney", datetime(2027, 1, 12, 12, tzinfo=UTC), datetime(2027, 1, 12, 22, tzinfo=UTC)),
        ("Europe/London", datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 8, tzinfo=UTC)),
    ],
    ids=["closes", "a second early", "other side of the world", "clocks go forward"],
)
async def test_outside_the_hours_a_message_waits(database: Database, zone: str, now: datetime, opens: datetime) -> None:
    """A late question is answered with the next opening on the customer's own clock; then the message goes."""
    desk = await Desk(database).welcome(timezone=zone)
    desk.now = now
    answer = await desk.ask()
    assert (answer.result, answer.until, answer.ends) == (Result.DEFERRED, opens, False)
    assert desk.provider.called == []
    desk.now = opens
    assert (await desk.ask()).result is Result.SENT
    assert await desk.lines() == ["deferred", "sent"]


async def test_a_call_never_runs_past_the_end_of_the_window(desk: Desk) -> None:
    """A message let pass four seconds before nine in the evening has four seconds to leave, not fifteen."""
    seen: list[float] = []
    desk.provider.on_call = lambda delivery: seen.append(_seconds_left(delivery))
    await desk.ask()
    desk.now = datetime(2027, 1, 12, 20, 59, 56, tzinfo=UTC)
    await desk.ask(desk.order(visit=2))
    assert seen[0] == pytest.approx(GateLimits().call.total_seconds(), abs=1)
    assert seen[1] == pytest.approx(4, abs=1)


def _seconds_left(delivery: Delivery) -> float:
    return delivery.deadline - time.monotonic()


async def test_a_promise_keeps_a_code_that_the_message_does_not_show(desk: Desk) -> None:
    """What is promised is put aside; the code itself is not in the message that only promises it."""
    await desk.database.write(lambda session: add_pool(session, "SAVE-10-OPEN"))
    assert (await desk.ask(desk.offer())).result is Result.SENT
    (voucher,) = await desk.all(Voucher)
    assert (voucher.state, voucher.enrollment_id) == ("reserved", desk.enrollment_id)
    (delivery,) = desk.provider.accepted
    assert "SAVE-10-OPEN" not in delivery.text + delivery.html
    (message,) = await desk.all(Message)
    assert (message.promised, message.promise_ends) == ("voucher", NOON + timedelta(days=2))


async def test_nothing_is_promised_that_cannot_be_kept(desk: Desk) -> None:
    """With an empty pool the promise is not made."""
    await desk.database.write(add_pool)
    answer = await desk.ask(desk.offer())
    assert (answer.result, answer.reason, answer.ends) == (Result.SUPPRESSED, "no voucher left", False)
    assert desk.provider.called == []


async def test_a_refused_address_is_never_used_again(desk: Desk) -> None:
    """The journey learns at once that only texts are left; the provider's words stay out of its history."""
    answer = await desk.ask(act=Act.REFUSE_ADDRESS)
    assert (answer.result, answer.reason) == (Result.FAILED, "address refused")
    assert (answer.facts.reachable, answer.facts.opted_out) == ((SMS,), False)
    assert [row.reason for row in await desk.all(Suppression)] == ["address refused"]
    assert [item.kind for item in await desk.all(OutboxItem)] == ["facts"]
    assert await desk.lines() == ["failed:address refused"]
    later = await desk.ask(desk.order(visit=2))
    assert (later.result, later.reason) == (Result.SUPPRESSED, "address refused")


async def test_a_refused_promise_goes_back_to_the_pool(desk: Desk) -> None:
    """A promise nobody read costs no code."""
    await desk.database.write(lambda session: add_pool(session, "A"))
    assert (await desk.ask(desk.offer(), Act.REFUSE)).result is Result.FAILED
    assert [row.state for row in await desk.all(Voucher)] == ["free"]


async def test_a_refused_second_promise_takes_nothing_from_the_first(desk: Desk) -> None:
    """A customer who read the promise by email keeps their voucher when the text with the same promise fails."""
    await desk.database.write(lambda session: add_pool(session, "A"))
    assert (await desk.ask(desk.offer())).result is Result.SENT
    assert (await desk.ask(desk.offer(SMS), Act.REFUSE)).result is Result.FAILED
    assert [row.state for row in await desk.all(Voucher)] == ["reserved"]


async def test_an_unavailable_provider_is_asked_again_when_it_said(desk: Desk) -> None:
    """The retry is Temporal's, at the time the provider named; the words are written anew, with the present name."""
    order = desk.order()
    with pytest.raises(ApplicationError) as caught:
        await desk.ask(order, Act.UNAVAILABLE)
    assert (caught.value.type, caught.value.next_retry_delay) == ("Retry", timedelta(seconds=7))
    await desk.change(lambda _s, customer, _e: setattr(customer, "first_name", "Bea"))
    assert (await desk.ask(order)).result is Result.SENT
    assert "Bea" in desk.provider.accepted[0].text


async def test_a_provider_that_stays_away_is_given_up(desk: Desk) -> None:
    """After two days the journey goes on without the message, and a promise in it is taken back."""
    await desk.database.write(lambda session: add_pool(session, "A"))
    order = desk.offer()
    with pytest.raises(ApplicationError):
        await desk.ask(order, Act.UNAVAILABLE)
    desk.now += timedelta(hours=48, seconds=1)
    answer = await desk.ask(order)
    assert (answer.result, answer.reason) == (Result.FAILED, "unavailable")
    assert [row.state for row in await desk.all(Voucher)] == ["free"]


async def test_without_keys_an_unclear_message_is_never_repeated(desk: Desk) -> None:
    """Better one message missed than one sent twice: the fate stays unknown, and staff see it."""
    order = desk.order()
    answer = await desk.ask(order, Act.LOSE_ANSWER)
    assert (answer.result, answer.reason) == (Result.UNKNOWN, "timeout")
    assert (await desk.ask(order)).result is Result.UNKNOWN
    assert len(desk.provider.called) == 1
    assert await desk.lines() == ["unknown"]


async def test_a_worker_that_died_is_not_repeated_without_keys(desk: Desk) -> None:
    """While its lease runs everybody waits; after that the fate of the message is unknown."""
    order = desk.order()
    with pytest.raises(Death):
        await desk.ask(order, Act.DIE_AFTER)
    with pytest.raises(ApplicationError) as caught:
        await desk.ask(order)
    lease = GateLimits().lease
    assert (caught.value.type, caught.value.next_retry_delay) == ("InFlight", lease)
    desk.now += lease
    answer = await desk.ask(order)
    assert (answer.result, answer.reason) == (Result.UNKNOWN, "interrupted")


async def test_with_keys_the_same_bytes_go_again(database: Database) -> None:
    """A repeated attempt is byte for byte the first, whatever has changed meanwhile (guarantees A11)."""
    desk = await Desk(database, Deduplication.KEY).welcome()
    order = desk.order()
    with pytest.raises(Death):
        await desk.ask(order, Act.DIE_AFTER)
    await desk.change(lambda _s, customer, _e: setattr(customer, "first_name", "Bea"))
    desk.now += timedelta(hours=1)
    assert (await desk.ask(order)).result is Result.SENT
    first, second = desk.provider.called
    assert replace(second, deadline=first.deadline) == first
    assert len(desk.provider.accepted) == 1


async def test_a_key_the_provider_has_forgotten_is_not_used_again(database: Database) -> None:
    """A journey held overnight with an unclear message does not send it twice in the morning (guarantees A5)."""
    desk = await Desk(database, Deduplication.KEY).welcome()
    order = desk.order()
    with pytest.raises(ApplicationError):
        await desk.ask(order, Act.LOSE_ANSWER)
    desk.now += timedelta(hours=24)
    assert (await desk.ask(order)).result is Result.UNKNOWN
    assert len(desk.provider.called) == 1


async def test_a_failed_repetition_says_nothing_about_the_first_attempt(database: Database) -> None:
    """With keys, too, a message that may have gone is never called failed, and never written anew."""
    desk = await Desk(database, Deduplication.KEY).welcome()
    order = desk.order()
    for act in (Act.LOSE_ANSWER, Act.UNAVAILABLE):
        with pytest.raises(ApplicationError, match=r"timeout|503"):
            await desk.ask(order, act)
    await desk.change(lambda _s, customer, _e: setattr(customer, "first_name", "Bea"))
    assert (await desk.ask(order)).result is Result.SENT
    assert desk.provider.altered == []
    assert len(desk.provider.accepted) == 1


async def test_where_messages_can_be_looked_up_they_are(database: Database) -> None:
    """After a death the provider is asked, even at night: what came is sent, what never came goes in the morning."""
    desk = await Desk(database, Deduplication.LOOKUP).welcome()
    gone, lost = desk.order(), desk.order(visit=2)
    for order, act in ((gone, Act.DIE_AFTER), (lost, Act.DIE_BEFORE)):
        with pytest.raises(Death):
            await desk.ask(order, act)
    desk.now = datetime(2027, 1, 12, 23, tzinfo=UTC)
    assert (await desk.ask(gone)).result is Result.SENT
    with pytest.raises(ApplicationError, match="never came"):
        await desk.ask(lost)
    assert (await desk.ask(lost)).result is Result.DEFERRED
    desk.now = datetime(2027, 1, 13, 9, tzinfo=UTC)
    assert (await desk.ask(lost)).result is Result.SENT
    assert len(desk.provider.accepted) == 2


async def test_an_unclear_message_is_not_called_suppressed(database: Database) -> None:
    """A customer who leaves while a message may be on its way: no second attempt, and no claim that none arrived."""
    desk = await Desk(database, Deduplication.KEY).welcome()
    order = desk.order()
    with pytest.raises(ApplicationError):
        await desk.ask(order, Act.LOSE_ANSWER)
    await desk.change(_leave(EMAIL))
    assert (await desk.ask(order)).result is Result.UNKNOWN
    (message,) = await desk.all(Message)
    assert message.state == State.UNKNOWN


async def test_the_database_is_free_while_the_provider_is_called(desk: Desk, database_url: str) -> None:
    """A slow provider holds nobody up: no transaction, no lock stays open across the call (guarantees A20)."""
    other = Database(database_url, inline=True, patience=timedelta(milliseconds=100))

    def write_meanwhile(delivery: Delivery) -> None:
        def write(session: Session) -> None:
            session.get_one(Customer, desk.customer_id).last_name = "Byron"
            session.get_one(Enrollment, desk.enrollment_id).hold_seen = 7
            session.get_one(Message, delivery.key).provider_id = "early callback"

        other.write_now(write)

    desk.provider.on_call = write_meanwhile
    answer = await desk.ask()
    other.close()
    assert answer.result is Result.SENT
    assert answer.facts.has("last_name")
