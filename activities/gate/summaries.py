"""The gate of weekly summaries: as for messages to customers, over a ledger of their own.

Staff are no customers: no consent, cap or window stands against what they asked for themselves. All else is as in
`activities/gate/gate.py`: claimed before the provider is called and settled after, at the provider's pace, and never
repeated where that could send a second one.
"""

import time
from datetime import datetime, timedelta

from sqlmodel import Session

from activities.channels import EMAIL
from activities.delivery import (
    Accepted,
    Ambiguous,
    Deduplication,
    Delivery,
    Misconfigured,
    Provider,
    Refused,
    Unavailable,
    Verdict,
)
from activities.gate.attempts import INTERRUPTED, LATE, NOT_REPEATED, Attempt
from activities.gate.gate import UNAVAILABLE, GateLimits
from activities.gate.pacing import AWAY, PATIENCE, Pacing
from activities.moments import Moment
from activities.rendering import Rendered
from activities.storage import ledger, summaries
from activities.storage.database import Database
from activities.storage.ledger import State
from activities.storage.summaries import Recipient
from activities.storage.tables import WeeklySummary

UNWANTED = "no longer wanted"
LIMITS = GateLimits()


class SummaryGate:
    """Decides, sends and remembers.

    Args:
        database: the ledger's.
        provider: of emails.
        limits: how long things may take.
        pacing: the pace of the provider; it is thought to take everything if not given.
    """

    def __init__(
        self, database: Database, provider: Provider, limits: GateLimits = LIMITS, pacing: Pacing | None = None
    ) -> None:
        self._database = database
        self._provider = provider
        self._limits = limits
        self._pacing = pacing

    async def send(self, recipient: Recipient, words: Rendered, moment: Moment) -> State:
        """Take one summary through the gate.

        Args:
            recipient: to whom, and of which week.
            words: what it says, if it is let pass for the first time; later attempts repeat what that one said.
            moment: the wall clock.

        Returns:
            How it stands now. One that is not settled is due again in time (`summaries.due`).
        """
        decision = await self._database.write(lambda session: self._decide(session, recipient, words, moment()))
        if isinstance(decision, State):
            return decision
        verdict = await decision.made(self._provider)
        return await self._database.write(lambda session: self._settle(session, recipient, decision, verdict, moment()))

    def _decide(self, session: Session, recipient: Recipient, words: Rendered, wall: datetime) -> State | Attempt:
        row = summaries.claimed(session, recipient, wall)
        session.add(row)
        state = State(row.state)
        if state in ledger.SETTLED:
            return state
        if state is State.ATTEMPTING:
            if row.lease_until is not None and row.lease_until > wall:
                return state
            match self._provider.deduplication:
                case Deduplication.LOOKUP:
                    return self._pass(row, wall, look_up=True)
                case Deduplication.KEY if _age(row, wall) <= self._limits.key_memory:
                    pass  # the same bytes under the same key
                case _:
                    return _close(row, State.UNKNOWN, INTERRUPTED)
        if not summaries.still_wanted(session, row):
            if state is State.ATTEMPTING:
                return _close(row, State.UNKNOWN, NOT_REPEATED + UNWANTED)
            return _close(row, State.SUPPRESSED, UNWANTED)
        since = self._pacing.patient_since(session, self._provider.name, wall) if self._pacing else None
        if _waited(row, since, wall) > self._limits.patience:
            return _close(row, State.REJECTED, UNAVAILABLE)
        put_off = self._pacing and self._pacing.objection(session, self._provider.name, row, wall, latest=None)
        if put_off:
            row.put_off_for, row.put_off_until = put_off.reason, put_off.until
            return state
        if state is not State.ATTEMPTING:
            row.to, row.decided_at = recipient.to, wall
            row.subject, row.html, row.text = words.subject, words.html, words.text
        return self._pass(row, wall)

    def _pass(self, row: WeeklySummary, wall: datetime, *, look_up: bool = False) -> Attempt:
        repeats = row.state == State.ATTEMPTING and not look_up
        token = ledger.begin_attempt(row, wall + self._limits.lease)
        row.put_off_for, row.put_off_until = "", None
        delivery = Delivery(
            key=row.id,
            channel=EMAIL,
            to=row.to,
            subject=row.subject,
            html=row.html,
            text=row.text,
            decided_at=row.decided_at or wall,
            deadline=time.monotonic() + self._limits.call.total_seconds(),
        )
        return Attempt(row.id, token, delivery, look_up, repeats, settled=_age(row, wall) >= self._limits.settling)

    def _settle(
        self, session: Session, recipient: Recipient, passed: Attempt, verdict: Verdict, wall: datetime
    ) -> State:
        row = summaries.claimed(session, recipient, wall)
        session.add(row)
        if row.attempt_token != passed.token:  # we woke late; somebody else has taken over
            return State(row.state)
        put_off = None
        if self._pacing and verdict is not LATE and not passed.look_up:
            put_off = self._pacing.learn(session, self._provider.name, row.id, verdict, wall)
        match verdict:
            case Accepted():
                return _close(row, State.ACCEPTED)
            case Refused(reason):
                return _close(row, State.UNKNOWN if passed.repeats else State.REJECTED, reason)
            case Unavailable(reason) | Misconfigured(reason) if passed.surely_gone_nowhere(verdict):
                ledger.move(row, State.RETRYABLE, reason)
            case Unavailable(reason) | Misconfigured(reason) | Ambiguous(reason):
                nobody_knows = self._provider.deduplication is Deduplication.NONE
                if nobody_knows or _age(row, wall) > self._limits.patience:
                    return _close(row, State.UNKNOWN, reason)
                row.lease_until = wall  # the next attempt may explain it at once
        if put_off:
            row.put_off_for, row.put_off_until = put_off.reason, put_off.until
        return State(row.state)


def _close(row: WeeklySummary, state: State, reason: str = "") -> State:
    ledger.move(row, state, reason)
    row.to, row.subject, row.html, row.text = "", "", "", ""  # nothing will repeat them
    return state


def _age(row: WeeklySummary, wall: datetime) -> timedelta:
    """Since it was let pass with the words it has."""
    return wall - (row.decided_at or wall)


def _waited(row: WeeklySummary, since: datetime | None, wall: datetime) -> timedelta:
    """How long it has waited for a provider that is away; nothing where it does not."""
    state = State(row.state)
    if state is not State.RETRYABLE and not (state is State.CLAIMED and row.put_off_for in {AWAY, PATIENCE}):
        return timedelta(0)
    return wall - (max(row.first_asked_at, since) if since else row.first_asked_at)
