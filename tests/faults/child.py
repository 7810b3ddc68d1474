"""`sojourn worker` that dies where a test says: before or after a provider has taken its first message.

Run as `python -m tests.faults.child`; SOJOURN_FAILPOINT is read here alone.
"""

import asyncio
import logging
import os
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from activities.delivery import Accepted, Deduplication, Delivery, Provider, Verdict
from activities.gate.gate import GateLimits
from worker import worker_process
from worker.assembly import assemble
from worker.settings import Settings, read_settings
from worker.wiring import Parts
from workflows.journey import calls

# As in production each is longer than the one before it, and all are short enough to be waited for.
LIMITS = GateLimits(call=timedelta(seconds=1), lease=timedelta(seconds=2))
SEND_TIMEOUT = timedelta(seconds=3)

FAILPOINT = os.environ.pop("SOJOURN_FAILPOINT", "")  # the product knows no such setting
LEISURELY = FAILPOINT == "slow" or FAILPOINT.endswith(":pause")
SLOW_LIMITS = GateLimits()  # of a worker that may take its time


class Outside:
    """A provider that sends whatever it is asked to, each time anew: a file for each message that left.

    Args:
        folder: where the files go.
        slow: takes messages only once a file named `go` is there.
    """

    name = "outside"
    deduplication = Deduplication.NONE

    def __init__(self, folder: Path, *, slow: bool = False) -> None:
        self._folder = folder
        self._slow = slow

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Send."""
        (self._folder / "asked").touch()
        while self._slow and not (self._folder / "go").exists():  # noqa: ASYNC110 the test is another process
            await asyncio.sleep(0.02)
        (self._folder / f"{delivery.key}.{uuid4().hex}.sent").touch()
        return Accepted(delivery.key)

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 - the contract's signature
        """It cannot tell."""
        return None


class Mortal:
    """Kills this very process at its first message, once; or stops it there until somebody continues it.

    Args:
        provider: that delivers.
        moment: before or after it has taken the message; or pause, which is before.
        mark: a file that tells that it has happened.
    """

    def __init__(self, provider: Provider, moment: str, mark: Path) -> None:
        self.name, self.deduplication = provider.name, provider.deduplication
        self._provider, self._moment, self._mark = provider, moment, mark

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Deliver, or die."""
        self._die("before")
        self._die("pause", signal.SIGSTOP)
        verdict = await self._provider.deliver(delivery)
        self._die("after")
        return verdict

    async def look_up(self, key: str) -> Verdict | None:
        """Ask."""
        return await self._provider.look_up(key)

    def _die(self, moment: str, number: int = signal.SIGKILL) -> None:
        if moment == self._moment and not self._mark.exists():
            self._mark.touch()
            os.kill(os.getpid(), number)


def assemble_to_fail(settings: Settings) -> Parts:
    """The parts of a worker; the failpoint asks for providers: `[outside|slow][:before|:after|:pause]`."""
    parts = assemble(settings)
    kind, _, moment = FAILPOINT.partition(":")
    providers = dict(parts.providers)
    if kind:
        outside = Outside(settings.data, slow=kind == "slow")
        providers = {channel: outside if kind in {"outside", "slow"} else given for channel, given in providers.items()}
    if moment:
        mark = settings.data / "killed"
        providers = {channel: Mortal(given, moment, mark) for channel, given in providers.items()}
    return replace(parts, providers=providers, limits=SLOW_LIMITS if LEISURELY else LIMITS)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    worker_process.assemble = assemble_to_fail  # type: ignore[attr-defined] # taken over for this process
    if not LEISURELY:
        calls.SEND_TIMEOUT = SEND_TIMEOUT
    asyncio.run(worker_process.run_worker(read_settings()))
