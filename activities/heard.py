"""An event as a journey hears of it."""

from dataclasses import dataclass, field
from typing import Any

EXIT = "exit_on"
"""The listener of every journey's removing event."""


@dataclass(frozen=True)
class Heard:
    """An event that a journey listens for.

    Attributes:
        event_id: tells it apart; the same event heard twice counts once.
        listener: the journey's own name for what it listens for.
        type: of the event.
        properties: only those that the journey said it keeps: what comes here stays in its history.
    """

    event_id: str
    listener: str
    type: str
    properties: dict[str, Any] = field(default_factory=dict)
