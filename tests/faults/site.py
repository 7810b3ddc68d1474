"""A production site in small: a Temporal server with a file, a database, and workers as processes of their own."""

import os
import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

import workflows
from activities.clock import JourneyClock
from activities.storage import intake, vouchers
from activities.storage.clock import stored_clock
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.database import Database
from activities.storage.designs import standard_design
from activities.storage.intake import Admission
from activities.storage.migrate import migrate
from activities.storage.tables import Enrollment, JourneySetting, Message
from activities.storage.timeline_view import entries
from tests.faults.journeys import JOURNEYS
from worker.processes.child import Child
from worker.processes.readiness import http_ok
from worker.processes.supervisor import Supervisor
from worker.processes.temporal_server import temporal_command, wait_for_temporal

Row = TypeVar("Row", bound=SQLModel)

JOURNEY = "data-collection-voucher"
START = datetime(2027, 3, 27, 8, 30, tzinfo=UTC)
SHORT = {"first_wait": "PT1S", "reminder_wait": "PT2S", "promise_wait": "PT1S"}
CODES = 300
SOJOURN = (sys.executable, "-m", "worker.cli", "worker")
HASTY = (sys.executable, "-m", "tests.faults.failing")
FAILING = (sys.executable, "-m", "tests.faults.child")
ROOT = Path(__file__).parent.parent.parent


@dataclass
class Site:
    """One installation.

    Attributes:
        folder: its data.
        address: of its Temporal server.
        task_queue: of its workers.
        database: its own.
        clock: the journey clock.
        settings: environment variables of its programs, for `program`.
    """

    folder: Path
    address: str
    task_queue: str
    database: Database
    clock: JourneyClock
    settings: Mapping[str, str] = field(default_factory=dict)

    def program(self, kind: str, name: str = "", failpoint: str = "") -> Child:
        """The suite's own worker or API (`tests.faults.failing`), ready to be started."""
        child = self.worker(name or kind, (*HASTY, kind), failpoint, self.settings)
        return replace(child, ready=http_ok(f"{self.url}/healthz")) if kind == "api" else child

    @property
    def url(self) -> str:
        """Where its API listens."""
        return f"http://127.0.0.1:{self.settings['SOJOURN_API_PORT']}"

    def worker(
        self,
        name: str = "worker",
        command: Sequence[str] = SOJOURN,
        failpoint: str = "",
        settings: Mapping[str, str] | None = None,
    ) -> Child:
        """A worker of the site, or another of its programs, ready to be started."""
        env = {key: value for key, value in os.environ.items() if not key.startswith(("SOJOURN_", "TEMPORAL_"))} | {
            "PYTHONPATH": str(ROOT),
            "SOJOURN_DATA": str(self.folder),
            "SOJOURN_TASK_QUEUE": self.task_queue,
            "SOJOURN_SECRET_KEYS": "a-key-for-tests-that-is-long-enough",
            "TEMPORAL_ADDRESS": self.address,
            "TEMPORAL_CONFIG_FILE": "",
        }
        if failpoint:
            env["SOJOURN_FAILPOINT"] = failpoint
        return Child(name, command, {**env, **(settings or {})}, self.folder / f"{name}.log")

    def register(self, number: int = 1) -> list[str]:
        """Store registrations of customers with an email only, as the API does; ids of their enrollments."""

        def transaction(session: Session) -> list[str]:
            only = {JOURNEY: workflows.catalogue()[JOURNEY]}  # whatever else a registration may start
            admission = Admission(only, self.clock, "Europe/Prague")
            ids = []
            for each in range(number):
                changes = ProfileChanges({"first_name": "Ada", "email": f"ada{each}@example.com"})
                registered = intake.register(session, Registration(changes), admission, datetime.now(UTC))
                ids += [row.id for row in registered.enrollments]
            return ids

        return self.database.write_now(transaction)

    def table(self, kind: type[Row]) -> list[Row]:
        """All rows of a table."""
        return self.database.read_now(lambda session: list(session.exec(select(kind))))

    def rows(self) -> list[Enrollment]:
        """All enrollments in the journey."""
        return self.database.read_now(
            lambda session: list(session.exec(select(Enrollment).where(col(Enrollment.journey) == JOURNEY)))
        )

    def ledger(self) -> list[Message]:
        """All messages."""
        return self.database.read_now(lambda session: list(session.exec(select(Message))))

    def messages(self, enrollment_id: str) -> list[tuple[str, str]]:
        """Template and result of each message on a customer's timeline."""
        found: list[dict[str, Any]] = self.database.read_now(lambda session: entries(session, enrollment_id))
        return [(entry["template"], entry["result"]) for entry in found if entry["kind"] == "message"]

    def mails(self) -> int:
        """How many files are in the mailbox."""
        return len(list((self.folder / "mail").glob("*.eml")))

    def left(self) -> int:
        """How many messages left through the provider that forgets what it was asked."""
        return len(list(self.folder.glob("*.sent")))


@asynccontextmanager
async def site(
    folder: Path,
    address: str,
    *,
    parameters: dict[str, Any] | None = None,
    others: Mapping[str, dict[str, Any]] | None = None,
    settings: Mapping[str, str] | None = None,
    enters: Collection[str] = (),
    origin: datetime = START,
    speed: float = 1.0,
) -> AsyncIterator[Site]:
    """An installation with a database of its own; workers are started by the test.

    Args:
        folder: for its data; made.
        address: of the Temporal server.
        parameters: of the journey; short waits if not given.
        others: parameters of other journeys, by name.
        settings: environment variables of its programs.
        enters: the only journeys that take anybody in; all, if none is given.
        origin: what the journey clock shows now.
        speed: of the journey clock.
    """
    folder.mkdir(parents=True)  # noqa: ASYNC240 - once, before anything runs
    url = f"sqlite:///{folder / 'sojourn.db'}"
    migrate(url)
    database = Database(url)
    now = datetime.now(UTC)
    clock = JourneyClock(now, origin, speed)
    values = {JOURNEY: SHORT if parameters is None else parameters, **(others or {})}

    def transaction(session: Session) -> None:
        stored_clock(session, clock)
        for name in {*values, *workflows.catalogue(), *JOURNEYS}:
            state = "active" if name in enters or not enters else "paused"
            session.add(JourneySetting(journey=name, state=state, parameters=values.get(name, {}), changed_at=now))
        vouchers.load(session, standard_design("profile-reward"), [f"CODE-{each}" for each in range(CODES)])

    database.write_now(transaction)
    try:
        yield Site(folder, address, f"faults-{folder.name}", database, clock, dict(settings or {}))
    finally:
        database.close()


def temporal(folder: Path, port: int) -> Child:
    """A Temporal server that remembers in a file."""
    command = temporal_command(port=port, database=folder / "temporal.db")
    ready = partial(wait_for_temporal, f"127.0.0.1:{port}", 30)
    return Child("temporal", command, dict(os.environ), folder / "temporal.log", ready)


def kill(supervisor: Supervisor, name: str, number: int) -> None:
    """Send a signal to a program that the supervisor started."""
    os.kill(supervisor.pids[name], number)
