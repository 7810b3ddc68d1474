"""What those who deliver texts and pushes need to be told."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings


class PhoneSettings(BaseSettings):
    """The part of the providers' settings that is about telephones."""

    sms_sender: str = Field(
        "",
        description="who texts with Twilio or Vonage come from: a number, a name, or Twilio's `MG...` id of a service",
    )
    twilio_account_sid: str = Field("", description="`AC...`, of the account")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="of the account; checks its callbacks, too")
    twilio_url: str = Field("https://api.twilio.com", description="its API")
    vonage_application_id: str = Field("", description="of the application that sends")
    vonage_private_key: SecretStr = Field(
        SecretStr(""), description="the application's private key: a PEM file, or what is in it"
    )
    vonage_url: str = Field("https://api.nexmo.com", description="its API")
    vonage_callback_secret: SecretStr = Field(
        SecretStr(""), description="the account's signature secret; without it, no callback is taken"
    )
    fcm_credentials: SecretStr = Field(
        SecretStr(""), description="the service account's key: the JSON file from Google's console, or what is in it"
    )
    fcm_url: str = Field("https://fcm.googleapis.com", description="its API")

    @field_validator("vonage_private_key", "fcm_credentials")
    @classmethod
    def _read_file(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value().strip()
        if not text or text.startswith(("{", "-----BEGIN")):
            return SecretStr(text)
        try:
            return SecretStr(Path(text).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise ValueError(f"cannot read the file: {why}") from None
