"""Settings of where voucher codes come from, if not from `sojourn vouchers load`."""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode


class VoucherSettings(BaseSettings):
    """The part of the settings that is about Voucherify."""

    voucherify_campaigns: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="campaigns by design, such as `profile-reward=Profile reward,loyalty-discount=camp_12`; "
        "those designs' codes come from Voucherify",
    )
    voucherify_app_id: str = Field("", description="application id of a server-side key")
    voucherify_app_token: SecretStr = Field(SecretStr(""), description="its secret key")
    voucherify_url: str = Field("https://api.voucherify.io", description="its API; regions have others")
    voucherify_stock: int = Field(200, ge=1, le=100_000, description="codes of each design that are kept free")
    voucherify_callback_secret: SecretStr = Field(
        SecretStr(""), description="secret key of the project's webhooks; without it, no callback is taken"
    )

    @field_validator("voucherify_campaigns", mode="before")
    @classmethod
    def _split_campaigns(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
        if any(not (design.strip() and campaign.strip()) for design, _, campaign in pairs):
            raise ValueError("give pairs with a comma between them, such as profile-reward=Profile reward")
        return {design.strip(): campaign.strip() for design, _, campaign in pairs}

    @model_validator(mode="after")
    def _voucherify_is_complete(self) -> "VoucherSettings":
        if self.voucherify_campaigns and not self.voucherify_app_id:
            raise ValueError("SOJOURN_VOUCHERIFY_APP_ID: missing, and needed with SOJOURN_VOUCHERIFY_CAMPAIGNS")
        if self.voucherify_campaigns and not self.voucherify_app_token.get_secret_value():
            raise ValueError("SOJOURN_VOUCHERIFY_APP_TOKEN: missing, and needed with SOJOURN_VOUCHERIFY_CAMPAIGNS")
        return self
