"""The contract of profile changes: what a journey itself changes about its customer, each change once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from activities.facts import Facts
from activities.moments import Moment, moment_of_activity
from activities.timeline import Entry


@dataclass(frozen=True)
class IncreaseOrder:
    """A number in the profile that a journey wants to grow.

    Attributes:
        enrollment_id: whose journey.
        step: name of the step, unique within the run (a second visit is ``NAME#2``).
        visit: how often the journey has come to this step, from 1.
        seq: timeline position.
        field: name of a custom attribute; one that is not set counts as nought.
        increase: by how much.
        trail: timeline entries since the journey last told the database.
    """

    enrollment_id: str
    step: str
    visit: int
    seq: int
    field: str
    increase: int | float
    trail: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class OptOutOrder:
    """A customer told somebody else that they want to hear no more: every channel is closed.

    Attributes:
        enrollment_id: whose journey.
        step: name of the step.
        seq: timeline position.
        source: where they said so; staff read it beside the consent.
        trail: timeline entries since the journey last told the database.
    """

    enrollment_id: str
    step: str
    seq: int
    source: str
    trail: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class ChangeAnswer:
    """What became of a change.

    Attributes:
        facts: the customer as read in the same transaction.
        refused: why nothing was changed; empty when something was.
        ends: the journey must end with the reason in `refused` (erased, cancelled).
    """

    facts: Facts
    refused: str = ""
    ends: bool = False


class ProfileChanges(Protocol):
    """Changes profiles, each change once."""

    async def increase(self, order: IncreaseOrder, moment: Moment) -> ChangeAnswer:
        """Let a number grow and tell the customer's journeys."""
        ...

    async def opt_out(self, order: OptOutOrder, moment: Moment) -> ChangeAnswer:
        """Withdraw consent for every channel and tell the customer's journeys."""
        ...


class ProfileChangeActivities:
    """Profile changes, as Temporal sees them."""

    def __init__(self, changes: ProfileChanges, moment: Callable[[], Moment] = moment_of_activity) -> None:
        self._changes = changes
        self._moment = moment

    @activity.defn(name="update_profile")
    async def update_profile(self, order: IncreaseOrder) -> ChangeAnswer:
        """Let a number in the profile grow."""
        return await self._changes.increase(order, self._moment())

    @activity.defn(name="opt_out")
    async def opt_out(self, order: OptOutOrder) -> ChangeAnswer:
        """Withdraw consent for every channel."""
        return await self._changes.opt_out(order, self._moment())
