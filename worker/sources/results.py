"""What a run of an import from a database came to."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from activities.storage.tables import ImportSource


@dataclass(frozen=True)
class SourceRun:
    """How many rows a run has read, and what became of them.

    Attributes:
        rows: read.
        accepted: new customers.
        known: customers we had.
        refused: rows that cannot be taken.
    """

    rows: int = 0
    accepted: int = 0
    known: int = 0
    refused: int = 0


def between(before: "ImportSource", after: "ImportSource") -> SourceRun:
    """What was read between two looks at a source."""
    return SourceRun(
        after.rows - before.rows,
        after.accepted - before.accepted,
        after.known - before.known,
        after.refused - before.refused,
    )
