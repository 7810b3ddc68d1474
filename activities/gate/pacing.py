"""The pace of providers, in one place for all processes: pauses, holds, rates, quotas and warm-ups.

Asked in the transaction that lets a message pass, and told in the one that settles it. What is known is read once a
second by each process; so a message costs no statement more while nothing stands against its provider and no
plan counts its messages (guarantees B2, B5).
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from activities.delivery import Accepted, Misconfigured, Refused, Unavailable, Verdict
from activities.storage import provider_states
from activities.storage.ledger import LedgerRow
from activities.storage.tables import ProviderState

log = logging.getLogger(__name__)

PAUSED = "the channel is paused"
PATIENCE = "the provider asks for patience"
AWAY = "the provider is away"
TURN = "the provider takes so many messages a second and no more"
NO_TURN = "the provider takes no more before the customer's hours end"
QUOTA = "the provider has had what it may be sent in a day"
REASONS = frozenset({PAUSED, PATIENCE, AWAY, TURN, NO_TURN, QUOTA})


@dataclass(frozen=True)
class Plan:
    """What a provider may be sent.

    Attributes:
        rate: messages a second; 0 for no limit. Service messages do not wait for their turn.
        daily: messages in a day (UTC); 0 for no limit.
        warm_up: messages on the first day, twice as many on each day that follows; 0 for no warm-up.
    """

    rate: float = 0.0
    daily: int = 0
    warm_up: int = 0

    def quota(self, today: date, first_day: date | None) -> int | None:
        """Messages that may go on a day; None for any number."""
        quotas = [self.daily] if self.daily else []
        if self.warm_up:
            days = (today - (first_day or today)).days
            quotas.append(self.warm_up * 2 ** min(days, 40))
        return min(quotas, default=None)


@dataclass(frozen=True)
class PaceLimits:
    """How long messages are put off. All is wall time.

    Attributes:
        failures: calls in a row that bring nothing, each of another message, before the provider is left alone.
        first_hold: how long at first; doubled with each further one.
        longest_hold: and how long at most.
        probe: how long one message may take that finds out whether a provider is back; the others wait for it.
        soonest_again: how soon a message asks again whether its channel is still paused; an eighth of the pause
            so far, and not less than this,
        latest_again: nor more than this.
        burst: a provider that had nothing for so long may be sent that time's messages at once.
        turn: a message keeps its turn for so long.
        memory: how old what a process knows may be.
    """

    failures: int = 5
    first_hold: timedelta = timedelta(seconds=30)
    longest_hold: timedelta = timedelta(minutes=15)
    probe: timedelta = timedelta(seconds=30)
    soonest_again: timedelta = timedelta(minutes=5)
    latest_again: timedelta = timedelta(minutes=30)
    burst: timedelta = timedelta(seconds=1)
    turn: timedelta = timedelta(seconds=10)
    memory: timedelta = timedelta(seconds=1)


@dataclass(frozen=True)
class PutOff:
    """A message may not go now.

    Attributes:
        until: wall-clock instant, UTC.
        reason: one of `REASONS`.
    """

    until: datetime
    reason: str

    @property
    def is_own_turn(self) -> bool:
        """Whether the instant is this message's alone; otherwise all that wait for it are to be spread."""
        return self.reason == TURN


@dataclass(frozen=True)
class _Known:
    """What a process last read of a provider."""

    paused: bool = False
    resumed_at: datetime | None = None
    held_until: datetime | None = None
    failures: int = 0


_NOTHING = _Known()


class Pacing:
    """Says whether a provider may be sent a message now.

    Args:
        plans: by provider, for those that have one.
        limits: how long messages are put off.
    """

    def __init__(self, plans: Mapping[str, Plan] | None = None, limits: PaceLimits = PaceLimits()) -> None:
        self._plans = plans or {}
        self._limits = limits
        self._known: dict[str, _Known] = {}
        self._known_until = 0.0  # reading of time.monotonic()

    def objection(
        self, session: Session, provider: str, message: LedgerRow, wall: datetime, *, latest: datetime | None
    ) -> PutOff | None:
        """Why a message may not go now; None lets it pass, and counts it.

        Args:
            session: the transaction in which it would be let pass.
            provider: its name.
            message: the row.
            wall: wall-clock instant, UTC.
            latest: when the customer's window closes, wall clock, UTC; None for messages that wait for no turn.
        """
        known, plan = self._of(session, provider), self._plans.get(provider)
        held = known.held_until is not None and known.held_until > wall
        if plan is None and not (known.paused or held or known.failures >= self._limits.failures):
            return None
        row = provider_states.locked(session, provider)
        session.add(row)
        if row.paused_since is not None:
            again = (wall - row.paused_since) / 8
            again = min(max(again, self._limits.soonest_again), self._limits.latest_again)
            return PutOff(wall + again, PAUSED)
        if row.held_until is not None and row.held_until > wall:
            return PutOff(row.held_until, row.held_for)
        put_off = None if plan is None else self._by_plan(plan, row, message, wall, latest)
        if put_off is None and row.failures >= self._limits.failures:  # this one finds out for all
            row.held_until, row.held_for = wall + self._limits.probe, AWAY
            row.last_failed = message.id
            self._known_until = 0.0
        return put_off

    def learn(
        self, session: Session, provider: str, message_id: str, verdict: Verdict, wall: datetime
    ) -> PutOff | None:
        """Take note of what a provider's answer says of the provider itself.

        Args:
            session: the transaction in which the message is settled.
            provider: its name.
            message_id: which message it answered to.
            verdict: the answer.
            wall: wall-clock instant, UTC.

        Returns:
            What keeps messages from it now, if anything does.
        """
        if isinstance(verdict, Accepted | Refused) or (isinstance(verdict, Unavailable) and verdict.mailbox):
            if self._of(session, provider).failures:
                row = provider_states.locked(session, provider)
                if row.held_for == PATIENCE and row.held_until is not None and row.held_until > wall:
                    row.failures, row.last_failed = 0, ""  # it is there, and still asks for patience
                else:
                    provider_states.release(row)
                session.add(row)
                self._known_until = 0.0
            return None
        self._known_until = 0.0
        if isinstance(verdict, Misconfigured):
            if provider_states.pause(session, provider, verdict.reason, wall):
                log.error("messages to %s are paused until somebody acts: %s", provider, verdict.reason)
            return PutOff(wall + self._limits.soonest_again, PAUSED)
        row = provider_states.locked(session, provider)
        session.add(row)
        asked = verdict.retry_after if isinstance(verdict, Unavailable) else None
        if asked is not None:
            _be_patient(row, wall + timedelta(seconds=asked), wall)
        else:
            self._count_failure(row, message_id, wall)
        if row.held_until is None or row.held_until <= wall:
            return None
        return PutOff(row.held_until, row.held_for)

    def patient_since(self, session: Session, provider: str, wall: datetime) -> datetime | None:
        """From when on, wall clock, UTC, a provider's absence counts against its messages: not while it is paused."""
        known = self._of(session, provider)
        return wall if known.paused else known.resumed_at

    def _of(self, session: Session, provider: str) -> _Known:
        if time.monotonic() >= self._known_until:
            with session.no_autoflush:
                rows = provider_states.all_states(session)
            self._known = {
                name: _Known(row.paused_since is not None, row.resumed_at, row.held_until, row.failures)
                for name, row in rows.items()
            }
            self._known_until = time.monotonic() + self._limits.memory.total_seconds()
        return self._known.get(provider, _NOTHING)

    def _by_plan(
        self, plan: Plan, row: ProviderState, message: LedgerRow, wall: datetime, latest: datetime | None
    ) -> PutOff | None:
        today = wall.astimezone(UTC).date()
        if row.day != today:
            row.day, row.taken = today, 0
        row.first_day = row.first_day or today
        quota = plan.quota(today, row.first_day)
        if quota is not None and row.taken >= quota:
            midnight = datetime(today.year, today.month, today.day, tzinfo=UTC) + timedelta(days=1)
            return PutOff(midnight, QUOTA)
        if plan.rate and not self._has_turn(message, wall):
            gap = timedelta(seconds=1 / plan.rate)
            rested = wall - max(self._limits.burst - gap, timedelta(0))
            turn = max(row.next_turn_at or rested, rested)
            if turn > wall and latest is not None:
                if turn >= latest:  # a turn in the night would be of use to nobody
                    return PutOff(turn, NO_TURN)
                row.next_turn_at = turn + gap
                return PutOff(turn, TURN)
            row.next_turn_at = turn + gap
        row.taken += 1
        return None

    def _has_turn(self, message: LedgerRow, wall: datetime) -> bool:
        turn = message.put_off_until
        return message.put_off_for == TURN and turn is not None and turn <= wall < turn + self._limits.turn

    def _count_failure(self, row: ProviderState, message_id: str, wall: datetime) -> None:
        """One message that fails again and again says little about its provider; several in a row do."""
        broken = row.failures >= self._limits.failures
        if broken != (row.last_failed == message_id):
            return  # the same message as before; or, once it is broken, another than the one that finds out
        row.failures, row.last_failed = row.failures + 1, message_id
        if row.failures >= self._limits.failures:
            doublings = min(row.failures - self._limits.failures, 20)
            if not doublings:
                row.held_since = wall
            row.held_for = AWAY
            row.held_until = wall + min(self._limits.first_hold * 2**doublings, self._limits.longest_hold)


def _be_patient(row: ProviderState, until: datetime, wall: datetime) -> None:
    if row.held_until is None or row.held_until <= wall:
        row.held_since = wall
    elif row.held_until >= until:
        return
    row.held_until, row.held_for = until, PATIENCE
