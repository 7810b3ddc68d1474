"""The order of what is due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.rehearsal.agenda import Agenda, Due, Rank

START = datetime(2027, 3, 27, tzinfo=UTC)


def drain(agenda: Agenda) -> list[Due]:
    """All that is due, in order."""
    return list(iter(agenda.next, None))


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(Rank)), max_size=12))
def test_by_time_then_rank_then_order_of_planning(plan: list[tuple[int, Rank]]) -> None:
    """Whatever the order of planning, the order of happening is the one that was promised."""
    agenda = Agenda(START)
    dues = [Due(lambda: None) for _ in plan]
    for (day, rank), due in zip(plan, dues, strict=True):
        agenda.at(START + timedelta(days=day), rank, due)
    expected = sorted(range(len(plan)), key=lambda index: (*plan[index], index))
    assert drain(agenda) == [dues[index] for index in expected]


def test_what_is_called_off_moves_no_clock() -> None:
    """A timer that was cancelled leaves no trace, not even a later clock."""
    agenda = Agenda(START)
    gone, kept, soon = Due(lambda: None, owner="run 1"), Due(lambda: None), Due(lambda: None, owner="run 1")
    agenda.after(timedelta(days=1), Rank.OUTSIDE, kept)
    agenda.after(timedelta(days=9), Rank.INSIDE, gone)
    agenda.soon(soon)
    agenda.call_off("run 1")
    assert drain(agenda) == [kept]
    assert agenda.now == START + timedelta(days=1)


def test_beyond_the_calendar() -> None:
    """A wait of ten thousand years ends with the calendar instead of an error."""
    agenda = Agenda(START)
    agenda.after(timedelta.max, Rank.INSIDE, Due(lambda: None))
    drain(agenda)
    assert agenda.now == datetime.max.replace(tzinfo=UTC)


def test_a_naive_start_is_refused() -> None:
    """A rehearsal never guesses a time zone."""
    with pytest.raises(ValueError, match="aware"):
        Agenda(START.replace(tzinfo=None))
