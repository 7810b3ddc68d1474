"""The gate of webhooks: a call is claimed in the ledger before it is made and settled after.

The same two transactions as for messages (`activities/gate/gate.py`), over the same table. What is said is built as
data when the gate lets the call pass and frozen with it; secrets are put in only for the call itself.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session

from activities.channels import MessageClass
from activities.delivery import Accepted, Ambiguous, Misconfigured, Refused, Unavailable, Verdict
from activities.facts import Facts
from activities.frequency import FrequencyCaps
from activities.gate import deferrals
from activities.gate.attempts import (
    INTERRUPTED,
    LATE,
    NOT_REPEATED,
    Again,
    NotYet,
    around_a_call,
    not_before,
    stored_answer,
)
from activities.gate.gate import UNAVAILABLE, GateLimits
from activities.gate.pacing import Pacing, PutOff
from activities.gate.policy import NO_CONSENT_YET, OPTED_OUT, topic_or_time
from activities.gate.webhook_contracts import BodyContract
from activities.gate.webhook_values import values_of, with_secrets, without_secrets
from activities.messages import GateAnswer, Result
from activities.moments import Moment
from activities.storage import ledger, trail
from activities.storage.database import Database
from activities.storage.enrolled import clock_of, closed_for, hold_of, locked
from activities.storage.facts import Reachability
from activities.storage.ids import new_id
from activities.storage.ledger import State
from activities.storage.tables import Customer, Enrollment, Message
from activities.timeline import Entry
from activities.webhooks import CHANNEL, HIDDEN, MAILBOX, Call, WebhookCaller, WebhookOrder

log = logging.getLogger(__name__)

SIGNATURE = "webhook-signature"
CONTRACT = "contract"
LIMITS = GateLimits()

Secrets = Callable[[str], str | None]
"""From a secret's name to its value, or None where nobody has set it."""


@dataclass(frozen=True)
class _Case:
    """A call before the gate: what is asked, for whom, and when on the journey clock."""

    order: WebhookOrder
    enrollment: Enrollment
    customer: Customer
    facts: Facts
    now: datetime

    def answer(self, result: Result, reason: str = "", **more: object) -> GateAnswer:
        """An answer with the snapshots that every answer carries."""
        return GateAnswer(result, self.facts, hold_of(self.enrollment), reason, **more)  # type: ignore[arg-type] # by name


@dataclass(frozen=True)
class _Passed:
    """An attempt that may go, without its secrets, and the token that may settle it.

    `repeats` says that an earlier attempt of unclear fate had the same key.
    """

    message_id: str
    token: str
    headers: dict[str, Any]
    body: Any
    decided_at: datetime
    deadline: float
    repeats: bool


class LedgerWebhookGate:
    """Decides, calls and remembers.

    Args:
        database: the ledger's.
        caller: makes the calls.
        secrets: knows the secrets.
        reachability: tells the facts that come with each answer.
        limits: how long things may take.
        pacing: the pace of the systems that are called; they are thought to take everything if not given.
    """

    def __init__(
        self,
        database: Database,
        caller: WebhookCaller,
        secrets: Secrets,
        reachability: Reachability,
        limits: GateLimits = LIMITS,
        pacing: Pacing | None = None,
    ) -> None:
        self._database = database
        self._caller = caller
        self._secrets = secrets
        self._reachability = reachability
        self._limits = limits
        self._pacing = pacing

    async def call(self, order: WebhookOrder, moment: Moment) -> GateAnswer:
        """Take one call through the gate.

        Raises:
            ApplicationError: retryable; the other side is away, or another attempt may still be under way.
        """
        return await around_a_call(
            self._database,
            self._caller.name,
            lambda session: self._decide(session, order, moment),
            lambda passed: self._attempt(order, passed),
            lambda session, passed, verdict: self._settle(session, order, passed, verdict, moment),
        )

    # The first transaction

    def _decide(self, session: Session, order: WebhookOrder, moment: Moment) -> GateAnswer | _Passed | NotYet:
        case, wall = self._case(session, order, moment)
        message = ledger.find(session, order) or _claim(case)
        trail.keep(session, case.enrollment, order.trail)
        state = State(message.state)
        if state in ledger.SETTLED:
            return stored_answer(case, message)
        if message.delivery:  # a callback overtook the answer, or came in its place: the other side has it
            return self._close(session, case, message, State.ACCEPTED, Result.SENT)
        if state is State.ATTEMPTING:
            if message.lease_until is not None and message.lease_until > wall:
                return not_before(message, wall)
            if not order.deduplicates or not self._key_is_known(case, message, wall):
                return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, INTERRUPTED)
        refusal = _objection(session, case, self._reachability, self._limits.caps)
        if refusal is not None:
            return self._refuse(session, case, message, refusal)
        since = self._pacing.patient_since(session, _account(order), wall) if self._pacing else None
        if deferrals.waited(message, case.enrollment, since, case.now) >= self._limits.patience:
            return self._close(session, case, message, State.REJECTED, Result.FAILED, UNAVAILABLE)
        closes = self._closes(case)
        if self._pacing:
            put_off = self._pacing.objection(session, _account(order), message, wall, latest=closes)
            if put_off is not None:
                return self._put_off(session, case, message, put_off, wall)
        if state is State.CLAIMED:
            problem = _write(session, case, message)
            if problem:
                return self._close(session, case, message, State.REJECTED, Result.FAILED, problem)
        if state is not State.ATTEMPTING:
            message.decided_at = case.now
        return self._pass(session, case, message, wall, closes)

    def _case(self, session: Session, order: WebhookOrder, moment: Moment) -> tuple[_Case, datetime]:
        enrollment, customer = locked(session, order.enrollment_id)
        facts, wall = self._reachability.facts(session, customer), moment()
        return _Case(order, enrollment, customer, facts, clock_of(enrollment).at(wall)), wall

    def _refuse(self, session: Session, case: _Case, message: Message, refusal: GateAnswer) -> GateAnswer:
        if refusal.result is Result.DEFERRED:
            said = deferrals.remember(message, refusal, _account(case.order), case.enrollment)
            if said is not None:
                _note(session, case, message, "deferred", **said)
        elif refusal.result is Result.SUPPRESSED:
            if State(message.state) is State.ATTEMPTING:  # it may have gone before the rules changed
                reason = NOT_REPEATED + refusal.reason
                return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, reason)
            ledger.move(message, State.CANCELLED if refusal.ends else State.SUPPRESSED, refusal.reason)
            _note(session, case, message, f"suppressed:{refusal.reason}")
        session.add(message)
        return refusal

    def _put_off(self, session: Session, case: _Case, message: Message, put_off: PutOff, wall: datetime) -> GateAnswer:
        again = deferrals.again(put_off, case.enrollment, case.order.window, case.facts.timezone, wall)
        answer = case.answer(Result.DEFERRED, put_off.reason, until=again.until, punctual=again.punctual)
        return self._refuse(session, case, message, answer)

    def _closes(self, case: _Case) -> datetime | None:
        """When the customer's window closes, wall clock."""
        if case.order.window is None:
            return None
        return clock_of(case.enrollment).wall(case.order.window.closes_at(case.now, case.facts.timezone))

    def _pass(
        self, session: Session, case: _Case, message: Message, wall: datetime, closes: datetime | None
    ) -> _Passed:
        repeats = message.state == State.ATTEMPTING
        time_left = self._limits.call if closes is None else min(self._limits.call, closes - wall)
        token = ledger.begin_attempt(message, wall + self._limits.lease)
        message.provider, message.put_off_for, message.put_off_until = _account(case.order), "", None
        session.add(message)
        return _Passed(
            message.id,
            token,
            dict(message.headers),
            json.loads(message.text),
            message.decided_at or case.now,
            time.monotonic() + time_left.total_seconds(),
            repeats,
        )

    def _key_is_known(self, case: _Case, message: Message, wall: datetime) -> bool:
        first_used = clock_of(case.enrollment).wall(message.decided_at or case.now)
        return wall - first_used <= self._limits.key_memory

    # Between the transactions

    async def _attempt(self, order: WebhookOrder, passed: _Passed) -> Verdict:
        """Put the secrets in and make one attempt."""
        missing: list[str] = []
        used: list[str] = []

        def secret(name: str) -> str:
            if order.url.startswith(MAILBOX):
                return HIDDEN
            value = self._secrets(name)
            if not value:
                missing.append(name)
                return ""
            used.append(value)
            return value

        call = Call(
            key=passed.message_id,
            url=order.url,
            headers=with_secrets(order.headers, passed.headers, secret),
            body=_as_json(with_secrets(order.body, passed.body, secret)).encode(),
            signing_secret=secret(order.signed_with) if order.signed_with else "",
            decided_at=passed.decided_at,
            deadline=passed.deadline,
        )
        if missing:
            return Misconfigured(f"SOJOURN_SECRET_{missing[0]} is not set")
        if time.monotonic() >= passed.deadline:
            return LATE
        verdict = await self._caller.call(call)
        if isinstance(verdict, Accepted) and any(value in verdict.provider_id for value in used):
            return Accepted(passed.message_id)  # it named our secret as its id
        return verdict

    # The second transaction

    def _settle(
        self, session: Session, order: WebhookOrder, passed: _Passed, verdict: Verdict, moment: Moment
    ) -> GateAnswer | Again:
        """Store what came of an attempt; the answer for the journey, or why another attempt must follow."""
        case, wall = self._case(session, order, moment)
        message = ledger.find(session, order)
        if message is None:
            raise LookupError(f"the ledger lost call {passed.message_id}")
        if message.attempt_token != passed.token:  # we woke late; somebody else has taken over
            if State(message.state) in ledger.SETTLED:
                return stored_answer(case, message)
            return not_before(message, wall)
        put_off: PutOff | None = None
        if self._pacing and verdict is not LATE:
            put_off = self._pacing.learn(session, _account(order), message.id, verdict, wall)
        match verdict:
            case Accepted(provider_id):
                message.provider_id = provider_id
                return self._close(session, case, message, State.ACCEPTED, Result.SENT)
            case Refused(reason) if passed.repeats:
                return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, reason)
            case Refused(reason):
                return self._close(session, case, message, State.REJECTED, Result.FAILED, reason)
            case Unavailable(reason) | Misconfigured(reason) if not passed.repeats:
                ledger.move(message, State.RETRYABLE, reason)
            case Unavailable(reason) | Misconfigured(reason) | Ambiguous(reason):
                patient = case.now - (message.decided_at or case.now) <= self._limits.patience
                if not (order.deduplicates and patient):
                    return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, reason)
                message.lease_until = wall  # the next attempt may explain it at once
        session.add(message)
        return self._put_off(session, case, message, put_off, wall) if put_off else verdict

    def _close(
        self, session: Session, case: _Case, message: Message, state: State, result: Result, reason: str = ""
    ) -> GateAnswer:
        """Settle a call for good."""
        if state is State.UNKNOWN and message.delivery:  # a callback has told meanwhile
            state, result, reason = State.ACCEPTED, Result.SENT, ""
        ledger.move(message, state, reason)
        _note(session, case, message, f"{result.value}:{reason}" if result is Result.FAILED else result.value)
        session.add(message)
        return case.answer(result, reason, message_id=message.id)


def _objection(session: Session, case: _Case, reachability: Reachability, caps: FrequencyCaps) -> GateAnswer | None:
    """The first reason why the call may not be made now; None if it may."""
    closed = closed_for(case.enrollment, case.customer)
    if closed is not None:
        return case.answer(Result.SUPPRESSED, closed[0], ends=True, detail=closed[1])
    if case.order.marketing and case.facts.opted_out:
        return case.answer(Result.SUPPRESSED, OPTED_OUT, ends=True)
    if case.enrollment.held:
        return case.answer(Result.HELD, case.enrollment.hold_reason)
    if not case.order.marketing:
        return None
    if reachability.awaits_consent(session, case.customer):
        return case.answer(Result.SUPPRESSED, NO_CONSENT_YET)
    return topic_or_time(session, case, caps)


def _claim(case: _Case) -> Message:
    """A new row. It joins the session when it is decided upon, so that it is written once and whole."""
    order = case.order
    return Message(
        id=new_id("msg"),
        enrollment_id=order.enrollment_id,
        customer_id=case.customer.id,
        journey=case.enrollment.journey,
        step=order.step,
        visit=order.visit,
        channel=CHANNEL,
        template=order.template,
        state=State.CLAIMED.value,
        message_class=(MessageClass.MARKETING if order.marketing else MessageClass.SERVICE).value,
        first_asked_at=case.now,
    )


def _write(session: Session, case: _Case, message: Message) -> str:
    """Fix what the call says, from now on and for every attempt; why it cannot be made, or nothing."""
    order = case.order
    look_up = values_of(session, order, case.enrollment, case.customer)
    headers = {name: _header_text(value) for name, value in without_secrets(order.headers, look_up).items()}
    body = without_secrets(order.body, look_up)
    message.to = order.url
    message.headers = headers | ({SIGNATURE: HIDDEN} if order.signed_with else {})
    message.text = _as_json(body)
    unfit = [name for name, value in headers.items() if not (value.isascii() and (value.isprintable()))]
    if unfit:
        message.headers = {**message.headers, **dict.fromkeys(unfit, "")}
        return f"header {unfit[0]}"
    problem = _contract(order.contract).problem(body) if order.contract else ""
    if problem:
        log.warning("call %s is not made: %s", message.id, problem)
        return CONTRACT
    return ""


def _header_text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _as_json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _account(order: WebhookOrder) -> str:
    """Whose pace it is: each host has its own."""
    return f"webhook:{urlsplit(order.url).hostname or MAILBOX.rstrip(':')}"


def _note(session: Session, case: _Case, message: Message, result: str, **said: str) -> None:
    # What was never let pass has said nothing yet; the timeline must not show the words of a later attempt.
    message_id = "" if result.startswith(("deferred", "suppressed")) else message.id
    at = message.decided_at if result in {"sent", "unknown"} and message.decided_at else case.now
    data = {"result": result, "message_id": message_id, **said}
    trail.keep(session, case.enrollment, [Entry(case.order.seq, at, "webhook", case.order.step, data)])


@cache
def _contract(name: str) -> BodyContract:
    return BodyContract(name)
