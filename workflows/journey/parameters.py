"""What a marketer may change about a journey without touching its code."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar, overload

from activities.arms import Arms
from activities.rendering import Written
from activities.send_window import SendWindow
from workflows.journey.enrollment import Enrollment
from workflows.journey.limits import LONGEST, require_sensible
from workflows.journey.templates import VARIANT, Template, template_from

T = TypeVar("T")

DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


class Enrolled(Protocol):
    """A running journey, as far as its parameters need it."""

    @property
    def enrollment(self) -> Enrollment:
        """The customer's entry."""
        ...


class Parameter(Generic[T]):
    """A named value with a default, e.g. ``patience = Parameter(timedelta(days=3), "before the first reminder")``.

    On the class it is the parameter, on a running journey its value. An enrollment takes the values of the
    moment it starts, so a change never reaches customers who are inside.

    Args:
        default: of the type all values have: timedelta, aware datetime, SendWindow, a tuple of names, an enum, a
            Template, str, int or float.
        purpose: what it decides, in a few words for staff.
    """

    def __init__(self, default: T, purpose: str) -> None:
        self.default = default
        self.purpose = purpose
        self.name = ""
        self._read, self._write = _codec(default)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, journey: None, owner: type) -> "Parameter[T]": ...

    @overload
    def __get__(self, journey: Enrolled, owner: type) -> T: ...

    def __get__(self, journey: Enrolled | None, owner: type) -> "Parameter[T] | T":
        return self if journey is None else self.value(journey.enrollment.parameters)

    def value(self, values: Mapping[str, Any]) -> T:
        """The value among an enrollment's, or the default.

        Raises:
            ValueError: it is not of the parameter's type; the message names the parameter.
        """
        return self.default if self.name not in values else self.read(values[self.name])

    def read(self, value: object) -> T:
        """A value from its JSON form.

        Raises:
            ValueError: it is not of the parameter's type; the message names the parameter.
        """
        try:
            found: T = self._read(value)
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"parameter {self.name}: {error}") from error
        return found

    def accept(self, value: object, written: Written) -> T:
        """A value that somebody sets now, from its JSON form.

        Args:
            value: in its JSON form.
            written: the templates there are; never asked of a journey that runs.

        Raises:
            ValueError: it is not of its type, or no journey could go by it; the message names the parameter.
        """
        try:
            if isinstance(self.default, Template):
                _require_written(self.default, value, written)
            found: T = self._read(value)
            require_sensible(self.name, found)
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"parameter {self.name}: {error}") from error
        return found

    def write(self, value: T) -> Any:
        """The JSON form of a value."""
        return self._write(value)


def duration_from(text: object) -> timedelta:
    """An ISO 8601 duration without years and months, e.g. ``P3D`` or ``PT36H``.

    Raises:
        ValueError: it is not one, or it is zero.
    """
    found = DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"not a duration such as P3D or PT36H: {text!r}")
    try:
        span = timedelta(**{unit: int(count) for unit, count in found.groupdict().items() if count})
    except (OverflowError, ValueError):  # a number that no calendar, or no computer, counts to
        raise ValueError(f"must not be longer than {LONGEST.days} days") from None
    if span <= timedelta(0):
        raise ValueError("must be longer than nothing")
    return span


def duration_as_text(span: timedelta) -> str:
    """The ISO 8601 form of a duration in whole seconds."""
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    time_part = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    return "P" + (f"{span.days}D" if span.days or not time_part else "") + (f"T{time_part}" if time_part else "")


def instant_from(value: object) -> datetime:
    """An instant in ISO 8601 with an offset from UTC, e.g. ``2026-11-01T00:00:00Z``; UTC comes out.

    Raises:
        ValueError: it is not one.
    """
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        at = None
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise ValueError(f"not an instant such as 2026-11-01T00:00:00Z: {value!r}")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"beyond the calendar: {value!r}") from None


def instant_as_text(at: datetime) -> str:
    """The ISO 8601 form of an aware datetime, in UTC.

    Raises:
        ValueError: it has no zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a zone: {at!r}")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _codec(default: object) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """How values of the default's type are read from and written to JSON."""
    match default:
        case timedelta():
            return duration_from, duration_as_text
        case datetime() if default.tzinfo is None:
            raise TypeError(f"an instant needs a zone: {default!r}")
        case datetime():
            return instant_from, instant_as_text
        case SendWindow():
            return _window_from, lambda window: {
                "opens": window.opens,
                "closes": window.closes,
                "days": list(window.days),
            }
        case tuple():
            return _names_from, list
        case Arms():
            return default.reweighted, lambda arms: dict(arms.weights)
        case Enum():
            kind = type(default)
            return lambda value: _choice_from(kind, value), lambda value: value.value
        case Template() if VARIANT in default:
            raise TypeError(f"the default is what its variants are of, not one of them: {default!r}")
        case Template():
            return lambda value: template_from(default, value), str
        case bool() | int() | float() | str():
            return lambda value: _same_type(default, value), lambda value: value
        case _:
            raise TypeError(f"a parameter cannot be a {type(default).__name__}")


def _window_from(value: Any) -> SendWindow:
    if not isinstance(value, Mapping) or not {"opens", "closes"} <= set(value) <= {"opens", "closes", "days"}:
        raise ValueError("a send window has opens, closes and maybe days")
    return SendWindow(**value)


def _names_from(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(name, str) and name for name in value):
        raise ValueError(f"not a list of names: {value!r}")
    return tuple(value)


def _choice_from(kind: type[Enum], value: object) -> Enum:
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"one of {', '.join(str(choice.value) for choice in kind)}, not {value!r}") from None


def _require_written(default: Template, chosen: object, written: Written) -> None:
    choices = default.choices(written)
    if chosen not in choices:
        raise ValueError(f"one of {', '.join(choices)}, not {chosen!r}")


def _same_type(default: object, value: object) -> object:
    wanted = type(default)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise ValueError(f"must be a {wanted.__name__}, not {value!r}")
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        raise ValueError(f"must not be negative: {value}")
    return value
