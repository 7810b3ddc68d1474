"""What measurements run on: a dev server as `sojourn dev` starts it, and the product around it."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from temporalio.client import Client

import workflows
from activities.channels import Channel
from activities.clock import JourneyClock
from activities.delivery import Accepted, Deduplication, Delivery, Provider, Verdict
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.intake import Admission
from activities.storage.links import Links
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from api.relay import Relay
from worker.connection import register_search_attributes
from worker.payloads import CONVERTER
from worker.processes.child import Child
from worker.processes.ports import LOOPBACK, free_ports
from worker.processes.supervisor import Supervisor
from worker.processes.temporal_server import temporal_command, wait_for_temporal
from worker.rehearsal.happenings import enter
from worker.rehearsal.scenario import Scenario
from worker.wiring import Parts

SECRET = "a key for measurements"  # noqa: S105 - signs links that lead nowhere
PUBLIC_URL = "https://hello.hearthmoor.example"
SHORT_URL = "https://hmoor.example"
READY_SECONDS = 30


class PromptProvider:
    """Takes every message at once and keeps none, so that nothing but the product is measured."""

    name = "prompt"
    deduplication = Deduplication.KEY

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Accept."""
        return Accepted(delivery.key)

    async def look_up(self, key: str) -> Verdict | None:
        """Everything has arrived."""
        return Accepted(key)


@dataclass(frozen=True)
class Product:
    """The product without its worker, which the measurement runs.

    Attributes:
        parts: what its activities are built from.
        relay: carries the outbox to Temporal.
        admission: how customers enter; holds the journey clock.
        task_queue: its workers' own.
    """

    parts: Parts
    relay: Relay
    admission: Admission
    task_queue: str

    @property
    def database(self) -> Database:
        """Its database."""
        return self.parts.database

    async def enroll(self, journey: str, scenario: Scenario) -> str:
        """Store the scenario's customer and let them in; the start of the workflow waits in the outbox.

        Returns:
            The enrollment's id.
        """
        type_ = catalogue()[journey]
        now = self.admission.clock.wall(scenario.start)
        entered = await self.database.write(lambda session: enter(session, type_, scenario, self.admission, now))
        if entered is None:
            raise RuntimeError(f"{journey} does not let this customer in")
        return entered

    async def carry(self) -> None:
        """Deliver the outbox to its end."""
        while await self.relay.carry():
            pass


catalogue = cache(workflows.catalogue)


@cache
def renderer() -> JinjaRenderer:
    """The product's templates, compiled once for all measurements as a worker does."""
    made = JinjaRenderer(Brand())
    made.warm_up()
    return made


@asynccontextmanager
async def temporal_server(folder: Path) -> AsyncIterator[tuple[Client, str]]:
    """A dev server on a file, as `sojourn dev` starts it; a client of it, and its address.

    Args:
        folder: for its database and its log.
    """
    (port,) = free_ports(1)
    address = f"{LOOPBACK}:{port}"
    child = Child(
        "temporal",
        temporal_command(port=port, database=folder / "temporal.db"),
        os.environ,
        folder / "temporal.log",
        partial(wait_for_temporal, address, READY_SECONDS),
    )
    async with Supervisor() as supervisor:
        await supervisor.start(child)
        client = await Client.connect(address, data_converter=CONVERTER)
        await register_search_attributes(client)
        await _attributes_are_known(client)
        yield client, address


@asynccontextmanager
async def product(
    client: Client,
    folder: Path,
    clock: JourneyClock,
    task_queue: str,
    providers: Mapping[Channel, Provider] | None = None,
) -> AsyncIterator[Product]:
    """The product on a database of its own, without a worker.

    Args:
        client: of the server.
        folder: for the database.
        clock: the journey clock.
        task_queue: of the worker.
        providers: who delivers; one that accepts at once if not given.
    """
    database = Database(f"sqlite:///{folder / f'{task_queue}.db'}")
    database.create_all()
    reachability = Reachability(SECRET)
    parts = Parts(
        database,
        providers or dict.fromkeys(Channel, PromptProvider()),
        Links(PUBLIC_URL, [SECRET], SHORT_URL),
        reachability,
        Brand(),
        renderer=renderer(),
    )
    try:
        yield Product(parts, Relay(database, client, reachability, task_queue), Admission({}, clock, "UTC"), task_queue)
    finally:
        database.close()


async def _attributes_are_known(client: Client) -> None:
    """Wait until every part of the server has heard of the search attributes; it caches their list."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            try:
                await client.count_workflows("JourneyName = 'none' AND JourneyOutcome = 'none'")
            except Exception:  # noqa: BLE001 - whatever it complains about, it is not ready yet
                await asyncio.sleep(0.1)
            else:
                return
