"""Weekly summaries for staff: who wants one, whose is due, and the one row that each has."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from activities.storage.ledger import State
from activities.storage.provider_states import WAITING
from activities.storage.tables import StaffMember, WeeklySummary
from activities.storage.upserts import insert_new

HOUR = time(8)  # on Mondays, on the member's clock
LATE = timedelta(hours=24)  # what was missed for longer is not made up for


@dataclass(frozen=True)
class Recipient:
    """A member who wants the summary of a week.

    Attributes:
        staff_id: whose.
        name: theirs.
        to: email address.
        week: the Monday on which it goes out, on the member's clock.
    """

    staff_id: str
    name: str
    to: str
    week: date

    @property
    def key(self) -> str:
        """Of the summary, always the same, in characters that every provider takes in a key and a Message-ID."""
        return f"summary_{self.staff_id}_{self.week:%Y%m%d}"


def wish(session: Session, staff_id: str, to: str) -> None:
    """Send a member's summaries there from now on; nowhere for an empty address.

    Args:
        session: a writing transaction.
        staff_id: whose.
        to: a checked email address, or nothing.
    """
    session.get_one(StaffMember, staff_id).summary_to = to


def wanted(session: Session, now: datetime) -> list[Recipient]:
    """Everybody who wants this week's, sent or not.

    Args:
        session: any transaction.
        now: wall-clock instant, UTC.
    """
    members = select(StaffMember).where(StaffMember.summary_to != "", col(StaffMember.disabled_at).is_(None))
    rows = session.exec(members.order_by(col(StaffMember.login))).all()
    return [_recipient(row, _monday(now, row.timezone)) for row in rows]


def due(session: Session, now: datetime) -> list[Recipient]:
    """Those whose Monday has struck eight lately, and those whose summary is to be asked for again.

    Args:
        session: any transaction.
        now: wall-clock instant, UTC.
    """
    found = []
    for each in wanted(session, now):
        zone = ZoneInfo(session.get_one(StaffMember, each.staff_id).timezone)
        at = datetime.combine(each.week, HOUR, zone).astimezone(UTC)
        if at <= now < at + LATE and session.get(WeeklySummary, each.key) is None:
            found.append(each)
    unsettled = (
        select(WeeklySummary, StaffMember)
        .join(StaffMember, col(StaffMember.id) == WeeklySummary.staff_id)
        .where(
            col(WeeklySummary.state).in_(WAITING),
            or_(col(WeeklySummary.lease_until).is_(None), col(WeeklySummary.lease_until) <= now),
            or_(col(WeeklySummary.put_off_until).is_(None), col(WeeklySummary.put_off_until) <= now),
        )
    )
    return found + [_recipient(member, row.week) for row, member in session.exec(unsettled)]


def claimed(session: Session, recipient: Recipient, now: datetime) -> WeeklySummary:
    """The row of a summary, made if need be, and nobody else's until the transaction ends.

    Args:
        session: a writing transaction.
        recipient: whose, and of which week.
        now: wall-clock instant, UTC.
    """
    row = WeeklySummary(
        id=recipient.key,
        staff_id=recipient.staff_id,
        week=recipient.week,
        state=State.CLAIMED.value,
        first_asked_at=now,
    )
    insert_new(session, WeeklySummary, row.model_dump())
    return session.exec(select(WeeklySummary).where(WeeklySummary.id == recipient.key).with_for_update()).one()


def still_wanted(session: Session, row: WeeklySummary) -> bool:
    """Whether the member may sign in, and has an address for summaries.

    Args:
        session: any transaction.
        row: the summary.
    """
    member = session.get_one(StaffMember, row.staff_id)
    return bool(member.summary_to) and member.disabled_at is None


def _recipient(member: StaffMember, week: date) -> Recipient:
    return Recipient(member.id, member.name, member.summary_to, week)


def _monday(now: datetime, zone: str) -> date:
    today = now.astimezone(ZoneInfo(zone)).date()
    return today - timedelta(days=today.weekday())
