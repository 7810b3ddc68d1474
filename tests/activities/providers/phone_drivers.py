"""The drivers for telephones, each made from the settings that its fake hands out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

from activities.delivery import Delivery, Verdict
from activities.providers.fcm import FcmProvider
from activities.providers.twilio import TwilioProvider
from activities.providers.vonage import VonageProvider
from tests.fake_providers import FakeProviders, Rule
from worker.provider_drivers import provider
from worker.settings import PREFIX, Settings

PUBLIC_URL = "https://journeys.shop.example.com"
PhoneDriver: TypeAlias = TwilioProvider | VonageProvider | FcmProvider


async def settings_for(name: str, fakes: FakeProviders, **changes: str) -> Settings:
    """What the environment would say; `changes` are settings without their prefix, in small letters."""
    told = {key.removeprefix(PREFIX).lower(): value for key, value in (await fakes.settings(name)).items()}
    values: dict[str, str] = {"public_url": PUBLIC_URL, **told, **changes}
    return Settings.model_validate(values)


@asynccontextmanager
async def driver(name: str, fakes: FakeProviders, **changes: str) -> AsyncIterator[PhoneDriver]:
    """A driver that calls the fake."""
    made = provider(name, await settings_for(name, fakes, **changes))
    assert isinstance(made, PhoneDriver)
    try:
        yield made
    finally:
        await made.aclose()


async def told(name: str, fakes: FakeProviders, delivery: Delivery, rule: Rule, **changes: str) -> Verdict:
    """What becomes of a message where the provider does as the rule says."""
    await fakes.script(name, rule)
    async with driver(name, fakes, **changes) as made:
        return await made.deliver(delivery)
