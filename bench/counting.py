"""What a workflow cost: the events of its history, and the actions that Temporal Cloud would bill for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

LOCAL_ACTIVITY = "core_local_activity"  # the marker the SDK records for one


@dataclass(frozen=True)
class Cost:
    """What one journey cost.

    Signals come from outside, as often as a customer changes or staff act; they are counted apart, the workflow
    tasks that they cause are not.

    Attributes:
        events: of the history, but for signals.
        starts: of the workflow; a continued run is another.
        timers: started.
        activities: attempts of activities.
        local_batches: workflow tasks with local activities; those of one task are one action.
        upserts: of search attributes.
        updates: from the Temporal UI.
        signals: received.
    """

    events: int = 0
    starts: int = 0
    timers: int = 0
    activities: int = 0
    local_batches: int = 0
    upserts: int = 0
    updates: int = 0
    signals: int = 0

    @property
    def actions(self) -> int:
        """Billed actions, without signals."""
        return self.starts + self.timers + self.activities + self.local_batches + self.upserts + self.updates


def cost_of(history: Iterable[HistoryEvent]) -> Cost:
    """Count a history.

    Args:
        history: the events of one run, in their order.
    """
    events = list(history)
    kinds = [event.event_type for event in events]
    attempts = sum(
        event.activity_task_started_event_attributes.attempt
        for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    )
    batches = {
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in events
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED
        and event.marker_recorded_event_attributes.marker_name == LOCAL_ACTIVITY
    }
    signals = kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
    return Cost(
        events=len(events) - signals,
        starts=kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED),
        timers=kinds.count(EventType.EVENT_TYPE_TIMER_STARTED),
        activities=attempts,
        local_batches=len(batches),
        upserts=kinds.count(EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES),
        updates=kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED),
        signals=signals,
    )
