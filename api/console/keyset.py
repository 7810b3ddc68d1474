"""Pages of long lists: each goes on where the one before it ended, however long the list is."""

from datetime import datetime
from typing import NamedTuple

SEPARATOR = "~"


class Cursor(NamedTuple):
    """The last row of a page.

    Attributes:
        at: its instant, UTC.
        id: tells rows of one instant apart.
    """

    at: datetime
    id: str

    def __str__(self) -> str:
        return f"{self.at.isoformat().replace('+00:00', 'Z')}{SEPARATOR}{self.id}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """From an address; None for the first page, and for what nobody has written here."""
        at, separator, row_id = text.partition(SEPARATOR)
        try:
            found = datetime.fromisoformat(at)
        except ValueError:
            return None
        return cls(found, row_id) if separator and found.tzinfo is not None else None
