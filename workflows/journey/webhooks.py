"""A call to another system, as a journey declares it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from activities.webhooks import FROM, MAILBOX, PREFIX, SECRET, require_name
from workflows.journey.parameters import Parameter

SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
TAKEN = {"KEYS"}  # SOJOURN_SECRET_KEYS signs the links; no call may carry it
CONTRACT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, section 5.6.2
# Ours, or the connection's: a journey that set one would break the call or its signature.
OUR_HEADERS = {
    *("host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "keep-alive"),
    *("proxy-connection", "content-type", "content-encoding", "accept-encoding", "expect"),
    *("idempotency-key", "webhook-id", "webhook-timestamp", "webhook-signature"),
}


@dataclass(frozen=True)
class From:
    """A value of the customer, the event or the reward by its name, looked up when the call goes.

    The names: ``customer_id`` (the client's own, ours where there is none), ``first_name``, ``last_name``, ``email``,
    ``phone``, ``date_of_birth``, ``country``, ``locale``, ``attributes.NAME``, ``event.NAME`` (a property of the
    event that enrolled the customer), ``occurred_at`` (when that event arrived, journey clock), ``voucher.code``,
    ``voucher.valid_until``, ``points.issued`` (by what the call hands over), ``points.balance``, ``template``,
    ``enrollment_id``. What is not known is null; points are numbers, and nought where none were issued.
    """

    name: str

    def __post_init__(self) -> None:
        require_name(self.name)


@dataclass(frozen=True)
class Secret:
    """A secret from the environment (``SOJOURN_SECRET_NAME``); never in history, logs, tables or the timeline.

    Attributes:
        name: in capitals, e.g. ``PUSH_TOKEN``.
        prefix: what stands in front of it, e.g. ``"Bearer "``.
    """

    name: str
    prefix: str = ""

    def __post_init__(self) -> None:
        if not SECRET_NAME.fullmatch(self.name) or self.name in TAKEN:
            raise ValueError(f"a secret is named like PUSH_TOKEN, and not {' or '.join(TAKEN)}: {self.name!r}")


@dataclass(frozen=True)
class Webhook:
    """Where a journey calls, and what it says there; an attribute of the journey's class.

        push_url = Parameter("https://push.example/send", "address of the push service")
        push = Webhook(
            push_url,
            headers={"Authorization": Secret("PUSH_TOKEN", prefix="Bearer ")},
            body={"customerId": From("customer_id"), "template": From("template"), "code": From("voucher.code")},
            marketing=True,
        )

    Attributes:
        url: of the service, or a parameter that holds it. One that begins with ``mailbox:`` is not called: what would
            be said is kept with the messages of the mailbox.
        headers: values by header: texts, parameters, `From` and `Secret`.
        body: a JSON document; parameters, `From` and `Secret` may stand anywhere in it.
        signed_with: the secret that signs the call by Standard Webhooks: ``whsec_`` and 24 to 64 bytes in base64.
        deduplicates: whether the service promises to keep ``webhook-id`` (the same as ``Idempotency-Key``) for a day
            and to take a repeated call for the same one. Without that promise a call whose fate is unclear is never
            repeated.
        contract: name of the JSON Schema that the body keeps (`docs/contracts/NAME.json`); empty for none.
        marketing: whether it carries marketing: then it needs a customer who has not opted out, and goes in the
            journey's send window. Otherwise it goes at once.
    """

    url: "str | Parameter[str]"
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    signed_with: Secret | None = None
    deduplicates: bool = False
    contract: str = ""
    marketing: bool = False
    name: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Refuse at import what could never be called.

        Raises:
            ValueError: a name, a header or an address cannot be; the message says which.
        """
        require_url(self.url.default if isinstance(self.url, Parameter) else self.url)
        for header, value in self.headers.items():
            if not HEADER_NAME.fullmatch(header) or header.lower() in OUR_HEADERS:
                raise ValueError(f"a webhook cannot set the header {header!r}")
            if not isinstance(value, str | From | Secret | Parameter):
                raise ValueError(f"header {header}: must be a text, a parameter, From or Secret, not {value!r}")  # noqa: TRY004 - one kind of refusal
        for value in _leaves(self.body):
            if value is not None and not isinstance(value, str | int | float | From | Secret | Parameter):
                raise ValueError(f"a webhook's body is JSON, and {value!r} is not")
        if self.contract and not CONTRACT_NAME.fullmatch(self.contract):
            raise ValueError(f"a contract is named like member-welcome, not {self.contract!r}")

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", self.name or name)

    @property
    def needs(self) -> frozenset[str]:
        """Names of the secrets that the call uses."""
        used = [value for value in _leaves([self.headers, self.body, self.signed_with]) if isinstance(value, Secret)]
        return frozenset(secret.name for secret in used)

    @property
    def parameters(self) -> tuple[Parameter[Any], ...]:
        """The parameters that it refers to."""
        used = _leaves([self.url, self.headers, self.body])
        return tuple(value for value in used if isinstance(value, Parameter))

    def address(self, parameters: Mapping[str, Any]) -> str:
        """Where the call goes.

        Args:
            parameters: values of an enrollment or of a journey, as JSON.

        Raises:
            ValueError: it is no address; the message names the parameter.
        """
        if not isinstance(self.url, Parameter):
            return self.url
        try:
            return require_url(self.url.value(parameters))
        except ValueError as error:
            raise ValueError(f"parameter {self.url.name}: {error}") from None


def require_url(url: str) -> str:
    """The address, if it looks like one; whether it may be called is decided when it is.

    Raises:
        ValueError: it begins with something else.
    """
    if not url.startswith(("https://", "http://", MAILBOX)):
        raise ValueError(f"an address begins with https://, http:// or {MAILBOX}, not {url!r}")
    return url


def as_order_value(value: Any, parameters: Mapping[str, Any]) -> Any:
    """The form in which a declared value goes into an order: names, not values; parameters are no secret.

    Args:
        value: as declared.
        parameters: values of the enrollment, as JSON.
    """
    match value:
        case From(name):
            return {FROM: name}
        case Secret(name, prefix):
            return {SECRET: name, PREFIX: prefix}
        case Parameter():
            return value.write(value.value(parameters))
        case Mapping():
            return {key: as_order_value(each, parameters) for key, each in value.items()}
        case list() | tuple():
            return [as_order_value(each, parameters) for each in value]
        case _:
            return value


def _leaves(value: Any) -> Iterator[Any]:
    match value:
        case Mapping():
            for key, each in value.items():
                if not isinstance(key, str) or key.startswith("$"):
                    raise ValueError(f"a webhook's body cannot have the key {key!r}")
                yield from _leaves(each)
        case list() | tuple():
            for each in value:
                yield from _leaves(each)
        case _:
            yield value
