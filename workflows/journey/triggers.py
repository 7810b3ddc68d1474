"""Who enters a journey, and how often."""

from dataclasses import dataclass
from enum import StrEnum


class Reentry(StrEnum):
    """Whether a customer may enter a journey again. Decided by a unique row of ours: Temporal forgets."""

    NEVER = "never"


@dataclass(frozen=True)
class On:
    """The event that enrolls a customer, e.g. ``On("account.registered")``."""

    event_type: str

    def __post_init__(self) -> None:
        if not self.event_type:
            raise ValueError("a trigger needs the type of an event")
