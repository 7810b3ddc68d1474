"""What goes into a journey and what comes out of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from activities.clock import JourneyClock
from activities.facts import Facts, Hold
from activities.heard import Heard


@dataclass(frozen=True)
class Memory:
    """What a journey takes along when it continues as a new run.

    Attributes:
        done: the result of every step that is behind it, by step.
        seq: the last timeline position it used.
        waiting_in: the wait it was in.
        waiting_until: journey instant (UTC) at which that wait ends.
        checked_goal: what its last check of the goal said.
        last_message: the last message and its fate, for the card that support reads.
        heard: events it heard and has not used yet.
        known_events: what it has heard before, so that nothing counts twice.
        removed_by: the type of the event that removed the customer, if one did.
    """

    done: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    waiting_in: str = ""
    waiting_until: datetime | None = None
    checked_goal: bool | None = None
    last_message: str = ""
    heard: tuple[Heard, ...] = ()
    known_events: tuple[str, ...] = ()
    removed_by: str = ""


@dataclass(frozen=True)
class Enrollment:
    """One customer's entry into one journey: a workflow's input. No personal data in it.

    Attributes:
        id: opaque; the key of everything the journey does.
        customer_id: opaque.
        parameters: the values of the moment the customer was enrolled.
        facts: the customer at the start.
        hold: whether staff held the journey before it started.
        clock: the journey clock it lives by.
        spread_seconds: how long after an opening window it may start sending, at most; journey time.
        memory: only in a run that continues another.
    """

    id: str
    customer_id: str
    parameters: dict[str, Any] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    hold: Hold = field(default_factory=Hold)
    clock: JourneyClock = field(default_factory=JourneyClock)
    spread_seconds: float = 0.0
    memory: Memory | None = None


@dataclass(frozen=True)
class Outcome:
    """Which end a journey came to: the workflow's result."""

    outcome: str
    reason: str = ""


@dataclass(frozen=True)
class Status:
    """Where a journey stands, for support and the timeline.

    Attributes:
        what: what it does or waits for, in plain words.
        step: name of the step.
        until: journey instant (UTC) at which it goes on; None while it waits for no time.
        held: whether staff hold it.
        hold_reason: why.
    """

    what: str
    step: str = ""
    until: datetime | None = None
    held: bool = False
    hold_reason: str = ""
