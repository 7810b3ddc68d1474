"""Small populations whose numbers can be checked by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from activities.clock import JourneyClock
from activities.storage import customers, enrolled, intake, journey_settings, trail, vouchers
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.enrollments import of_customer
from activities.storage.ids import new_id
from activities.storage.intake import Admission, Event
from activities.storage.reports import JourneyReport, journey_report
from activities.storage.tables import Customer, Enrollment, Message, VoucherDesign
from activities.timeline import Entry
from workflows import catalogue

MONDAY = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
JOURNEY = "data-collection-voucher"
DESIGN = "profile-reward"
WHOLE = {"last_name": "Byron", "phone": "+420601123456", "date_of_birth": date(1990, 12, 10)}
Line = tuple[str, str, Mapping[str, Any]]  # kind, step, data


@dataclass
class Population:
    """Customers, and what happens to them on a clock that the test sets.

    Attributes:
        session: a writing transaction.
        now: both clocks; the journey clock is the wall clock.
    """

    session: Session
    now: datetime = MONDAY
    admission: Admission = field(
        default_factory=lambda: Admission(catalogue(), JourneyClock(MONDAY - DAY, MONDAY - DAY, 1.0))
    )
    _events: int = 0

    def register(self, name: str, **values: Any) -> Customer:
        """A new customer, who enters what registrations let them into."""
        values = {"first_name": name, "email": f"{name}@example.com"} | values
        registration = Registration(ProfileChanges(values), name)
        return intake.register(self.session, registration, self.admission, self.now).customer

    def customer(self, name: str) -> Customer:
        """A customer by name."""
        found = customers.find(self.session, name)
        assert found is not None
        return found

    def entry(self, customer: Customer, journey: str = JOURNEY) -> Enrollment:
        """The customer's last entry into a journey."""
        return [row for row in of_customer(self.session, customer) if row.journey == journey][-1]

    def event(self, customer: Customer, event_type: str, **properties: Any) -> None:
        """Something happens to a customer."""
        self._events += 1
        event = Event(f"event-{self._events}", event_type, self.now, properties)
        intake.accept(self.session, event, customer, self.admission, self.now)

    def complete(self, customer: Customer) -> None:
        """The customer fills in what was missing."""
        customer.last_name, customer.phone, customer.date_of_birth = "Byron", "+420601123456", date(1990, 12, 10)
        self.change(customer, "last_name", "phone", "date_of_birth")

    def change(self, customer: Customer, *names: str) -> None:
        """The customer's profile changed."""
        self.session.add(customer)
        intake.profile_updated(self.session, customer, list(names), self.admission, self.now)

    def walk(self, row: Enrollment, *steps: str) -> None:
        """The journey records steps that the customer came to."""
        self.record(row, *(("wait", step, {}) for step in steps))

    def record(self, row: Enrollment, *lines: Line) -> None:
        """The journey records lines of its timeline."""
        entries = [
            Entry(row.last_seq + number, self.now, kind, step, dict(data))
            for number, (kind, step, data) in enumerate(lines, start=1)
        ]
        trail.keep(self.session, row, entries)

    def message(self, row: Enrollment, template: str, result: str, *, promised: str = "") -> str:
        """An email of the journey, and its line; the ledger's id of it."""
        channel, step = "email", f"{template}-email"
        message = Message(
            id=new_id("msg"),
            enrollment_id=row.id,
            customer_id=row.customer_id,
            step=step,
            visit=1,
            channel=channel,
            template=template,
            state="accepted" if result == "sent" else "suppressed",
            message_class="marketing",
            first_asked_at=self.now,
            decided_at=self.now,
            promised_design=promised,
        )
        self.session.add(message)
        self.session.flush()
        self.record(row, ("message", step, {"channel": channel, "template": template, "result": result}))
        return message.id

    def voucher(self, row: Enrollment) -> str:
        """A code for the customer."""
        given = vouchers.assign(self.session, DESIGN, row.id, f"voucher-{DESIGN}", 1, self.now, "UTC")
        assert given is not None
        self.record(row, ("voucher", f"voucher-{DESIGN}", {"design": DESIGN, "voucher_id": given.id}))
        return given.code

    def end(self, row: Enrollment, outcome: str) -> None:
        """The journey is over."""
        enrolled.end(self.session, row, outcome, "", self.now)

    def hold_out(self, share: float, journey: str = JOURNEY) -> None:
        """Leave a share of those who come from now on alone."""
        journey_settings.set_holdout(self.session, journey, share, self.now)

    def stock(self, *codes: str, unit_cost: int | None = None) -> None:
        """Fill the pool."""
        design = VoucherDesign(name=DESIGN, value="£10 off", unit_cost=unit_cost)
        vouchers.load(self.session, design, codes)

    def report(self, journey: str = JOURNEY, **days: Any) -> JourneyReport:
        """The report of a journey."""
        self.session.flush()
        return journey_report(self.session, catalogue()[journey], **days)
