"""The API as its clients meet it: a real server on a free port, a real SQLite file, real HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from sqlmodel import Session, SQLModel

from activities.clock import JourneyClock
from activities.delivery import Accepted, Delivery, Verdict
from activities.providers.trusted import trusted
from activities.storage import api_keys, journey_settings
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.links import Links
from activities.storage.tables import ApiKey
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from api.app import create_app
from api.services import ApiSettings, Services
from worker.pictures import drawer
from worker.rehearsals import rehearser
from workflows import catalogue

T = TypeVar("T")

READY_SECONDS = 10
TEMPLATES = JinjaRenderer(Brand()).written()


@dataclass
class RecordingRelay:
    """Stands where the relay stands, and remembers whom it was told of."""

    told: list[str] = field(default_factory=list)
    _closed: asyncio.Event = field(default_factory=asyncio.Event)

    def soon(self, enrollment_ids: Sequence[str]) -> None:
        """Remember."""
        self.told += enrollment_ids

    async def run(self) -> None:
        """Wait for the end."""
        await self._closed.wait()

    async def close(self) -> None:
        """End."""
        self._closed.set()


@dataclass
class Postbox:
    """Stands where the providers stand for test messages, and keeps them."""

    kept: list[Delivery] = field(default_factory=list)
    answer: Verdict = field(default_factory=lambda: Accepted("kept"))

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Keep it."""
        self.kept.append(delivery)
        return self.answer


@dataclass
class Clocks:
    """The wall clock of the server under test; tests may move it."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The wall-clock instant, UTC."""
        return datetime.now(UTC) + self.ahead


@dataclass
class Server:
    """A running API and what stands behind it."""

    url: str
    http: httpx.AsyncClient
    services: Services
    relay: RecordingRelay
    clocks: Clocks
    tests: Postbox

    def rows(self, transaction: Callable[[Session], T]) -> T:
        """Read the database behind the server's back."""
        return self.services.database.read_now(transaction)

    def change(self, transaction: Callable[[Session], T]) -> T:
        """Write to the database behind the server's back."""
        return self.services.database.write_now(transaction)

    async def register(self, **fields: Any) -> dict[str, Any]:
        """Register a customer and return the answer."""
        answer = await self.http.post("/v1/registrations", json=fields)
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found


class QuietServer(uvicorn.Server):
    """Leaves the signals of the test process alone, so that a hanging run can be stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def serving(services: Services) -> AsyncIterator[str]:
    """Serve the API on a free port until the block ends."""
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # as worker/api_process.py has it: answers go without delay
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(services), access_log=False, log_level="warning", lifespan="on")
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not server.started:
                assert not task.done(), "the server ended before it was ready"
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Server]:
    """A running API on a fresh SQLite file, with a valid key."""
    database = Database(f"sqlite:///{folder}/sojourn.db", patience=timedelta(seconds=1))
    database.create_all()
    clocks, relay, tests = Clocks(), RecordingRelay(), Postbox()
    key = database.write_now(lambda session: api_keys.create_key(session, "tests", clocks.now()))
    database.write_now(_pause_welcome)
    services = Services(
        settings=ApiSettings(
            public_url="https://shop.example",
            secret="page secret",
            ui_url="http://127.0.0.1:8233",
            requests_per_second=0,
            page_requests_per_minute=0,
            sign_ins_per_minute=0,
            imports_folder=folder / "imports",
        ),
        database=database,
        clock=JourneyClock(),
        links=Links("https://shop.example", ["old key", "new key"]),
        reachability=Reachability("suppression secret"),
        catalogue=catalogue(),
        brand=Brand(),
        now=clocks.now,
        relay=relay,
        providers={"email": "post", "sms": "carrier"},
        rehearse=rehearser(catalogue(), Brand()),
        deliver=tests.deliver,
        draw=drawer(catalogue()),
        templates=TEMPLATES,
    )
    headers = {"Authorization": f"Bearer {key}"}
    try:
        async with (
            serving(services) as url,
            httpx.AsyncClient(base_url=url, headers=headers, timeout=30, verify=trusted(), trust_env=False) as http,
        ):
            yield Server(url, http, services, relay, clocks, tests)
    finally:
        database.close()


@pytest.fixture
async def own_api(tmp_path: Path) -> AsyncIterator[Server]:
    """A running API of the test's own, for tests that break something."""
    async with running(tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
async def _shared_api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running(tmp_path_factory.mktemp("api")) as server:
        yield server


@pytest.fixture
def api(_shared_api: Server) -> Server:
    """A running API with nothing in its database but the key; as long as `welcome` is paused, one journey starts."""
    _shared_api.change(_empty)
    _shared_api.change(_pause_welcome)
    _shared_api.relay.told.clear()
    _shared_api.tests.kept.clear()
    _shared_api.tests.answer = Accepted("kept")
    _shared_api.clocks.ahead = timedelta(0)
    return _shared_api


def _pause_welcome(session: Session) -> None:
    """A registration creates a profile, too; what tests say of one journey is simpler to read without a second."""
    journey_settings.set_state(session, "welcome", "paused", datetime.now(UTC))


def _empty(session: Session) -> None:
    for table in reversed(SQLModel.metadata.sorted_tables):
        if table.name != ApiKey.__tablename__:
            session.execute(table.delete())
