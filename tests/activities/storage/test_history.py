"""Conditions on what was done so far, as the database answers them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from activities.history import Deed, HistoryQuestion
from activities.storage.database import Database
from activities.storage.history import DatabaseHistory
from activities.storage.ids import new_id
from activities.storage.ledger import State
from activities.storage.tables import Enrollment, InboxEvent, Message
from tests.activities.storage.rows import NOON, add_customer, add_enrollment, enrolled

HOUR = timedelta(hours=1)


async def tells(database: Database, enrollment_id: str, deed: Deed, **question: Any) -> bool:
    """What the history answers about the welcome, or about an event."""
    if deed is not Deed.HAPPENED:
        question.setdefault("template", "welcome")
    return await DatabaseHistory(database).tells(HistoryQuestion(enrollment_id, deed, **question))


def message(session: Session, enrollment_id: str, state: State = State.ACCEPTED, **changes: Any) -> str:
    """Store a message of the welcome, sent an hour after the entry."""
    row = session.get_one(Enrollment, enrollment_id)
    values = {
        "id": new_id("msg"), "enrollment_id": row.id, "customer_id": row.customer_id, "step": new_id("step"),
        "visit": 1, "channel": "email", "template": "welcome", "state": state.value, "message_class": "service",
        "first_asked_at": NOON + HOUR, "decided_at": NOON + HOUR, **changes,
    }  # fmt: skip
    session.add(Message(**values))
    session.flush()
    return str(values["id"])


def event(session: Session, enrollment_id: str, type_: str, after: timedelta = 2 * HOUR, **properties: Any) -> None:
    """Store an event of the customer's, so long after the entry."""
    row = session.get_one(Enrollment, enrollment_id)
    session.add(
        InboxEvent(
            source="page",
            event_id=new_id("evt"),
            type=type_,
            customer_id=row.customer_id,
            fingerprint="",
            occurred_at=NOON + after,
            received_at=NOON + after,
            arrived_at=NOON + after,
            properties=properties,
        )
    )


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        (State.CLAIMED, False),
        (State.ATTEMPTING, True),
        (State.RETRYABLE, False),
        (State.ACCEPTED, True),
        (State.REJECTED, False),
        (State.UNKNOWN, True),
        (State.SUPPRESSED, False),
        (State.CANCELLED, False),
    ],
)
async def test_what_may_have_gone_counts_as_sent(database: Database, state: State, sent: bool) -> None:
    """A message whose fate is open counts as sent, one that certainly did not go does not (guarantees A7)."""
    mine = await database.write(enrolled)
    await database.write(lambda session: message(session, mine, state))
    assert await tells(database, mine, Deed.SENT) is sent


async def test_only_this_message_of_this_journey_counts(database: Database) -> None:
    """Another template, another channel or another journey's message answers for nobody."""

    def two(session: Session) -> list[str]:
        customer = add_customer(session)
        return [add_enrollment(session, customer).id for _ in range(2)]

    mine, other = await database.write(two)
    await database.write(lambda session: message(session, other))
    assert not await tells(database, mine, Deed.SENT)
    await database.write(lambda session: message(session, mine))
    assert await tells(database, mine, Deed.SENT, channel="email")
    assert not await tells(database, mine, Deed.SENT, channel="sms")
    assert not await tells(database, mine, Deed.SENT, template="promo-code")


async def test_openings_and_clicks_are_told_apart(database: Database) -> None:
    """Who clicks has opened and received a message; who opens has not clicked."""
    mine = await database.write(enrolled)
    sent = await database.write(lambda session: message(session, mine))
    for deed in (Deed.DELIVERED, Deed.OPENED, Deed.CLICKED):
        assert not await tells(database, mine, deed)
    await database.write(lambda session: event(session, mine, "message.opened", message_id=sent, machine=False))
    assert await tells(database, mine, Deed.DELIVERED)
    assert await tells(database, mine, Deed.OPENED)
    assert not await tells(database, mine, Deed.CLICKED)
    await database.write(lambda session: event(session, mine, "message.clicked", message_id=sent, machine=False))
    assert await tells(database, mine, Deed.CLICKED)


async def test_a_click_alone_is_an_opening(database: Database) -> None:
    """A customer whose mail program hides the pixel, and who clicks, has opened the message."""
    mine = await database.write(enrolled)
    sent = await database.write(lambda session: message(session, mine))
    await database.write(lambda session: event(session, mine, "message.clicked", message_id=sent, machine=False))
    assert await tells(database, mine, Deed.OPENED)


async def test_a_provider_s_report_is_a_delivery(database: Database) -> None:
    """What the provider reported as delivered was delivered, opened or not."""
    mine = await database.write(enrolled)
    await database.write(lambda session: message(session, mine, delivery="delivered"))
    assert await tells(database, mine, Deed.DELIVERED)
    assert not await tells(database, mine, Deed.OPENED)


async def test_machines_do_not_count_unless_asked_for(database: Database) -> None:
    """A scanner that opens every link makes nobody active."""
    mine = await database.write(enrolled)
    sent = await database.write(lambda session: message(session, mine))
    await database.write(lambda session: event(session, mine, "message.clicked", message_id=sent, machine=True))
    assert not await tells(database, mine, Deed.CLICKED)
    assert await tells(database, mine, Deed.CLICKED, machines=True)


@pytest.mark.parametrize(("hours", "in_time"), [(2, True), (3, True), (3.01, False)])
async def test_a_time_counts_from_the_message(database: Database, hours: float, in_time: bool) -> None:
    """A click within two hours of a message that went an hour after the entry came by the third hour."""
    mine = await database.write(enrolled)
    sent = await database.write(lambda session: message(session, mine))
    after = hours * HOUR
    await database.write(lambda session: event(session, mine, "message.clicked", after, message_id=sent))
    assert await tells(database, mine, Deed.CLICKED, within_seconds=7200) is in_time


async def test_an_event_counts_since_the_entry(database: Database) -> None:
    """A confirmation from before the journey is not its business; a later one is, if it is the customer's own."""
    mine, stranger = await database.write(enrolled), await database.write(lambda s: enrolled(s, email="b@example.com"))
    await database.write(lambda session: event(session, mine, "subscription.confirmed", -HOUR))
    await database.write(lambda session: event(session, stranger, "subscription.confirmed", HOUR))
    assert not await tells(database, mine, Deed.HAPPENED, event_type="subscription.confirmed")
    await database.write(lambda session: event(session, mine, "subscription.confirmed", 3 * HOUR))
    assert await tells(database, mine, Deed.HAPPENED, event_type="subscription.confirmed")
    assert not await tells(database, mine, Deed.HAPPENED, event_type="subscription.confirmed", within_seconds=7200)
