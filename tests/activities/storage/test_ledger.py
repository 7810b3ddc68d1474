"""The ledger's moves: what is settled stays settled."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.storage import ledger
from activities.storage.ledger import MOVES, SENT_OR_MAY_BE, SETTLED, IllegalMoveError, State
from activities.storage.tables import Message
from tests.activities.storage.rows import NOON

STATES = list(State)


def _message(state: State) -> Message:
    columns: dict[str, Any] = {"id": "msg_1", "attempt_token": "token", "lease_until": NOON, "attempts": 1}
    return Message(state=state.value, **columns)


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("start", STATES)
def test_only_the_drawn_moves_are_allowed(start: State, to: State) -> None:
    """A bug in the gate cannot turn a sent message back into one to be sent: every other move is refused."""
    message = _message(start)
    if to in MOVES[start]:
        ledger.move(message, to, "why")
        assert (message.state, message.reason) == (to, "why")
        return
    with pytest.raises(IllegalMoveError, match=f"from {start} to {to}"):
        ledger.move(message, to)
    assert (message.state, message.attempt_token) == (start, "token")


@given(st.lists(st.sampled_from(STATES), max_size=12))
def test_no_way_leads_out_of_a_settled_state(wanted: list[State]) -> None:
    """Whatever is tried in whatever order, an answer once given stays true; only the unclear may become clear."""
    message = _message(State.CLAIMED)
    settled: State | None = None
    for to in wanted:
        try:
            ledger.move(message, to)
        except IllegalMoveError:
            continue
        assert settled in (None, State.UNKNOWN)
        assert settled is None or to is State.ACCEPTED
        settled = to if to in SETTLED else None
        # Who is not attempting has nothing that a late worker could settle.
        assert to is State.ATTEMPTING or message.attempt_token == ""


def test_what_may_have_gone_counts_as_sent() -> None:
    """A condition such as 'a text was sent' never misses one that may have arrived (guarantees A7)."""
    assert set(SENT_OR_MAY_BE) == {State.ATTEMPTING, State.ACCEPTED, State.UNKNOWN}


def test_each_attempt_has_a_token_of_its_own() -> None:
    """Only the attempt that passed last may settle a message."""
    message = _message(State.CLAIMED)
    tokens = {ledger.begin_attempt(message, NOON) for _ in range(3)}
    assert len(tokens) == 3
    assert message.attempt_token in tokens
    assert message.attempts == 4
