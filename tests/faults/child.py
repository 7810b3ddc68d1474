"""`sojourn worker` that takes its time where a test says, or stops, over its first message.

Run as `python -m tests.faults.child`; SOJOURN_FAILPOINT is read here alone: `slow`, `pause`, or nothing.
"""

import asyncio
import logging
import os
import signal
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from activities.delivery import Accepted, Deduplication, Delivery, Provider, Verdict
from worker import assembly, worker_process
from worker.settings import Settings, read_settings
from worker.wiring import Parts

FAILPOINT = os.environ.pop("SOJOURN_FAILPOINT", "")  # the product knows no such setting


class Slow:
    """A provider that takes messages only once a file named `go` is there, and leaves a file for each.

    Args:
        folder: where the files go.
    """

    name = "slow"
    deduplication = Deduplication.NONE

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Send."""
        (self._folder / "asked").touch()
        while not (self._folder / "go").exists():  # noqa: ASYNC110 the test is another process
            await asyncio.sleep(0.02)
        (self._folder / f"{delivery.key}.{uuid4().hex}.sent").touch()
        return Accepted(delivery.key)

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 - the contract's signature
        """It cannot tell."""
        return None


class Pausing:
    """Stops this very process before its first message, once, until somebody continues it.

    Args:
        provider: that delivers.
        mark: a file that tells that it has happened.
    """

    def __init__(self, provider: Provider, mark: Path) -> None:
        self.name, self.deduplication = provider.name, provider.deduplication
        self._provider, self._mark = provider, mark

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Stop, and deliver."""
        if not self._mark.exists():
            self._mark.touch()
            os.kill(os.getpid(), signal.SIGSTOP)
        return await self._provider.deliver(delivery)

    async def look_up(self, key: str) -> Verdict | None:
        """Ask."""
        return await self._provider.look_up(key)


def assemble_to_fail(settings: Settings) -> Parts:
    """The parts of a worker, with the providers that the failpoint asks for."""
    parts = assembly.assemble(settings)
    providers = dict(parts.providers)
    if FAILPOINT == "slow":
        providers = dict.fromkeys(providers, Slow(settings.data))
    if FAILPOINT == "pause":
        providers = {channel: Pausing(given, settings.data / "killed") for channel, given in providers.items()}
    return replace(parts, providers=providers)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    worker_process.assemble = assemble_to_fail  # type: ignore[attr-defined] # taken over for this process
    asyncio.run(worker_process.run_worker(read_settings()))
