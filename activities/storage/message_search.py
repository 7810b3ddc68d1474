"""Looking through all messages, the latest first: a page at a time, and never through more than a few thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy import select as columns
from sqlmodel import Session, col, select, tuple_

from activities.storage.customer_file import LETTER, Letter, reactions_to
from activities.storage.ledger import State
from activities.storage.reactions import Kind
from activities.storage.tables import Customer, Message, Reaction

LOOKED_THROUGH = 5_000  # messages; a filter that fits few of them then says how far it has come
PAGE = 50
FILTERED = (col(Message.journey), col(Message.template), col(Message.channel), col(Message.state))

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
        """Whether there is anything to look for that no index finds by itself."""
        return bool(self.journey or self.template or self.channel or self.result in RESULTS)

    @property
    def kind(self) -> Kind | None:
        """What must have become of them."""
        return Kind(self.result) if self.result and self.result not in RESULTS else None


@dataclass(frozen=True)
class Found:
    """A page of messages.

    Attributes:
        letters: the latest first.
        names: the customer of each, by id; without one where they were erased.
        reactions: what became of each.
        older: instant and id from which the next page goes on; None at the end.
        looked_until: journey instant down to which was looked, where that was not all and the page is not full.
    """

    letters: Sequence[Letter]
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
    window = _window(wanted)
    if wanted.filters:
        ids = _fitting(session, wanted, window)
    else:
        ids = [row.id for row in session.connection().execute(window)]
    letters = _named(session, ids)
    full = len(letters) > PAGE
    letters = letters[:PAGE]
    edge = _edge(session, window) if wanted.filters and not full else None
    return Found(
        letters,
        _names(session, {each.customer_id for each in letters}),
        reactions_to(session, [each.id for each in letters]),
        (letters[-1].asked_at, letters[-1].id) if full else edge,
        edge and edge[0],
    )


def _window(wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """The messages that are looked through, the latest first: all, or those that something became of."""
    place: tuple[Any, Any] = (col(Message.first_asked_at), col(Message.id))
    window = columns(place[0], place[1], *FILTERED)
    if wanted.kind is not None:
        place = (col(Reaction.asked_at).label("first_asked_at"), col(Reaction.message_id).label("id"))
        window = columns(*place).where(col(Reaction.kind) == wanted.kind.value)
    if wanted.before is not None:
        window = window.where(tuple_(*place) < wanted.before)
    if wanted.since is not None:
        window = window.where(place[0] >= wanted.since)
    if wanted.until is not None:
        window = window.where(place[0] < wanted.until)
    ordered = window.order_by(*(each.desc() for each in place))
    return ordered.limit(LOOKED_THROUGH if wanted.filters else PAGE + 1)


def _edge(session: Session, window: Select[*tuple[Any, ...]]) -> tuple[datetime, str] | None:
    """The last message that was looked through; None where those were all there are."""
    found = session.connection().execute(window.offset(LOOKED_THROUGH - 1).limit(1)).first()
    return None if found is None else (found.first_asked_at, found.id)


def _fitting(session: Session, wanted: Wanted, window: Select[*tuple[Any, ...]]) -> list[str]:
    """Ids of those in the window that fit; its limit keeps a database from choosing a longer way by another index."""
    looked = window.subquery().c
    found = columns(looked.id).order_by(looked.first_asked_at.desc(), looked.id.desc()).limit(PAGE + 1)
    of: Any = looked
    if wanted.kind is not None:
        found, of = found.join(Message, col(Message.id) == looked.id), Message
    if wanted.journey:
        found = found.where(of.journey == wanted.journey)
    if wanted.template:
        found = found.where(of.template == wanted.template)
    if wanted.channel:
        found = found.where(of.channel == wanted.channel)
    if wanted.result in RESULTS:
        found = found.where(of.state.in_(RESULTS[wanted.result]))
    return list(session.connection().execute(found).scalars())


def _named(session: Session, ids: Sequence[str]) -> list[Letter]:
    found = columns(*LETTER).where(col(Message.id).in_(ids))
    letters = [Letter(*row) for row in session.connection().execute(found)]
    return sorted(letters, key=lambda each: (each.asked_at, each.id), reverse=True)


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    rows = session.exec(select(Customer).where(col(Customer.id).in_(ids), col(Customer.erased_at).is_(None)))
    return {
        row.id: " ".join(part for part in (row.first_name, row.last_name) if part) or "Without a name" for row in rows
    }
