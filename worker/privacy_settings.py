"""Settings of the encryption of what Temporal keeps, and of who may see it decrypted."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

KEY_BYTES = 32  # AES-256


@dataclass(frozen=True)
class PayloadKey:
    """A key that encrypts payloads.

    Attributes:
        id: stands in clear in each payload, so that it is known which key reads it.
        secret: 32 bytes.
    """

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "PayloadKey":
        """A key as the setting has it: ``ID:BASE64``.

        Raises:
            ValueError: it is not one; the message says nothing of the secret.
        """
        id_, _, encoded = text.partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if not (id_ and id_.isascii() and id_.isprintable()) or len(secret) != KEY_BYTES:
            raise ValueError("each key is ID:BASE64 of 32 bytes; openssl rand -base64 32 makes them")
        return cls(id_, secret)


class PrivacySettings(BaseSettings):
    """The part of the settings that is about payloads; a base of `worker.settings.Settings`."""

    payload_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="encrypt what Temporal keeps: comma-separated ID:BASE64 keys of 32 bytes, the oldest first; the "
        "last one encrypts; off if not set",
    )
    codec_open: bool = Field(
        False, description="whether /codec decrypts for callers without a key; for development on one's own machine"
    )

    @field_validator("payload_keys", mode="before")
    @classmethod
    def _split_payload_keys(cls, value: object) -> object:
        return [key.strip() for key in value.split(",") if key.strip()] if isinstance(value, str) else value

    @field_validator("payload_keys")
    @classmethod
    def _readable_payload_keys(cls, keys: list[SecretStr]) -> list[SecretStr]:
        ids = [PayloadKey.parse(key.get_secret_value()).id for key in keys]
        if len(set(ids)) < len(ids):
            raise ValueError("two keys have the same id")
        return keys

    @property
    def encryption(self) -> list[PayloadKey]:
        """The payload keys, the oldest first; none where encryption is off."""
        return [PayloadKey.parse(key.get_secret_value()) for key in self.payload_keys]
