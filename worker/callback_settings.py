"""Settings of what comes back from customers and providers, beyond each provider's own secret."""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from activities.storage.facts import SOFT_BOUNCES_IN_A_ROW

LONGEST_REPLY = 320  # two texts


class CallbackSettings(BaseSettings):
    """The callbacks' part of the settings; a base of `worker.settings.Settings`."""

    twilio_second_auth_token: SecretStr = Field(
        SecretStr(""), description="also checks Twilio's callbacks, while one auth token takes the other's place"
    )
    sms_stop_words: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="words that mean STOP in your customers' languages, beside the usual ones"
    )
    soft_bounces: int = Field(
        SOFT_BOUNCES_IN_A_ROW,
        ge=0,
        le=100,
        description="after so many soft bounces in a row an email address or a number is not used again; 0 for never",
    )
    sms_help_reply: str = Field(
        "",
        max_length=LONGEST_REPLY,
        description="what a customer is answered who texts HELP; empty where the provider answers",
    )

    @field_validator("sms_stop_words", mode="before")
    @classmethod
    def _split_words(cls, value: object) -> object:
        return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value

    @field_validator("sms_stop_words")
    @classmethod
    def _real_words(cls, words: list[str]) -> list[str]:
        if any(not any(letter.isalnum() for letter in word) for word in words):
            raise ValueError("give words with a comma between them, such as STOPPEN,PARA")
        return words
