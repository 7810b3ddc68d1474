"""The contract of webhooks: a journey calls another system, once, with data from profile, event and secrets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from temporalio import activity

from activities.delivery import Verdict
from activities.messages import GateAnswer
from activities.moments import Moment, moment_of_activity
from activities.send_window import SendWindow
from activities.timeline import Entry

CHANNEL = "webhook"
HIDDEN = "***"
"""What stands for a secret wherever people and tables can see it."""

MAILBOX = "mailbox:"
"""An address that begins so is not called: the call is kept where a person can read it, and needs no secret."""

# How a declared value stands in an order; no other object in an order's headers or body has such a key.
FROM = "$from"
SECRET = "$secret"  # noqa: S105 - a key, not a secret
PREFIX = "$prefix"

NAMES = frozenset(
    {
        "customer_id",
        "first_name",
        "last_name",
        "email",
        "phone",
        "date_of_birth",
        "country",
        "locale",
        "voucher.code",
        "voucher.valid_until",
        "points.issued",
        "points.balance",
        "template",
        "occurred_at",
        "enrollment_id",
    }
)
OPEN_NAMES = ("attributes.", "event.")
"""What stands behind these is the client's: an attribute of the profile, a property of the event."""


def require_name(name: str) -> None:
    """Refuse the name of a value that no call can have.

    Raises:
        ValueError: it is neither among `NAMES` nor does it begin with one of `OPEN_NAMES`.
    """
    if name not in NAMES and not any(name.startswith(start) and name != start for start in OPEN_NAMES):
        choices = ", ".join((*sorted(NAMES), *(f"{start}NAME" for start in OPEN_NAMES)))
        raise ValueError(f"a webhook knows no {name!r}, only {choices}")


@dataclass(frozen=True)
class WebhookOrder:
    """A call a journey wants made. Values are named here and looked up when it goes: none of them is in history.

    Attributes:
        enrollment_id: whose journey.
        step: name of the step, unique within the run (a second visit is ``NAME#2``).
        visit: how often the journey has come to this step, from 1.
        seq: timeline position of this attempt.
        url: where to; one that begins with ``mailbox:`` is kept and not called.
        headers: values by header; a value is a text, or an object with `FROM` or with `SECRET` and `PREFIX`.
        body: JSON document in which such objects may stand anywhere.
        signed_with: name of the secret that signs the call by Standard Webhooks; empty for a call without signature.
        deduplicates: whether the other side keeps ``webhook-id`` and takes a repeated call for the same one.
        contract: name of the JSON Schema that the body keeps; empty for none.
        template: which words the other side is to use; what ``template`` names in the body.
        marketing: whether it needs a customer who has not opted out, and an open window.
        hands_over: ledger id of the voucher or the points it hands over.
        window: when a marketing call may go, on the customer's clock; None for at once.
        topic: what a marketing call is about, as in a `SendOrder`.
        trail: timeline entries since the journey last told the database.
    """

    enrollment_id: str
    step: str
    visit: int
    seq: int
    url: str
    headers: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    signed_with: str = ""
    deduplicates: bool = False
    contract: str = ""
    template: str = ""
    marketing: bool = False
    hands_over: str = ""
    window: SendWindow | None = None
    topic: str = ""
    trail: tuple[Entry, ...] = ()

    channel: ClassVar[str] = CHANNEL


@dataclass(frozen=True)
class Call:
    """One call, ready to go. It holds secrets: nobody stores or logs one.

    Attributes:
        key: the ledger's id, which goes along as ``webhook-id`` and ``Idempotency-Key``; opaque.
        url: where to.
        headers: the journey's own, in clear.
        body: JSON, in clear; the same bytes for every attempt.
        signing_secret: signs the call by Standard Webhooks; empty for none.
        decided_at: journey instant (UTC) at which the gate let it pass.
        deadline: reading of `time.monotonic()` after which nothing may be written to the network any more.
    """

    key: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    signing_secret: str = field(repr=False)
    decided_at: datetime
    deadline: float


class WebhookCaller(Protocol):
    """Makes calls; one attempt each."""

    name: str

    async def call(self, call: Call) -> Verdict:
        """Make one attempt. Never raises for what a network or the other side can do."""
        ...


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
