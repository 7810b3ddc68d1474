"""The ways a message can reach a customer."""

from enum import StrEnum


class Channel(StrEnum):
    """A way to reach a customer."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"  # to an app, under the token in the attribute `push_token`


class MessageClass(StrEnum):
    """What the law and the send window think of a message; fixed by its template, never by its caller."""

    MARKETING = "marketing"  # needs consent, keeps to the send window, counts against the frequency cap
    SERVICE = "service"  # answers something the customer did: goes at once


EMAIL = Channel.EMAIL
SMS = Channel.SMS
PUSH = Channel.PUSH
