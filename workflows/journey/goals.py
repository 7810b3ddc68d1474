"""What a journey is for: an event that says it worked, or a condition of the profile."""

from collections.abc import Mapping
from typing import Any

from activities.entries import Circumstances
from activities.facts import Facts
from workflows.journey.conditions import Condition
from workflows.journey.rules import Rule

PROFILE_UPDATED = "profile.updated"


class Goal:
    """An event that a journey wants to bring about; an attribute of its class.

        goal = Goal("order.completed", "a first order")

    It is counted where events come in, for customers held out as well; the journey itself never hears of it.

    Args:
        event_type: of the event, e.g. ``order.completed``.
        purpose: in a few words for staff.
        where: only events for which this holds count.
    """

    def __init__(self, event_type: str, purpose: str, *, where: Rule | None = None) -> None:
        if not event_type:
            raise ValueError("a goal needs the type of an event")
        self.event_type = event_type
        self.purpose = purpose
        self.where = where
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    def attributes(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """No attribute of the profile decides it."""
        return ()

    def met_by(self, event_type: str, given: Circumstances) -> bool:
        """Whether an event meets it."""
        return event_type == self.event_type and (self.where is None or self.where.holds(given))


def listens(goal: Condition | Goal | None, event_type: str) -> bool:
    """Whether events of that type may meet a goal; a quick look."""
    if goal is None:
        return False
    return event_type == (goal.event_type if isinstance(goal, Goal) else PROFILE_UPDATED)


def met(goal: Condition | Goal | None, event_type: str, given: Circumstances) -> bool:
    """Whether an event means that a goal is met; a condition of the profile is met by a change of the profile."""
    if goal is None or isinstance(goal, Goal):
        return goal is not None and goal.met_by(event_type, given)
    names = tuple(name for name, value in given.profile.items() if value not in (None, ""))
    return event_type == PROFILE_UPDATED and goal.holds(Facts(names=names), given.parameters)


def in_words(goal: Condition | Goal | None, parameters: Mapping[str, Any]) -> str:
    """A goal as staff read it, e.g. ``a first order``; empty where there is none."""
    if goal is None:
        return ""
    if isinstance(goal, Goal):
        return goal.purpose
    return f"profile has {', '.join(goal.attributes(parameters))}".replace("_", " ")
