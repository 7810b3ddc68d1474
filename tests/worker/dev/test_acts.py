"""What simulated customers do, one act at a time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlmodel import Session, select

from activities.channels import EMAIL, SMS
from activities.clock import JourneyClock
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.intake import Admission
from activities.storage.tables import Customer, InboxEvent, Message
from worker.dev import acts
from worker.dev.population import Deed, Person, read_population

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ADMISSION = Admission({}, JourneyClock(NOW, LONG_AGO, 720))
PEOPLE = 12


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A transaction in a system where nobody is."""
    database = Database(f"sqlite:///{tmp_path / 'sojourn.db'}", inline=True)
    database.create_all()
    with Session(database.engine) as found:
        yield found
    database.close()


def people(kind: str) -> list[Person]:
    """Some who register with the same."""
    return [replace(read_population().person(number), kind=kind) for number in range(PEOPLE)]


def does(session: Session, person: Person, *deeds: Deed) -> Customer:
    """Somebody registers and does that; each is done again an hour later, as after a restart."""
    customer = acts.register(session, person, ADMISSION, NOW).customer
    session.flush()
    for each, now in product(deeds, (NOW, NOW + timedelta(hours=1))):
        acts.act(session, each, person, customer, None, ADMISSION, Reachability("a secret"), now)
        session.flush()
    return customer


def heard(session: Session, customer: Customer) -> dict[str, InboxEvent]:
    """What we know of what they did, by type."""
    rows = session.exec(select(InboxEvent).where(InboxEvent.customer_id == customer.id)).all()
    assert len({row.type for row in rows}) == len(rows)
    return {row.type: row for row in rows if row.source != "sojourn"}


def test_those_with_a_phone_choose_between_two_channels(session: Session) -> None:
    """A marketer finds customers who like texts better, others who like emails, and what each of them likes to read."""
    chosen = set()
    for person in people("email-and-phone"):
        customer = does(session, person, Deed.CHOOSES)
        service = heard(session, customer)["service.subscribed"].properties["serviceName"]
        chosen.add((customer.preferred_channel, service))
        assert len(customer.attributes["interests"]) == 1
    assert chosen == {(EMAIL.value, "LoyaltyProgrammeEmail"), (SMS.value, "LoyaltyProgrammeSMS")}


def test_those_without_a_phone_choose_emails(session: Session) -> None:
    """Nobody likes texts who has no phone."""
    assert {does(session, each, Deed.CHOOSES).preferred_channel for each in people("email")} == {EMAIL.value}


def test_everybody_joins_and_orders_for_themselves(session: Session) -> None:
    """Each who joins or orders is heard of once, with what they bought and when it was by the journeys' clock."""
    for person in people("email"):
        found = heard(session, does(session, person, Deed.JOINS, Deed.ORDERS_WINTER))
        assert "platform.user.created" in found
        order = found["order.completed"].properties
        assert order["completedOn"].startswith("2020-01-01")
        assert (order["total"], [each["sku"] for each in order["products"]]) == (84.0, ["FB-1"])
        assert order["orderId"] == f"{person.id}-orders-winter"


def test_whom_the_call_centre_is_told_of_takes_its_call() -> None:
    """A call to another system is followed by what people do about it, not by their life from the beginning."""
    call = Message(
        id="msg_1",
        enrollment_id="enr_1",
        customer_id="cus_1",
        step="webhook-call-centre",
        visit=1,
        channel="webhook",
        template="",
        state="accepted",
        message_class="service",
        first_asked_at=NOW,
    )
    deeds = {act.does for person in people("email") for act in person.acts(acts.followed(call))}
    assert deeds == {Deed.TAKES_CALL}
