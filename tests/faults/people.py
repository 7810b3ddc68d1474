"""Customers of the fault suite: everything personal about them has a word in it that is found again anywhere."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import uuid4

from sqlmodel import Session

import workflows
from activities.storage import intake
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.facts import customer_changed
from activities.storage.intake import Admission
from activities.storage.tables import Customer, Enrollment
from tests.faults.checker import CANARY
from tests.faults.journeys import JOURNEYS
from tests.faults.site import Site

ZONE = "Europe/Prague"


def profile() -> dict[str, str]:
    """A customer who can be reached on every channel, as a registration says it."""
    return {
        "first_name": f"{CANARY.title()}",
        "email": f"{CANARY}-{uuid4().hex}@example.com",
        "phone": f"+420{random.randrange(601_000_000, 609_000_000)}",  # noqa: S311 - no secret
        "timezone": ZONE,
    }


def email_of(site: Site, enrollment_id: str) -> str:
    """A customer's email address."""

    def transaction(session: Session) -> str:
        row = session.get_one(Enrollment, enrollment_id)
        return session.get_one(Customer, row.customer_id).email or ""

    return site.database.read_now(transaction)


def complete(site: Site, enrollment_ids: Sequence[str]) -> None:
    """Let customers complete their profile, as the page does."""

    def transaction(session: Session) -> None:
        for enrollment_id in enrollment_ids:
            row = session.get_one(Enrollment, enrollment_id)
            customer = session.get_one(Customer, row.customer_id)
            customer.last_name, customer.date_of_birth = CANARY.title(), date(1990, 12, 10)
            customer_changed(session, customer, datetime.now(UTC))

    site.database.write_now(transaction)


def register(site: Site, number: int, journeys: Sequence[str], *, spread: float = 0.0, **different: str) -> list[str]:
    """Store registrations as the API does; ids of the enrollments.

    Args:
        site: where.
        number: of customers.
        journeys: which each of them enters.
        spread: journey seconds over which messages leave that had to wait.
        different: values of their profile.
    """
    known = workflows.catalogue() | JOURNEYS
    admission = Admission({name: known[name] for name in journeys}, site.clock, ZONE, spread)

    def transaction(session: Session) -> list[str]:
        ids = []
        for _ in range(number):
            changes = ProfileChanges({**profile(), **different}, {"push_token": f"{CANARY}-token-{uuid4().hex}"})
            registered = intake.register(session, Registration(changes), admission, datetime.now(UTC))
            ids += [row.id for row in registered.enrollments]
        return ids

    return site.database.write_now(transaction)
