"""What a fake provider is made of: a request, what it asks for, the answer, and what was delivered."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Request:
    """One HTTP request, as it came.

    Attributes:
        method: upper-case.
        path: below the provider's base URL, such as `/v3/mail/send`.
        query: parameters of the address; of a repeated one the last.
        headers: names in lower case.
        body: raw.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def form(self) -> dict[str, str]:
        """The body as an URL-encoded form; of a repeated field the last."""
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))


@dataclass(frozen=True)
class Sending:
    """What a request asks to be delivered.

    Attributes:
        key: Sojourn's id of the message (or of the allocation, the call), wherever the API carries it; "" without.
        recipient: address, number, push token, or whoever gets it.
        content: what arrives, such as subject, text and html.
        idempotency_key: where the real provider keeps keys and one was given: repeated requests with it deliver
            nothing. "" where the real one knows no keys.
    """

    key: str
    recipient: str
    content: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str = ""


@dataclass(frozen=True)
class Sent:
    """One thing that was delivered.

    Attributes:
        id: the provider's own id of it.
        provider: its name.
        request: id of the journal's entry that delivered it.
        sending: what was asked for.
        at: wall-clock instant, UTC.
    """

    id: str
    provider: str
    request: str
    sending: Sending
    at: datetime


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; a `body` that is neither text nor bytes goes out as JSON."""

    status: int
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """Something that a provider tells by a callback.

    Attributes:
        name: `delivered`, `bounced` (for good), `soft_bounced` (given up), `deferred` (for now), `failed`,
            `complained`, `opened`, `clicked`, `unsubscribed`, `redeemed` (a voucher), or `inbound` (a text from a
            customer).
        id: of the event; the same one for its duplicates.
        at: wall-clock instant, UTC.
        sent: what it is about; None for `inbound`.
        sender: of an inbound text.
        text: of an inbound text.
        forged: it must be signed with a wrong secret.
    """

    name: str
    id: str
    at: datetime
    sent: Sent | None = None
    sender: str = ""
    text: str = ""
    forged: bool = False


@dataclass(frozen=True)
class Callback:
    """What is posted. `url` only where the provider posts to an address from the request (Twilio, Vonage).

    Signatures over the address are made in `FakeProvider.callback`, which is told where the callback goes.
    """

    body: bytes
    headers: Mapping[str, str]
    url: str = ""


class FakeProvider(ABC):
    """How one provider speaks. It has no state: what was delivered is kept by the process.

    Attributes:
        name: the first part of its addresses, and of `/v1/hooks/{name}`.
    """

    name: str

    @abstractmethod
    def settings(self, base_url: str) -> Mapping[str, str]:
        """Environment variables which make Sojourn use this fake: addresses, keys, secrets of callbacks.

        Args:
            base_url: where this fake answers, such as `http://127.0.0.1:4010/sendgrid`.
        """

    @abstractmethod
    def read(self, request: Request) -> Sending | None:
        """What a request asks to be delivered; None where it asks for something else (a token, a look-up)."""

    @abstractmethod
    def accepted(self, sending: Sending, message_id: str) -> Reply:
        """The real provider's answer to a request that it takes."""

    def new_id(self, number: int) -> str:
        """The provider's own id of the `number`th delivery, in the form of the real one."""
        return f"{self.name}-{number:08d}"

    def refused(self, request: Request) -> Reply | None:  # noqa: ARG002 # for those that check
        """The real provider's refusal of a request as such (credentials, missing fields); None if it is fine."""
        return None

    def repeated(self, sending: Sending, reply: Reply) -> Reply:  # noqa: ARG002 # for those that answer otherwise
        """The answer to an idempotency key that came before with the same body: as a rule the same one."""
        return reply

    def conflict(self, sending: Sending) -> Reply:  # noqa: ARG002 # for those that tell more
        """The answer to an idempotency key that came before with another body."""
        return Reply(409, {"message": "this key was used with another body"})

    def other(self, request: Request, sent: Sequence[Sent]) -> Reply:  # noqa: ARG002 # for those with look-ups
        """The answer to whatever is no sending.

        Args:
            request: the request.
            sent: what this provider has delivered so far, the oldest first.
        """
        return Reply(404, {"message": "no such address"})

    def callback(self, event: Event, url: str) -> Callback | None:  # noqa: ARG002 # for those that have callbacks
        """An event as the real provider posts and signs it.

        Args:
            event: what happened.
            url: where it goes, unless the provider takes the address from the request.

        Returns:
            None where the provider tells no such event.
        """
        return None
