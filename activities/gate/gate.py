"""The gate: one message, claimed before its provider is called and settled after.

Two short transactions with the provider's call between them (guarantees A3). The first re-reads everything
that could forbid the message and lets exactly one attempt pass; the second stores what came of it, if the
attempt is still the one that counts. Whoever dies in between leaves an attempt that the next one must
explain before it may go on (guarantees A5).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from activities.channels import Channel, MessageClass
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
from activities.frequency import NO_CAPS, FrequencyCaps
from activities.gate import deferrals
from activities.gate.attempts import (
    INTERRUPTED,
    LATE,
    NOT_REPEATED,
    Again,
    Attempt,
    NotYet,
    around_a_call,
    not_before,
    stored_answer,
)
from activities.gate.composing import Composer
from activities.gate.pacing import Pacing, PutOff
from activities.gate.policy import Case, objection
from activities.gate.tracking import Tracking
from activities.gate.wording import Wording
from activities.messages import GateAnswer, Result, SendOrder
from activities.moments import Moment
from activities.rendering import Renderer
from activities.storage import ledger, soft_bounces, trail, vouchers
from activities.storage.database import Database
from activities.storage.enrolled import clock_of, locked
from activities.storage.facts import Reachability, customer_changed
from activities.storage.ids import new_id
from activities.storage.ledger import State
from activities.storage.places import ADDRESS_REFUSED
from activities.storage.tables import Message
from activities.timeline import Entry

MAILBOX_CLOSED = "the mailbox takes nothing: "
"""Why a message is still to go out whose provider is well, before the reply that said so."""
UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class GateLimits:
    """How long things may take.

    Attributes:
        call: wall time from letting an attempt pass until its last byte may be written.
        lease: wall time for which nobody else may try; longer than the call and the minute that a mail server may
            take to answer, shorter than the activity's timeout.
        patience: journey time after which an unavailable provider is given up, and an unclear fate left unclear.
        key_memory: wall time for which a provider surely knows a key again; 80 % of the 24 hours that those with
            keys promise (guarantees A5). Later the same key would send a second message.
        settling: wall time after which a provider that can be asked shows what it has; twice the half hour after which
            Mailgun calls its log trustworthy. What it does not show by then, it never got.
        caps: how much marketing a customer gets at most.
    """

    call: timedelta = timedelta(seconds=15)
    lease: timedelta = timedelta(seconds=90)
    patience: timedelta = timedelta(hours=48)
    key_memory: timedelta = timedelta(hours=19)
    settling: timedelta = timedelta(hours=1)
    caps: FrequencyCaps = NO_CAPS


class MessageGate:
    """Decides, sends and remembers.

    Args:
        database: the ledger's.
        providers: who delivers on which channel.
        renderer: turns templates into messages.
        wording: what templates may say.
        reachability: consents and suppressions.
        limits: how long things may take.
        tracking: which traces emails carry; none if not given.
        pacing: the pace of providers; they are thought to take everything if not given.
    """

    def __init__(
        self,
        database: Database,
        providers: Mapping[Channel, Provider],
        renderer: Renderer,
        wording: Wording,
        reachability: Reachability,
        limits: GateLimits = GateLimits(),
        tracking: Tracking | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        self._database = database
        self._providers = providers
        self._renderer = renderer
        self._composer = Composer(renderer, wording, reachability, tracking)
        self._reachability = reachability
        self._limits = limits
        self._pacing = pacing

    async def send(self, order: SendOrder, moment: Moment) -> GateAnswer:
        """Take one message through the gate.

        Raises:
            ApplicationError: retryable; the provider is away, or another attempt may still be under way.
        """
        provider = self._providers[order.channel]
        return await around_a_call(
            self._database,
            provider.name,
            lambda session: self._decide(session, order, moment),
            lambda passed: passed.made(provider),
            lambda session, passed, verdict: self._settle(session, order, passed, verdict, moment),
        )

    # The first transaction

    def _decide(self, session: Session, order: SendOrder, moment: Moment) -> GateAnswer | Attempt | NotYet:
        enrollment, customer = locked(session, order.enrollment_id)
        wall = moment()
        case = Case(
            order,
            enrollment,
            customer,
            self._reachability.facts(session, customer),
            self._renderer.message_class(order.template, order.channel),
            clock_of(enrollment).at(wall),
        )
        message = ledger.find(session, order) or self._claim(case)
        trail.keep(session, enrollment, order.trail)  # after the reading, which would flush it by itself
        state = State(message.state)
        if state in ledger.SETTLED:
            return stored_answer(case, message)
        if message.delivery:  # a callback overtook the answer, or came in its place: the provider has it
            return self._close(session, case, message, State.ACCEPTED, Result.SENT)
        if state is State.ATTEMPTING:
            if message.lease_until is not None and message.lease_until > wall:
                return not_before(message, wall)
            match self._providers[order.channel].deduplication:
                case Deduplication.LOOKUP:
                    return self._pass(session, case, message, wall, None, look_up=True)
                case Deduplication.KEY if self._age(case, message, wall) <= self._limits.key_memory:
                    pass  # the same bytes under the same key, as soon as the policy lets them pass
                case _:
                    return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, INTERRUPTED)
        refusal = objection(session, case, self._reachability, self._limits.caps)
        if refusal is not None:
            return self._refuse(session, case, message, refusal)
        since = self._pacing.patient_since(session, self._name(order), wall) if self._pacing else None
        if deferrals.waited(message, enrollment, since, case.now) > self._limits.patience:
            if message.reason.startswith(MAILBOX_CLOSED):
                case = self._bounced_softly(session, case, message, wall)
            return self._close(session, case, message, State.REJECTED, Result.FAILED, UNAVAILABLE)
        closes = self._closes(case)
        if self._pacing:
            put_off = self._pacing.objection(session, self._name(order), message, wall, latest=closes)
            if put_off is not None:
                return self._put_off(session, case, message, put_off, wall)
        if state is not State.ATTEMPTING:
            refusal = self._composer.compose(session, case, message)
            if refusal is not None:
                return self._refuse(session, case, message, refusal)
        return self._pass(session, case, message, wall, closes)

    def _claim(self, case: Case) -> Message:
        """A new row. It joins the session when it is decided upon, so that it is written once and whole."""
        order = case.order
        return Message(
            id=new_id("msg"),
            enrollment_id=order.enrollment_id,
            customer_id=case.customer.id,
            journey=case.enrollment.journey,
            step=order.step,
            visit=order.visit,
            channel=order.channel.value,
            template=order.template,
            state=State.CLAIMED.value,
            message_class=case.message_class.value,
            first_asked_at=case.now,
        )

    def _refuse(self, session: Session, case: Case, message: Message, refusal: GateAnswer) -> GateAnswer:
        if refusal.result is Result.DEFERRED:
            said = deferrals.remember(message, refusal, self._name(case.order), case.enrollment)
            if said is not None:
                self._note(session, case, message, "deferred", **said)
        elif refusal.result is Result.SUPPRESSED:
            if State(message.state) is State.ATTEMPTING:  # it may have gone before the rules changed
                reason = NOT_REPEATED + refusal.reason
                return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, reason)
            ledger.move(message, State.CANCELLED if refusal.ends else State.SUPPRESSED, refusal.reason)
            self._note(session, case, message, f"suppressed:{refusal.reason}")
        session.add(message)
        return refusal

    def _put_off(self, session: Session, case: Case, message: Message, put_off: PutOff, wall: datetime) -> GateAnswer:
        window = case.order.window if case.message_class is MessageClass.MARKETING else None
        again = deferrals.again(put_off, case.enrollment, window, case.facts.timezone, wall)
        answer = case.answer(Result.DEFERRED, put_off.reason, until=again.until, punctual=again.punctual)
        return self._refuse(session, case, message, answer)

    def _name(self, order: SendOrder) -> str:
        return self._providers[order.channel].name

    def _pass(
        self,
        session: Session,
        case: Case,
        message: Message,
        wall: datetime,
        closes: datetime | None,
        *,
        look_up: bool = False,
    ) -> Attempt:
        repeats = message.state == State.ATTEMPTING and not look_up
        time_left = self._limits.call if closes is None else min(self._limits.call, closes - wall)
        token = ledger.begin_attempt(message, wall + self._limits.lease)
        message.provider, message.put_off_for, message.put_off_until = self._name(case.order), "", None
        session.add(message)
        return Attempt(
            message.id,
            token,
            Delivery(
                key=message.id,
                channel=case.order.channel,
                to=message.to,
                subject=message.subject,
                html=message.html,
                text=message.text,
                decided_at=message.decided_at or case.now,
                deadline=time.monotonic() + time_left.total_seconds(),
                headers=message.headers,
                not_after=closes,
            ),
            look_up,
            repeats,
            settled=self._age(case, message, wall) >= self._limits.settling,
        )

    def _age(self, case: Case, message: Message, wall: datetime) -> timedelta:
        """Wall time since the message was let pass with the words it has."""
        return wall - clock_of(case.enrollment).wall(message.decided_at or case.now)

    def _closes(self, case: Case) -> datetime | None:
        """When the customer's window closes, wall clock: neither a call nor a provider's queue may go past it."""
        if case.message_class is MessageClass.SERVICE or case.order.window is None:
            return None
        return clock_of(case.enrollment).wall(case.order.window.closes_at(case.now, case.facts.timezone))

    # The second transaction

    def _settle(
        self, session: Session, order: SendOrder, passed: Attempt, verdict: Verdict, moment: Moment
    ) -> GateAnswer | Again:
        """Store what came of an attempt.

        Returns:
            The answer for the journey, or why another attempt must follow.
        """
        enrollment, customer = locked(session, order.enrollment_id)
        message = ledger.find(session, order)
        if message is None:
            raise LookupError(f"the ledger lost message {passed.message_id}")
        wall = moment()
        case = Case(
            order,
            enrollment,
            customer,
            self._reachability.facts(session, customer),
            MessageClass(message.message_class),
            clock_of(enrollment).at(wall),
        )
        if message.attempt_token != passed.token:  # we woke late; somebody else has taken over
            if State(message.state) in ledger.SETTLED:
                return stored_answer(case, message)
            return not_before(message, wall)
        put_off: PutOff | None = None
        if self._pacing and verdict is not LATE and not passed.look_up:
            put_off = self._pacing.learn(session, self._name(order), message.id, verdict, wall)
        match verdict:
            case Accepted(provider_id):
                message.provider_id = provider_id
                return self._close(session, case, message, State.ACCEPTED, Result.SENT)
            case Refused(reason):
                if verdict.address:
                    case = self._address_refused(session, case, passed.delivery.to, wall)
                    reason = ADDRESS_REFUSED  # the provider's words may quote the address; no history keeps them
                if passed.repeats:
                    return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, reason)
                return self._close(session, case, message, State.REJECTED, Result.FAILED, reason)
            case Unavailable(reason) | Misconfigured(reason) if passed.surely_gone_nowhere(verdict):
                closed = isinstance(verdict, Unavailable) and verdict.mailbox
                ledger.move(message, State.RETRYABLE, MAILBOX_CLOSED + reason if closed else reason)
            case Unavailable(reason) | Misconfigured(reason) | Ambiguous(reason):
                if self._stays_unclear(case, message):
                    return self._close(session, case, message, State.UNKNOWN, Result.UNKNOWN, reason)
                message.lease_until = wall  # the next attempt may explain it at once
        session.add(message)
        return self._put_off(session, case, message, put_off, wall) if put_off else verdict

    def _stays_unclear(self, case: Case, message: Message) -> bool:
        """Whether no further attempt can, or should, find out what became of the message."""
        if self._providers[case.order.channel].deduplication is Deduplication.NONE:
            return True
        return case.now - (message.decided_at or case.now) > self._limits.patience

    def _address_refused(self, session: Session, case: Case, address: str, wall: datetime) -> Case:
        """Never use the address again; the answer carries what is known of the customer without it.

        The address is that of the call: an erasure may have blanked the row since.
        """
        self._reachability.suppress(session, case.order.channel, address, ADDRESS_REFUSED, wall)
        session.flush()
        customer_changed(session, case.customer, wall)
        return replace(case, facts=self._reachability.facts(session, case.customer))

    def _bounced_softly(self, session: Session, case: Case, message: Message, wall: datetime) -> Case:
        """Count a message that its mailbox would not take, as its provider's report would be."""
        soft_bounces.given_up(session, self._reachability, message, wall)
        return replace(case, facts=self._reachability.facts(session, case.customer))

    def _close(
        self, session: Session, case: Case, message: Message, state: State, result: Result, reason: str = ""
    ) -> GateAnswer:
        """Settle a message for good."""
        if state is State.UNKNOWN and message.delivery:  # a callback has told meanwhile
            state, result, reason = State.ACCEPTED, Result.SENT, ""
        ledger.move(message, state, reason)
        if state is State.REJECTED and message.promised and not ledger.promised_otherwise(session, message):
            vouchers.release(session, case.enrollment.id)
        self._note(session, case, message, f"{result.value}:{reason}" if result is Result.FAILED else result.value)
        session.add(message)
        return case.answer(result, reason, message_id=message.id)

    def _note(self, session: Session, case: Case, message: Message, result: str, **said: str) -> None:
        data = {
            "channel": message.channel,
            "template": message.template,
            "result": result,
            # What was never let pass has no words yet; the timeline must not show those of a later attempt.
            "message_id": "" if result.startswith(("deferred", "suppressed")) else message.id,
            **said,
        }
        # A message's time is the instant at which its gate decided.
        at = message.decided_at if result in {"sent", "unknown"} and message.decided_at else case.now
        trail.keep(session, case.enrollment, [Entry(case.order.seq, at, "message", case.order.step, data)])
