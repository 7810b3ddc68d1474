"""The driver of each provider; only the one that is chosen is loaded."""

from activities.delivery import Provider
from activities.providers.mailbox import Mailbox
from worker.settings import Settings


def provider(name: str, settings: Settings) -> Provider:
    """Who delivers.

    Args:
        name: a value of `SOJOURN_EMAIL_PROVIDER`, `SOJOURN_SMS_PROVIDER` or `SOJOURN_PUSH_PROVIDER`.
        settings: checked; what the provider needs is set.

    Raises:
        ValueError: the driver refuses what it is given; the message names the setting.
    """
    match name:
        case "smtp":
            from activities.providers.smtp import SmtpProvider

            return SmtpProvider(
                host=settings.smtp_host,
                port=settings.smtp_port,
                tls=settings.smtp_tls,
                username=settings.smtp_username,
                password=settings.smtp_password.get_secret_value(),
                sender=settings.smtp_sender,
            )
        case "sendgrid":
            from activities.providers.sendgrid import SendGridProvider

            return SendGridProvider(
                api_key=settings.sendgrid_api_key.get_secret_value(),
                sender=settings.email_sender,
                url=settings.sendgrid_url,
            )
        case "postmark":
            from activities.providers.postmark import PostmarkProvider

            return PostmarkProvider(
                token=settings.postmark_token.get_secret_value(),
                sender=settings.email_sender,
                stream=settings.postmark_stream,
                url=settings.postmark_url,
            )
        case "mailgun":
            from activities.providers.mailgun import MailgunProvider

            return MailgunProvider(
                api_key=settings.mailgun_api_key.get_secret_value(),
                domain=settings.mailgun_domain,
                sender=settings.email_sender,
                url=settings.mailgun_url,
            )
        case "resend":
            from activities.providers.resend import ResendProvider

            return ResendProvider(
                api_key=settings.resend_api_key.get_secret_value(),
                sender=settings.email_sender,
                url=settings.resend_url,
            )
        case "twilio":
            from activities.providers.twilio import TwilioProvider

            return TwilioProvider(
                account_sid=settings.twilio_account_sid,
                auth_token=settings.twilio_auth_token.get_secret_value(),
                sender=settings.sms_sender,
                callback_url=_callback_url(name, settings),
                url=settings.twilio_url,
            )
        case "vonage":
            from activities.providers.vonage import VonageProvider

            return VonageProvider(
                application_id=settings.vonage_application_id,
                private_key=settings.vonage_private_key.get_secret_value(),
                sender=settings.sms_sender,
                callback_url=_callback_url(name, settings),
                url=settings.vonage_url,
            )
        case "fcm":
            from activities.providers.fcm import FcmProvider

            return FcmProvider(credentials=settings.fcm_credentials.get_secret_value(), url=settings.fcm_url)
        case "webhook":
            from activities.providers.webhook import WebhookProvider

            return WebhookProvider(
                url=settings.webhook_url,
                secret=settings.webhook_secret.get_secret_value(),
                allow_private=settings.webhook_allow_private,
            )
        case _:
            return Mailbox(settings.mail_folder)


def _callback_url(name: str, settings: Settings) -> str:
    """Where a provider tells what became of a text."""
    return f"{settings.public_url.rstrip('/')}/v1/hooks/{name}"
