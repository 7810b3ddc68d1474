"""Settings of what providers may be sent: rates, quotas and warm-ups, each for the provider that it names."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from activities.gate.pacing import Plan

FASTEST = 10_000


class PaceSettings(BaseSettings):
    """The part of the settings that slows messages down. None is set unless somebody sets it."""

    provider_rates: Annotated[dict[str, float], NoDecode] = Field(
        default_factory=dict, description="messages a second by provider, such as `sendgrid=10,twilio=1`"
    )
    provider_quotas: Annotated[dict[str, int], NoDecode] = Field(
        default_factory=dict, description="messages a day (UTC) by provider, such as `postmark=10000`"
    )
    provider_warm_ups: Annotated[dict[str, int], NoDecode] = Field(
        default_factory=dict,
        description="messages on a provider's first day, twice as many on each that follows, such as `sendgrid=200`",
    )

    @field_validator("provider_rates", "provider_quotas", "provider_warm_ups", mode="before")
    @classmethod
    def _split_pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
        if any(not (name.strip() and number.strip()) for name, _, number in pairs):
            raise ValueError("give pairs with a comma between them, such as sendgrid=10,twilio=1")
        return {name.strip(): number.strip() for name, _, number in pairs}

    @field_validator("provider_rates", "provider_quotas", "provider_warm_ups")
    @classmethod
    def _more_than_nothing(cls, pairs: dict[str, float]) -> dict[str, float]:
        for name, number in pairs.items():
            if not number > 0:
                raise ValueError(f"{name} must be more than 0; to send nothing, pause the channel")
        return pairs

    @field_validator("provider_rates")
    @classmethod
    def _slow_enough(cls, rates: dict[str, float]) -> dict[str, float]:
        if any(rate > FASTEST for rate in rates.values()):
            raise ValueError(f"a rate is {FASTEST} a second at most")
        return rates

    @property
    def plans(self) -> dict[str, Plan]:
        """The plan of each provider that has one."""
        names = {*self.provider_rates, *self.provider_quotas, *self.provider_warm_ups}
        return {
            name: Plan(
                self.provider_rates.get(name, 0.0),
                self.provider_quotas.get(name, 0),
                self.provider_warm_ups.get(name, 0),
            )
            for name in names
        }
