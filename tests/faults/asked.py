"""Providers of texts and pushes that can be asked what they have: the third kind, on the channels that lack it.

The messages go by the product's own drivers; what became of one, the fake providers are asked, who keep it by our id.
"""

import os
from collections.abc import Mapping

import httpx

from activities.channels import PUSH, SMS, Channel
from activities.delivery import Accepted, Deduplication, Delivery, Provider, Unavailable, Verdict

ASKED = "FAULTS_ASKED"  # the environment variable that names the fake providers' address; nobody is asked without it
PATIENCE = 5.0  # seconds for an answer


class Asked:
    """A provider that shows what it was given.

    Args:
        provider: that delivers, and keeps no keys.
        address: of the fake providers.
    """

    deduplication = Deduplication.LOOKUP

    def __init__(self, provider: Provider, address: str) -> None:
        self.name = provider.name
        self._provider = provider
        self._address = address

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Send."""
        return await self._provider.deliver(delivery)

    async def look_up(self, key: str) -> Verdict | None:
        """Ask; None where there is no answer."""
        async with httpx.AsyncClient(base_url=self._address, trust_env=False, timeout=PATIENCE) as client:
            try:
                answer = (await client.get("/__sent", params={"provider": self.name})).raise_for_status()
            except httpx.HTTPError:
                return None
        for sent in answer.json():
            if sent["sending"]["key"] == key:
                return Accepted(sent["id"])
        return Unavailable("it shows no such message")


def asked(providers: Mapping[Channel, Provider]) -> Mapping[Channel, Provider]:
    """The same providers; those of texts and pushes can be asked, where the environment says whom."""
    address = os.environ.get(ASKED)
    if not address:
        return providers
    return {**providers, **{channel: Asked(providers[channel], address) for channel in (SMS, PUSH)}}
