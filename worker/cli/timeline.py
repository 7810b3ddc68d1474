"""A timeline as people read it: the day of the journey, the customer's clock, what happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.timeline_words import sentence


@dataclass(frozen=True)
class Line:
    """One thing that happened.

    Attributes:
        when: day of the journey and the customer's clock.
        what: in plain words.
        body: what the customer read; empty for all but messages that went out.
    """

    when: str
    what: str
    body: str = ""


def lines(timeline: Sequence[Mapping[str, Any]], zone: str) -> Iterator[Line]:
    """A line for each entry.

    Args:
        timeline: entries in the form of design section 5, the oldest first.
        zone: IANA name of the customer's zone.
    """
    first: datetime | None = None
    for entry in timeline:
        local = datetime.fromisoformat(entry["local"])
        first = first or local
        day = (local.date() - first.date()).days
        yield Line(f"day {day:>3}  {local:%a %d %b %H:%M}", sentence(entry, zone), _read_by_customer(entry))


def _read_by_customer(entry: Mapping[str, Any]) -> str:
    if entry["kind"] != "message" or entry["body"] is None:
        return ""
    head = f"To: {entry['to']}\n" + (f"Subject: {entry['subject']}\n" if entry["subject"] else "")
    return f"{head}\n{entry['body']}".rstrip()
