"""Attempts at activities: the real code, its payloads converted as on a server, under a virtual clock."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RetryPolicy
from temporalio.converter import DataConverter
from temporalio.exceptions import RetryState
from temporalio.testing import ActivityEnvironment

from worker.rehearsal.agenda import Due, later
from worker.rehearsal.errors import WorkflowBugError
from worker.rehearsal.failures import activity_failed
from worker.rehearsal.retries import retry_delay


@dataclass(eq=False)
class ScheduledActivity:
    """An activity that a workflow scheduled and has no result of.

    Attributes:
        seq: its number in the workflow.
        due: its next attempt.
        info: what its next attempt can ask for with `activity.info()`.
        arguments: as the workflow's converter wrote them.
        policy: how it is retried.
        abandoned: whether cancelling it lets it go on.
    """

    seq: int
    due: Due
    info: activity.Info
    arguments: Sequence[Payload]
    policy: RetryPolicy
    abandoned: bool = False

    def fail(self, failure: Failure, now: datetime) -> Failure | None:
        """Take note that an attempt failed.

        Returns:
            None, with `due` and `info` set for the next attempt; or what the workflow gets if there is none.
        """
        limit = self.info.schedule_to_close_timeout
        expires = self.info.scheduled_time + limit if limit else None
        delay = retry_delay(failure, self.policy, attempt=self.info.attempt, now=now, expires=expires)
        if isinstance(delay, RetryState):
            return activity_failed(self.info, delay, failure)
        attempt, again = self.info.attempt + 1, later(now, delay)
        self.info = replace(self.info, attempt=attempt, current_attempt_scheduled_time=again, started_time=again)
        self.due = Due(self.due.do, owner=self.due.owner)
        return None


def describe(
    run: workflow.Info,
    *,
    activity_id: str,
    name: str,
    now: datetime,
    timeouts: dict[str, timedelta],
    policy: RetryPolicy,
    local: bool,
) -> activity.Info:
    """What the first attempt can ask for; a missing start-to-close is filled in as on a server."""
    schedule_to_close = timeouts.get("schedule_to_close_timeout")
    return replace(
        ActivityEnvironment.default_info(),
        activity_id=activity_id,
        activity_type=name,
        current_attempt_scheduled_time=now,
        heartbeat_timeout=timeouts.get("heartbeat_timeout"),
        is_local=local,
        namespace=run.namespace,
        retry_policy=policy,
        schedule_to_close_timeout=schedule_to_close,
        scheduled_time=now,
        start_to_close_timeout=timeouts.get("start_to_close_timeout", schedule_to_close),
        started_time=now,
        task_queue=run.task_queue,
        task_token=f"{run.run_id}/{activity_id}".encode(),
        workflow_id=run.workflow_id,
        workflow_namespace=run.namespace,
        workflow_run_id=run.run_id,
        workflow_type=run.workflow_type,
    )


class ActivityRunner:
    """Runs attempts.

    Args:
        activities: callables with `@activity.defn`, found by their definition's name.
        data_converter: its payload and failure converters are used.
    """

    def __init__(self, activities: Sequence[Callable[..., Awaitable[Any]]], data_converter: DataConverter) -> None:
        definitions = [activity._Definition.must_from_callable(fn) for fn in activities]  # noqa: SLF001 - the SDK has no public way to a definition
        self._definitions = {definition.name: definition for definition in definitions}
        self._payloads = data_converter.payload_converter
        self._failures = data_converter.failure_converter

    async def attempt(self, scheduled: ScheduledActivity) -> Payload | Failure:
        """Run one attempt.

        Returns:
            Its result or, whatever it raised, its failure.

        Raises:
            WorkflowBugError: no such activity, or arguments that do not fit; a server would try for ever.
        """
        name = scheduled.info.activity_type
        definition = self._definitions.get(name)
        if definition is None:
            raise WorkflowBugError(f"activity {name!r} is not among those given")
        # As in a worker: type hints count only if there is one for each argument.
        hints = definition.arg_types
        if hints is not None and len(hints) != len(scheduled.arguments):
            hints = None
        try:
            arguments = self._payloads.from_payloads(scheduled.arguments, hints) if scheduled.arguments else []
        except Exception as error:
            raise WorkflowBugError(f"the arguments of activity {name!r} do not fit it: {error}") from error
        environment = ActivityEnvironment()
        environment.info = scheduled.info
        environment.payload_converter = self._payloads
        try:
            result = environment.run(definition.fn, *arguments)
            if inspect.isawaitable(result):
                result = await result
            return self._payloads.to_payload(result)
        except Exception as error:  # noqa: BLE001 - whatever an activity raises is its failure
            failure = Failure()
            self._failures.to_failure(error, self._payloads, failure)
            return failure
