"""How a parameter stands in a form, and how it comes back from one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from activities.arms import Arms
from activities.send_window import SendWindow
from api.console.settings_words import WEEKDAYS
from workflows.journey import Parameter

SECONDS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}


@dataclass(frozen=True)
class Field:
    """A parameter in a form.

    Attributes:
        name: of its inputs; parts of it are `NAME.PART`.
        kind: duration, window, instant, names, choice, yes-no, number, text or arms.
        values: what stands in the inputs, by part; the whole value under the empty name.
        choices: of a choice.
    """

    name: str
    kind: str
    values: Mapping[str, str]
    choices: tuple[str, ...] = ()


def shown(parameter: Parameter[Any], value: object) -> Field:
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
        case _:
            return Field(name, "text", {"": str(value)})


def sent(parameter: Parameter[Any], fields: Mapping[str, str]) -> Any:
    """The value that a form sent, in the JSON form of its parameter.

    Args:
        parameter: which.
        fields: of the form, as sent.

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
    return parameter.write(parameter.accept(value))


def _value(default: object, part: Any) -> Any:
    match default:
        case timedelta():
            unit = SECONDS.get(part("unit"))
            if unit is None or not part().isdigit():
                raise ValueError("a whole number of days, hours, minutes or seconds is needed")
            return f"PT{int(part()) * unit}S"
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
            if not part().removeprefix("-").isdigit():
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
