"""Gates as the tests need them: the real one over a real database, with providers that obey the test."""

from collections.abc import Mapping
from typing import Any

from activities.channels import Channel, MessageClass
from activities.gate.gate import GateLimits, MessageGate
from activities.gate.wording import Wording
from activities.rendering import Rendered
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.links import Links
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from tests.activities.gate.fakes import FakeProvider

REACHABILITY = Reachability("test-secret")
WORDING = Wording(Links("https://hello.example", ["test-key"]))
SERVICE = "service"
LIMITS = GateLimits()
RENDERER = JinjaRenderer(Brand())


class PlainRenderer:
    """Renders the values themselves; fast, and every change of the profile shows."""

    def message_class(self, template: str, channel: Channel) -> MessageClass:  # noqa: ARG002 - the contract's signature
        """Only the template called ``service`` is of the service class."""
        return MessageClass.SERVICE if template == SERVICE else MessageClass.MARKETING

    def render(self, template: str, channel: Channel, context: Mapping[str, Any]) -> Rendered:
        """The values in a row."""
        words = f"{context['first_name']} {context['offer_ends']} {context['code']}"
        return Rendered(template if channel is Channel.EMAIL else "", "", words)


def plain_gate(database: Database, provider: FakeProvider, limits: GateLimits = LIMITS) -> MessageGate:
    """The gate with one provider for both channels and quick words."""
    return MessageGate(database, dict.fromkeys(Channel, provider), PlainRenderer(), WORDING, REACHABILITY, limits)


def real_gate(database: Database, provider: FakeProvider, limits: GateLimits = LIMITS) -> MessageGate:
    """The gate with one provider for both channels and the product's own messages."""
    return MessageGate(database, dict.fromkeys(Channel, provider), RENDERER, WORDING, REACHABILITY, limits)
