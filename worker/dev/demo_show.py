"""What the demo shows: each message as it goes out, then what became of everybody."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from activities.channels import SMS
from worker.dev.demo_crowd import Found
from worker.dev.ends import Story
from worker.dev.inbox import Received
from worker.dev.stage import Person

NAME_WIDTH = 19


class Show:
    """Writes to the terminal.

    Args:
        out: the terminal.
    """

    def __init__(self, out: Console) -> None:
        self._out = out
        self._people: dict[str, Person] = {}
        self._began: datetime | None = None

    def begins(self, people: Sequence[Person]) -> None:
        """Everybody has registered."""
        self._began = min(person.registered_at for person in people)
        for person in people:
            for field in ("email", "phone"):
                self._people[person.sample.registration.get(field, "")] = person
        self._out.print(f"{len(people)} customers have registered. Times are those on each customer's own clock.\n")

    def message(self, message: Received) -> None:
        """One message went out."""
        person = self._people.get(message.to)
        if person is None:  # an address that came later, such as one typed on the page
            return
        kind, style = ("text ", "magenta") if message.channel is SMS else ("email", "cyan")
        self._line(person, message.at, Text.assemble((kind, style), "  ", message.subject or message.text))

    def deed(self, person: Person, what: str, at: datetime) -> None:
        """Somebody did something."""
        self._line(person, at, Text(what, style="italic dim"))

    def end(self, person: Person, outcome: str, at: datetime) -> None:
        """A journey has ended."""
        self._line(person, at, Text(f"The journey has ended: {outcome}", style="green"))

    def _line(self, person: Person, at: datetime, what: Text) -> None:
        day = (at - (self._began or at)).days
        local = f"{at.astimezone(person.zone):%a %H:%M}"
        who = f"{person.sample.name}, {person.sample.city}"[:NAME_WIDTH]
        line = Text.assemble((f"day {day:>2}  ", "dim"), f"{local}  ", (f"{who:<{NAME_WIDTH}}  ", "bold"), what)
        self._out.print(line, no_wrap=True, overflow="ellipsis")

    def summary(
        self, people: Sequence[Person], stories: Sequence[Story], spent: Mapping[str, float], found: Found | None
    ) -> None:
        """What became of everybody, what the report says of simulated customers, and where the time went."""
        table = Table("customer", "the journey ended", "messages", "days")
        for person, story in zip(people, stories, strict=True):
            where = f"{person.sample.name}, {person.sample.city}"
            table.add_row(where, story.outcome or "not yet", _messages(story), _days(story))
        self._out.print()
        self._out.print(table)
        if found is not None:
            self._out.print(_report(found))
        sent = sum(len(story.sent) for story in stories)
        times = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in spent.items())
        self._out.print(f"{len(stories)} journeys, {sent} messages. Time: {times}.")


def document(people: Sequence[Person], stories: Sequence[Story], found: Found | None) -> dict[str, Any]:
    """What `--json` prints; `simulated` only where somebody was."""
    messages = [
        {"customer": story.name, **{key: entry[key] for key in MESSAGE_KEYS}}
        for story in stories
        for entry in story.messages
    ]
    messages.sort(key=lambda message: datetime.fromisoformat(message["at"]))
    return {
        "outcomes": dict(sorted(Counter(story.outcome or "not ended" for story in stories).items())),
        "messages": messages,
        "customers": [
            {
                "name": story.name,
                "customer_id": person.customer_id,
                "timezone": person.sample.registration["timezone"],
                "outcome": story.outcome,
                "shows": person.sample.end.name,
                "as_expected": person.sample.end.occurred(story),
            }
            for person, story in zip(people, stories, strict=True)
        ],
        **({"simulated": found.document()} if found is not None else {}),
    }


def _report(found: Found) -> str:
    """What was put in beside what was found."""
    said = f"{found.people:,} simulated customers, with a lift of {100 * found.declared:.0f} points put in. "
    if found.difference is None or found.interval is None or found.interval.low is None or found.interval.high is None:
        return f"{said}The report finds none: {found.words}\n"
    low, high = 100 * found.interval.low, 100 * found.interval.high
    return f"{said}The report finds {100 * found.difference:.0f} ({low:.0f} to {high:.0f}). {found.words}\n"


MESSAGE_KEYS = ("at", "local", "channel", "template", "result", "to", "subject", "body")


def _messages(story: Story) -> str:
    counts = Counter("text" if channel == "sms" else channel for channel, _ in story.sent)
    said = [f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in counts.items()]
    return ", ".join(said + (["one waited for morning"] if story.put_off else []))


def _days(story: Story) -> str:
    if not story.timeline:
        return ""
    first, last = (datetime.fromisoformat(story.timeline[index]["at"]) for index in (0, -1))
    return f"{(last - first).total_seconds() / 86400:.1f}"
