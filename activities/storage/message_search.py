"""Looking through all messages, the latest first: a page at a time, and never through more than a few thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select as columns
from sqlmodel import Session, col, select, tuple_

from activities.storage.customer_file import LETTER, Letter, reactions_to
from activities.storage.ledger import State
from activities.storage.reactions import Kind
from activities.storage.tables import Customer, Enrollment, Message, Reaction

LOOKED_THROUGH = 5_000  # messages; a filter that fits few of them then says how far it has come
PAGE = 50

RESULTS: dict[str, tuple[State, ...]] = {
    "sent": (State.ACCEPTED, State.UNKNOWN),
    "waiting": (State.CLAIMED, State.ATTEMPTING, State.RETRYABLE),
    "not-sent": (State.SUPPRESSED, State.CANCELLED),
    "refused": (State.REJECTED,),
}


@dataclass(frozen=True)
class Wanted:
    """Which messages.

    Attributes:
        journey: name of one; empty for all.
        template: likewise.
        channel: likewise.
        result: one of `RESULTS`, or what became of those that were sent, as in `reactions.Kind`.
        since: journey instant (UTC) of the first; None for the first ever.
        until: journey instant (UTC) before which the last was asked for.
        before: journey instant and id of the last one of the page before this.
    """

    journey: str = ""
    template: str = ""
    channel: str = ""
    result: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, str] | None = None

    @property
    def filters(self) -> bool:
        """Whether there is anything to look for within the time."""
        return bool(self.journey or self.template or self.channel or self.result)


@dataclass(frozen=True)
class Found:
    """A page of messages.

    Attributes:
        letters: the latest first.
        journeys: the journey of each, by enrollment.
        names: the customer of each, by id; without one where they were erased.
        reactions: what became of each.
        older: instant and id from which the next page goes on; None at the end.
        looked_until: journey instant down to which was looked, where that was not all and the page is not full.
    """

    letters: Sequence[Letter]
    journeys: Mapping[str, str]
    names: Mapping[str, str]
    reactions: Mapping[str, Mapping[str, datetime]]
    older: tuple[datetime, str] | None
    looked_until: datetime | None


def search(session: Session, wanted: Wanted) -> Found:
    """A page of messages.

    Args:
        session: any transaction.
        wanted: which.
    """
    place = (col(Message.first_asked_at), col(Message.id))
    window = columns(*place).order_by(place[0].desc(), place[1].desc()).limit(LOOKED_THROUGH)
    if wanted.before is not None:
        window = window.where(tuple_(*place) < wanted.before)
    if wanted.since is not None:
        window = window.where(place[0] >= wanted.since)
    if wanted.until is not None:
        window = window.where(place[0] < wanted.until)
    if not wanted.filters:
        window = window.limit(PAGE + 1)
    looked = session.connection().execute(window).all()
    if not looked:
        return Found((), {}, {}, {}, None, None)
    letters = _fitting(session, wanted, looked[0], looked[-1]) if wanted.filters else _named(session, looked)
    full, more = len(letters) > PAGE, wanted.filters and len(looked) == LOOKED_THROUGH
    letters = letters[:PAGE]
    last = (letters[-1].asked_at, letters[-1].id) if full else (looked[-1][0], looked[-1][1])
    entered = {each.enrollment_id for each in letters}
    journeys = columns(col(Enrollment.id), col(Enrollment.journey)).where(col(Enrollment.id).in_(entered))
    return Found(
        letters,
        {row.id: row.journey for row in session.connection().execute(journeys)},
        _names(session, {each.customer_id for each in letters}),
        reactions_to(session, [each.id for each in letters]),
        last if full or more else None,
        looked[-1][0] if more and not full else None,
    )


def _named(session: Session, looked: Sequence[tuple[datetime, str]]) -> list[Letter]:
    found = columns(*LETTER).where(col(Message.id).in_([row[1] for row in looked]))
    return _sorted([Letter(*row) for row in session.connection().execute(found)])


def _fitting(
    session: Session, wanted: Wanted, newest: tuple[datetime, str], oldest: tuple[datetime, str]
) -> list[Letter]:
    """Those that fit, between two places."""
    place = tuple_(col(Message.first_asked_at), col(Message.id))
    found = columns(*LETTER).where(place <= (newest[0], newest[1]), place >= (oldest[0], oldest[1]))
    if wanted.journey:
        found = found.join(Enrollment, col(Enrollment.id) == col(Message.enrollment_id))
        found = found.where(col(Enrollment.journey) == wanted.journey)
    if wanted.template:
        found = found.where(col(Message.template) == wanted.template)
    if wanted.channel:
        found = found.where(col(Message.channel) == wanted.channel)
    if wanted.result in RESULTS:
        found = found.where(col(Message.state).in_(RESULTS[wanted.result]))
    elif wanted.result:
        found = found.join(Reaction, col(Reaction.message_id) == col(Message.id))
        found = found.where(col(Reaction.kind) == Kind(wanted.result).value)
    latest = found.order_by(col(Message.first_asked_at).desc(), col(Message.id).desc()).limit(PAGE + 1)
    return [Letter(*row) for row in session.connection().execute(latest)]


def _sorted(letters: list[Letter]) -> list[Letter]:
    return sorted(letters, key=lambda each: (each.asked_at, each.id), reverse=True)


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    rows = session.exec(select(Customer).where(col(Customer.id).in_(ids), col(Customer.erased_at).is_(None)))
    return {
        row.id: " ".join(part for part in (row.first_name, row.last_name) if part) or "Without a name" for row in rows
    }
