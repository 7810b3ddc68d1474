"""The ledger of messages: which states a message can be in, and the moves between them (guarantees A2).

claimed ──► attempting ──► accepted
   │            ├────────► rejected
   │            ├────────► unknown ──► accepted   (a late callback)
   │            └──► retryable ──► attempting, accepted (a callback), ...
   └──► suppressed, cancelled, rejected
"""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from activities.storage.tables import Message


class State(StrEnum):
    """What is known of a message."""

    CLAIMED = "claimed"  # asked for, and not yet let pass
    ATTEMPTING = "attempting"  # let pass; the provider is being called, or the caller died
    RETRYABLE = "retryable"  # certainly not sent; another attempt will follow
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"  # nobody can say; never sent again
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


SETTLED = {State.ACCEPTED, State.REJECTED, State.UNKNOWN, State.SUPPRESSED, State.CANCELLED}

# What counts as sent wherever a journey or a cap asks (guarantees A7).
SENT_OR_MAY_BE = (State.ATTEMPTING, State.ACCEPTED, State.UNKNOWN)

MOVES: dict[State, set[State]] = {
    State.CLAIMED: {State.ATTEMPTING, State.SUPPRESSED, State.CANCELLED, State.REJECTED},
    State.ATTEMPTING: {State.ATTEMPTING, State.ACCEPTED, State.REJECTED, State.RETRYABLE, State.UNKNOWN},
    State.RETRYABLE: {State.ATTEMPTING, State.ACCEPTED, State.SUPPRESSED, State.CANCELLED, State.REJECTED},
    State.UNKNOWN: {State.ACCEPTED},
    State.ACCEPTED: set(),
    State.REJECTED: set(),
    State.SUPPRESSED: set(),
    State.CANCELLED: set(),
}


class IllegalMoveError(RuntimeError):
    """The ledger does not allow this move; something is wrong with the caller."""


class LedgerRow(Protocol):
    """What a ledger keeps of a message; summaries for staff have a ledger of their own."""

    id: str
    state: str
    reason: str
    attempt_token: str
    lease_until: datetime | None
    attempts: int
    put_off_for: str
    put_off_until: datetime | None


class Slot(Protocol):
    """What there is one row for: a visit to a step, on a channel. Every order is one."""

    @property
    def enrollment_id(self) -> str:
        """Whose journey."""
        ...

    @property
    def step(self) -> str:
        """Name of the step."""
        ...

    @property
    def visit(self) -> int:
        """How often the journey has come to it."""
        ...

    @property
    def channel(self) -> str:
        """Over which channel; a webhook is one, too."""
        ...


_IN_SLOT = (  # built once: every send asks it twice
    select(Message)
    .where(
        col(Message.enrollment_id) == bindparam("enrollment_id"),
        col(Message.step) == bindparam("step"),
        col(Message.visit) == bindparam("visit"),
        col(Message.channel) == bindparam("channel"),
    )
    .with_for_update()
)


def find(session: Session, order: Slot) -> Message | None:
    """The row of a message, locked until the transaction ends."""
    return session.exec(_IN_SLOT, params=slot_of(order)).first()


def slot_of(order: Slot) -> dict[str, str | int]:
    """An order's slot, by column."""
    return {
        "enrollment_id": order.enrollment_id,
        "step": order.step,
        "visit": order.visit,
        "channel": str(order.channel),
    }


def has_promised(session: Session, enrollment_id: str) -> bool:
    """Whether the customer may have read a promise in any message of that journey."""
    promises = select(Message.id).where(
        Message.enrollment_id == enrollment_id, Message.promised != "", col(Message.state).in_(SENT_OR_MAY_BE)
    )
    return session.exec(promises).first() is not None


def promised_otherwise(session: Session, message: Message) -> bool:
    """Whether the customer may have read the same promise in another message of the same journey."""
    others = select(Message.id).where(
        Message.enrollment_id == message.enrollment_id,
        Message.promised_design == message.promised_design,
        Message.id != message.id,
        col(Message.state).in_(SENT_OR_MAY_BE),
    )
    return session.exec(others).first() is not None


def move(message: LedgerRow, to: State, reason: str = "") -> None:
    """Move a message to another state.

    Raises:
        IllegalMoveError: there is no such move.
    """
    if to not in MOVES[State(message.state)]:
        raise IllegalMoveError(f"message {message.id} cannot go from {message.state} to {to}")
    message.state = to.value
    message.reason = reason
    if to is not State.ATTEMPTING:
        message.attempt_token = ""
        message.lease_until = None


def begin_attempt(message: LedgerRow, lease_until: datetime) -> str:
    """Let one attempt pass; the token it returns is the only one that may settle it.

    Args:
        message: the row.
        lease_until: wall-clock instant (UTC) until which nobody else may try.
    """
    move(message, State.ATTEMPTING)
    message.attempt_token = secrets.token_hex(8)
    message.lease_until = lease_until
    message.attempts += 1
    return message.attempt_token
