"""`sojourn dev`: everything stays up until it is told to end."""

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.status import Status

from activities.clock import JourneyClock
from activities.storage.facts import Reachability
from activities.storage.links import Links
from worker.cli.errors import FailedError, WrongUseError
from worker.cli.output import console
from worker.dev import welcome
from worker.dev.addresses import Ports, choose
from worker.dev.crowd import Crowd
from worker.dev.fakes import choose_fakes
from worker.dev.first_start import Prepared, prepare
from worker.dev.folder import DataFolder
from worker.dev.population import read_population
from worker.dev.seeding import seed
from worker.dev.system import run_until_stopped, running
from worker.settings import read_settings


@dataclass(frozen=True)
class Wishes:
    """What `sojourn dev` was asked for; None where nothing was said.

    Attributes:
        data: the data folder.
        speed: journey seconds a second.
        port: of the API.
        temporal_port: of Temporal.
        ui_port: of the Temporal UI.
        people: how many customers to simulate; 0 for none.
        fake_providers: whether messages go to fakes of real providers instead of the mailbox.
    """

    data: Path
    speed: float | None = None
    port: int | None = None
    temporal_port: int | None = None
    ui_port: int | None = None
    people: int = 0
    fake_providers: bool = False


def run_dev(wishes: Wishes) -> int:
    """Run a system until SIGINT or SIGTERM.

    Args:
        wishes: from the command line.

    Returns:
        The exit code, 0.

    Raises:
        FailedError: one of its programs ended by itself; the message has its last lines.
        WrongUseError: the data folder has a journey clock of another speed.
        FolderUnusableError: the data folder cannot be used.
        FolderInUseError: another process uses it.
        PortInUseError: a port that was asked for is taken.
    """
    return run_until_stopped(_run(wishes, console()), stopped=0)


async def _run(wishes: Wishes, out: Console) -> int:
    folder = DataFolder(wishes.data)
    with folder.taken():
        ports = choose(wishes.port, wishes.temporal_port, wishes.ui_port)
        starting = out.status("Starting Temporal, the worker and the API")
        starting.start()
        try:
            prepared = await asyncio.to_thread(_prepare, wishes, folder)
            crowd = await _populate(wishes, folder, ports, prepared.clock, starting)
            fakes = choose_fakes(folder, ports, _inherited()) if wishes.fake_providers else None
            addresses = {
                "api": ports.api_url,
                "temporal": ports.temporal_address,
                "ui": ports.ui_url,
                "api_key": prepared.api_key,
            }
            if fakes:
                addresses["fake_providers"] = fakes.url
            others, settings = ([fakes.child], fakes.settings) if fakes else ([], {})
            async with running(folder, ports, _inherited(), *others, **settings) as supervisor, crowd:
                with folder.announced(addresses):
                    starting.stop()
                    welcome.show(out, folder, ports, prepared, fakes.url if fakes else None)
                    try:
                        raise FailedError(str(await supervisor.wait_any()))
                    finally:
                        out.print("Stopping")
        finally:
            starting.stop()


def _prepare(wishes: Wishes, folder: DataFolder) -> Prepared:
    # What the developer has set must be right; what dev itself decides does not count.
    settings = read_settings(signing=False, database_url="", email_provider="mailbox", sms_provider="mailbox")
    now = datetime.now(UTC)
    first = JourneyClock(now, settings.clock_origin or now, wishes.speed or settings.clock_speed)
    prepared = prepare(folder.database, first, folder.api_key())
    folder.keep_api_key(prepared.api_key)
    if wishes.speed is not None and wishes.speed != prepared.clock.speed:
        raise WrongUseError(
            f"--speed {wishes.speed:g}: the journey clock of {folder.path} was started at {prepared.clock.speed:g} "
            "and keeps that speed; leave --speed out, or name another folder with --data"
        )
    return prepared


async def _populate(wishes: Wishes, folder: DataFolder, ports: Ports, clock: JourneyClock, shown: Status) -> Crowd:
    """Simulate customers, if that was asked for; those of an earlier start live on."""
    settings = read_settings(signing=False, database_url="", email_provider="mailbox", sms_provider="mailbox")
    secret, population = folder.secret_key(), read_population()
    reachability = Reachability(secret, consent_by_default=settings.consent_by_default)
    if wishes.people:
        await seed(
            folder.database,
            population,
            wishes.people,
            clock=clock,
            links=Links(ports.api_url, [secret]),
            reachability=reachability,
            brand=settings.brand,
            now=datetime.now(UTC),
            told=lambda lived: shown.update(f"Simulated {lived:,} of {wishes.people:,} customers"),
        )
        shown.update("Starting Temporal, the worker and the API")
    return Crowd(folder.database, population, clock, reachability)


def _inherited() -> dict[str, str]:
    """The environment, without what it says of other Temporal servers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
