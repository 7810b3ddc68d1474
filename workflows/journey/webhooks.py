"""A call to another system, as a journey declares it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.journey.parameters import Parameter


@dataclass(frozen=True)
class From:
    """A value of the customer, the event or the reward by its name, looked up when the call goes."""

    name: str


@dataclass(frozen=True)
class Secret:
    """A secret from the environment (``SOJOURN_SECRET_NAME``); never in history, logs or the timeline."""

    name: str


@dataclass(frozen=True)
class Webhook:
    """Where a journey calls, and what it says there; an attribute of the journey's class.

        push = Webhook(
            Parameter("https://push.example/send", "the push service"),
            headers={"Authorization": Secret("PUSH_TOKEN")},
            body={"customerId": From("customer_id"), "template": "loyalty-discount", "code": From("voucher.code")},
        )

    Attributes:
        url: of the service, or a parameter that holds it.
        headers: values by header.
        body: a JSON document; `From` and `Secret` may stand anywhere in it.
        signed: whether the call is signed by Standard Webhooks.
        contract: name of the JSON Schema that the body keeps (`docs/contracts/NAME.json`); empty for none.
    """

    url: "str | Parameter[str]"
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    signed: bool = False
    contract: str = ""

    @property
    def needs(self) -> frozenset[str]:
        """Names of the secrets that the call uses."""
        return frozenset(_secrets(self.headers) | _secrets(self.body))


def as_order_value(value: Any) -> Any:
    """The form in which a declared value goes into an order: names, not values."""
    match value:
        case From(name):
            return {"from": name}
        case Secret(name):
            return {"secret": name}
        case Mapping():
            return {key: as_order_value(each) for key, each in value.items()}
        case list() | tuple():
            return [as_order_value(each) for each in value]
        case _:
            return value


def _secrets(value: Any) -> set[str]:
    match value:
        case Secret(name):
            return {name}
        case Mapping():
            return set().union(*map(_secrets, value.values()))
        case list() | tuple():
            return set().union(*map(_secrets, value))
        case _:
            return set()
