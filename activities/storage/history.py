"""What was done so far: the storage side of the contract in `activities/history.py`."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from activities.history import Deed, HistoryQuestion
from activities.storage.database import Database
from activities.storage.ledger import SENT_OR_MAY_BE
from activities.storage.tables import Enrollment, InboxEvent, Message

DELIVERED, OPENED, CLICKED = "message.delivered", "message.opened", "message.clicked"

# Who opens a message has it, and who clicks in it has opened it, whether or not the first was reported.
_EVENTS = {
    Deed.DELIVERED: (DELIVERED, OPENED, CLICKED),
    Deed.OPENED: (OPENED, CLICKED),
    Deed.CLICKED: (CLICKED,),
}


class DatabaseHistory:
    """Reads the ledger and the inbox.

    Args:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tells(self, question: HistoryQuestion) -> bool:
        """Whether it was done."""
        return await self._database.read(lambda session: _tells(session, question))


def _tells(session: Session, question: HistoryQuestion) -> bool:
    enrollment = session.get(Enrollment, question.enrollment_id)
    if enrollment is None:
        raise LookupError(f"no enrollment {question.enrollment_id}")
    entered, within = enrollment.enrolled_at, question.within
    if question.deed is Deed.HAPPENED:
        events = _events(session, enrollment, (question.event_type,))
        return any(_in_time(event.arrived_at, entered, within) for event in events)
    messages = {message.id: message for message in _messages(session, question)}
    if question.deed is Deed.SENT:
        return any(_in_time(_went(message), entered, within) for message in messages.values())
    if question.deed is Deed.DELIVERED and not within and any(m.delivery == "delivered" for m in messages.values()):
        return True
    return any(
        _in_time(event.arrived_at, _went(message), within)
        for event in _events(session, enrollment, _EVENTS[question.deed])
        if question.machines or event.properties.get("machine") is not True
        for message in _meant(event, messages)
    )


def _messages(session: Session, question: HistoryQuestion) -> Iterable[Message]:
    """The messages in question that were sent, or may have been (guarantees A7)."""
    statement = select(Message).where(
        Message.enrollment_id == question.enrollment_id,
        Message.template == question.template,
        col(Message.state).in_(SENT_OR_MAY_BE),
    )
    if question.channel:
        statement = statement.where(Message.channel == question.channel)
    return session.exec(statement).all()


def _events(session: Session, enrollment: Enrollment, types: tuple[str, ...]) -> Iterable[InboxEvent]:
    """The customer's events of some types since they entered."""
    return session.exec(
        select(InboxEvent).where(
            InboxEvent.customer_id == enrollment.customer_id,
            col(InboxEvent.type).in_(types),
            InboxEvent.arrived_at >= enrollment.enrolled_at,
        )
    ).all()


def _meant(event: InboxEvent, messages: dict[str, Message]) -> list[Message]:
    """The messages an event is about: the one it names by its id, or those of the template it names."""
    if "message_id" in event.properties:
        message = messages.get(event.properties["message_id"])
        return [] if message is None else [message]
    template = event.properties.get("template")
    return [message for message in messages.values() if message.template == template]


def _went(message: Message) -> datetime:
    return message.decided_at or message.first_asked_at


def _in_time(at: datetime, since: datetime, within: timedelta | None) -> bool:
    return within is None or at - since <= within
