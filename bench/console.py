"""How long the pages of the console and the reports take at the server, on a large population.

The real application answers over HTTP; no Temporal is there, which pages ask for what comes next. Every page is
asked for as often as every other one, in turns, each time with other parameters.
"""

import asyncio
import random
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from fastapi.routing import APIRoute
from sqlalchemy import func
from sqlmodel import Session, col, select

from activities.clock import JourneyClock
from activities.storage import api_keys, audit, staff
from activities.storage.audit import Actor
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.links import Links
from activities.storage.message_search import RESULTS
from activities.storage.reactions import Kind
from activities.storage.reports import journey_counts
from activities.storage.tables import Customer, Import, Message, VoucherDesign
from activities.templates.brand import Brand
from api.app import create_app
from api.console.frame import COOKIE
from api.console.keyset import Cursor
from api.services import ApiSettings, Services
from bench.lives import catalogue, lives
from bench.loading import loading
from bench.population import populate, today
from tests.api.conftest import serving
from tests.databases import postgres_server
from worker.pictures import drawer
from worker.rehearsals import rehearser

CUSTOMERS = {"sqlite": 100_000, "postgresql": 1_000_000}
LIMIT = 0.3  # seconds, of the 95th percentile
DOWNLOADS = frozenset({"/console/journeys/{name}/picture.png"})  # painted dot by dot, whatever the database holds
REQUESTS = 40  # of each page
WARM_UP = 3  # requests of each page before that: templates, caches, and what is read from disk for the first time
SAMPLE = 60
ACTIONS = 20_000  # in the audit log
PASSWORD = "a password for measurements"  # noqa: S105 - of a database that is thrown away
PUBLIC_URL = "https://hello.hearthmoor.example"
SECRET = "a key for measurements, long enough"  # noqa: S105 - signs links that lead nowhere
ORDERED_ON_POSTGRESQL = (
    "SET statement_timeout = 0",
    "SET maintenance_work_mem = '1GB'",
    "CLUSTER messages USING messages_latest",
    "ANALYZE messages",
)
ORDERED_ON_SQLITE = (  # whose foreign keys are not watched unless one asks
    "CREATE TABLE as_they_came AS SELECT * FROM messages ORDER BY first_asked_at, id",
    "DELETE FROM messages",
    "INSERT INTO messages SELECT * FROM as_they_came ORDER BY rowid",
    "DROP TABLE as_they_came",
    "VACUUM",
)
REPORTS = ("/v1/journeys", "/v1/journeys/{name}", "/v1/journeys/{name}/report", "/v1/customers/{customer_id}/timeline")
NO_PAGES = ("/console/assets/", "/console/rehearsal/message")  # files; part of a page, with an address that it seals

# A server in production has more than one for tests.
SETTINGS = ("shared_buffers=4GB", "max_connections=40", "fsync=off", "max_wal_size=8GB")


@dataclass(frozen=True)
class Known:
    """What addresses are made of.

    Attributes:
        values: by the name that the route gives it.
        queries: by route; those without take none.
    """

    values: Mapping[str, Sequence[str]]
    steps: Mapping[str, Sequence[str]]
    queries: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Page:
    """A route and how long its answers took.

    Attributes:
        route: its path.
        seconds: of each.
        cpu: seconds of CPU time in this process for each, server and client; it says more than the clock on the
            wall on a machine that has other things to do, but nothing of PostgreSQL's own work.
        worst: the address that took longest.
    """

    route: str
    seconds: Sequence[float]
    cpu: Sequence[float]
    worst: str

    @property
    def p95(self) -> float:
        """Within which 95 of 100 were there."""
        return sorted(self.seconds)[ceil(0.95 * len(self.seconds)) - 1]

    @property
    def keeps(self) -> bool:
        """Whether it is as quick as a page has to be."""
        return self.p95 <= LIMIT or self.route in DOWNLOADS


def run(*, customers: int | None, database: str) -> bool:
    """Measure and print.

    Args:
        customers: how many, with as many enrollments and five times as many messages; the usual number if None.
        database: one of `CUSTOMERS`.

    Returns:
        Whether every page keeps the limit.
    """
    with _empty(database) as url:
        began = time.perf_counter()
        with loading(url) as sink:
            size = populate(sink, lives(), customers or CUSTOMERS[database], today())
        _as_they_came(url)
        print(f"{database}: {size}, made in {time.perf_counter() - began:.0f} s", flush=True)
        return report(asyncio.run(measure(url)))


def report(pages: Sequence[Page]) -> bool:
    """Print, the slowest first.

    Returns:
        Whether every page keeps the limit.
    """
    print(f"{'page':58} median     p95     CPU  slowest")
    for page in sorted(pages, key=lambda page: -page.p95):
        figures = "  ".join(f"{1000 * each:4.0f} ms" for each in (median(page.seconds), page.p95, median(page.cpu)))
        print(f"{page.route:58} {figures}  {page.worst}{'' if page.keeps else '  TOO SLOW'}")
    return all(page.keeps for page in pages)


@contextmanager
def _empty(database: str) -> Iterator[str]:
    """The URL of a database with empty tables."""
    if database == "sqlite":
        with TemporaryDirectory() as folder:
            yield _created(f"sqlite:///{Path(folder) / 'sojourn.db'}")
    else:
        with postgres_server(SETTINGS) as server, server.fresh() as url:
            yield _created(url)


def _as_they_came(url: str) -> None:
    """Lay messages in the order in which they were sent, as in a database that grew; they are made life by life."""
    database = Database(url)
    try:
        if database.is_sqlite:
            with closing(sqlite3.connect(str(database.url.database), isolation_level=None)) as file:
                for statement in ORDERED_ON_SQLITE:
                    file.execute(statement)
            return
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in ORDERED_ON_POSTGRESQL:
                connection.exec_driver_sql(statement)
    finally:
        database.close()


def _created(url: str) -> str:
    database = Database(url)
    database.create_all()
    database.close()
    return url


async def measure(url: str) -> list[Page]:
    """Every page of the console and every report, on a database that has a population.

    Args:
        url: of the database.
    """
    async with _staff(url) as (http, services):
        chance = random.Random(1)  # noqa: S311 - repeatable, no secret
        known = services.database.read_now(lambda session: _known(session, services, chance))
        routes = _routes(services)
        found: dict[str, list[tuple[float, float, str]]] = {route: [] for route in routes}
        for turn in range(WARM_UP + REQUESTS):
            for route in routes:
                address = _address(route, known, chance)
                wall, cpu = time.perf_counter(), time.process_time()
                answer = await http.get(address)
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                if answer.is_error or "sign-in" in answer.headers.get("location", ""):
                    raise RuntimeError(f"{address} was answered {answer.status_code}: {answer.text[:500]}")
                if turn >= WARM_UP:
                    found[route].append((wall, cpu, address))
    return [
        Page(route, [wall for wall, _, _ in each], [cpu for _, cpu, _ in each], max(each)[2])
        for route, each in found.items()
    ]


@asynccontextmanager
async def _staff(url: str) -> AsyncIterator[tuple[httpx.AsyncClient, Services]]:
    """An admin's browser, which has an API key, too."""
    journeys = catalogue()
    database, now = Database(url), datetime.now(UTC)
    services = Services(
        settings=ApiSettings(PUBLIC_URL, SECRET, requests_per_second=0, page_requests_per_minute=0),
        database=database,
        clock=JourneyClock(),
        links=Links(PUBLIC_URL, [SECRET]),
        reachability=Reachability(SECRET),
        catalogue=journeys,
        brand=Brand(),
        now=lambda: datetime.now(UTC),
        providers={"email": "rehearsed", "sms": "rehearsed", "push": "rehearsed"},
        draw=drawer(journeys),
        rehearse=rehearser(journeys, Brand()),
    )
    try:
        key, token = database.write_now(lambda session: _let_in(session, now))
        headers = {"Authorization": f"Bearer {key}", "Cookie": f"{COOKIE}={token}"}
        async with (
            serving(services) as address,
            httpx.AsyncClient(base_url=address, headers=headers, timeout=60, trust_env=False) as http,
        ):
            yield http, services
    finally:
        database.close()


def _let_in(session: Session, now: datetime) -> tuple[str, str]:
    """An API key, and the cookie of an admin who has done much."""
    login = f"admin-{now.timestamp():.0f}"
    member = staff.add_member(session, login, "Robin", staff.Role.ADMIN, PASSWORD, now)
    customers = session.exec(select(Customer.id).limit(SAMPLE)).all()
    for number in range(ACTIONS):
        subject = ("customer", customers[number % len(customers)])
        audit.record(session, Actor(member.id, "Robin"), "customer.export", subject, now, why="asked by phone")
    session.add(Import(id=f"imp_{login}", sha256=login, size=1, format="csv", state="done", created_at=now))
    return api_keys.create_key(session, "bench", now), staff.sign_in(session, member.id, now)


def _routes(services: Services) -> list[str]:
    """Every page of the console that can be read, and the reports."""
    every = [route for each in create_app(services).routes for route in _routes_of(each)]
    paths = [route.path for route in every if isinstance(route, APIRoute) and "GET" in (route.methods or ())]
    pages = [path for path in paths if path.startswith("/console") and not path.startswith(NO_PAGES)]
    return [*dict.fromkeys(pages), *REPORTS]


def _routes_of(route: object) -> Sequence[object]:
    """Those of a router that was included, or the route itself."""
    router = getattr(route, "original_router", None)
    return [route] if router is None else router.routes


def _address(route: str, known: Known, chance: random.Random) -> str:
    """One of the addresses of a route."""
    chosen: dict[str, str] = {}

    def value(found: "re.Match[str]") -> str:
        name = found[1]
        if name == "name" and "/vouchers/" in route:
            name = "design"
        values = known.steps[chosen["name"]] if name == "step" else known.values[name]
        chosen[name] = chance.choice(values)
        return quote(chosen[name])

    path = re.sub(r"\{(\w+)(?::path)?\}", value, route)
    query = chance.choice(known.queries.get(route, [""]))
    return f"{path}?{query}" if query else path


def _known(session: Session, services: Services, chance: random.Random) -> Known:
    customers = _sample(session, Customer, chance)
    messages = _sample(session, Message, chance)
    names = list(services.catalogue)
    counts = journey_counts(session, names)
    days = _days(today())
    ranges = [*days, "from=2020-01-01&to=2099-12-31"]
    files = ("report.csv", "report.json", "picture.svg", "picture.png")
    return Known(
        values={
            "name": names,
            "customer_id": [row.id for row in customers],
            "message_id": [row.id for row in messages],
            "design": session.exec(select(VoucherDesign.name)).all(),
            "import_id": session.exec(select(Import.id)).all(),
        },
        steps={name: [*counts[name].waiting, "start"] for name in names},
        queries={
            "/console": ranges,
            "/console/journeys/{name}": ranges,
            **{f"/console/journeys/{{name}}/{file}": ranges for file in files},
            "/console/customers": ["", *_before([Cursor(row.created_at, row.id) for row in customers])],
            "/console/messages": [
                *_filters(services),
                *_before([Cursor(row.first_asked_at, row.id) for row in messages]),
            ],
            "/console/audit": ["", "what=customer", "what=journey", f"subject={customers[0].id}", "before=5000"],
            "/v1/journeys/{name}/report": [*(each for each in ranges if "days=" not in each), "format=csv"],
        },
    )


def _sample(session: Session, table: Any, chance: random.Random) -> list[Any]:
    """Rows from all over a table, whose ids are random."""
    some = session.exec(select(func.min(table.id))).one()
    prefix = some.partition("_")[0]
    starts = [f"{prefix}_{chance.getrandbits(128):032x}" for _ in range(SAMPLE)]
    found = [
        session.exec(select(table).where(col(table.id) >= each).order_by(table.id).limit(1)).first() for each in starts
    ]
    return [row for row in found if row is not None]


def _days(last: date) -> list[str]:
    """The ranges that the console offers, and some of one's own."""
    spans = [(timedelta(days=364), last), (timedelta(days=45), last - timedelta(days=100)), (timedelta(), last)]
    own = [urlencode({"from": end - span, "to": end}) for span, end in spans]
    return ["", "days=7", "days=90", *own]


def _before(cursors: Sequence[Cursor]) -> list[str]:
    return [urlencode({"before": str(cursor)}) for cursor in cursors]


def _filters(services: Services) -> list[str]:
    """Each filter of the search for messages alone, and some together."""
    alone: dict[str, Sequence[str]] = {
        "journey": list(services.catalogue),
        "channel": ["email", "sms", "push", "webhook"],
        "template": ["voucher-offer", "no-such-template"],
        "result": [*RESULTS, *(kind.value for kind in Kind)],
        "from": [str(today() - timedelta(days=200))],
        "to": [str(today() - timedelta(days=200))],
    }
    single = [urlencode({name: value}) for name, values in alone.items() for value in values]
    both = [urlencode({"journey": journey, "result": "refused"}) for journey in alone["journey"]]
    return ["", *single, *both]
