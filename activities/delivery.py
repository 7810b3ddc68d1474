"""The contract of providers: one rendered message goes out, one verdict comes back.

A driver makes exactly one attempt and never retries: retries belong to Temporal, where staff see them
(guarantees A10). It maps every answer of its provider to one of the verdicts below (guarantees B1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from activities.channels import Channel


class Deduplication(StrEnum):
    """What a provider does for us when a request reaches it twice."""

    KEY = "key"  # it keeps our key and answers as before: sending the same bytes again is safe
    LOOKUP = "lookup"  # it can be asked whether it has our message
    NONE = "none"  # it sends once more: a message whose fate is unclear is never repeated


@dataclass(frozen=True)
class Delivery:
    """One message, ready to go. Repeated attempts of one message carry the same key and the same bytes.

    Attributes:
        key: the ledger's id of the message; opaque.
        channel: email, sms or push.
        to: address, E.164 number, or token of an app.
        subject: of an email; the title of a push.
        html: of an email.
        text: of an email, or the whole text message, or what a push says below its title.
        headers: further headers of an email, List-Unsubscribe among them.
        decided_at: journey instant (UTC) at which the gate let the message pass; the message's date.
        deadline: reading of `time.monotonic()` after which the driver must not write to the network any more.
        not_after: wall-clock instant (UTC) after which the provider's own queue must not deliver any more: the end
            of the customer's send window. None where there is no such end.
    """

    key: str
    channel: Channel
    to: str
    subject: str
    html: str
    text: str
    decided_at: datetime
    deadline: float
    headers: Mapping[str, str] = field(default_factory=dict)
    not_after: datetime | None = None


@dataclass(frozen=True)
class Accepted:
    """The provider took the message. `provider_id` is what staff can quote to the provider."""

    provider_id: str


@dataclass(frozen=True)
class Refused:
    """Final for this message. `address` says that the address itself is bad, for good."""

    reason: str
    address: bool = False


@dataclass(frozen=True)
class Unavailable:
    """The message certainly did not go; trying later can help.

    `retry_after` is in wall seconds. `mailbox` says that it is this recipient's mailbox which takes nothing for the
    time being, as when it is full: that says nothing of the provider, and the address may be good.
    """

    reason: str
    retry_after: float | None = None
    mailbox: bool = False


@dataclass(frozen=True)
class Misconfigured:
    """The message certainly did not go, and none will before somebody acts: a key, a sender, a bill, a quota.

    The message is kept and its channel pauses. `reason` names the setting or what else staff must look at.
    """

    reason: str


@dataclass(frozen=True)
class Ambiguous:
    """Nobody can say whether the message went."""

    reason: str


Verdict = Accepted | Refused | Unavailable | Misconfigured | Ambiguous


class Provider(Protocol):
    """A company that delivers messages, or what stands in for one."""

    name: str
    deduplication: Deduplication

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Make one attempt. Never raises for what a network or a provider can do."""
        ...

    async def look_up(self, key: str) -> Verdict | None:
        """Ask whether the provider has a message: `Unavailable` where it shows none, None where it cannot tell."""
        ...
