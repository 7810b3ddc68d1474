"""Rules over an event's properties and a customer's profile, written as one reads them.

    Property("products[].category").contains("Winter") & Property("completedOn").on_or_after(parameter)
    Profile("country").equals("CZ") | Profile.age().at_least(18)

A rule is checked where the event comes in, before anyone is enrolled or woken; a property that is missing or of
another type than the rule expects never matches, and never raises.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from types import UnionType
from typing import Any, Protocol

from activities.entries import Circumstances
from workflows.journey.parameters import Parameter

Operand = object  # a plain value, or a Parameter that holds one


class Rule(Protocol):
    """Something that holds of an event and a customer, or does not."""

    def holds(self, given: Circumstances) -> bool:
        """Whether it holds; never raises."""
        ...

    def words(self) -> str:
        """The rule as a person would say it, for lists and pictures."""
        ...


class _Combinable:
    def __and__(self, other: "Rule") -> "All":
        return All((self, other))  # type: ignore[arg-type] # every combinable is a rule

    def __or__(self, other: "Rule") -> "Any_":
        return Any_((self, other))  # type: ignore[arg-type] # as above

    def __invert__(self) -> "Not":
        return Not(self)  # type: ignore[arg-type] # as above


@dataclass(frozen=True)
class All(_Combinable):
    """Every one of the rules holds."""

    rules: tuple[Rule, ...]

    def holds(self, given: Circumstances) -> bool:
        """Whether all hold."""
        return all(rule.holds(given) for rule in self.rules)

    def words(self) -> str:
        """E.g. ``a is 1 and b is 2``."""
        return " and ".join(rule.words() for rule in self.rules)


@dataclass(frozen=True)
class Any_(_Combinable):  # noqa: N801 - `Any` is typing's
    """At least one of the rules holds."""

    rules: tuple[Rule, ...]

    def holds(self, given: Circumstances) -> bool:
        """Whether one holds."""
        return any(rule.holds(given) for rule in self.rules)

    def words(self) -> str:
        """E.g. ``(a is 1 or b is 2)``."""
        return f"({' or '.join(rule.words() for rule in self.rules)})"


@dataclass(frozen=True)
class Not(_Combinable):
    """The rule does not hold; of complementary rules exactly one holds, missing properties included."""

    rule: Rule

    def holds(self, given: Circumstances) -> bool:
        """Whether it does not hold."""
        return not self.rule.holds(given)

    def words(self) -> str:
        """E.g. ``not (a is 1)``."""
        return f"not ({self.rule.words()})"


@dataclass(frozen=True)
class _Test(_Combinable):
    subject: "Subject"
    verb: str
    operand: Operand
    compare: Callable[[Any, Any], bool]

    def holds(self, given: Circumstances) -> bool:
        """Whether any of the values the path leads to passes the test."""
        operand = self.operand.value(given.parameters) if isinstance(self.operand, Parameter) else self.operand
        if isinstance(operand, _TriggerProperty):
            operand = given.trigger.get(operand.name)
        for value in self.subject.values(given):
            try:
                if self.compare(value, operand):
                    return True
            except (TypeError, ValueError):
                continue
        return False

    def words(self) -> str:
        operand = self.operand.name if isinstance(self.operand, Parameter) else self.operand
        return f"{self.subject.words()} {self.verb} {operand}"


@dataclass(frozen=True)
class _TriggerProperty:
    name: str

    def __str__(self) -> str:
        return f"the {self.name} it began with"


class Subject:
    """Something a rule can be about; compared by the methods below, each of which makes a rule."""

    def values(self, given: Circumstances) -> list[Any]:
        """The values it has in a case: several where the path goes through a list, none where it is missing."""
        raise NotImplementedError

    def words(self) -> str:
        """Its name."""
        raise NotImplementedError

    def equals(self, value: Operand) -> _Test:
        """Is the very same: text, number or boolean."""
        return _Test(self, "is", value, _same)

    def one_of(self, *values: object) -> _Test:
        """Is one of several."""
        return _Test(self, "is one of", values, lambda found, wanted: found in wanted)

    def contains(self, text: Operand) -> _Test:
        """Has the text somewhere in it, in either case; or, of a list, as one of its members."""
        return _Test(self, "contains", text, _contains)

    def at_least(self, number: Operand) -> _Test:
        """Is a number and not smaller."""
        _require(number, int | float, "a number")
        return _Test(self, "is at least", number, lambda found, wanted: _number(found) >= _number(wanted))

    def less_than(self, number: Operand) -> _Test:
        """Is a number and smaller."""
        _require(number, int | float, "a number")
        return _Test(self, "is less than", number, lambda found, wanted: _number(found) < _number(wanted))

    def on_or_after(self, instant: Operand) -> _Test:
        """Is an instant and not earlier; instants are compared, not their spelling."""
        _require(instant, datetime, "an instant")
        return _Test(self, "is on or after", instant, lambda found, wanted: _instant(found) >= _instant(wanted))

    def before(self, instant: Operand) -> _Test:
        """Is an instant and earlier."""
        _require(instant, datetime, "an instant")
        return _Test(self, "is before", instant, lambda found, wanted: _instant(found) < _instant(wanted))

    def same_as_trigger(self, name: str) -> _Test:
        """Equals a property of the event that enrolled the customer, e.g. the same order."""
        return _Test(
            self, "is", _TriggerProperty(name), lambda found, wanted: wanted is not None and str(found) == str(wanted)
        )


@dataclass(frozen=True)
class Property(Subject):
    """A property of the event by its path: ``total``, ``customer.tier``, ``products[].category``."""

    path: str

    def __post_init__(self) -> None:
        if not all(step.removesuffix("[]") for step in self.path.split(".")):
            raise ValueError(f"a path such as total or products[].category, not {self.path!r}")

    def values(self, given: Circumstances) -> list[Any]:
        """Every value the path leads to."""
        found: list[Any] = [given.properties]
        for step in self.path.split("."):
            name = step.removesuffix("[]")
            found = [each[name] for each in found if isinstance(each, Mapping) and name in each]
            if step.endswith("[]"):
                found = [member for each in found if isinstance(each, list) for member in each]
        return found

    def words(self) -> str:
        """The path."""
        return self.path


@dataclass(frozen=True)
class Profile(Subject):
    """An attribute of the customer's profile, custom ones included."""

    name: str

    def values(self, given: Circumstances) -> list[Any]:
        """Its value, if it is set."""
        value = given.profile.get(self.name)
        return [] if value in (None, "") else [value]

    def words(self) -> str:
        """The attribute's name."""
        return f"profile {self.name}"

    @staticmethod
    def age() -> "Age":
        """The customer's age in whole years, on their own calendar."""
        return Age()


@dataclass(frozen=True)
class Setting(Subject):
    """A parameter of the journey, for rules that it switches: ``Setting(source).equals("any") | ...``."""

    parameter: Parameter[Any]

    def values(self, given: Circumstances) -> list[Any]:
        """Its value."""
        return [self.parameter.value(given.parameters)]

    def words(self) -> str:
        """The parameter's name."""
        return f"parameter {self.parameter.name}"


@dataclass(frozen=True)
class Age(Subject):
    """Whole years since the date of birth; someone born on 29 February has their birthday on 1 March."""

    def values(self, given: Circumstances) -> list[Any]:
        """The age, if a date of birth is known."""
        try:
            born, today = date.fromisoformat(given.profile["date_of_birth"]), date.fromisoformat(given.today)
        except (KeyError, TypeError, ValueError):
            return []
        return [today.year - born.year - ((today.month, today.day) < (born.month, born.day))]

    def words(self) -> str:
        """How people say it."""
        return "age"


def _require(operand: Operand, kind: type | UnionType, what: str) -> None:
    """Refuse at import what could never match."""
    value = operand.default if isinstance(operand, Parameter) else operand
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"this rule compares with {what}, not with {value!r}")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise TypeError(f"an instant needs a zone: {value!r}")


def _same(found: Any, wanted: Any) -> bool:
    found, wanted = (value.value if isinstance(value, Enum) else value for value in (found, wanted))
    return type(found) is type(wanted) and bool(found == wanted)


def _contains(found: Any, wanted: Any) -> bool:
    if isinstance(found, list):
        return wanted in found
    return isinstance(found, str) and isinstance(wanted, str) and wanted.casefold() in found.casefold()


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


def _instant(value: Any) -> datetime:
    """An aware datetime; a date alone is its first moment in UTC."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(at, datetime):
        raise TypeError
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
