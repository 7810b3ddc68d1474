"""How a parameter stands in a form, and how it comes back from one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from activities.arms import Arms
from activities.rendering import Written
from activities.send_window import SendWindow
from api.console.settings_words import WEEKDAYS, said
from api.values.numbers import whole
from workflows.journey import Parameter, Template
from workflows.journey.limits import names_design

SECONDS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}


@dataclass(frozen=True)
class Offered:
    """What there is to choose from.

    Attributes:
        templates: that are written.
        free: codes that are free, by voucher design.
    """

    templates: Written
    free: Mapping[str, int]


@dataclass(frozen=True)
class Field:
    """A parameter in a form.

    Attributes:
        name: of its inputs; parts of it are `NAME.PART`.
        kind: duration, window, instant, names, choice, yes-no, number, text, arms or design.
        values: what stands in the inputs, by part; the whole value under the empty name.
        choices: of a choice.
        labels: of choices that are not their own words; beside each design, how many codes are free.
        note: what to know before choosing.
    """

    name: str
    kind: str
    values: Mapping[str, str]
    choices: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def shown(parameter: Parameter[Any], value: object, offered: Offered) -> Field:
    """A parameter with a value of its type."""
    name = parameter.name
    match value:
        case timedelta():
            number, unit = _in_one_unit(value)
            return Field(name, "duration", {"": str(number), "unit": unit}, tuple(SECONDS))
        case SendWindow():
            days = {WEEKDAYS[day]: "on" for day in value.days}
            return Field(name, "window", {"opens": value.opens, "closes": value.closes, **days}, WEEKDAYS)
        case datetime():
            return Field(name, "instant", {"": value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")})
        case tuple():
            return Field(name, "names", {"": ", ".join(value)})
        case Arms():
            return Field(name, "arms", {arm: f"{weight:g}" for arm, weight in value.weights.items()})
        case Enum():
            return Field(name, "choice", {"": str(value.value)}, tuple(str(each.value) for each in type(value)))
        case bool():
            return Field(name, "yes-no", {"": "on" if value else ""})
        case int() | float():
            return Field(name, "number", {"": str(value)})
        case Template():
            return _template(name, parameter.default, value, offered.templates)
        case str() if names_design(name):
            labels = {design: f"{codes(free)} free" for design, free in offered.free.items()}
            present = labels.get(value, "no such design yet")
            return Field(name, "design", {"": value}, tuple(labels), labels, f"{value}: {present}.")
        case _:
            return Field(name, "text", {"": str(value)})


def _template(name: str, default: Template, value: Template, written: Written) -> Field:
    choices = default.choices(written)
    labels = {str(each): said(each) for each in choices}
    if value not in choices:
        labels[str(value)] = f"{said(value)} (no longer there)"
    note = "" if len(labels) > 1 else f"There is only one so far. A variant would be named {default}--short."
    return Field(name, "choice", {"": str(value)}, tuple(labels), labels, note)


def codes(free: int) -> str:
    """``1 code``, ``1,200 codes``, ``no code``."""
    return "no code" if not free else f"{free:,} code{'' if free == 1 else 's'}"


def sent(parameter: Parameter[Any], fields: Mapping[str, str], templates: Written) -> Any:
    """The value that a form sent, in the JSON form of its parameter.

    Args:
        parameter: which.
        fields: of the form, as sent.
        templates: that are written.

    Raises:
        ValueError: it is not of the parameter's type; the message names the parameter.
    """
    name = parameter.name

    def part(of: str = "") -> str:
        return fields.get(f"{name}.{of}" if of else name, "").strip()

    try:
        value = _value(parameter.default, part)
    except ValueError as error:
        raise ValueError(f"parameter {name}: {error}") from error
    return parameter.write(parameter.accept(value, templates))


def _value(default: object, part: Any) -> Any:
    match default:
        case timedelta():
            number, unit = whole(part()), SECONDS.get(part("unit"))
            if number is None or unit is None:
                raise ValueError("a whole number of days, hours, minutes or seconds is needed")
            return f"PT{number * unit}S"
        case SendWindow():
            days = [number for number, day in enumerate(WEEKDAYS) if part(day)]
            return {"opens": part("opens"), "closes": part("closes"), "days": days}
        case datetime():
            return f"{part()}+00:00"
        case tuple():
            return [name for each in part().split(",") if (name := each.strip())]
        case Arms():
            return {arm: _number(part(arm)) for arm in default.weights}
        case bool():
            return bool(part())
        case Enum():
            return part()
        case int():
            if whole(part().removeprefix("-")) is None:
                raise ValueError("a whole number is needed")
            return int(part())
        case float():
            return _number(part())
        case _:
            if not part():
                raise ValueError("something must stand here")
            return part()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("a number is needed") from None


def _in_one_unit(span: timedelta) -> tuple[int, str]:
    total = round(span.total_seconds())
    unit = next(each for each, seconds in SECONDS.items() if total % seconds == 0)
    return total // SECONDS[unit], unit
