"""Who enters a journey, and how often: the policy alone, and in storage."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select
from temporalio import workflow

from activities.clock import JourneyClock
from activities.entries import Circumstances, EarlierEntry
from activities.storage import customers, intake
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.database import Database
from activities.storage.enrolled import end
from activities.storage.intake import Admission
from activities.storage.tables import Enrollment
from workflows.journey import Enrollment as Input
from workflows.journey import Journey, On, Outcome, Property, Reentry

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
MONTH = timedelta(days=30)
DEAR = Property("total").at_least(50)


def entered(days_ago: float, key: str = "", *, running: bool = False) -> EarlierEntry:
    """An earlier entry."""
    return EarlierEntry(key, NOW - timedelta(days=days_ago), running)


@pytest.mark.parametrize(
    ("policy", "earlier", "key"),
    [
        (Reentry.NEVER, [], ""),
        (Reentry.NEVER, [entered(400)], None),
        (Reentry.ONE_AT_A_TIME, [], ""),
        (Reentry.ONE_AT_A_TIME, [entered(1, running=True)], None),
        (Reentry.ONE_AT_A_TIME, [entered(1)], "1"),
        (Reentry.ONE_AT_A_TIME, [entered(9), entered(1)], "2"),
        (Reentry.after(MONTH), [], ""),
        (Reentry.after(MONTH), [entered(29.99)], None),
        (Reentry.after(MONTH), [entered(30)], "1"),
        (Reentry.after(MONTH), [entered(31, running=True)], None),
        (Reentry.after(MONTH), [entered(90), entered(3)], None),
        (Reentry.per("orderId"), [], "o1"),
        (Reentry.per("orderId"), [entered(1, "o2", running=True)], "o1"),
        (Reentry.per("orderId"), [entered(400, "o1")], None),
    ],
    ids=lambda value: getattr(value, "value", None),
)
def test_reentry(policy: Reentry, earlier: list[EarlierEntry], key: str | None) -> None:
    """Never means never, one at a time waits for the end, a pause is counted from the last entry, a key counts once."""
    assert policy.entry_key({"orderId": "o1"}, earlier, NOW) == key


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"orderId": 17}, "17"),
        ({"orderId": ""}, None),
        ({"orderId": None}, None),
        ({"orderId": True}, None),
        ({"orderId": 1.5}, None),
        ({"orderId": ["o1"]}, None),
        ({}, None),
    ],
)
def test_a_key_is_a_text_or_a_whole_number(properties: dict[str, Any], key: str | None) -> None:
    """An event without a usable key lets nobody in: its journey could not be told from others."""
    assert Reentry.per("orderId").entry_key(properties, [], NOW) == key


def test_a_trigger_says_whom_it_lets_in() -> None:
    """Staff read the rule of a trigger in words."""
    trigger = On("order.completed", where=DEAR)
    assert trigger.words() == "order.completed where total is at least 50"
    assert trigger.admits("order.completed", Circumstances({"total": 50}))
    assert not trigger.admits("order.completed", Circumstances({"total": 49}))
    assert not trigger.admits("order.cancelled", Circumstances({"total": 50}))
    with pytest.raises(ValueError, match="type of an event"):
        On("")


@workflow.defn(name="dear-orders")
class DearOrders(Journey):
    """For orders of fifty and more, one at a time."""

    trigger = On("order.completed", where=DEAR)
    reentry = Reentry.ONE_AT_A_TIME

    @workflow.run
    async def run(self, enrollment: Input) -> Outcome:  # noqa: ARG002 - Temporal passes it
        return self.end("done")


@workflow.defn(name="other-orders")
class OtherOrders(Journey):
    """For all the others, again after a month."""

    trigger = On("order.completed", where=~DEAR)
    reentry = Reentry.after(MONTH)

    @workflow.run
    async def run(self, enrollment: Input) -> Outcome:  # noqa: ARG002 - Temporal passes it
        return self.end("done")


@pytest.fixture
def database() -> Iterator[Database]:
    """A database in memory with one customer."""
    opened = Database("sqlite://", inline=True)
    opened.create_all()
    registration = Registration(ProfileChanges({"email": "ada@example.com"}), "c1")
    opened.write_now(
        lambda session: customers.register(session, registration, default_zone="UTC", now=NOW, journey_now=NOW)
    )
    yield opened
    opened.close()


def order(database: Database, number: int, at: datetime = NOW, **properties: Any) -> list[str]:
    """The customer orders; the journeys they entered."""
    admission = Admission({each.name: each for each in (DearOrders, OtherOrders)}, JourneyClock(NOW, NOW))
    event = intake.Event(f"e{number}", "order.completed", None, {"orderId": f"o{number}", **properties})

    def transaction(session: Session) -> list[str]:
        customer = customers.find(session, "c1")
        assert customer is not None
        return [row.journey for row in intake.accept(session, event, customer, admission, at)]

    return database.write_now(transaction)


def end_all(database: Database) -> None:
    """Every journey comes to its end."""

    def transaction(session: Session) -> None:
        for row in session.exec(select(Enrollment)):
            end(session, row, "done", "", NOW)

    database.write_now(transaction)


@pytest.mark.parametrize(
    ("properties", "journey"),
    [
        ({"total": 50}, "dear-orders"),
        ({"total": 49.99}, "other-orders"),
        ({"total": "50"}, "other-orders"),
        ({}, "other-orders"),
    ],
)
def test_two_journeys_split_one_trigger(database: Database, properties: dict[str, Any], journey: str) -> None:
    """Each order enters exactly one of two journeys with complementary rules, also where the total is missing."""
    assert order(database, 1, **properties) == [journey]


def test_one_at_a_time_in_storage(database: Database) -> None:
    """A customer who is inside does not enter again; one whose journey has ended does, as often as they order."""
    assert order(database, 1, total=60) == ["dear-orders"]
    assert order(database, 2, total=60) == []
    end_all(database)
    assert order(database, 3, total=60) == ["dear-orders"]
    end_all(database)
    assert order(database, 4, total=60) == ["dear-orders"]


def test_a_pause_in_storage(database: Database) -> None:
    """A customer enters again a month after they last entered, and not a moment before."""
    assert order(database, 1) == ["other-orders"]
    end_all(database)
    assert order(database, 2, NOW + MONTH - timedelta(seconds=1)) == []
    assert order(database, 3, NOW + MONTH) == ["other-orders"]


def test_an_event_sent_again_enters_nobody_twice(database: Database) -> None:
    """The same event gets the same answer; nothing is started by it."""
    assert order(database, 1, total=60) == order(database, 1, total=60) == ["dear-orders"]
    rows = database.read_now(lambda session: session.exec(select(Enrollment)).all())
    assert len(rows) == 1
