"""Rehearsals as the console asks for them, whoever runs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class RehearsedMessage:
    """A message as it would have left us.

    Attributes:
        step: of the journey, visit included.
        channel: email, sms, push or webhook.
        template: its words; the webhook's name.
        at: journey instant at which the gate let it pass, UTC.
        subject: of an email.
        html: of an email.
        text: of an email, or the whole of the others.
    """

    step: str
    channel: str
    template: str
    at: datetime
    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class Rehearsal:
    """What would happen.

    Attributes:
        entered: False where the trigger does not let the customer in; then there is nothing else.
        outcome: which end; None where the journey is still open when nothing more happens.
        reason: what there is to add.
        started_at: journey instant, UTC.
        ended_at: the same for the end.
        timezone: the customer's, IANA.
        timeline: entries in the form of `GET /v1/customers/{id}/timeline`.
        messages: those that went out or may have, in the order of time.
        took: wall time of the rehearsal.
    """

    entered: bool
    outcome: str | None
    reason: str | None
    started_at: datetime | None
    ended_at: datetime | None
    timezone: str
    timeline: Sequence[Mapping[str, Any]]
    messages: Sequence[RehearsedMessage]
    took: timedelta


class WrongScenarioError(ValueError):
    """The scenario is refused.

    Attributes:
        path: of the offending key, such as ``customer.email`` or ``then[0].after``.
        why: what is wrong with it, in plain words.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class RehearsalFailedError(RuntimeError):
    """The journey's own code is broken, or the rehearsal took too long; the message says which."""


class Rehearser(Protocol):
    """Runs journeys in virtual time. It sends nothing, and stores nothing."""

    async def __call__(self, journey: str, scenario: Mapping[str, Any]) -> Rehearsal:
        """Rehearse; it never keeps the caller's event loop.

        Args:
            journey: its name.
            scenario: as `sojourn simulate` takes it.

        Raises:
            WrongScenarioError: a value is refused.
            RehearsalFailedError: there is no result.
        """
        ...
