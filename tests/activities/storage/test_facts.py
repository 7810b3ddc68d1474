"""Facts: what journeys may know of a customer, and how they hear of a change."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, select

from activities.channels import EMAIL, SMS, Channel
from activities.facts import Facts
from activities.storage import customers
from activities.storage.database import Database
from activities.storage.facts import Reachability, customer_changed
from activities.storage.tables import Customer, Enrollment, OutboxItem, Suppression
from tests.activities.storage.rows import BIRTHDAY, NOON, add_customer, add_enrollment
from tests.readable import readable

REACHABILITY = Reachability("test-secret")


def _facts(session: Session, customer_id: str, reachability: Reachability = REACHABILITY) -> Facts:
    return reachability.facts(session, session.get_one(Customer, customer_id))


def _decide(session: Session, customer_id: str, channel: Channel, *, given: bool) -> None:
    customer = session.get_one(Customer, customer_id)
    customers.decide(session, customer, channel.value, given=given, source="test", now=NOON)


async def test_journeys_learn_names_and_no_values(database: Database) -> None:
    """Nothing of what a customer typed reaches a history: facts name the attributes that are set."""
    attributes = {"shoe_size": 43, "nickname": "", "tier": None}
    mine = await database.write(
        lambda session: add_customer(session, date_of_birth=BIRTHDAY, last_name="", attributes=attributes).id
    )
    facts = await database.read(lambda session: _facts(session, mine))
    assert facts.names == ("date_of_birth", "email", "first_name", "phone", "shoe_size")
    assert (facts.reachable, facts.opted_out, facts.timezone) == ((EMAIL, SMS), False, "Europe/London")


@pytest.mark.parametrize(
    ("columns", "withdrawn", "reachable", "opted_out"),
    [
        ({}, [], (EMAIL, SMS), False),
        ({}, [EMAIL], (SMS,), False),
        ({}, [EMAIL, SMS], (), True),
        ({"phone": None}, [EMAIL], (), True),
        ({"phone": None}, [SMS], (EMAIL,), False),
        ({"phone": None, "email": None}, [], (), False),
        ({"phone": None, "email": None}, [EMAIL, SMS], (), False),
    ],
)
async def test_leaving_the_last_channel_counts_as_leaving(
    database: Database,
    columns: dict[str, None],
    withdrawn: list[Channel],
    reachable: tuple[Channel, ...],
    opted_out: bool,
) -> None:
    """A customer who leaves one channel stays on the other; one who leaves the last has left."""

    def prepare(session: Session) -> str:
        customer = add_customer(session, **columns)
        for channel in withdrawn:
            _decide(session, customer.id, channel, given=False)
        return customer.id

    mine = await database.write(prepare)
    facts = await database.read(lambda session: _facts(session, mine))
    assert (facts.reachable, facts.opted_out) == (reachable, opted_out)


@pytest.mark.parametrize(
    ("columns", "decisions", "reachable", "undecided", "opted_out"),
    [
        ({}, {}, (EMAIL, SMS), (EMAIL, SMS), False),
        ({}, {SMS: True}, (EMAIL, SMS), (EMAIL,), False),
        ({}, {EMAIL: False}, (SMS,), (SMS,), False),
        ({}, {EMAIL: False, SMS: False}, (), (), True),
        ({"phone": None}, {}, (EMAIL,), (EMAIL,), False),
        ({"phone": None}, {EMAIL: False}, (), (), True),
    ],
)
async def test_where_silence_is_no_consent_it_is_no_refusal_either(
    database: Database,
    columns: dict[str, None],
    decisions: dict[Channel, bool],
    reachable: tuple[Channel, ...],
    undecided: tuple[Channel, ...],
    opted_out: bool,
) -> None:
    """A customer who was never asked can be written to, waits for no marketing, and has not left."""
    strict = Reachability("test-secret", consent_by_default=False)

    def prepare(session: Session) -> str:
        customer = add_customer(session, **columns)
        for channel, given in decisions.items():
            _decide(session, customer.id, channel, given=given)
        return customer.id

    mine = await database.write(prepare)
    facts = await database.read(lambda session: _facts(session, mine, strict))
    assert (facts.reachable, facts.undecided, facts.opted_out) == (reachable, undecided, opted_out)
    relaxed = await database.read(lambda session: _facts(session, mine))
    assert (relaxed.reachable, relaxed.undecided, relaxed.opted_out) == (reachable, (), opted_out)


async def test_a_suppressed_address_stays_suppressed_however_it_is_spelled(database: Database) -> None:
    """An address that bounced is not tried again for another customer, in capitals, or on a second report."""

    def prepare(session: Session) -> str:
        for reason in ("address refused", "again"):
            REACHABILITY.suppress(session, EMAIL, "Ada@Example.com ", reason, NOON)
            session.flush()
        return add_customer(session, email="ADA@example.COM").id

    mine = await database.write(prepare)
    facts = await database.read(lambda session: _facts(session, mine))
    assert (facts.reachable, facts.opted_out) == ((SMS,), False)
    rows = await database.read(lambda session: session.exec(select(Suppression)).all())
    assert [row.reason for row in rows] == ["address refused"]
    assert "ada@" not in readable(rows[0].address_hash)


async def test_an_erased_customer_has_no_facts(database: Database) -> None:
    """From the commit of an erasure on journeys learn that, and nothing else."""
    mine = await database.write(lambda session: add_customer(session, erased_at=NOON).id)
    facts = await database.read(lambda session: _facts(session, mine))
    assert facts.erased
    assert (facts.names, facts.reachable) == ((), ())


async def test_a_change_reaches_every_open_journey(database: Database) -> None:
    """Each open journey of the customer is told once; those that ended and those of others are not."""

    def prepare(session: Session) -> tuple[str, set[str]]:
        customer = add_customer(session)
        open_ones = {add_enrollment(session, customer, state=state).id for state in ("starting", "running")}
        add_enrollment(session, customer, state="ended")
        add_enrollment(session, add_customer(session))
        return customer.id, open_ones

    mine, open_ones = await database.write(prepare)
    for _ in range(2):
        await database.write(lambda session: customer_changed(session, session.get_one(Customer, mine), NOON))
    items = await database.read(lambda session: session.exec(select(OutboxItem)).all())
    assert {item.enrollment_id for item in items} == open_ones
    assert {(item.kind, item.revision) for item in items} == {("facts", 1)}
    assert (await database.read(lambda session: _facts(session, mine))).version == 3


async def test_changes_at_once_each_get_a_version(database: Database) -> None:
    """Two changes in the same moment are two versions, so the later snapshot always wins in the journey."""

    def prepare(session: Session) -> str:
        customer = add_customer(session)
        add_enrollment(session, customer)
        return customer.id

    mine = await database.write(prepare)

    def change(session: Session, turn: int) -> int:
        customer = session.get_one(Customer, mine)
        customer_changed(session, customer, NOON + timedelta(seconds=turn))
        return customer.version

    versions = await asyncio.gather(*(database.write(partial(change, turn=turn)) for turn in range(8)))
    assert sorted(versions) == list(range(2, 10))
    assert (await database.read(lambda session: session.exec(select(Enrollment)).one())).state == "running"
    (item,) = await database.read(lambda session: session.exec(select(OutboxItem)).all())
    assert item.revision == 7
