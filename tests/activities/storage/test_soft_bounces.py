"""An address or number that can take nothing for the time being is given up after a while, and comes back (D10)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from activities.callbacks import Callback, Kind
from activities.channels import EMAIL, SMS
from activities.facts import Facts
from activities.storage import callbacks
from activities.storage.database import Database
from activities.storage.facts import OBJECTED, Reachability
from activities.storage.ledger import State
from activities.storage.message_reports import HARD_BOUNCE
from activities.storage.soft_bounces import SOFT_BOUNCES
from activities.storage.tables import Customer, Message, OutboxItem, Suppression
from tests.activities.storage.receptions import reception_at
from tests.activities.storage.rows import NOON, add_customer, add_enrollment

LIMIT = 3
LATER = NOON + timedelta(days=30)


class Letters:
    """A customer who was sent five emails, one a day.

    Args:
        database: theirs.
        limit: after how many soft bounces in a row the address is given up.
        to: where the emails went, from the first to the last.
    """

    def __init__(self, database: Database, limit: int = LIMIT, to: Sequence[str] = ("ada@example.com",) * 5) -> None:
        self.database = database
        self.reachability = Reachability("secret", soft_bounces=limit)

        def enter(session: Session) -> None:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.execute(table.delete())
            enrollment = add_enrollment(session, add_customer(session, id="cus_1"))
            for number, address in enumerate(to):
                session.add(
                    Message(
                        id=f"msg_{number:032x}",
                        enrollment_id=enrollment.id,
                        customer_id="cus_1",
                        step=f"letter-{number}",
                        visit=1,
                        channel=EMAIL.value if "@" in address else SMS.value,
                        template="news",
                        state=State.ACCEPTED.value,
                        message_class="marketing",
                        first_asked_at=NOON,
                        decided_at=NOON + timedelta(days=number),
                        provider="acme",
                        provider_id=f"P{number}",
                        to=address,
                    )
                )

        database.write_now(enter)

    def tell(self, number: int, kind: Kind, **more: Any) -> None:
        """Let the provider report on the email of a day."""
        told = replace(Callback("acme", f"{number}/{kind}", kind, LATER, key=f"msg_{number:032x}"), **more)
        reception = reception_at(LATER, self.reachability)
        self.database.write_now(lambda session: callbacks.take(session, reception, told))

    def bounce(self, *numbers: int) -> None:
        """Let the emails of these days bounce softly."""
        for number in numbers:
            self.tell(number, Kind.SOFT_BOUNCED)

    @property
    def reasons(self) -> list[str]:
        """Why addresses are not used."""
        return self.database.read_now(lambda session: [row.reason for row in session.exec(select(Suppression))])

    @property
    def facts(self) -> Facts:
        """The customer as journeys see them."""
        return self.database.read_now(
            lambda session: self.reachability.facts(session, session.get_one(Customer, "cus_1"))
        )


@pytest.fixture(scope="module")
def shared() -> Iterator[Database]:
    """A database of the module's own, quick enough for many examples."""
    opened = Database("sqlite://", inline=True)
    opened.create_all()
    yield opened
    opened.close()


async def test_so_many_in_a_row_give_the_address_up(database: Database) -> None:
    """A customer whose mailbox is full for weeks is written to no more, their journeys hear of it and may text."""
    letters = Letters(database)
    letters.bounce(0, 1)
    assert (letters.reasons, EMAIL in letters.facts.reachable) == ([], True)
    letters.bounce(2)
    assert letters.reasons == [SOFT_BOUNCES]
    assert letters.facts.reachable == (SMS,)
    told = database.read_now(lambda session: [row.kind for row in session.exec(select(OutboxItem))])
    assert "facts" in told


@pytest.mark.parametrize("kind", [Kind.DELIVERED, Kind.OPENED, Kind.CLICKED])
async def test_one_that_arrives_begins_the_count_anew(database: Database, kind: Kind) -> None:
    """A mailbox that is full now and then is not given up; whoever read an email had it, too."""
    letters = Letters(database)
    letters.bounce(0, 1)
    letters.tell(2, kind)
    letters.bounce(3, 4)
    assert letters.reasons == []


async def test_the_last_one_that_arrived_counts(database: Database) -> None:
    """A mailbox that is full every other week is not given up, however often that was."""
    letters = Letters(database)
    letters.tell(0, Kind.DELIVERED)
    letters.bounce(1, 2)
    letters.tell(3, Kind.DELIVERED)
    letters.bounce(4)
    assert letters.reasons == []


@pytest.mark.parametrize("order", [(0, 1, 9), (9, 0, 1)])
async def test_a_household_has_one_number(database: Database, order: tuple[int, ...]) -> None:
    """A number that takes none of three texts is given up, though they were for two people, in whichever order."""
    number = "+447700900123"
    letters = Letters(database, to=(number,) * 2)

    def move_in(session: Session) -> None:
        enrollment = add_enrollment(session, add_customer(session, id="cus_2", email="bea@example.com", phone=number))
        session.add(
            Message(
                id=f"msg_{9:032x}",
                enrollment_id=enrollment.id,
                customer_id="cus_2",
                step="letter",
                visit=1,
                channel=SMS.value,
                template="news",
                state=State.ACCEPTED.value,
                message_class="marketing",
                first_asked_at=NOON,
                decided_at=NOON,
                provider="acme",
                provider_id="P9",
                to=number,
            )
        )

    database.write_now(move_in)
    letters.bounce(*order)
    assert letters.reasons == [SOFT_BOUNCES]


async def test_one_that_arrives_after_all_brings_the_address_back(database: Database) -> None:
    """A customer whose mailbox is in order again gets emails again, though reports came late."""
    letters = Letters(database)
    letters.bounce(0, 1, 2)
    letters.tell(4, Kind.DELIVERED)
    assert (letters.reasons, EMAIL in letters.facts.reachable) == ([], True)


@pytest.mark.parametrize("kind", [Kind.FAILED, Kind.SENT])
async def test_other_failures_are_not_counted(database: Database, kind: Kind) -> None:
    """Emails that were blocked for what they say, or are still tried, say nothing of the mailbox."""
    letters = Letters(database)
    for number in range(5):
        letters.tell(number, kind)
    assert letters.reasons == []


async def test_one_email_counts_once(database: Database) -> None:
    """A provider that reports the same bounce under many ids does not make a customer unreachable."""
    letters = Letters(database)
    for number in range(LIMIT):
        letters.tell(0, Kind.SOFT_BOUNCED, id=f"again-{number}")
    assert letters.reasons == []


async def test_every_address_has_its_own_count(database: Database) -> None:
    """A customer who has changed their address begins anew, and so does whoever is sent a text instead."""
    letters = Letters(database, to=["old@example.com"] * 2 + ["ada@example.com"] * 2 + ["+447700900123"])
    letters.bounce(0, 1, 2, 3, 4)
    assert letters.reasons == []


async def test_a_phone_that_cannot_be_reached_is_given_up(database: Database) -> None:
    """A customer whose phone is off for weeks gets no more texts, still gets emails; one that arrives ends it."""
    letters = Letters(database, to=["+447700900123"] * 5)
    letters.bounce(0, 1)
    assert SMS in letters.facts.reachable
    letters.bounce(2)
    assert (letters.reasons, letters.facts.reachable) == ([SOFT_BOUNCES], (EMAIL,))
    letters.tell(4, Kind.DELIVERED)
    assert (letters.reasons, SMS in letters.facts.reachable) == ([], True)


async def test_never_means_never(database: Database) -> None:
    """Staff may leave this to their provider."""
    letters = Letters(database, limit=0)
    letters.bounce(0, 1, 2, 3, 4)
    assert letters.reasons == []


async def test_a_report_that_waited_for_its_message_counts(database: Database) -> None:
    """A bounce that overtook the answer to its own email is counted as soon as it is understood."""
    letters = Letters(database)
    letters.bounce(0, 1)

    def hide(session: Session) -> None:
        session.get_one(Message, f"msg_{2:032x}").provider_id = ""

    def show(session: Session) -> None:
        session.get_one(Message, f"msg_{2:032x}").provider_id = "P2"
        session.flush()
        callbacks.merge_parked(session, reception_at(LATER, letters.reachability))

    database.write_now(hide)
    letters.tell(2, Kind.SOFT_BOUNCED, key="", provider_id="P2")
    assert letters.reasons == []
    database.write_now(show)
    assert letters.reasons == [SOFT_BOUNCES]


async def test_a_worse_reason_stays(database: Database) -> None:
    """An address that is known to be bad is not used again because an email once arrived there."""
    letters = Letters(database)
    letters.bounce(0, 1, 2)
    letters.tell(3, Kind.BOUNCED)
    letters.tell(4, Kind.DELIVERED)
    assert letters.reasons == [HARD_BOUNCE]


async def test_an_objection_outlives_a_full_mailbox(database: Database) -> None:
    """Whoever wanted no marketing when they were erased is not asked again because an email arrived."""
    letters = Letters(database)
    database.write_now(lambda session: letters.reachability.suppress(session, EMAIL, "ada@example.com", OBJECTED, NOON))
    letters.bounce(0, 1, 2)
    letters.tell(4, Kind.DELIVERED)
    assert letters.reasons == [OBJECTED]


KINDS = [Kind.SOFT_BOUNCED, Kind.FAILED, Kind.DELIVERED, Kind.BOUNCED, Kind.SENT]
REPORTS = st.sets(st.tuples(st.integers(0, 4), st.sampled_from(KINDS)), min_size=3)


@settings(deadline=None, max_examples=30)
@given(data=st.data(), reports=REPORTS)
def test_the_order_of_reports_does_not_matter(
    shared: Database, data: st.DataObject, reports: set[tuple[int, Kind]]
) -> None:
    """However the reports on five emails overtake each other, the same addresses are used in the end (B7)."""
    ends = []
    for _ in range(2):
        letters = Letters(shared)
        for number, kind in data.draw(st.permutations(sorted(reports))):
            letters.tell(number, kind)
        ends.append((letters.reasons, letters.facts.reachable))
    assert ends[0] == ends[1]
