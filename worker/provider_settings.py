"""Who delivers, and what each provider needs to be told: the providers' part of the settings."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from worker.phone_settings import PhoneSettings

EmailProvider = Literal["mailbox", "smtp", "sendgrid", "postmark", "mailgun", "resend", "webhook"]
SmsProvider = Literal["mailbox", "twilio", "vonage", "webhook"]
PushProvider = Literal["mailbox", "fcm", "webhook"]

# What must be set with a provider, whichever setting chooses it.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "smtp": ("smtp_host", "smtp_sender"),
    "sendgrid": ("sendgrid_api_key", "email_sender"),
    "postmark": ("postmark_token", "email_sender"),
    "mailgun": ("mailgun_api_key", "mailgun_domain", "email_sender"),
    "resend": ("resend_api_key", "email_sender"),
    "twilio": ("twilio_account_sid", "twilio_auth_token", "sms_sender"),
    "vonage": ("vonage_application_id", "vonage_private_key", "sms_sender"),
    "fcm": ("fcm_credentials",),
    "webhook": ("webhook_url", "webhook_secret"),
}


class ProviderSettings(PhoneSettings):
    """Settings of the providers; a base of `worker.settings.Settings`."""

    email_provider: EmailProvider = Field("mailbox", description="who delivers emails")
    sms_provider: SmsProvider = Field("mailbox", description="who delivers texts")
    push_provider: PushProvider = Field("mailbox", description="who delivers pushes")

    smtp_host: str = Field("", description="mail server")
    smtp_port: int = Field(587, ge=1, le=65535, description="its port")
    smtp_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="how the connection is encrypted")
    smtp_username: str = Field("", description="who logs in; nobody if not set")
    smtp_password: SecretStr = Field(SecretStr(""), description="with which password")
    smtp_sender: str = Field("", description="From address of emails over SMTP")

    email_sender: str = Field("", description="From address of emails with SendGrid, Postmark, Mailgun or Resend")
    sendgrid_api_key: SecretStr = Field(SecretStr(""), description="key that may send")
    sendgrid_url: str = Field("https://api.sendgrid.com", description="or `https://api.eu.sendgrid.com`")
    sendgrid_callback_key: str = Field("", description="public key of the event webhook; without it, none is taken")
    postmark_token: SecretStr = Field(SecretStr(""), description="token of the server")
    postmark_url: str = Field("https://api.postmarkapp.com", description="its API")
    postmark_stream: str = Field("outbound", description="message stream that the emails go through")
    postmark_callback_password: SecretStr = Field(
        SecretStr(""), description="of the basic auth in the webhook's address; without it, no callback is taken"
    )
    mailgun_api_key: SecretStr = Field(SecretStr(""), description="key that may send")
    mailgun_domain: str = Field("", description="domain that emails are sent from")
    mailgun_url: str = Field("https://api.mailgun.net", description="or `https://api.eu.mailgun.net`")
    mailgun_callback_key: SecretStr = Field(
        SecretStr(""), description="the HTTP webhook signing key; without it, no callback is taken"
    )
    resend_api_key: SecretStr = Field(SecretStr(""), description="key that may send")
    resend_url: str = Field("https://api.resend.com", description="its API")
    resend_callback_secret: SecretStr = Field(
        SecretStr(""), description="whsec_... of the webhook; without it, no callback is taken"
    )

    webhook_url: str = Field("", description="the client's messaging service")
    webhook_secret: SecretStr = Field(SecretStr(""), description="whsec_..., signs the calls (Standard Webhooks)")
    webhook_allow_private: bool = Field(
        False, description="whether the service, and what journeys call, may be in a private network"
    )

    @field_validator("sendgrid_api_key", "postmark_token", "mailgun_api_key", "resend_api_key")
    @classmethod
    def _fits_a_header(cls, key: SecretStr) -> SecretStr:
        value = key.get_secret_value()
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise ValueError("a key has no space, line break or other such sign")
        return key

    @model_validator(mode="after")
    def _providers_are_complete(self) -> "ProviderSettings":
        for choice in ("email_provider", "sms_provider", "push_provider"):
            provider = getattr(self, choice)
            missing = [f"SOJOURN_{name.upper()}" for name in NEEDED.get(provider, ()) if not self._is_set(name)]
            if missing:
                chosen = f"SOJOURN_{choice.upper()}={provider}"
                raise ValueError(f"{' and '.join(missing)}: missing, and needed with {chosen}")
        return self

    def _is_set(self, name: str) -> bool:
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
