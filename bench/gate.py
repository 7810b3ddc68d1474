"""What the gate costs: a message through it beside a bare call of the same provider with the same bytes.

The provider is a process of its own that speaks Resend's API and writes every request to its disk before it
answers, as the tests have it. The rounds go bare, gate, bare, gate, so that whatever else the machine does hits both.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from sqlmodel import Session, select

from activities.channels import EMAIL
from activities.clock import JourneyClock
from activities.delivery import Accepted, Delivery
from activities.gate.gate import MessageGate
from activities.gate.pacing import Pacing
from activities.gate.wording import Wording
from activities.messages import Result, SendOrder
from activities.providers.resend import ResendProvider
from activities.send_window import SendWindow
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.intake import Admission
from activities.storage.links import Links
from activities.storage.tables import Message
from bench.figures import Spread, ratio
from bench.stage import PUBLIC_URL, SECRET, SHORT_URL, catalogue, renderer
from tests.databases import postgres_server
from tests.fake_providers import FakeProviders, fake_providers
from worker.rehearsal.happenings import enter
from worker.rehearsal.scenario import Event, Scenario

NOON = datetime(2027, 3, 30, 12, tzinfo=UTC)  # inside the window
WINDOW = SendWindow("09:00", "21:00")
JOURNEY = "data-collection-voucher"
TEMPLATE = "complete-your-account"
AT_ONCE = (1, 20)
CALL_SECONDS = 15
Send = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Cost:
    """Of one send, on average: milliseconds on the wall, and of CPU in this process."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Compared:
    """One way of sending beside the other, one figure a round."""

    bare: Sequence[Cost]
    gate: Sequence[Cost]


async def run(*, sends: int, rounds: int) -> bool:
    """Measure and print.

    Args:
        sends: a round, each way.
        rounds: of each.

    Returns:
        True: there is no limit to keep.
    """
    print(f"One send, {sends} a round; median of {rounds} rounds (least–most):")
    with TemporaryDirectory() as folder:
        async with fake_providers(Path(folder)) as fakes:
            for name in ("sqlite", "postgresql"):
                with _database(name, Path(folder)) as database:
                    for at_once in AT_ONCE:
                        found = await measure(database, fakes, sends=sends, rounds=rounds, at_once=at_once)
                        _print(f"{name}, {at_once} at once", found)
    return True


async def measure(database: Database, fakes: FakeProviders, *, sends: int, rounds: int, at_once: int) -> Compared:
    """Both ways, in turns.

    Args:
        database: with the tables.
        fakes: the provider's process.
        sends: a round, each way.
        rounds: of each.
        at_once: under way at a time.
    """
    told = await fakes.settings("resend")
    provider = ResendProvider(
        api_key=told["SOJOURN_RESEND_API_KEY"], sender=told["SOJOURN_EMAIL_SENDER"], url=told["SOJOURN_RESEND_URL"]
    )
    desk = _Desk(database, provider)
    bare, gate = list[Cost](), list[Cost]()
    try:
        example = await desk.example()
        first, *others = [await desk.orders(sends) for _ in range(rounds + 1)]
        await _timed([lambda: desk.bare(example)] * at_once, at_once)  # connections, and whatever is made once
        await _timed(first, at_once)
        for orders in others:
            bare.append(await _timed([lambda: desk.bare(example)] * sends, at_once))
            gate.append(await _timed(orders, at_once))
    finally:
        await fakes.clear()
        await provider.aclose()
    return Compared(bare, gate)


class _Desk:
    """Sends either way."""

    def __init__(self, database: Database, provider: ResendProvider) -> None:
        self._database = database
        self._provider = provider
        self._reachability = Reachability(SECRET)
        wording = Wording(Links(PUBLIC_URL, [SECRET], SHORT_URL))
        self._gate = MessageGate(
            database, {EMAIL: provider}, renderer(), wording, self._reachability, pacing=Pacing({})
        )

    async def example(self) -> Delivery:
        """What the gate hands to the provider."""
        (send,) = await self.orders(1)
        await send()
        row = await self._database.read(lambda session: session.exec(select(Message).limit(1)).one())
        return Delivery(row.id, EMAIL, row.to, row.subject, row.html, row.text, NOON, 0.0, row.headers)

    async def bare(self, example: Delivery) -> None:
        """The provider alone."""
        delivery = replace(example, key=f"msg_{uuid4().hex}", deadline=time.monotonic() + CALL_SECONDS)
        verdict = await self._provider.deliver(delivery)
        if not isinstance(verdict, Accepted):
            raise RuntimeError(f"the provider said {verdict}")  # noqa: TRY004 - no mistake in a type

    async def orders(self, number: int) -> list[Send]:
        """Messages through the gate, each to a customer of its own."""
        entered = await self._database.write(lambda session: [_enrolled(session) for _ in range(number)])
        return [lambda each=each: self._through(each) for each in entered]  # type: ignore[misc] # bound now

    async def _through(self, enrollment_id: str) -> None:
        order = SendOrder(enrollment_id, f"{TEMPLATE}-email", 1, 1, EMAIL, TEMPLATE, WINDOW)
        answer = await self._gate.send(order, lambda: NOON)
        if answer.result is not Result.SENT:
            raise RuntimeError(f"the gate said {answer}")


def _enrolled(session: Session) -> str:
    customer = {"first_name": "Ada", "email": f"{uuid4().hex}@example.com", "timezone": "Europe/London"}
    scenario = Scenario(NOON, customer, Event("account.registered", {}))
    entered = enter(session, catalogue()[JOURNEY], scenario, Admission({}, JourneyClock(NOON, NOON)), NOON)
    if entered is None:
        raise RuntimeError(f"{JOURNEY} does not let this customer in")
    return entered


async def _timed(sends: Sequence[Send], at_once: int) -> Cost:
    places = asyncio.Semaphore(at_once)

    async def one(send: Send) -> None:
        async with places:
            await send()

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(one, sends))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(1000 * wall / len(sends), 1000 * cpu / len(sends))


@contextmanager
def _database(name: str, folder: Path) -> Iterator[Database]:
    if name == "sqlite":
        with _created(f"sqlite:///{folder / 'gate.db'}") as database:
            yield database
    else:
        with postgres_server(("shared_buffers=128MB",)) as server, server.fresh() as url, _created(url) as database:
            yield database


@contextmanager
def _created(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        database.create_all()
        yield database
    finally:
        database.close()


def _print(what: str, found: Compared) -> None:
    print(f"\n{what}")
    for unit in ("wall", "cpu"):
        bare, gate = (Spread([getattr(cost, unit) for cost in costs]) for costs in (found.bare, found.gate))
        print(f"  {unit:4}  bare {bare:.2f} ms   gate {gate:.2f} ms   gate/bare {ratio(gate, bare):.2f}")
