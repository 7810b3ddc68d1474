"""The contract of history: what a journey asks about what was done, and what the customer did, so far."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from temporalio import activity


class Deed(StrEnum):
    """What may have been done."""

    SENT = "sent"  # a message left, or may have left (guarantees A7)
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    HAPPENED = "happened"  # an event came


@dataclass(frozen=True)
class HistoryQuestion:
    """Whether something was done in one customer's journey.

    Attributes:
        enrollment_id: whose journey.
        deed: what.
        template: of the message; empty for an event.
        channel: of the message; empty for any.
        event_type: of the event; empty for a message.
        within_seconds: journey seconds in which it must have been done, counted from the moment the message went, or
            from the customer's entry where no message is concerned; 0 for no limit.
        machines: whether openings and clicks by machines count, too.
    """

    enrollment_id: str
    deed: Deed
    template: str = ""
    channel: str = ""
    event_type: str = ""
    within_seconds: float = 0.0
    machines: bool = False

    @property
    def within(self) -> timedelta | None:
        """The time in which it must have been done; None for no limit."""
        return timedelta(seconds=self.within_seconds) if self.within_seconds else None


class History(Protocol):
    """What the database remembers of customers' journeys."""

    async def tells(self, question: HistoryQuestion) -> bool:
        """Whether it was done."""
        ...


class HistoryActivities:
    """History, as Temporal sees it."""

    def __init__(self, history: History) -> None:
        self._history = history

    @activity.defn(name="ask_history")
    async def ask_history(self, question: HistoryQuestion) -> bool:
        """Whether something was done."""
        return await self._history.tells(question)
