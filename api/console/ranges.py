"""The days that a page is about: the last so many, or from one to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

PRESETS = (7, 30, 90)
USUAL = 30


@dataclass(frozen=True)
class Days:
    """Days on which people entered: UTC, on the journey clock, both ends included.

    Attributes:
        first: the first one.
        last: the last one.
        preset: how many days until today; None where both were chosen.
        problem: why the wish could not be granted; empty if it was.
    """

    first: date
    last: date
    preset: int | None = None
    problem: str = ""

    @property
    def query(self) -> str:
        """What a link to the same days has after its question mark."""
        return f"days={self.preset}" if self.preset else f"from={self.first}&to={self.last}"

    @property
    def length(self) -> str:
        """``30 days``."""
        count = self.preset or (self.last - self.first).days + 1
        return f"{count} day{'' if count == 1 else 's'}"

    @property
    def words(self) -> str:
        """``8 Feb – 9 Mar 2027``."""
        begin = f"{self.first.day} {self.first:%b}" + (f" {self.first:%Y}" if self.first.year != self.last.year else "")
        return f"{begin} – {self.last.day} {self.last:%b %Y}"


def chosen(query: Mapping[str, str], today: date) -> Days:
    """The days that an address asks for; the usual ones where it asks for none, or for nonsense.

    Args:
        query: `days`, or `from` and `to`.
        today: UTC, journey clock.
    """
    if "from" in query or "to" in query:
        try:
            first = date.fromisoformat(query.get("from") or "")
            last = date.fromisoformat(query.get("to") or "")
        except ValueError:
            return _back(USUAL, today, "Choose both days. These are the last 30.")
        if last < first:
            return _back(USUAL, today, "The last day comes before the first. These are the last 30.")
        return Days(first, last)
    wanted = query.get("days", str(USUAL))
    known = next((preset for preset in PRESETS if str(preset) == wanted), None)
    return _back(known or USUAL, today, "" if known else "Not a range of days we know. These are the last 30.")


def _back(count: int, today: date, problem: str = "") -> Days:
    return Days(today - timedelta(days=count - 1), today, count, problem)
