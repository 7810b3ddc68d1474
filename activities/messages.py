"""The contract of sending: one activity, the gate, stands before every message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from temporalio import activity

from activities.channels import Channel
from activities.facts import Facts, Hold
from activities.moments import Moment, moment_of_activity
from activities.send_window import SendWindow
from activities.timeline import Entry


class Reward(StrEnum):
    """What a journey can hand out."""

    VOUCHER = "voucher"
    POINTS = "points"


@dataclass(frozen=True)
class Promise:
    """A reward that a message announces.

    Attributes:
        reward: voucher or points.
        within_seconds: journey seconds the customer has, counted from the gate's decision.
        design: voucher design; a promise of a voucher reserves one of its codes.
        amount: points.
    """

    reward: Reward
    within_seconds: float
    design: str = ""
    amount: int = 0

    @property
    def within(self) -> timedelta:
        """The time the customer has to earn it."""
        return timedelta(seconds=self.within_seconds)


@dataclass(frozen=True)
class SendOrder:
    """A message a journey wants to go out. It names the customer, not the address.

    Attributes:
        enrollment_id: whose journey.
        step: name of the step, unique within the run (a second visit is ``NAME#2``).
        visit: how often the journey has come to this step, from 1.
        seq: timeline position of this attempt.
        channel: over which channel.
        template: which words.
        window: when it may go out, on the customer's clock; None for messages of the service class.
        unless: attributes that, all set, make the message pointless.
        asks_for: attributes that the message asks the customer for.
        promise: the reward it announces.
        hands_over: ledger id of the voucher or the points it hands over.
        confirm_seconds: the message asks to confirm the address, and its link must work for so many journey seconds
            at least; 0 for a message that does not ask.
        topic: what it is about, one of `activities.interests.TOPICS`; empty where only the channel counts.
        trail: timeline entries since the journey last told the database.
    """

    enrollment_id: str
    step: str
    visit: int
    seq: int
    channel: Channel
    template: str
    window: SendWindow | None = None
    unless: tuple[str, ...] = ()
    asks_for: tuple[str, ...] = ()
    promise: Promise | None = None
    hands_over: str = ""
    confirm_seconds: float = 0.0
    topic: str = ""
    trail: tuple[Entry, ...] = ()

    @property
    def confirms_within(self) -> timedelta:
        """How long the link to confirm the address must work; nought where there is none."""
        return timedelta(seconds=self.confirm_seconds)


class Result(StrEnum):
    """What the gate decided."""

    SENT = "sent"
    DEFERRED = "deferred"
    HELD = "held"
    SUPPRESSED = "suppressed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class GateAnswer:
    """The gate's answer as it crosses the wire; journeys see one of the typed receipts instead.

    Attributes:
        result: what became of the message.
        facts: the customer as read in the gate's own transaction.
        hold: the enrollment's hold as read there.
        reason: why not, one or a few plain words.
        until: journey instant (UTC) at which to ask again, when deferred.
        punctual: ask at that very instant; otherwise all that wait for it are spread.
        ends: the journey must end with the reason (erased, opted out of everything, cancelled).
        detail: what there is to add to the reason of such an end.
        message_id: ledger id.
    """

    result: Result
    facts: Facts
    hold: Hold = field(default_factory=Hold)
    reason: str = ""
    until: datetime | None = None
    punctual: bool = False
    ends: bool = False
    detail: str = ""
    message_id: str = ""


class Gate(Protocol):
    """Decides whether a message may go, sends it, and remembers both."""

    async def send(self, order: SendOrder, moment: Moment) -> GateAnswer:
        """Take one message through the gate.

        Raises:
            ApplicationError: retryable; the provider is away, or another attempt may still be under way.
        """
        ...


class MessageActivities:
    """Sending, as Temporal sees it."""

    def __init__(self, gate: Gate, moment: Callable[[], Moment] = moment_of_activity) -> None:
        self._gate = gate
        self._moment = moment

    @activity.defn(name="send_message")
    async def send_message(self, order: SendOrder) -> GateAnswer:
        """Take one message through the gate."""
        return await self._gate.send(order, self._moment())
