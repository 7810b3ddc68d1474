"""A bulk migration while customers register one by one: `python -m bench.imports`. Exits 1 when a limit is not kept.

A whole system as `sojourn dev` starts it (Temporal, worker, API, each a process of its own) takes in a file of
members of the loyalty programme over HTTP, while live ones register every second. Each of them enters
`member-welcome`, whose webhook goes to a provider in this process. Measured: how long after its request a live
registration's journey has started and its webhook has arrived, whether anybody is lost or welcomed twice, and
the resident memory of each process at the start, in the middle and at the end. Caches fill in the first half; what
grows in the second would go on growing.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import Session, select

from activities.clock import JourneyClock
from activities.storage.database import Database
from activities.storage.enrolled import clock_of
from activities.storage.tables import Customer, Enrollment, Import
from worker.dev.addresses import Ports
from worker.dev.first_start import prepare
from worker.dev.folder import DataFolder
from worker.dev.system import running
from worker.processes.ports import LOOPBACK, free_ports

JOURNEY = "member-welcome"
OTHERS = ("data-collection-voucher", "welcome")  # paused: what is measured is one journey a customer
START_LIMIT = 2.0  # seconds, median
WEBHOOK_LIMIT = 5.0  # seconds, 95th percentile
GROWTH_LIMIT = 1.15  # of a process's memory, from the middle of the run to its end
STILL = 180.0  # seconds without anybody being welcomed; then whoever is missing is lost
LAST_ONES = 120  # seconds for the live ones who came at the end
SECOND_CALLS = 10.0  # seconds in which anybody would be welcomed again
LIVE_EVERY = 1.0


@dataclass
class Provider:
    """The client's messaging provider: remembers when whom it was asked to welcome.

    Attributes:
        url: where it is called.
        first: by the client's id, when the first call came, wall clock in seconds.
        calls: by the client's id, how many came.
    """

    url: str = ""
    first: dict[str, float] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def welcome(self, body: Mapping[str, Any]) -> None:
        """Take a call."""
        customer = str(body["data"]["customer_id"])
        self.first.setdefault(customer, time.time())
        self.calls[customer] += 1


@contextmanager
def serving() -> Iterator[Provider]:
    """A provider that answers at once, on a free port."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            provider.welcome(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        provider.url = f"http://{LOOPBACK}:{server.server_port}/welcome"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Result:
    """What was measured; times in seconds.

    Attributes:
        starts: from a live request to the start of its journey.
        webhooks: from a live request to its webhook.
        answers: from a live request to its answer.
        lost: who was never let in, never started or never welcomed; empty as it should be.
        doubled: who was let in or welcomed more than once; empty as it should be.
        read: how long the file took to be read.
        whole: from sending the file to the last of its webhooks; until nothing moved any more if some are lost.
        memory: MiB by process: at the start, in the middle and at the end.
    """

    starts: list[float]
    webhooks: list[float]
    answers: list[float]
    lost: list[str]
    doubled: list[str]
    read: float
    whole: float
    memory: dict[str, tuple[float, float, float]]


async def measure(folder: Path, rows: int, per_minute: int) -> Result:
    """Import a file while others register.

    Args:
        folder: for everything; thrown away by the caller.
        rows: of the file.
        per_minute: how many imported journeys start in a minute.
    """
    data = DataFolder(folder / "data")
    ports = Ports(*free_ports(3))
    now = datetime.now(UTC)
    with data.taken(), serving() as provider:
        prepared = prepare(data.database, JourneyClock(now, now), data.api_key())
        async with running(data, ports, _clean(), import_per_minute=str(per_minute)) as supervisor:
            headers = {"Authorization": f"Bearer {prepared.api_key}"}
            async with httpx.AsyncClient(base_url=ports.api_url, headers=headers, trust_env=False, timeout=60) as shop:
                for name in OTHERS:
                    _require(await shop.post(f"/v1/journeys/{name}/pause", json={}))
                path = f"/v1/journeys/{JOURNEY}"
                _require(await shop.patch(path, json={"parameters": {"provider": provider.url}}))
                return await _run(shop, provider, Database(data.database), supervisor.pids, rows)


async def _run(
    shop: httpx.AsyncClient, provider: Provider, database: Database, pids: Mapping[str, int], rows: int
) -> Result:
    asked: dict[str, float] = {}
    answers: list[float] = []
    memory: dict[str, list[float]] = {name: [] for name in pids}

    async def register_live() -> None:
        for number in range(10**9):
            customer, began = f"live-{number}", time.time()
            _require(await shop.post("/v1/registrations", json=_member(customer)))
            asked[customer] = began
            answers.append(time.time() - began)
            for name, pid in pids.items():
                memory[name].append(_resident(pid))
            await asyncio.sleep(max(LIVE_EVERY - (time.time() - began), 0))

    file = "".join(json.dumps(_member(f"bulk-{number}")) + "\n" for number in range(rows))
    began = time.time()
    sent = await shop.post("/v1/imports", content=file, headers={"content-type": "application/x-ndjson"})
    import_id = _require(sent).json()["id"]
    live = asyncio.create_task(register_live())
    shown, before, moved = began, 0, began
    while (welcomed := sum(name.startswith("bulk-") for name in tuple(provider.first))) < rows:
        if welcomed > before:
            before, moved = welcomed, time.time()
        elif time.time() - moved > STILL:
            break  # whoever is not there by now is lost
        if live.done():
            await live  # raises what ended it
        if time.time() - shown > 30:
            shown = time.time()
            print(f"  {shown - began:.0f} s: {len(provider.first)} welcomed, {len(asked)} live", flush=True)
        await asyncio.sleep(0.5)
    whole = time.time() - began
    live.cancel()
    with suppress(asyncio.CancelledError):
        await live
    for _ in range(LAST_ONES):
        if asked.keys() <= provider.first.keys():
            break
        await asyncio.sleep(1)
    await asyncio.sleep(SECOND_CALLS)
    entries, started, finished = await database.read(lambda session: _stored(session, import_id))
    database.close()
    everybody = {*asked, *(f"bulk-{number}" for number in range(rows))}
    lost = [f"{name} never entered" for name in everybody - entries.keys()]
    lost += [f"{name} never started" for name in entries.keys() - started.keys()]
    lost += [f"{name} was never welcomed" for name in everybody - provider.first.keys()]
    doubled = [f"{name} entered {number} times" for name, number in entries.items() if number > 1]
    doubled += [f"{name} was welcomed {number} times" for name, number in provider.calls.items() if number > 1]
    return Result(
        [started[name] - at for name, at in asked.items() if name in started],
        [provider.first[name] - at for name, at in asked.items() if name in provider.first],
        answers,
        lost,
        doubled,
        finished - began,
        whole,
        {name: (sizes[0], sizes[len(sizes) // 2], sizes[-1]) for name, sizes in memory.items()},
    )


def _stored(session: Session, import_id: str) -> tuple[Counter[str], dict[str, float], float]:
    """How often each customer entered and when their journey started, by the client's id; when the file was read."""
    statement = select(Customer.external_id, Enrollment).join(Enrollment).where(Enrollment.journey == JOURNEY)
    found = session.exec(statement).all()
    started = {str(name): clock_of(row).wall(row.started_at).timestamp() for name, row in found if row.started_at}
    row = session.get_one(Import, import_id)
    return Counter(str(name) for name, _ in found), started, (row.finished_at or datetime.now(UTC)).timestamp()


def _member(customer: str) -> dict[str, Any]:
    return {
        "id": customer,
        "first_name": "Ada",
        "email": f"{customer}@example.com",
        "timezone": "Europe/London",
        "loyalty": True,
    }


def _clean() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if not name.startswith(("SOJOURN_", "TEMPORAL_"))}


def _resident(pid: int) -> float:
    """MiB of a process in memory."""
    import resource

    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _require(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise RuntimeError(f"{answer.request.url} was answered {answer.status_code}: {answer.text[:300]}")
    return answer


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def show(result: Result, rows: int) -> bool:
    """Print what was measured; whether every limit is kept."""
    start, webhook = statistics.median(result.starts), _percentile(result.webhooks, 0.95)
    grown = {name: end / middle for name, (_, middle, end) in result.memory.items()}
    print(f"\n{rows} registrations imported: read in {result.read:.0f} s, the last welcomed after {result.whole:.0f} s")
    print(f"{len(result.starts)} live registrations meanwhile, seconds after the request:")
    for what, values in (("answered", result.answers), ("started", result.starts), ("webhook", result.webhooks)):
        median, late = statistics.median(values), _percentile(values, 0.95)
        print(f"  {what:9} median {median:6.3f}   95th percentile {late:6.3f}   last {max(values):6.3f}")
    print("memory, MiB, at the start, in the middle and at the end; the end by the middle:")
    for name, sizes in result.memory.items():
        print(f"  {name:9} " + "   ".join(f"{size:6.0f}" for size in sizes) + f"   {grown[name]:5.2f}")
    print("\n".join([f"lost: {len(result.lost)}", *result.lost[:10]]))
    print("\n".join([f"twice: {len(result.doubled)}", *result.doubled[:10]]))
    limits = {
        f"live journeys start within {START_LIMIT:g} s (median)": start <= START_LIMIT,
        f"live webhooks arrive within {WEBHOOK_LIMIT:g} s (95th percentile)": webhook <= WEBHOOK_LIMIT,
        "none lost, none twice": not result.lost and not result.doubled,
        f"no process grows by more than {GROWTH_LIMIT - 1:.0%} in the second half": max(grown.values()) <= GROWTH_LIMIT,
    }
    for limit, kept in limits.items():
        print(f"{'kept' if kept else 'NOT KEPT':9} {limit}")
    return all(limits.values())


def main() -> int:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description="A bulk import beside live customers.")
    parser.add_argument("--rows", type=int, default=10_000, help="of the file (10000)")
    parser.add_argument("--per-minute", type=int, default=600, help="imported journeys started a minute (600)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sojourn-bench-") as folder:
        result = asyncio.run(measure(Path(folder), asked.rows, asked.per_minute))
    return 0 if show(result, asked.rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
