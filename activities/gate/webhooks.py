"""The gate of webhooks: a call is claimed in the ledger before it is made and settled after.

The same two transactions as for messages (`activities/gate/gate.py`), over the same table. What is said is built as
data when the gate lets the call pass and frozen with it; secrets are put in only for the call itself.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlmodel import Session

from activities.channels import MessageClass
from activities.delivery import Accepted, Ambiguous, Refused, Unavailable, Verdict
from activities.facts import Facts
from activities.gate.attempts import STORED_RESULT, NotYet, try_again
from activities.gate.gate import INTERRUPTED, UNAVAILABLE, GateLimits
from activities.gate.policy import OPTED_OUT
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
    """

    def __init__(
        self,
        database: Database,
        caller: WebhookCaller,
        secrets: Secrets,
        reachability: Reachability,
        limits: GateLimits = LIMITS,
    ) -> None:
        self._database = database
        self._caller = caller
        self._secrets = secrets
        self._reachability = reachability
        self._limits = limits

    async def call(self, order: WebhookOrder, moment: Moment) -> GateAnswer:
        """Take one call through the gate.

        Raises:
            ApplicationError: retryable; the other side is away, or another attempt may still be under way.
        """
        decision = await self._database.write(lambda session: self._decide(session, order, moment))
        if isinstance(decision, GateAnswer):
            return decision
        if isinstance(decision, NotYet):
            raise decision.as_error()
        verdict = await self._attempt(order, decision)
        answer = await self._database.write(lambda session: self._settle(session, order, decision, verdict, moment))
        if isinstance(answer, GateAnswer):
            return answer
        if isinstance(answer, NotYet):
            raise answer.as_error()
        wait = timedelta(seconds=answer.retry_after) if isinstance(answer, Unavailable) and answer.retry_after else None
        raise try_again(f"{self._caller.name}: {answer.reason}", wait)

    # The first transaction

    def _decide(self, session: Session, order: WebhookOrder, moment: Moment) -> GateAnswer | _Passed | NotYet:
        case, wall = self._case(session, order, moment)
        message = ledger.find(session, order) or _claim(case)
        trail.keep(session, case.enrollment, order.trail)
        state = State(message.state)
        if state in ledger.SETTLED:
            return _stored_answer(case, message)
        if state is State.ATTEMPTING:
            if message.lease_until is not None and message.lease_until > wall:
                return NotYet(message.lease_until - wall)
            if not order.deduplicates or not self._key_is_known(case, message, wall):
                return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, INTERRUPTED)
        refusal = _objection(case)
        if refusal is not None:
            return self._refuse(session, case, message, refusal)
        if state is State.RETRYABLE and case.now - message.first_asked_at >= self._limits.patience:
            return self._close(session, case, message, State.REJECTED, Result.FAILED, UNAVAILABLE)
        if state is State.CLAIMED:
            problem = _write(session, case, message)
            if problem:
                return self._close(session, case, message, State.REJECTED, Result.FAILED, problem)
        if state is not State.ATTEMPTING:
            message.decided_at = case.now
        return self._pass(session, case, message, wall)

    def _case(self, session: Session, order: WebhookOrder, moment: Moment) -> tuple[_Case, datetime]:
        enrollment, customer = locked(session, order.enrollment_id)
        facts, wall = self._reachability.facts(session, customer), moment()
        return _Case(order, enrollment, customer, facts, clock_of(enrollment).at(wall)), wall

    def _refuse(self, session: Session, case: _Case, message: Message, refusal: GateAnswer) -> GateAnswer:
        if refusal.result is Result.DEFERRED:
            _note(session, case, message, "deferred")
        elif refusal.result is Result.SUPPRESSED:
            if State(message.state) is State.ATTEMPTING:  # it may have gone before the rules changed
                return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, INTERRUPTED)
            ledger.move(message, State.CANCELLED if refusal.ends else State.SUPPRESSED, refusal.reason)
            _note(session, case, message, f"suppressed:{refusal.reason}")
        session.add(message)
        return refusal

    def _pass(self, session: Session, case: _Case, message: Message, wall: datetime) -> _Passed:
        repeats = message.state == State.ATTEMPTING
        time_left = self._limits.call
        if case.order.window is not None:
            closes = case.order.window.closes_at(case.now, case.facts.timezone)
            time_left = min(time_left, clock_of(case.enrollment).wall(closes) - wall)
        token = ledger.begin_attempt(message, wall + self._limits.lease)
        message.provider = self._caller.name
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
            return Unavailable(f"SOJOURN_SECRET_{missing[0]} is not set")
        verdict = await self._caller.call(call)
        if isinstance(verdict, Accepted) and any(value in verdict.provider_id for value in used):
            return Accepted(passed.message_id)  # it named our secret as its id
        return verdict

    # The second transaction

    def _settle(
        self, session: Session, order: WebhookOrder, passed: _Passed, verdict: Verdict, moment: Moment
    ) -> GateAnswer | NotYet | Unavailable | Ambiguous:
        """Store what came of an attempt; the answer for the journey, or why another attempt must follow."""
        case, wall = self._case(session, order, moment)
        message = ledger.find(session, order)
        if message is None:
            raise LookupError(f"the ledger lost call {passed.message_id}")
        if message.attempt_token != passed.token:  # we woke late; somebody else has taken over
            if State(message.state) in ledger.SETTLED:
                return _stored_answer(case, message)
            return NotYet(max(message.lease_until - wall, timedelta()) if message.lease_until else timedelta())
        match verdict:
            case Accepted(provider_id):
                message.provider_id = provider_id
                return self._close(session, case, message, State.ACCEPTED, Result.SENT)
            case Refused(reason) if passed.repeats:
                return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, reason)
            case Refused(reason):
                return self._close(session, case, message, State.REJECTED, Result.FAILED, reason)
            case Unavailable(reason) if not passed.repeats:
                ledger.move(message, State.RETRYABLE, reason)
            case Unavailable(reason) | Ambiguous(reason):
                patient = case.now - (message.decided_at or case.now) <= self._limits.patience
                if not (order.deduplicates and patient):
                    return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, reason)
                message.lease_until = wall  # the next attempt may explain it at once
        session.add(message)
        return verdict

    def _close(
        self, session: Session, case: _Case, message: Message, state: State, result: Result, reason: str = ""
    ) -> GateAnswer:
        """Settle a call for good."""
        ledger.move(message, state, reason)
        _note(session, case, message, f"{result.value}:{reason}" if result is Result.FAILED else result.value)
        session.add(message)
        return case.answer(result, reason, message_id=message.id)


def _objection(case: _Case) -> GateAnswer | None:
    """The first reason why the call may not be made now; None if it may."""
    closed = closed_for(case.enrollment, case.customer)
    if closed is not None:
        return case.answer(Result.SUPPRESSED, closed[0], ends=True, detail=closed[1])
    if case.order.marketing and case.facts.opted_out:
        return case.answer(Result.SUPPRESSED, OPTED_OUT, ends=True)
    if case.enrollment.held:
        return case.answer(Result.HELD, case.enrollment.hold_reason)
    if case.order.window is not None:
        opens = case.order.window.next_open(case.now, case.facts.timezone)
        if opens > case.now:
            return case.answer(Result.DEFERRED, "the send window is closed", until=opens)
    return None


def _claim(case: _Case) -> Message:
    """A new row. It joins the session when it is decided upon, so that it is written once and whole."""
    order = case.order
    return Message(
        id=new_id("msg"),
        enrollment_id=order.enrollment_id,
        customer_id=case.customer.id,
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


def _note(session: Session, case: _Case, message: Message, result: str) -> None:
    # What was never let pass has said nothing yet; the timeline must not show the words of a later attempt.
    message_id = "" if result.startswith(("deferred", "suppressed")) else message.id
    at = message.decided_at if result in {"sent", "unknown"} and message.decided_at else case.now
    data = {"result": result, "message_id": message_id}
    trail.keep(session, case.enrollment, [Entry(case.order.seq, at, "webhook", case.order.step, data)])


def _stored_answer(case: _Case, message: Message) -> GateAnswer:
    """What an earlier attempt was told (guarantees A4)."""
    state = State(message.state)
    return case.answer(STORED_RESULT[state], message.reason, ends=state is State.CANCELLED, message_id=message.id)


@cache
def _contract(name: str) -> BodyContract:
    return BodyContract(name)
