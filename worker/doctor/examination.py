"""All that the doctor looks at, in the order in which it is put right."""

import asyncio
from collections.abc import AsyncIterator

from worker.doctor.database import examine_database
from worker.doctor.dns_records import examine_dns
from worker.doctor.findings import Finding
from worker.doctor.machine import examine_machine
from worker.doctor.providers import examine_providers
from worker.doctor.temporal import examine_temporal
from worker.settings import Settings


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything. Nothing is changed and no message is sent.

    Args:
        settings: checked.
    """
    for finding in examine_machine(settings):
        yield finding
    for finding in await asyncio.to_thread(lambda: list(examine_database(settings))):
        yield finding
    async for finding in examine_temporal(settings):
        yield finding
    async for finding in examine_providers(settings):
        yield finding
    for finding in await asyncio.to_thread(lambda: list(examine_dns(settings))):
        yield finding
