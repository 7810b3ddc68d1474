"""A customer's timeline for the console: one line for each thing that happened, or did not, the newest first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from activities.clock import JourneyClock
from activities.profile_fields import field_named
from activities.storage.customer_file import CustomerFile, Letter
from activities.storage.holdout import HELD_OUT
from activities.storage.ledger import SENT_OR_MAY_BE, State
from activities.storage.reactions import Kind
from activities.storage.tables import AuditEntry, Enrollment, InboxEvent, TimelineEntry
from api.console.numbers import moment, spelled
from api.console.private_links import without_keys
from api.console.settings_words import length
from api.console.wording import channel_name, fates, reason_words
from api.timeline_words import sentence

StepName = Callable[[Enrollment, str], str]


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes:
        at: journey instant, UTC.
        look: message, reward, check, wait, not, you or end.
        icon: its name.
        text: what happened.
        strong: what of it stands out: the answer to a check.
        rest: of the sentence: what the answer lies in.
        quote: the subject of a message.
        why: in a sentence, what there is to add.
        journey: in which; empty for what the customer or staff did.
        message_id: which can be shown.
        fate: what became of it, and when.
    """

    at: datetime
    look: str
    icon: str
    text: str
    strong: str = ""
    rest: str = ""
    quote: str = ""
    why: str = ""
    journey: str = ""
    message_id: str = ""
    fate: tuple[tuple[str, datetime | None], ...] = ()

    @property
    def is_message(self) -> bool:
        """Whether it is about a message, sent or not."""
        return self.icon in {"email", "sms", "push", "webhook"} or self.look == "not"


@dataclass(frozen=True)
class Day:
    """The lines of one day on the customer's clock."""

    day: date
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        """``Monday 8 March 2027``."""
        return f"{self.day:%A} {self.day.day} {self.day:%B %Y}"


def lines(file: CustomerFile, clock: JourneyClock, name: str, step_name: StepName) -> list[Line]:
    """Everything that happened, the newest first.

    Args:
        file: of the customer.
        clock: the journey clock; what staff do is known by the wall clock.
        name: of the customer, as sentences begin.
        step_name: what a step is called in the picture of the journey; empty where nobody can say.
    """
    zone = ZoneInfo(file.customer.timezone)
    entered = {row.id: row for row in file.enrollments}
    found = [*(_event(name, event) for event in file.events), *_entries(file.enrollments)]
    found += [_action(action, clock, entered) for action in file.actions]
    writer = _Writer(file, zone, step_name)
    for entry in file.lines:
        row = entered[entry.enrollment_id]
        if (line := writer.line(entry, row)) is not None:
            found.append(replace(line, journey=row.journey))
    order = {id(line): number for number, line in enumerate(found) if line is not None}
    told = [line for line in found if line is not None]
    return sorted(told, key=lambda line: (line.at, order[id(line)]), reverse=True)


def by_day(found: Iterable[Line], zone: ZoneInfo) -> list[Day]:
    """The lines under the days on which they happened, on somebody's clock."""
    days: dict[date, list[Line]] = {}
    for line in found:
        days.setdefault(line.at.astimezone(zone).date(), []).append(line)
    return [Day(day, tuple(those)) for day, those in days.items()]


def _entries(rows: Iterable[Enrollment]) -> list[Line]:
    """That they entered journeys: one line for those that began with the same thing."""
    together: dict[tuple[datetime, bool, bool], list[str]] = {}
    for row in rows:
        together.setdefault((row.enrolled_at, row.arm == HELD_OUT, row.origin == "import"), []).append(row.journey)
    found = []
    for (at, held_out, imported), journeys in together.items():
        *most, last = sorted(journeys)
        why = "Held out: watched and not contacted, to see what the journey brings." if held_out else ""
        if imported:
            why = f"Imported, so it starts when its turn comes. {why}".strip()
        found.append(
            Line(at, "wait", "in", "Entered", strong=f"{', '.join(most)}{' and ' * bool(most)}{last}", why=why)
        )
    return found


_DID = {
    "account.registered": "registered",
    "profile.created": "",
    "platform.user.created": "joined the loyalty programme",
    "subscription.confirmed": "confirmed the address",
    "preferences.updated": "changed the preferences",
    "order.completed": "ordered",
    "order.cancelled": "cancelled an order",
    "voucher.redeemed": "used a voucher",
}


def _event(name: str, event: InboxEvent) -> Line | None:
    properties = event.properties
    if event.type.startswith("message."):
        return None  # stands with its message
    did, why = _DID.get(event.type), ""
    if event.type == "profile.updated":
        changed = [field_named(each.removeprefix("consents.")).label.lower() for each in properties.get("names") or []]
        if not changed:
            return None
        return Line(
            event.arrived_at, "you", "person", f"{name}’s profile changed", why=f"{', '.join(changed).capitalize()}."
        )
    if event.type == "consent.withdrawn":
        did = f"opted out of {channel_name(str(properties.get('channel', ''))).lower()}s"
    elif event.type == "service.subscribed":
        did, why = "subscribed", f"{properties.get('serviceName', '')}."
    elif event.type == "call.completed":
        did, why = "had a call", f"Its result: {properties.get('result', 'unknown')}."
    elif event.type == "order.completed" and (number := properties.get("orderId")):
        why = f"Order {number}."
    elif did is None:
        did = f"did “{event.type}”"
    if not did:
        return None
    return Line(event.arrived_at, "you", "person", f"{name} {did}", why=why)


_ACTIONS = {
    "enrollment.hold": "held the journey",
    "enrollment.resume": "resumed the journey",
    "enrollment.cancel": "cancelled the journey",
    "customer.create": "created the customer by hand",
    "customer.change": "changed the profile",
    "customer.export": "exported the customer’s data",
    "customer.erase": "erased the customer",
}


def _action(action: AuditEntry, clock: JourneyClock, entered: Mapping[str, Enrollment]) -> Line | None:
    did = _ACTIONS.get(action.action)
    if did is None:
        return None
    journey = entered[action.subject_id].journey if action.subject_id in entered else ""
    return Line(clock.at(action.at), "you", "person", f"{action.actor_name} {did}", quote=action.why, journey=journey)


def _to_the_minute(wait: timedelta) -> str:
    """As long waits are told; nobody asks for the seconds of six hours."""
    seconds = round(wait.total_seconds())
    return length(timedelta(seconds=seconds if seconds < 60 else round(seconds / 60) * 60))


class _Writer:
    """Says what an entry of a journey's timeline says."""

    def __init__(self, file: CustomerFile, zone: ZoneInfo, step_name: StepName) -> None:
        self._file = file
        self._zone = zone
        self._step_name = step_name
        self._codes = {row.id: row.code for row in file.vouchers}

    def line(self, entry: TimelineEntry, row: Enrollment) -> Line | None:
        """The line; None for what stands elsewhere already."""
        data = entry.data
        match entry.kind:
            case "wait":
                return self._wait(entry.at, data)
            case "check":
                name = self._step_name(row, entry.step) or f"{str(data['condition']).replace('_', ' ').capitalize()}?"
                return Line(
                    entry.at, "check", "check", name, strong="Yes" if data["result"] else "No", rest=_missing(data)
                )
            case "message" | "webhook":
                return self._message(entry, data)
            case "voucher":
                return self._voucher(entry.at, data)
            case "points":
                return _points(entry.at, data)
            case "outcome":
                why = f"{data['reason']}." if data.get("reason") else ""
                return Line(entry.at, "end", "goal", f"The journey ended: {spelled(str(data['outcome']))}", why=why)
            case "event":
                return None  # what they did stands in the inbox, what staff did in the audit log
        plain = sentence({"kind": entry.kind, "step": entry.step, **data}, self._zone.key)
        return Line(entry.at, "reward" if entry.kind == "profile" else "check", "plus", plain.removesuffix("."))

    def _wait(self, at: datetime, data: Mapping[str, Any]) -> Line:
        why = spelled(str(data.get("why") or "").strip())
        if not data.get("until"):
            return Line(at, "wait", "clock", f"Waits{': ' if why else ''}{why}")
        until = datetime.fromisoformat(data["until"])
        return Line(
            at,
            "wait",
            "clock",
            f"Waits {_to_the_minute(until - at)}{': ' if why else ''}{why}",
            why=f"Until {self._when(until)}.",
        )

    def _message(self, entry: TimelineEntry, data: Mapping[str, Any]) -> Line:
        letter = self._file.letters.get(data.get("message_id", ""))
        channel = str(data.get("channel", "webhook"))
        template = str(data.get("template", "")) or entry.step.removeprefix("webhook-")
        what, (result, _, reason) = channel_name(channel), str(data["result"]).partition(":")
        if result in {"sent", "unknown"}:
            return self._sent(entry.at, channel, result, letter, template, str(data.get("note") or ""))
        why = reason_words(reason or str(data.get("reason") or ""))
        if result == "deferred":
            rest = f": {why}" if why else ""
            return Line(entry.at, "not", "not", f"Nothing sent yet{rest}", why=f"{what} “{template}” goes out later.")
        if result == "held":
            return Line(
                entry.at, "not", "not", "Nothing sent: the journey is on hold", why=f"{what} “{template}” waits."
            )
        failed = result == "failed"
        text = f"{what} {'refused by the provider' if failed else 'not sent'}{': ' if why else ''}{why}"
        return Line(entry.at, "not", "not", text, why=f"It was “{template}”.", message_id=letter.id if letter else "")

    def _sent(self, at: datetime, channel: str, result: str, letter: Letter | None, template: str, note: str) -> Line:
        unsure = result == "unknown"
        why = "The provider did not confirm it, so it is never sent again." if unsure else note
        text = f"{channel_name(channel)} {'probably sent' if unsure else 'sent'}"
        if letter is None:
            return Line(at, "message", channel, text, quote=template, why=why)
        told = self._file.reactions.get(letter.id, {})
        fate: list[tuple[str, datetime | None]] = [*fates(told)]
        if Kind.DELIVERED in told and channel == "email" and not {Kind.OPENED, Kind.CLICKED} & told.keys():
            fate.append(("Not opened yet", None))
        quote = letter.subject or without_keys(letter.beginning) if channel != "webhook" else template
        return Line(
            at, "message", channel, text, quote=quote or template, why=why, message_id=letter.id, fate=tuple(fate)
        )

    def _voucher(self, at: datetime, data: Mapping[str, Any]) -> Line:
        code = self._codes.get(data.get("voucher_id", ""))
        if not code:
            return Line(at, "not", "voucher", f"No voucher “{data['design']}” was left")
        return Line(at, "reward", "voucher", f"Voucher “{data['design']}” assigned:", quote=code)

    def _when(self, at: datetime) -> str:
        return moment(at, self._zone)


def _missing(data: Mapping[str, Any]) -> str:
    """``, last name and date of birth are missing``, as the journey saw it then."""
    *most, last = [field_named(name).label.lower() for name in data.get("missing") or [""]]
    if data["result"] or not last:
        return ""
    return f", {', '.join(most)} and {last} are missing" if most else f", {last} is missing"


def _points(at: datetime, data: Mapping[str, Any]) -> Line:
    if not data.get("amount"):
        return Line(at, "not", "points", "No points added: they have had the most there is")
    return Line(at, "reward", "points", f"{data['amount']} points added", why=f"The balance is {data['balance']}.")


def latest_shown(found: Iterable[Line], letters: Mapping[str, Letter]) -> str:
    """The newest message that went out, which is shown unless another one is asked for; empty if there is none."""
    went = (line.message_id for line in found if line.message_id)
    return next((each for each in went if State(letters[each].state) in SENT_OR_MAY_BE), "")
