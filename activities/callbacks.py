"""The contract of callbacks: what providers tell us later, whichever way each of them says it.

A parser checks that a request comes from its provider (guarantees B6, C9) and says what it means. It knows no
database: which message is meant, and what follows, is decided behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What a callback tells."""

    QUEUED = "queued"  # the provider has the message
    SENT = "sent"  # and has passed it on, or tries to
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    FAILED = "failed"  # it will not arrive; the address may be good
    SOFT_BOUNCED = "soft bounced"  # it will not arrive: the mailbox is full or its server away, the phone is off
    BOUNCED = "bounced"  # it will not arrive, nor will another one at this address
    COMPLAINED = "complained"  # the customer called it spam
    OPTED_OUT = "opted out"  # the customer told the provider to stop
    OPTED_IN = "opted in"  # the customer told the provider to go on
    RECEIVED = "received"  # a text from a customer
    REDEEMED = "redeemed"  # a voucher was used


@dataclass(frozen=True)
class Callback:
    """One thing that a provider tells.

    Attributes:
        provider: its name, as in ``/v1/hooks/{provider}``.
        id: unique within the provider, and the same for every repetition of this callback.
        kind: what happened.
        at: wall-clock instant (UTC) at which it happened, or at which we heard of it if the provider does not say.
        key: our id of the message, handed back by the provider; empty where it has none.
        provider_id: the provider's id of the message; empty where it names none.
        address: email or E.164 number that it is about; empty where none is named.
        reason: codes, never the provider's own words: those like to quote addresses.
        machine: no person has done it.
        text: what a customer wrote.
        answered: the provider has answered the customer already.
        code: of a voucher.
        customer: the client's id of a customer, or ours.
    """

    provider: str
    id: str
    kind: Kind
    at: datetime
    key: str = ""
    provider_id: str = ""
    address: str = ""
    reason: str = ""
    machine: bool = False
    text: str = ""
    answered: bool = False
    code: str = ""
    customer: str = ""


@dataclass(frozen=True)
class Incoming:
    """A request as it came.

    Attributes:
        body: raw: signatures are over these bytes.
        headers: names in lower case.
        url: under which the provider called, query included: the public one, whatever a proxy made of it.
        received_at: wall-clock instant, UTC.
    """

    body: bytes
    headers: Mapping[str, str]
    url: str
    received_at: datetime


class CallbackRefusedError(Exception):
    """A request is no callback of its provider. The message is for the provider's log and names no secret."""


class UnsignedCallbackError(CallbackRefusedError):
    """It brings nothing that shows who sent it."""


class ForgedCallbackError(CallbackRefusedError):
    """Its signature is wrong, too old or from the future."""


class UnreadableCallbackError(CallbackRefusedError):
    """It cannot be read."""


class CallbackParser(Protocol):
    """Reads the callbacks of one provider."""

    def parse(self, incoming: Incoming) -> Sequence[Callback]:
        """Check a request and say what it tells; nothing, where it tells nothing that matters here.

        Raises:
            CallbackRefusedError: it is not to be believed, or not to be read.
        """
        ...
