"""Everything that staff see of one customer, read in a handful of queries, however long their history is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, or_, select

from activities.storage.tables import (
    AuditEntry,
    Confirmation,
    Consent,
    Customer,
    Enrollment,
    InboxEvent,
    Message,
    PointsEntry,
    Reaction,
    Redemption,
    TimelineEntry,
    TopicConsent,
    Voucher,
)

MOST_JOURNEYS = 30  # the latest; one order, one journey: some customers order every day
MOST_EVENTS = 200
MOST_ACTIONS = 100
BEGINNING = 160  # characters of a text, which say what it was about


@dataclass(frozen=True)
class Letter:
    """A message without its body.

    Attributes:
        id: of the ledger.
        enrollment_id: whose journey.
        customer_id: to whom.
        journey: its name.
        step: of the journey.
        channel: over which channel.
        template: which words.
        state: of the ledger.
        reason: why not, or why it waits.
        asked_at: journey instant at which the journey wanted it, UTC.
        decided_at: journey instant at which it was let pass, or not, UTC.
        to: the address.
        subject: of an email.
        beginning: of its text.
        put_off_for: why it waits.
        provider: who delivers.
    """

    id: str
    enrollment_id: str
    customer_id: str
    journey: str
    step: str
    channel: str
    template: str
    state: str
    reason: str
    asked_at: datetime
    decided_at: datetime | None
    to: str
    subject: str
    beginning: str
    put_off_for: str
    provider: str


LETTER = (
    col(Message.id),
    col(Message.enrollment_id),
    col(Message.customer_id),
    col(Message.journey),
    col(Message.step),
    col(Message.channel),
    col(Message.template),
    col(Message.state),
    col(Message.reason),
    col(Message.first_asked_at),
    col(Message.decided_at),
    col(Message.to),
    col(Message.subject),
    func.substr(col(Message.text), 1, BEGINNING),
    col(Message.put_off_for),
    col(Message.provider),
)


@dataclass(frozen=True)
class CustomerFile:
    """One customer, as staff see them.

    Attributes:
        customer: their row.
        enrollments: the latest first; no more than thirty.
        lines: of the timelines of those.
        letters: messages of those, by id.
        reactions: what became of them: kind and journey instant, by message.
        vouchers: kept or given in those.
        redeemed: when a voucher was used, by its id; journey instants.
        points: the balance; None where there never were any.
        events: what they did, the latest first; orders are among them.
        consents: decisions by channel.
        topics: decisions by topic.
        confirmations: that an address is theirs.
        actions: of staff, the latest first.
    """

    customer: Customer
    enrollments: Sequence[Enrollment]
    lines: Sequence[TimelineEntry]
    letters: dict[str, Letter]
    reactions: dict[str, dict[str, datetime]]
    vouchers: Sequence[Voucher]
    redeemed: dict[str, datetime]
    points: int | None
    events: Sequence[InboxEvent]
    consents: Sequence[Consent]
    topics: Sequence[TopicConsent]
    confirmations: Sequence[Confirmation]
    actions: Sequence[AuditEntry]


def customer_file(session: Session, customer: Customer) -> CustomerFile:
    """All of it.

    Args:
        session: any transaction.
        customer: whose.
    """
    mine = customer.id
    entered = session.exec(
        select(Enrollment)
        .where(Enrollment.customer_id == mine)
        .order_by(col(Enrollment.enrolled_at).desc(), col(Enrollment.journey))
        .limit(MOST_JOURNEYS)
    ).all()
    ids = [row.id for row in entered]
    letters = letters_of(session, ids)
    vouchers = session.exec(select(Voucher).where(col(Voucher.enrollment_id).in_(ids))).all()
    used = session.exec(select(Redemption).where(col(Redemption.voucher_id).in_([row.id for row in vouchers])))
    events = select(InboxEvent).where(InboxEvent.customer_id == mine).order_by(col(InboxEvent.arrived_at).desc())
    done_to = or_(
        (col(AuditEntry.subject_kind) == "customer") & (col(AuditEntry.subject_id) == mine),
        (col(AuditEntry.subject_kind) == "enrollment") & col(AuditEntry.subject_id).in_(ids),
    )
    balance = (
        select(PointsEntry.balance)
        .where(PointsEntry.customer_id == mine)
        .order_by(col(PointsEntry.awarded_at).desc(), col(PointsEntry.balance).desc())
        .limit(1)
    )
    return CustomerFile(
        customer=customer,
        enrollments=entered,
        lines=session.exec(select(TimelineEntry).where(col(TimelineEntry.enrollment_id).in_(ids))).all(),
        letters={letter.id: letter for letter in letters},
        reactions=reactions_to(session, [letter.id for letter in letters]),
        vouchers=vouchers,
        redeemed={row.voucher_id: row.at for row in used},
        points=session.exec(balance).first(),
        events=session.exec(events.limit(MOST_EVENTS)).all(),
        consents=session.exec(select(Consent).where(Consent.customer_id == mine)).all(),
        topics=session.exec(select(TopicConsent).where(TopicConsent.customer_id == mine)).all(),
        confirmations=session.exec(select(Confirmation).where(Confirmation.customer_id == mine)).all(),
        actions=session.exec(
            select(AuditEntry).where(done_to).order_by(col(AuditEntry.id).desc()).limit(MOST_ACTIONS)
        ).all(),
    )


def letters_of(session: Session, enrollment_ids: Sequence[str]) -> list[Letter]:
    """The messages of some journeys, without their bodies, which may be long."""
    found = columns(*LETTER).where(col(Message.enrollment_id).in_(enrollment_ids))
    return [Letter(*row) for row in session.connection().execute(found)]


def reactions_to(session: Session, message_ids: Sequence[str]) -> dict[str, dict[str, datetime]]:
    """What became of messages: journey instants by kind, by message."""
    found: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    rows = session.exec(select(Reaction).where(col(Reaction.message_id).in_(message_ids)).order_by(col(Reaction.at)))
    for row in rows:
        found[row.message_id][row.kind] = row.at
    return dict(found)
