"""Weekly summaries for staff: who wants one, whose is due, and that each is sent once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from activities.storage.tables import StaffMember, WeeklySummary
from activities.storage.upserts import insert_new

HOUR = time(8)  # on Mondays, on the member's clock
LATE = timedelta(hours=24)  # what was missed for longer is not made up for


class State(StrEnum):
    """What became of a summary."""

    CLAIMED = "claimed"  # it may have gone: whoever claimed it did not come back
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


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
    return [Recipient(row.id, row.name, row.summary_to, _monday(now, row.timezone)) for row in rows]


def due(session: Session, now: datetime) -> list[Recipient]:
    """Those whose Monday has struck eight lately, and who have not got it.

    Args:
        session: any transaction.
        now: wall-clock instant, UTC.
    """
    found = []
    for each in wanted(session, now):
        zone = ZoneInfo(session.get_one(StaffMember, each.staff_id).timezone)
        at = datetime.combine(each.week, HOUR, zone).astimezone(UTC)
        if at <= now < at + LATE and session.get(WeeklySummary, (each.staff_id, each.week)) is None:
            found.append(each)
    return found


def claim(session: Session, recipient: Recipient, now: datetime) -> bool:
    """Take on the sending of a summary.

    Args:
        session: a writing transaction, committed before the provider is called.
        recipient: whose, and of which week.
        now: wall-clock instant, UTC.

    Returns:
        False where somebody has, or has tried to: then it is never sent again.
    """
    row = {
        "staff_id": recipient.staff_id,
        "week": recipient.week,
        "state": State.CLAIMED,
        "reason": "",
        "claimed_at": now,
    }
    return insert_new(session, WeeklySummary, row)


def settle(session: Session, recipient: Recipient, state: State, reason: str = "") -> None:
    """Store what became of it.

    Args:
        session: a writing transaction.
        recipient: whose, and of which week.
        state: what became of it.
        reason: in the provider's words.
    """
    row = session.get_one(WeeklySummary, (recipient.staff_id, recipient.week))
    row.state, row.reason = state.value, reason


def _monday(now: datetime, zone: str) -> date:
    today = now.astimezone(ZoneInfo(zone)).date()
    return today - timedelta(days=today.weekday())
