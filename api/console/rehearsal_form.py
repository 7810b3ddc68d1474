"""The form of a rehearsal: from its fields to a scenario, and from a refused scenario back to the field."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from activities.rendering import Written
from activities.storage.designs import sample_codes
from api import values
from api.console.parameter_fields import sent
from api.console.rehearsal_examples import CHANNELS
from api.rehearsals import WrongScenarioError
from api.values.numbers import whole
from workflows.journey.limits import names_design

if TYPE_CHECKING:
    from workflows.journey import Journey

PARAMETER = "p:"  # before the name of a parameter: a journey may have one called email
POOL = "pool:"  # before the name of a parameter that names a voucher design
PROVIDER = "provider:"
TEXTS = (
    "id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "country",
    "date_of_birth",
    "timezone",
    "locale",
    "preferred_channel",
)
MOST_ROWS = 12
MOST_CODES = 1_000
UNITS = {"days": "P{}D", "hours": "PT{}H", "minutes": "PT{}M"}
HAPPENINGS = {
    "": "nothing",
    "profile": "the profile changes",
    "event": "an event comes in",
    "opt_out_email": "opts out of emails",
    "opt_out_sms": "opts out of texts",
    "hold": "staff hold it",
    "resume": "staff resume it",
    "cancel": "staff cancel it",
}
RESULTS = {
    "accepted": "accepts",
    "rejected": "refuses the address",
    "unavailable": "is away",
    "unknown": "gives no clear answer",
}
_INDEX = re.compile(r"then\[(\d+)\]\.?(.*)")


@dataclass
class Understood:
    """What the form says.

    Attributes:
        scenario: as `sojourn simulate` takes it.
        problems: what is wrong, by the name of the field; empty under the empty name where no field fits.
        rows: the row of the form that each entry of `then` came from.
    """

    scenario: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)

    def refuse(self, error: WrongScenarioError) -> None:
        """Show at its field what the rehearsal refused."""
        self.problems[self._place(error.path)] = _sentence(error.why)

    def _place(self, path: str) -> str:
        if found := _INDEX.match(path):
            return f"then.{self.rows[int(found[1])]}.{'after' if found[2] in {'after', 'at'} else 'details'}"
        head, _, part = path.partition(".")
        if head == "customer":
            return part.partition(".")[0]
        return {"start": "date", "trigger": "trigger"}.get(head, "")


def voucher_parameters(journey: type["Journey"]) -> list[str]:
    """The parameters that name a voucher design, by name."""
    return [name for name in journey.parameters() if names_design(name)]


def rows_of(fields: Mapping[str, str]) -> int:
    """How many rows there are for what happens then."""
    return min(whole(fields.get("rows", "")) or 1, MOST_ROWS)


def understand(journey: type["Journey"], fields: Mapping[str, str], templates: Written) -> Understood:
    """Read the form.

    Args:
        journey: to be rehearsed.
        fields: as sent.
        templates: that are written.
    """
    found = Understood()
    customer = {name: text for name in TEXTS if (text := fields.get(name, "").strip())}
    customer.setdefault("id", "example")
    attributes = _assigned(fields.get("attributes", ""), found, "attributes")
    found.scenario = {
        "start": _start(fields, found),
        "customer": {
            **customer,
            **({"attributes": attributes} if attributes else {}),
            "consents": {channel: bool(fields.get(f"consent_{channel}")) for channel in CHANNELS},
        },
        "trigger": {"type": journey.trigger.event_type, "properties": _properties(fields, found)},
        "then": _then(fields, found),
        "parameters": _parameters(journey, fields, found, templates),
        "providers": {
            channel: {"result": fields[f"{PROVIDER}{channel}"]}
            for channel in (*CHANNELS, "push", "webhook")
            if fields.get(f"{PROVIDER}{channel}", "accepted") != "accepted"
        },
    }
    found.scenario["vouchers"] = _vouchers(journey, fields, found)
    return found


def _start(fields: Mapping[str, str], found: Understood) -> str:
    try:
        zone = ZoneInfo(values.time_zone(fields.get("timezone", "").strip()))
    except values.WrongValueError as error:
        found.problems["timezone"] = _sentence(str(error))
        return ""
    try:
        day = date.fromisoformat(fields.get("date", "").strip())
    except ValueError:
        found.problems["date"] = "A day such as 2027-03-27 is needed."
        return ""
    try:
        at = time.fromisoformat(fields.get("time", "").strip())
        return datetime.combine(day, at, zone).astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        found.problems["time"] = "A time such as 21:30 is needed."
        return ""


def _properties(fields: Mapping[str, str], found: Understood) -> dict[str, Any]:
    text = fields.get("trigger", "").strip()
    try:
        read = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        read = None
    if isinstance(read, dict):
        return read
    found.problems["trigger"] = 'Properties are JSON, such as {"orderId": "A-1"}.'
    return {}


def _then(fields: Mapping[str, str], found: Understood) -> list[dict[str, Any]]:
    entries = []
    for row in range(rows_of(fields)):
        what = fields.get(f"then.{row}.what", "")
        if not what:
            continue
        number = whole(fields.get(f"then.{row}.after", "").strip())
        unit = UNITS.get(fields.get(f"then.{row}.unit", ""), UNITS["days"])
        if number is None:
            found.problems[f"then.{row}.after"] = "A whole number is needed."
            continue
        said = _said(what, fields.get(f"then.{row}.details", "").strip(), found, f"then.{row}.details")
        entries.append({"after": unit.format(number), **said})
        found.rows.append(row)
    return entries


def _said(what: str, details: str, found: Understood, place: str) -> dict[str, Any]:
    match what:
        case "profile":
            given = _assigned(details, found, place)
            if not given:
                found.problems.setdefault(place, "What changes, one a line, such as: last name = Byron")
            own = {name: value for name, value in given.items() if name in TEXTS}
            others = {name: value for name, value in given.items() if name not in TEXTS}
            return {"profile": own | ({"attributes": others} if others else {})}
        case "event":
            type_, _, lines = details.partition("\n")
            if not type_.strip():
                found.problems[place] = "The event's type, such as order.completed; its properties below it."
            return {"event": {"type": type_.strip(), "properties": _assigned(lines, found, place, as_typed=True)}}
        case "opt_out_email" | "opt_out_sms":
            return {"opt_out": what.removeprefix("opt_out_")}
        case "resume":
            return {"resume": details or True}
    if not details:
        found.problems[place] = "A reason is needed, as staff would give one."
    return {what: details}


def _assigned(text: str, found: Understood, place: str, *, as_typed: bool = False) -> dict[str, Any]:
    """Lines such as ``last name = Byron``; a value that is JSON is taken for it, none clears the attribute."""
    given: dict[str, Any] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        key = name.strip() if as_typed else name.strip().lower().replace(" ", "_")
        if not equals or not key:
            found.problems[place] = f"This is not of the form name = value: {line.strip()[:60]}"
            continue
        given[key] = _value(value.strip(), plain=key in TEXTS)
    return given


def _value(text: str, *, plain: bool) -> Any:
    if not text:
        return None
    if plain:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _parameters(
    journey: type["Journey"], fields: Mapping[str, str], found: Understood, templates: Written
) -> dict[str, Any]:
    given = {name.removeprefix(PARAMETER): text for name, text in fields.items() if name.startswith(PARAMETER)}
    read = {}
    for name, parameter in journey.parameters().items():
        try:
            read[name] = sent(parameter, given, templates)
        except ValueError as error:
            found.problems[f"{PARAMETER}{name}"] = _sentence(str(error).removeprefix(f"parameter {name}: "))
    return read


def _vouchers(journey: type["Journey"], fields: Mapping[str, str], found: Understood) -> dict[str, list[str]]:
    pools = {}
    for name in voucher_parameters(journey):
        number = whole(fields.get(f"{POOL}{name}", "").strip())
        if number is None or number > MOST_CODES:
            found.problems[f"{POOL}{name}"] = f"A whole number up to {MOST_CODES:,} is needed."
            continue
        design = found.scenario["parameters"].get(name)
        if design:
            pools[design] = list(islice(sample_codes(design), number))
    return pools


def _sentence(words: str) -> str:
    words = words.strip()
    return words if not words else f"{words[:1].upper()}{words[1:]}{'' if words[-1] in '.!?' else '.'}"
