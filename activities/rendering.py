"""The contract of the renderer: from a template and plain values to the bytes a customer receives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from activities.channels import Channel, MessageClass

Written: TypeAlias = Mapping[str, Mapping[Channel, MessageClass]]
"""The templates there are: by name and channel, what each says of itself."""


@dataclass(frozen=True)
class Rendered:
    """A message as it will leave us.

    Attributes:
        subject: of an email; empty for a text.
        html: of an email; empty for a text.
        text: the text part of an email, or the whole of a text message.
    """

    subject: str
    html: str
    text: str


class UnknownTemplateError(LookupError):
    """No such template for that channel."""


class Renderer(Protocol):
    """Turns templates into messages. Pure: no network, no database."""

    def message_class(self, template: str, channel: Channel) -> MessageClass:
        """What the template says of itself.

        Raises:
            UnknownTemplateError: there is no such template for the channel.
        """
        ...

    def render(self, template: str, channel: Channel, context: Mapping[str, Any]) -> Rendered:
        """Render one message.

        Args:
            template: name of the template, e.g. ``voucher-offer``.
            channel: email or sms.
            context: plain values; datetimes are aware and already in the customer's zone.

        Raises:
            UnknownTemplateError: there is no such template for the channel.
        """
        ...
