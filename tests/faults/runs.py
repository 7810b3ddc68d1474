"""How most runs of the fault suite begin and end: a site with providers of one kind, and everybody at their end."""

import os
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from temporalio.client import Client

from activities.storage.tables import Enrollment, OutboxItem
from tests.fake_providers import FakeProviders
from tests.faults import checker
from tests.faults.asked import ASKED
from tests.faults.site import START, Site, site
from tests.system import until
from worker.processes.supervisor import Supervisor

HEALED = 60.0  # seconds from the end of the trouble to the end of all journeys (I11)
PATIENCE = 120.0  # seconds for what a run waits for before that, on a busy machine
LONG = os.environ.get("FAULTS") == "long"
CALLS = ("one-kept-call", "one-plain-call")

# By what the providers do for us: who delivers what, and the journeys that ask for it. Companies that can be asked
# about a text or a push are not among those we know, so two are made to answer (`tests.faults.asked`); whoever is
# called by a journey either keeps our keys or promises nothing, so there is no call to ask about.
PROVIDERS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "key": (("resend", "webhook"), ("one-email", "one-text", "one-push", "one-kept-call")),
    "lookup": (("postmark", "twilio", "fcm"), ("one-email", "one-text", "one-push")),
    "none": (("sendgrid", "twilio", "fcm"), ("one-email", "one-text", "one-push", "one-plain-call")),
}


def seeded(name: str) -> random.Random:
    """Chance that comes again: its seed is printed, and FAULT_SEED sets it."""
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(1_000_000))  # noqa: S311 - no secret
    print(f"{name}: FAULT_SEED={seed}")  # noqa: T201 - pytest shows it where a run fails
    return random.Random(seed)  # noqa: S311 - as above


async def settings_of(fakes: FakeProviders, kind: str) -> dict[str, str]:
    """What makes a site use providers of one kind; an email's provider wins over the webhook's."""
    found = {"SOJOURN_PUSH_PROVIDER": "webhook"} if kind == "key" else {}
    for provider in reversed(PROVIDERS[kind][0]):
        found |= await fakes.settings(provider)
    if kind == "lookup":
        found[ASKED] = fakes.address
    return {**found, "SOJOURN_WEBHOOK_ALLOW_PRIVATE": "true"}


@asynccontextmanager
async def run(
    address: str,
    folder: Path,
    fakes: FakeProviders,
    kind: str,
    *,
    more: Mapping[str, str] | None = None,
    enters: Sequence[str] = (),
    origin: datetime = START,
    speed: float = 1.0,
) -> AsyncIterator[tuple[Site, Supervisor]]:
    """A site with providers of one kind, and a supervisor for its programs, which it ends without ceremony.

    Args:
        address: of the Temporal server.
        folder: for the site's data; made.
        fakes: the providers.
        kind: key, lookup or none.
        more: further settings of its programs.
        enters: the only journeys that take anybody in; all, if none is given.
        origin: what the journey clock shows now.
        speed: of the journey clock.
    """
    settings = {**await settings_of(fakes, kind), **(more or {})}
    calls = {name: {"url": f"{fakes.url('webhook')}/call"} for name in CALLS}
    async with (
        site(folder, address, others=calls, settings=settings, enters=enters, origin=origin, speed=speed) as here,
        Supervisor(stop_within=0.5) as programs,
    ):
        yield here, programs


async def healed(here: Site, within: float = HEALED) -> None:
    """Wait until everybody's journey is over, and everything told (I11).

    Args:
        here: the site.
        within: seconds; more only where not all has been made well yet.
    """

    def over() -> bool:
        return all(row.state == "ended" for row in here.table(Enrollment)) and not here.table(OutboxItem)

    began = time.monotonic()
    await until(over, within=within, what="all journeys to end", every=0.1)
    print(f"{here.folder.name}: healed within {time.monotonic() - began:.1f} s")  # noqa: T201 - as above


async def sound(here: Site, fakes: FakeProviders | None, promised: Sequence[str]) -> checker.Evidence:
    """Heal is over: nothing may be wrong (I1 to I6, I8, I9); what there is to count."""
    evidence = await checker.gather(here, fakes, promised=promised)
    wrong = checker.findings(evidence) + checker.given_away(here.folder)
    wrong += await checker.replayed(await Client.connect(here.address), here)
    if wrong:
        raise AssertionError("\n".join(wrong))
    return evidence
