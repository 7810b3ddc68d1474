"""From settings to the hooks: who reads the callbacks of which provider, and who answers HELP."""

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from activities.callbacks import Callback, CallbackParser
from activities.channels import SMS
from activities.delivery import Accepted, Delivery, Provider
from activities.providers.callbacks import parsers
from activities.storage.ids import new_id
from worker.settings import Settings, WrongSettingError

log = logging.getLogger(__name__)

ANSWER_SECONDS = 15.0


def callback_parsers(settings: Settings) -> dict[str, CallbackParser]:
    """The parsers of those providers whose secrets are set. Of several secrets, with spaces between them, each is good.

    Raises:
        WrongSettingError: a secret cannot be one.
    """
    secrets = {
        "sendgrid": settings.sendgrid_callback_key,
        "postmark": settings.postmark_callback_password.get_secret_value(),
        "mailgun": settings.mailgun_callback_key.get_secret_value(),
        "resend": settings.resend_callback_secret.get_secret_value(),
        "twilio": " ".join(
            each.get_secret_value() for each in (settings.twilio_auth_token, settings.twilio_second_auth_token)
        ),
        "vonage": settings.vonage_callback_secret.get_secret_value(),
        "voucherify": settings.voucherify_callback_secret.get_secret_value(),
        "webhook": settings.webhook_secret.get_secret_value(),
    }
    try:
        return parsers({name: given.split() for name, given in secrets.items()})
    except ValueError as error:
        raise WrongSettingError(str(error)) from error


def help_answer(settings: Settings, provider: Provider) -> Callable[[Callback], Awaitable[None]] | None:
    """What answers a customer who texted HELP; None where nothing is to be answered.

    An answer goes out once at most: nobody waits for it who would not ask again.

    Args:
        settings: with the words.
        provider: of texts.
    """
    if not settings.sms_help_reply:
        return None

    async def answer(callback: Callback) -> None:
        verdict = await provider.deliver(
            Delivery(
                key=new_id("hlp"),
                channel=SMS,
                to=callback.address,
                subject="",
                html="",
                text=settings.sms_help_reply,
                decided_at=datetime.now(UTC),
                deadline=time.monotonic() + ANSWER_SECONDS,
            )
        )
        if not isinstance(verdict, Accepted):
            log.warning("HELP was not answered: %s", verdict.reason)

    return answer
