"""What `bench/cost.py` prints is what the histories hold."""

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import ActivityTaskStartedEventAttributes, HistoryEvent, MarkerRecordedEventAttributes
from temporalio.client import WorkflowHistory

from bench.counting import LOCAL_ACTIVITY, Cost, cost_of
from tests.histories import FOLDER


def _recorded(branch: str) -> Cost:
    text = (FOLDER / f"{branch}.json").read_text(encoding="utf-8")
    return cost_of(WorkflowHistory.from_json("recorded", text).events)


@pytest.mark.parametrize(
    ("branch", "counted"),
    [
        # Counted by hand. Recorded with skipped time, which adds events but no billed action.
        (
            "data-collection-voucher/not-complete-email-and-sms",
            Cost(events=54, starts=1, timers=4, activities=3, local_batches=2, upserts=1),
        ),
        (
            "data-collection-voucher/complete-at-entry",
            Cost(events=11, starts=1, local_batches=1, upserts=1),
        ),
    ],
)
def test_a_recorded_history_costs_what_a_person_counts(branch: str, counted: Cost) -> None:
    """Whoever pays for Temporal Cloud can rely on the figures: they are those counted by hand."""
    found = _recorded(branch)
    assert found == counted
    assert found.actions == counted.starts + counted.timers + counted.activities + counted.local_batches + 1


def test_a_signal_is_counted_apart() -> None:
    """What the client's own systems tell a journey is not the journey's doing."""
    found = _recorded("data-collection-voucher/rewarded-by-sms")
    assert (found.signals, found.actions) == (1, 13)


def test_local_activities_of_one_task_are_one_action_and_each_attempt_is_one() -> None:
    """Batches are billed once, retries each time (Temporal Cloud, Actions)."""
    history = [
        HistoryEvent(
            event_type=EventType.EVENT_TYPE_MARKER_RECORDED,
            marker_recorded_event_attributes=MarkerRecordedEventAttributes(
                marker_name=name, workflow_task_completed_event_id=task
            ),
        )
        for name, task in ((LOCAL_ACTIVITY, 4), (LOCAL_ACTIVITY, 4), (LOCAL_ACTIVITY, 9), ("core_patch", 12))
    ]
    history.append(
        HistoryEvent(
            event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
            activity_task_started_event_attributes=ActivityTaskStartedEventAttributes(attempt=3),
        )
    )
    found = cost_of(history)
    assert (found.local_batches, found.activities, found.events) == (2, 3, 5)
