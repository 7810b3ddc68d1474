"""The timeline: one entry for each thing that happened, or did not, to one customer in one journey."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One line of an enrollment's timeline.

    Attributes:
        seq: position within the enrollment, counted by the workflow, so a retry writes the same line again.
        at: journey instant, UTC.
        kind: wait, check, split, message, voucher, points, profile, webhook, event or outcome.
        step: name of the step, unique within a run (a second visit is ``NAME#2``).
        data: what belongs to the kind; never personal data, which stays in the tables it points to.
    """

    seq: int
    at: datetime
    kind: str
    step: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trail:
    """The entries a journey made since it last told the database."""

    enrollment_id: str
    entries: tuple[Entry, ...] = ()
