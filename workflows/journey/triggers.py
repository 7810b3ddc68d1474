"""Who enters a journey, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from activities.entries import Circumstances, EarlierEntry
from workflows.journey.rules import Rule


@dataclass(frozen=True)
class Reentry:
    """Whether a customer may enter a journey again. Decided by unique rows of ours: Temporal forgets.

    Attributes:
        value: the policy in words.
        key: for one entry a key, the property of the event that holds it, e.g. ``orderId``.
        pause: for re-entry after a while, how long after the last entry, journey time.
    """

    value: str
    key: str = ""
    pause: timedelta | None = None

    NEVER: ClassVar["Reentry"]
    ONE_AT_A_TIME: ClassVar["Reentry"]

    @classmethod
    def per(cls, key: str) -> "Reentry":
        """One entry for each value of a property of the event, ever."""
        return cls(f"one entry for each {key}", key=key)

    @classmethod
    def after(cls, pause: timedelta) -> "Reentry":
        """Again, this long after the last entry, once that has ended."""
        return cls(f"again after {pause.days} days", pause=pause)

    def entry_key(self, properties: Mapping[str, Any], earlier: Sequence[EarlierEntry], now: datetime) -> str | None:
        """The key of a new entry, or None where there may be none.

        Args:
            properties: of the event.
            earlier: the customer's entries so far.
            now: journey instant, UTC.
        """
        if self.key:
            value = properties.get(self.key)
            keyed = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
            return None if not keyed or any(entry.key == keyed for entry in earlier) else keyed
        if self == Reentry.NEVER:
            return None if earlier else ""
        if any(entry.running for entry in earlier):
            return None
        if self.pause is not None and any(now - entry.entered_at < self.pause for entry in earlier):
            return None
        return str(len(earlier)) if earlier else ""


Reentry.NEVER = Reentry("never")
Reentry.ONE_AT_A_TIME = Reentry("one at a time")


@dataclass(frozen=True)
class On:
    """The event that enrolls a customer, e.g. ``On("account.registered")``.

    Attributes:
        event_type: of the event.
        where: only if this holds of the event and the customer.
    """

    event_type: str
    where: Rule | None = None

    def __post_init__(self) -> None:
        if not self.event_type:
            raise ValueError("a trigger needs the type of an event")

    def admits(self, event_type: str, given: Circumstances) -> bool:
        """Whether an event lets the customer in."""
        return event_type == self.event_type and (self.where is None or self.where.holds(given))

    def words(self) -> str:
        """The trigger as a person would say it."""
        return self.event_type if self.where is None else f"{self.event_type} where {self.where.words()}"
