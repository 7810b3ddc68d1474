"""Customers, enrollments and pools as storage and gate tests need them."""

from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session

from activities.storage import vouchers
from activities.storage.ids import new_id
from activities.storage.tables import Customer, Enrollment, VoucherDesign

NOON = datetime(2027, 1, 12, 12, tzinfo=UTC)
"""A Tuesday in winter; in London wall clock and UTC agree."""

REWARD = "profile-reward"


def add_customer(session: Session, **changes: Any) -> Customer:
    """Store a customer who can be reached by email and text, in London; `changes` are columns."""
    customer = Customer(
        **{
            "id": new_id("cus"),
            "first_name": "Ada",
            "email": "ada@example.com",
            "phone": "+447700900123",
            "timezone": "Europe/London",
            "created_at": NOON,
            "registered_at": NOON,
            **changes,
        }
    )
    session.add(customer)
    session.flush()
    return customer


def add_enrollment(session: Session, customer: Customer, **changes: Any) -> Enrollment:
    """Store a running enrollment whose journey clock is the wall clock; `changes` are columns."""
    enrollment_id = new_id("enr")
    enrollment = Enrollment(
        **{
            "id": enrollment_id,
            "customer_id": customer.id,
            "journey": "data-collection-voucher",
            "entry_key": enrollment_id,
            "workflow_id": f"data-collection-voucher/{enrollment_id}",
            "state": "running",
            "clock_wall_origin": NOON,
            "clock_journey_origin": NOON,
            "enrolled_at": NOON,
            **changes,
        }
    )
    session.add(enrollment)
    session.flush()
    return enrollment


def enrolled(session: Session, **changes: Any) -> str:
    """The id of a new enrollment of a new customer; `changes` are columns of the customer."""
    return add_enrollment(session, add_customer(session, **changes)).id


def add_pool(session: Session, *codes: str, design: str = REWARD) -> None:
    """Load codes of a design worth ten pounds for sixty days."""
    vouchers.load(session, VoucherDesign(name=design, value="£10 off", short="£10 off"), codes)


BIRTHDAY = date(1990, 12, 10)
