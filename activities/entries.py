"""What decides whether an event lets a customer into a journey, or is heard inside one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Circumstances:
    """What a rule may look at.

    Attributes:
        properties: of the event.
        profile: the customer's attributes by name, custom ones included; dates of birth as ISO dates.
        parameters: the journey's, in their JSON form.
        trigger: properties of the event that enrolled the customer; empty for a trigger's own rule.
        today: the customer's local date, ISO; for ages.
    """

    properties: Mapping[str, Any]
    profile: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    trigger: Mapping[str, Any] = field(default_factory=dict)
    today: str = ""


@dataclass(frozen=True)
class EarlierEntry:
    """One of the customer's entries into the journey so far.

    Attributes:
        key: what told it apart.
        entered_at: journey instant, UTC.
        running: whether it has not ended yet.
    """

    key: str
    entered_at: datetime
    running: bool
