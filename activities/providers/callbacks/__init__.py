"""Parsers of callbacks, a provider a file."""

from collections.abc import Callable, Mapping, Sequence

from activities.callbacks import CallbackParser
from activities.providers.callbacks.mailgun import MailgunCallbacks
from activities.providers.callbacks.postmark import PostmarkCallbacks
from activities.providers.callbacks.resend import ResendCallbacks
from activities.providers.callbacks.sendgrid import SendGridCallbacks
from activities.providers.callbacks.twilio import TwilioCallbacks
from activities.providers.callbacks.vonage import VonageCallbacks
from activities.providers.callbacks.voucherify import VoucherifyCallbacks
from activities.providers.callbacks.webhook import WebhookCallbacks

PARSERS: Mapping[str, Callable[[Sequence[str]], CallbackParser]] = {
    "sendgrid": SendGridCallbacks,
    "postmark": PostmarkCallbacks,
    "mailgun": MailgunCallbacks,
    "resend": ResendCallbacks,
    "twilio": TwilioCallbacks,
    "vonage": VonageCallbacks,
    "voucherify": VoucherifyCallbacks,
    "webhook": WebhookCallbacks,
}


def parsers(secrets: Mapping[str, Sequence[str]]) -> dict[str, CallbackParser]:
    """The parsers of those providers whose secrets are known.

    Args:
        secrets: by provider; each of several is good, while one replaces another.

    Raises:
        ValueError: a secret cannot be one; it names the provider.
    """
    found: dict[str, CallbackParser] = {}
    for name, given in secrets.items():
        if given:
            try:
                found[name] = PARSERS[name](given)
            except ValueError as error:
                raise ValueError(f"the secret of {name}'s callbacks {error}") from None
    return found
