"""What is worth points: rules that a journey declares as data."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from activities.rewards import PointsCap
from workflows.journey.parameters import Parameter


@dataclass(frozen=True)
class Cap:
    """The most points that one customer gets for one kind of event.

    Attributes:
        points: how many; a parameter may hold it.
        within: in any stretch of this length, journey time; ever, if not given. The shop's clock, not the calendar.
    """

    points: "int | Parameter[int]"
    within: timedelta | None = None


@dataclass(frozen=True)
class Earn:
    """An event earns points, e.g. ``Earn("order.completed", 50, caps=(Cap(500, within=timedelta(days=30)),))``.

    Attributes:
        event_type: of the event.
        points: how many; a parameter may hold it.
        caps: limits; whichever leaves the least counts, and an award may be cut to what is left.
    """

    event_type: str
    points: "int | Parameter[int]"
    caps: tuple[Cap, ...] = ()

    def __post_init__(self) -> None:
        if not self.event_type:
            raise ValueError("points are earned by an event: its type is missing")
        for number in (self.points, *(cap.points for cap in self.caps)):
            value = number.default if isinstance(number, Parameter) else number
            if type(value) is not int or value < 0:
                raise ValueError(f"{self.event_type}: points are whole numbers from 0, not {value!r}")
        if any(cap.within is not None and cap.within <= timedelta(0) for cap in self.caps):
            raise ValueError(f"{self.event_type}: a cap's time must be longer than nothing")

    def amount(self, parameters: dict[str, Any]) -> int:
        """How many points, before any cap.

        Args:
            parameters: values of the enrollment, as JSON.
        """
        return _value(self.points, parameters)

    def limits(self, parameters: dict[str, Any]) -> tuple[PointsCap, ...]:
        """The caps with their values.

        Args:
            parameters: values of the enrollment, as JSON.
        """
        return tuple(
            PointsCap(_value(cap.points, parameters), cap.within.total_seconds() if cap.within else None)
            for cap in self.caps
        )


class EconomyRules:
    """The rules of a journey: ``economy = EconomyRules(Earn("platform.user.created", 250, caps=(Cap(250),)))``.

    Args:
        rules: one an event.

    Raises:
        ValueError: two rules are about the same event.
    """

    def __init__(self, *rules: Earn) -> None:
        self.rules = {rule.event_type: rule for rule in rules}
        if len(self.rules) < len(rules):
            raise ValueError("each event has one rule")

    def of(self, event_type: str) -> Earn | None:
        """The rule about an event, if there is one."""
        return self.rules.get(event_type)


def _value(number: "int | Parameter[int]", parameters: dict[str, Any]) -> int:
    return number.value(parameters) if isinstance(number, Parameter) else number
