"""The relay: carries the outbox to Temporal, at once while it is there, later when it was away.

Several relays may run, in the API and in workers: an item is leased to one of them, and delivering it twice
changes nothing, since a start knows its workflow's id and a signal is a snapshot with a version.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session
from temporalio.client import Client
from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.converter import value_to_type
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.facts import Facts, Hold
from activities.heard import Heard
from activities.storage import outbox
from activities.storage.database import Database
from activities.storage.enrolled import clock_of, hold_of
from activities.storage.facts import Reachability
from activities.storage.outbox import Claimed
from activities.storage.tables import Customer
from activities.storage.tables import Enrollment as EnrollmentRow
from workflows.journey import Enrollment
from workflows.journey.enrollment import Memory
from workflows.journey.search_attributes import CUSTOMER_ID, JOURNEY_ARM, JOURNEY_NAME

log = logging.getLogger(__name__)

BATCH = 100
IDLE = timedelta(seconds=1)  # a turn: what came in bulk is taken on once in each
BULK_A_TURN = 10
GIVES_WAY = 3  # times as long as a turn took, the next one with bulk waits
CALL_TIMEOUT = timedelta(seconds=5)


@dataclass(frozen=True)
class _Parcel:
    """An item with what it says, read when it was claimed."""

    item: Claimed
    journey: str
    workflow_id: str
    input: Enrollment
    cancel_reason: str
    arm: str
    origin: str

    @property
    def facts(self) -> Facts:
        return self.input.facts

    @property
    def hold(self) -> Hold:
        return self.input.hold


@dataclass(frozen=True)
class _Delivered:
    parcel: _Parcel
    error: str = ""


class Relay:
    """Carries the outbox to Temporal.

    Args:
        database: the outbox's.
        client: of Temporal; may be lazy, the relay tries again until it answers.
        reachability: tells the facts at the moment of delivery.
        task_queue: of the workers that run journeys.
        now: wall clock, UTC.
        bulk_a_turn: how many starts of those who came in bulk are taken on in a second, however many are overdue;
            0 leaves them to other relays.
    """

    def __init__(
        self,
        database: Database,
        client: Client,
        reachability: Reachability,
        task_queue: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        bulk_a_turn: int = BULK_A_TURN,
    ) -> None:
        self._database = database
        self._client = client
        self._reachability = reachability
        self._task_queue = task_queue
        self._now = now
        self._bulk_a_turn = bulk_a_turn
        self._bulk_from: datetime | None = None
        self._woken = asyncio.Event()
        self._closing = False

    def soon(self, enrollment_ids: Sequence[str]) -> None:
        """Look into the outbox now instead of at the next turn. Call it after the commit."""
        if enrollment_ids:
            self._woken.set()

    async def run(self) -> None:
        """Carry until closed or cancelled; what is left then, the next relay finds in the outbox."""
        while not self._closing:
            try:
                while await self.carry() and not self._closing:
                    pass
            except Exception:
                log.exception("the relay could not use the outbox; it tries again")
            if not self._closing:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), IDLE.total_seconds())
                self._woken.clear()

    async def close(self) -> None:
        """End `run` after the batch it is at."""
        self._closing = True
        self._woken.set()

    async def carry(self) -> int:
        """Deliver one batch of what is due.

        Returns:
            How many items were tried.
        """
        now = self._now()
        bulk = self._bulk_a_turn > 0 and (self._bulk_from is None or now >= self._bulk_from)
        if not await self._database.read(lambda session: outbox.is_due(session, now, bulk=bulk)):
            return 0
        if bulk:
            self._bulk_from = now + IDLE
        bulk_limit = self._bulk_a_turn if bulk else 0
        parcels = await self._database.write(lambda session: self._claim(session, bulk_limit))
        outcomes = await asyncio.gather(*map(self._deliver, parcels))
        if outcomes:
            await self._database.write(lambda session: self._settle(session, outcomes))
        if bulk:  # the slower it goes, the more there is to do for those who came live
            self._bulk_from = max(now + IDLE, self._now() + GIVES_WAY * (self._now() - now))
        return len(outcomes)

    def _claim(self, session: Session, bulk_limit: int) -> list[_Parcel]:
        claimed = outbox.claim(session, self._now(), limit=BATCH, bulk_limit=bulk_limit)
        return [self._pack(session, item) for item in claimed]

    def _pack(self, session: Session, item: Claimed) -> _Parcel:
        row = session.get(EnrollmentRow, item.enrollment_id)
        if row is None:
            raise LookupError(f"the outbox names an unknown enrollment {item.enrollment_id}")
        customer = session.get(Customer, row.customer_id)
        if customer is None:
            raise LookupError(f"enrollment {row.id} has no customer")
        return _Parcel(
            item,
            row.journey,
            row.workflow_id,
            enrollment_of(row, self._reachability.facts(session, customer), _memory(item.payload)),
            row.cancel_reason or "",
            row.arm,
            row.origin,
        )

    async def _deliver(self, parcel: _Parcel) -> _Delivered:
        try:
            await self._call(parcel)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and parcel.item.kind != "start":
                return _Delivered(parcel)  # the journey is over; nobody needs to hear of it
            return _Delivered(parcel, f"{error.status.name}: {error}")
        except (RuntimeError, OSError) as error:  # Temporal is away: a lazy client says so in these words
            return _Delivered(parcel, str(error) or type(error).__name__)
        return _Delivered(parcel)

    def _call(self, parcel: _Parcel) -> Awaitable[None]:
        match parcel.item.kind:
            case "start":
                return self._start(parcel)
            case "facts":
                return self._signal(parcel, "facts", parcel.facts)
            case "hold":
                return self._signal(parcel, "hold", parcel.hold)
            case "event":
                return self._signal(parcel, "event", Heard(**parcel.item.payload))
            case "cancel":
                handle = self._client.get_workflow_handle(parcel.workflow_id)
                return handle.cancel(reason=parcel.cancel_reason, rpc_timeout=CALL_TIMEOUT)
            case kind:
                raise ValueError(f"the outbox holds a {kind}, which nobody can deliver")

    async def _start(self, parcel: _Parcel) -> None:
        with contextlib.suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                parcel.journey,
                parcel.input,
                id=parcel.workflow_id,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=TypedSearchAttributes(
                    [
                        SearchAttributePair(JOURNEY_NAME, parcel.journey),
                        SearchAttributePair(CUSTOMER_ID, parcel.input.customer_id),
                        SearchAttributePair(JOURNEY_ARM, parcel.arm),
                    ]
                ),
                priority=Priority(priority_key=outbox.BULK if parcel.origin == "import" else outbox.LIVE),
                static_summary=parcel.journey,
                static_details=f"Journey **{parcel.journey}** of customer `{parcel.input.customer_id}`",
                rpc_timeout=CALL_TIMEOUT,
            )

    async def _signal(self, parcel: _Parcel, name: str, snapshot: Facts | Hold | Heard) -> None:
        handle = self._client.get_workflow_handle(parcel.workflow_id)
        await handle.signal(name, snapshot, rpc_timeout=CALL_TIMEOUT)

    def _settle(self, session: Session, outcomes: Sequence[_Delivered]) -> None:
        now = self._now()
        for outcome in outcomes:
            parcel = outcome.parcel
            if outcome.error:
                log.warning("%s of %s waits: %s", parcel.item.kind, parcel.workflow_id, outcome.error)
                outbox.postpone(session, parcel.item, now, outcome.error)
                continue
            outbox.settle(session, parcel.item, now)
            row = session.get(EnrollmentRow, parcel.item.enrollment_id, with_for_update=True)
            if row is None:
                continue
            if parcel.item.kind == "start":
                _note_start(row, parcel.input.clock.at(now))
            if parcel.item.kind in {"start", "hold"}:
                row.hold_seen = max(row.hold_seen, parcel.hold.version)
            session.add(row)


def _note_start(row: EnrollmentRow, at: datetime) -> None:
    """A short journey may be over before its start is noted."""
    if row.state == "starting":
        row.state, row.started_at = "running", at
    elif row.started_at is None:
        row.started_at = at if row.ended_at is None else min(at, row.ended_at)


def _memory(payload: Mapping[str, Any]) -> Memory | None:
    """What a journey remembers that began elsewhere: its start may bring it along."""
    return value_to_type(Memory, payload["memory"]) if "memory" in payload else None


def enrollment_of(row: EnrollmentRow, facts: Facts, memory: Memory | None = None) -> Enrollment:
    """A workflow's input, from an enrollment's row, the customer's facts and what the journey remembers."""
    return Enrollment(
        id=row.id,
        customer_id=row.customer_id,
        parameters=row.parameters,
        facts=facts,
        hold=hold_of(row),
        clock=clock_of(row),
        spread_seconds=row.spread_seconds,
        memory=memory,
    )
