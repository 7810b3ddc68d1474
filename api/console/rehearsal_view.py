"""A rehearsal as the console tells it: where it would end, and what would happen until then."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from activities.profile_fields import STANDARD, field_named
from api.console.numbers import moment, sentence, span, spelled
from api.console.settings_words import length
from api.console.timeline import Day, Line, by_day
from api.console.wording import channel_name, reason_words
from api.rehearsals import Rehearsal, RehearsedMessage

COUNTED = {"email": ("email", "emails"), "sms": ("text", "texts"), "push": ("push message", "push messages")}
CALLS = ("call", "calls")
BEGINS = {
    "account.registered": "registers",
    "profile.created": "gets a profile",
    "platform.user.created": "joins the loyalty programme",
    "order.completed": "orders",
}

StepName = Callable[[str], str]


@dataclass(frozen=True)
class Letter:
    """A rehearsed message on the page.

    Attributes:
        number: from 0, in the order of time; its place on the page is ``m`` and its number.
        message: as it would have left us.
        caption: its template, and what it is.
    """

    number: int
    message: RehearsedMessage
    caption: str

    @property
    def shows_html(self) -> bool:
        """Whether it is an email with more than text."""
        return bool(self.message.html)


@dataclass(frozen=True)
class Told:
    """What the page says.

    Attributes:
        facts: the answer, in a few words each.
        days: what would happen, day by day on the customer's clock, the oldest first.
        letters: the messages.
        sendable: those of them that can be sent as a test.
    """

    facts: Sequence[tuple[str, str]]
    days: Sequence[Day]
    letters: Sequence[Letter]

    @property
    def sendable(self) -> list[Letter]:
        """Those that can be sent to somebody's own address or phone."""
        return [each for each in self.letters if each.message.channel in {"email", "sms"}]


def tell(found: Rehearsal, scenario: Mapping[str, Any], name: str, step_name: StepName) -> Told:
    """Put a rehearsal into words.

    Args:
        found: what came out.
        scenario: what went in.
        name: of the customer, as sentences begin.
        step_name: what a step is called in the picture of the journey; empty where nobody can say.
    """
    start = datetime.fromisoformat(scenario["start"])
    zone = ZoneInfo(found.timezone if found.entered else scenario["customer"].get("timezone", "UTC"))
    letters = [Letter(number, each, _caption(each)) for number, each in enumerate(found.messages)]
    begins = Line(start, "you", "person", f"{name} {_begins(scenario)}", why=_known(scenario["customer"]))
    if not found.entered:
        refused = Line(start, "not", "not", "The journey does not take the customer in", why="Its entry rule says no.")
        return Told([("Ends", "It does not begin")], by_day([begins, refused], zone), [])
    last = found.ended_at or datetime.max.replace(tzinfo=start.tzinfo)
    lines = [begins, *_happenings(scenario, start, name, last)]
    writer = _Writer(zone, step_name, letters)
    lines += [line for entry in found.timeline if (line := writer.line(entry)) is not None]
    ordered = sorted(lines, key=lambda line: line.at)  # stable: what happens from outside goes first
    return Told(_facts(found, letters), by_day(ordered, zone), letters)


def _facts(found: Rehearsal, letters: Sequence[Letter]) -> list[tuple[str, str]]:
    vouchers = sum(1 for entry in found.timeline if entry["kind"] == "voucher" and entry["code"])
    points = sum(entry["amount"] for entry in found.timeline if entry["kind"] == "points")
    began, ended = found.started_at, found.ended_at
    facts = [
        ("Ends", sentence(found.outcome) if found.outcome else "Still open"),
        ("After", (span(ended - began) if ended - began else "at once") if began and ended else "–"),
        ("Messages", _counted(letters)),
        ("Vouchers", str(vouchers)),
    ]
    if points:
        facts.append(("Points", f"{points:,}"))
    return [*facts, ("Rehearsed in", f"{found.took / timedelta(milliseconds=1):.0f} ms")]


def _counted(letters: Sequence[Letter]) -> str:
    numbers = Counter(letter.message.channel for letter in letters)
    said = []
    for channel, number in numbers.items():
        one, many = COUNTED.get(channel, CALLS)
        said.append(f"{number} {one if number == 1 else many}")
    return ", ".join(said) or "None"


def _caption(message: RehearsedMessage) -> str:
    return (
        message.template
        if message.channel == "email"
        else f"{message.template}, {COUNTED.get(message.channel, CALLS)[0]}"
    )


def _begins(scenario: Mapping[str, Any]) -> str:
    type_ = scenario["trigger"]["type"]
    return BEGINS.get(type_, f"does “{type_}”")


def _known(customer: Mapping[str, Any]) -> str:
    known = [field.label.lower() for name, field in STANDARD.items() if customer.get(name)]
    return f"Known: {_listed(known)}." if known else "Nothing is known but an id."


def _happenings(scenario: Mapping[str, Any], start: datetime, name: str, last: datetime) -> list[Line]:
    found = []
    for entry in scenario["then"]:
        at = start + _after(entry["after"])
        line = Line(at, "you", "plus", _happens(entry, name))
        found.append(line if at <= last else Line(last, "not", "not", line.text, why="The journey is over by then."))
    return found


def _after(text: str) -> timedelta:
    """What the form writes: ``P10D``, ``PT5H`` or ``PT5M``."""
    number = int(text.strip("PTDHM"))
    if text.endswith("D"):
        return timedelta(days=number)
    return timedelta(hours=number) if text.endswith("H") else timedelta(minutes=number)


def _happens(entry: Mapping[str, Any], name: str) -> str:
    match entry:
        case {"profile": changes}:
            named = {**changes, **changes.get("attributes", {})}
            labels = [field_named(each).label.lower() for each in named if each != "attributes"]
            return f"{name}’s profile changes: {_listed(labels)}"
        case {"event": {"type": type_}}:
            return f"The event “{type_}” comes in"
        case {"opt_out": channel}:
            return f"{name} opts out of {COUNTED[channel][1]}"
        case {"hold": reason}:
            return f"Staff hold the journey: {reason}"
        case {"cancel": reason}:
            return f"Staff cancel the journey: {reason}"
    return "Staff resume the journey"


class _Writer:
    """Says what an entry of the timeline says."""

    def __init__(self, zone: ZoneInfo, step_name: StepName, letters: Sequence[Letter]) -> None:
        self._zone = zone
        self._step_name = step_name
        self._letters = {(each.message.step, each.message.channel): each for each in letters}

    def line(self, entry: Mapping[str, Any]) -> Line | None:
        """The line; None for what stands elsewhere already."""
        at = datetime.fromisoformat(entry["at"])
        match entry["kind"]:
            case "wait":
                return self._wait(at, entry)
            case "check":
                name = self._step_name(entry["step"]) or f"{sentence(str(entry['condition']).replace('_', ' '))}?"
                return Line(at, "check", "check", name, strong="Yes" if entry["result"] else "No")
            case "message" | "webhook":
                return self._message(at, entry)
            case "voucher":
                if not entry["code"]:
                    return Line(at, "not", "voucher", f"No voucher “{entry['design']}” is left")
                return Line(at, "reward", "voucher", "Voucher assigned:", quote=entry["code"])
            case "points":
                why = f"The balance is {entry['balance']}."
                return Line(at, "reward", "points", f"{entry['amount']} points added", why=why)
            case "profile":
                return Line(at, "reward", "plus", f"The profile’s “{entry['field']}” becomes {entry['value']}")
            case "split":
                return Line(at, "check", "route", f"Drawn by lot for “{entry['split']}”:", strong=entry["arm"])
            case "outcome":
                why = f"{sentence(entry['reason'])}." if entry.get("reason") else ""
                return Line(at, "end", "goal", "Ends:", strong=spelled(entry["outcome"]), why=why)
            case "event" if entry["type"] not in {"hold", "resume", "held", "resumed"}:
                return Line(at, "check", "in", f"The journey hears of “{entry['type']}”")
        return None

    def _wait(self, at: datetime, entry: Mapping[str, Any]) -> Line:
        why = f": {spelled(entry['why'])}" if entry["why"] else ""
        if not entry["until"]:
            return Line(at, "wait", "clock", f"Waits{why}")
        until = datetime.fromisoformat(entry["until"])
        words = f"Until {moment(until, self._zone)}.{self._clock_change(at, until)}"
        return Line(at, "wait", "clock", f"Waits {length(until - at)}{why}", why=words)

    def _clock_change(self, at: datetime, until: datetime) -> str:
        """Where the clocks change meanwhile, the hour is another one: say why."""
        before, after = at.astimezone(self._zone).utcoffset(), until.astimezone(self._zone).utcoffset()
        if before is None or after is None or before == after:
            return ""
        hours = (until - at) / timedelta(hours=1)
        return f" The clocks go {'forward' if after > before else 'back'} meanwhile; these are {hours:g} hours."

    def _message(self, at: datetime, entry: Mapping[str, Any]) -> Line:
        channel = str(entry.get("channel", "webhook"))
        template = str(entry.get("template") or entry["step"].removeprefix("webhook-"))
        what, (result, _, reason) = channel_name(channel), str(entry["result"]).partition(":")
        why = reason_words(reason or str(entry.get("reason") or ""))
        if result in {"sent", "unknown"}:
            letter = self._letters.get((entry["step"], channel))
            unsure = "The provider gives no clear answer, so it is never sent again." if result == "unknown" else ""
            quote = (entry.get("subject") or _beginning(entry.get("body"))) if channel != "webhook" else template
            return Line(
                at,
                "message",
                channel,
                what,
                quote=quote or template,
                why=unsure,
                message_id=f"m{letter.number}" if letter else "",
            )
        if result == "deferred":
            return Line(
                at, "not", "not", f"Nothing sent yet{f': {why}' if why else ''}", why=f"“{template}” goes out later."
            )
        if result == "held":
            return Line(at, "not", "not", "Nothing sent: the journey is on hold", why=f"“{template}” waits.")
        failed = "refused by the provider" if result == "failed" else "not sent"
        return Line(at, "not", "not", f"{what} {failed}{f': {why}' if why else ''}", why=f"It was “{template}”.")


def _beginning(text: object) -> str:
    words = text if isinstance(text, str) else ""
    return words if len(words) <= 60 else f"{words[:60].rsplit(' ', 1)[0]} …"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
