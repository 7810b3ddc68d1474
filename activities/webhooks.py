"""The contract of webhooks: a journey calls another system, once, with data from profile, event and secrets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from temporalio import activity

from activities.messages import GateAnswer
from activities.moments import Moment, moment_of_activity
from activities.send_window import SendWindow
from activities.timeline import Entry


@dataclass(frozen=True)
class WebhookOrder:
    """A call a journey wants made. Values are named here and looked up when it goes: none of them is in history.

    Attributes:
        enrollment_id: whose journey.
        step: name of the step, unique within the run (a second visit is ``NAME#2``).
        visit: how often the journey has come to this step, from 1.
        seq: timeline position of this attempt.
        url: where to.
        headers: values by header; a value may be ``{"secret": NAME}``.
        body: JSON document; a value in it may be ``{"from": NAME}`` (see `activities/gate/webhook_values.py`) or
            ``{"secret": NAME}``.
        signed: whether the call is signed by Standard Webhooks.
        contract: name of the JSON Schema that the body keeps; empty for none.
        hands_over: ledger id of the voucher or the points it hands over.
        window: when it may go, on the customer's clock; None for at once.
        trail: timeline entries since the journey last told the database.
    """

    enrollment_id: str
    step: str
    visit: int
    seq: int
    url: str
    headers: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    signed: bool = False
    contract: str = ""
    hands_over: str = ""
    window: SendWindow | None = None
    trail: tuple[Entry, ...] = ()


class WebhookGate(Protocol):
    """Decides whether a call may be made, makes it, and remembers both."""

    async def call(self, order: WebhookOrder, moment: Moment) -> GateAnswer:
        """Take one call through the gate.

        Raises:
            ApplicationError: retryable; the other side is away, or another attempt may still be under way.
        """
        ...


class WebhookActivities:
    """Webhooks, as Temporal sees them."""

    def __init__(self, gate: WebhookGate, moment: Callable[[], Moment] = moment_of_activity) -> None:
        self._gate = gate
        self._moment = moment

    @activity.defn(name="call_webhook")
    async def call_webhook(self, order: WebhookOrder) -> GateAnswer:
        """Take one call through the gate."""
        return await self._gate.call(order, self._moment())
