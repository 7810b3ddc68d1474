"""What every gate does with attempts: the two transactions around one, and what it says of those of others."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.delivery import Ambiguous, Delivery, Misconfigured, Provider, Unavailable, Verdict
from activities.gate.policy import MarketingCase
from activities.messages import GateAnswer, Result
from activities.storage.database import Database
from activities.storage.ledger import State
from activities.storage.tables import Message

Passed = TypeVar("Passed")

INTERRUPTED = "interrupted"
NOT_REPEATED = "interrupted, not repeated: "
"""Why nobody knows of a message that could have been repeated safely, before the rule that forbade to repeat it."""

LATE = Unavailable("the worker woke after the deadline")
"""The verdict on a call that was not made: it says nothing of the provider (guarantees A9)."""


@dataclass(frozen=True)
class NotYet:
    """Another attempt may still be under way."""

    retry_after: timedelta

    def as_error(self) -> ApplicationError:
        """What makes Temporal ask again then."""
        return try_again("another attempt may still be under way", self.retry_after, kind="InFlight")


@dataclass(frozen=True)
class Attempt:
    """An attempt that may go: what is delivered, and the token that may settle it. Or one to be asked about.

    `repeats` says that an earlier attempt of unclear fate had the same key: whatever becomes of this one, that
    one may have reached the customer. `settled` says that what the provider has, it shows by now.
    """

    message_id: str
    token: str
    delivery: Delivery
    look_up: bool = False
    repeats: bool = False
    settled: bool = False

    async def made(self, provider: Provider) -> Verdict:
        """Make the call, or ask about the one that was made."""
        if self.look_up:
            return self.as_looked_up(await provider.look_up(self.message_id))
        if time.monotonic() >= self.delivery.deadline:
            return LATE
        return await provider.deliver(self.delivery)

    def as_looked_up(self, found: Verdict | None) -> Verdict:
        """What a look-up says: a provider that does not show the message may not show it yet."""
        if found is None:
            return Ambiguous("the provider cannot tell")
        if isinstance(found, Unavailable) and not self.settled:
            return Ambiguous("the provider does not show it yet")
        return found

    def surely_gone_nowhere(self, verdict: Verdict) -> bool:
        """Whether no attempt has sent the message: a provider that cannot be asked leaves that open."""
        return not self.repeats and not (self.look_up and isinstance(verdict, Misconfigured))


Again = NotYet | Unavailable | Misconfigured | Ambiguous
"""Why an order must be asked for again, when it is not answered."""


async def around_a_call(
    database: Database,
    name: str,
    decide: Callable[[Session], GateAnswer | NotYet | Passed],
    attempt: Callable[[Passed], Awaitable[Verdict]],
    settle: Callable[[Session, Passed, Verdict], GateAnswer | Again],
) -> GateAnswer:
    """Two short transactions, and between them a call that neither waits for (guarantees A3, A20).

    Args:
        database: the ledger's.
        name: of the provider, for staff.
        decide: the first transaction; what it lets pass is attempted.
        attempt: makes the call.
        settle: the second transaction.

    Raises:
        ApplicationError: retryable; the provider is away, or another attempt may still be under way.
    """
    decision = await database.write(decide)
    if isinstance(decision, GateAnswer):
        return decision
    if isinstance(decision, NotYet):
        raise decision.as_error()
    passed, verdict = decision, await attempt(decision)
    answer = await database.write(lambda session: settle(session, passed, verdict))
    if isinstance(answer, GateAnswer):
        return answer
    if isinstance(answer, NotYet):
        raise answer.as_error()
    wait = timedelta(seconds=answer.retry_after) if isinstance(answer, Unavailable) and answer.retry_after else None
    raise try_again(f"{name}: {answer.reason}", wait)


def not_before(message: Message, wall: datetime) -> NotYet:
    """What is said to an attempt that woke late, after somebody else had taken over."""
    return NotYet(max(message.lease_until - wall, timedelta()) if message.lease_until else timedelta())


def try_again(why: str, after: timedelta | None, *, kind: str = "Retry") -> ApplicationError:
    """The error that makes Temporal ask again, without an alarm in the logs: this is daily business.

    Args:
        why: staff read it in the Temporal UI.
        after: wall time to wait; Temporal's own pace if None.
        kind: type of the error.
    """
    return ApplicationError(why, type=kind, next_retry_delay=after, category=ApplicationErrorCategory.BENIGN)


_STORED_RESULT = {
    State.ACCEPTED: Result.SENT,
    State.REJECTED: Result.FAILED,
    State.UNKNOWN: Result.UNKNOWN,
    State.SUPPRESSED: Result.SUPPRESSED,
    State.CANCELLED: Result.SUPPRESSED,
}


def stored_answer(case: MarketingCase, message: Message) -> GateAnswer:
    """What the journey is told of a settled row, however often it asks (guarantees A4)."""
    state = State(message.state)
    return case.answer(_STORED_RESULT[state], message.reason, ends=state is State.CANCELLED, message_id=message.id)
