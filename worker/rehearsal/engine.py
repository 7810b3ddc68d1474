"""One workflow execution in virtual time: the SDK's own workflow instance, fed with hand-made activations.

What a server does between two workflow tasks is done here, from an agenda ordered by virtual time. There is
no sandbox, for speed: building one takes longer than a whole rehearsal, and the tests that run the same
workflows on a real server make its checks. This is the one file that touches the SDK's bridge types.
"""

import asyncio
import inspect
import itertools
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.bridge.proto import activity_result
from temporalio.bridge.proto.workflow_activation import (
    CancelWorkflow,
    DoUpdate,
    FireTimer,
    InitializeWorkflow,
    QueryWorkflow,
    RemoveFromCache,
    ResolveActivity,
    SignalWorkflow,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_commands import (
    ActivityCancellationType,
    ContinueAsNewWorkflowExecution,
    ScheduleActivity,
    ScheduleLocalActivity,
    UpdateResponse,
    WorkflowCommand,
)
from temporalio.common import RetryPolicy, TypedSearchAttributes
from temporalio.converter import DataConverter, encode_search_attributes
from temporalio.worker import WorkflowInstance

from worker.payloads import CONVERTER
from worker.rehearsal.agenda import Agenda, Due, Rank
from worker.rehearsal.attempts import ActivityRunner, ScheduledActivity, describe
from worker.rehearsal.errors import (
    RehearsalError,
    RunCancelled,
    StuckError,
    UnsupportedCommandError,
    WorkflowBugError,
    WorkflowFailedError,
)
from worker.rehearsal.failures import activity_cancelled, traceback_text
from worker.rehearsal.instance import create_instance, workflow_info
from worker.rehearsal.quiet import quiet

MAX_STEPS = 100_000


class VirtualRun:
    """One workflow execution in virtual time.

    Its ids, its random seed and the order of all that happens follow from the arguments, so the same input
    gives the same run. Activities take no virtual time. Of things due at the same instant those planned with
    `at` go before timers and retries, then the order of planning holds; signals, updates and results of
    activities come one by one, each in a workflow task of its own, before anything else at that instant. A
    workflow that continues as new goes on with a run id of its own on the same clock.

    Args:
        workflow_class: a class with `@workflow.defn`.
        argument: the argument of its run method; ignored if that takes none.
        start: where the clock begins, any aware datetime.
        workflow_id: the workflow's id.
        activities: bound methods with `@activity.defn`, found by their definition's name.
        search_attributes: what the workflow is started with.
        data_converter: its payload and failure converters are used; its codec is not, for nothing is stored.
        max_steps: how many things may happen before the run counts as stuck.
        agenda: shared with other runs, which then live on one clock; one of its own if not given.
        portable: at every wait it continues as new, so that `leave` finds it where another server can take it on.

    Raises:
        ValueError: `start` is naive, or a definition is wrong.
    """

    def __init__(
        self,
        workflow_class: type,
        argument: object,
        *,
        start: datetime,
        workflow_id: str,
        activities: Sequence[Callable[..., Awaitable[Any]]],
        search_attributes: TypedSearchAttributes | None = None,
        data_converter: DataConverter = CONVERTER,
        max_steps: int = MAX_STEPS,
        agenda: Agenda | None = None,
        portable: bool = False,
    ) -> None:
        self._definition = workflow._Definition.must_from_class(workflow_class)  # noqa: SLF001 - no public way to a definition
        self._activities = ActivityRunner(activities, data_converter)
        self._workflow_id = workflow_id
        self._data_converter = data_converter
        self._payloads = data_converter.payload_converter
        self._failures = data_converter.failure_converter
        self._agenda = agenda or Agenda(start)
        self._portable = portable
        self._argument = argument
        self._steps_left = self._max_steps = max_steps
        self._numbers = itertools.count(1)  # of events, updates and queries
        self._info: workflow.Info | None = None
        self._instance: WorkflowInstance | None = None  # of the current run, if there is one
        self._undelivered: list[WorkflowActivationJob] = []  # came between two runs
        self._timers: dict[int, Due] = {}
        self._open: dict[int, ScheduledActivity] = {}
        self._updates: dict[str, tuple[asyncio.Future[object], type | None]] = {}
        self._cancel_reason: str | None = None
        self._last_failure = ""
        self._closed = False
        self._result: Payload | None = None
        self._error: RehearsalError | None = None
        arguments = [] if self._definition.arg_types == [] else self._payloads.to_payloads([argument])
        attributes = SearchAttributes()
        encode_search_attributes(search_attributes or TypedSearchAttributes.empty, attributes)
        self._agenda.soon(Due(lambda: self._begin(arguments, attributes)))

    @property
    def now(self) -> datetime:
        """The virtual instant, UTC."""
        return self._agenda.now

    @property
    def closed(self) -> bool:
        """Whether the workflow is over, whichever way."""
        return self._closed

    @property
    def search_attributes(self) -> TypedSearchAttributes:
        """The workflow's search attributes as they are now."""
        return self._info.typed_search_attributes if self._info else TypedSearchAttributes.empty

    def at(self, when: datetime, action: Callable[[], Awaitable[None] | None]) -> None:
        """Have something done from outside at a virtual instant; never, if the workflow is over by then.

        Raises:
            ValueError: `when` is naive or past.
        """
        self._agenda.at(when, Rank.OUTSIDE, Due(action))

    def signal(self, name: str, *args: object) -> None:
        """Send a signal now, from an action or an activity; lost if the workflow is over by its turn."""
        job = SignalWorkflow(signal_name=name, input=self._payloads.to_payloads(args))
        job.originating_event_id = next(self._numbers)
        self._deliver(WorkflowActivationJob(signal_workflow=job))

    def cancel(self, reason: str) -> None:
        """Ask the workflow to cancel, now; a second request changes nothing."""
        self._deliver(WorkflowActivationJob(cancel_workflow=CancelWorkflow(reason=reason)))

    def update(self, name: str, *args: object) -> asyncio.Future[object]:
        """Send an update now, from an action or an activity.

        Returns:
            A future of its answer, not to be awaited there; cancelled if the run ends without one.
        """
        answer = asyncio.get_running_loop().create_future()
        key = f"update-{next(self._numbers)}"
        definition = self._definition.updates.get(name)
        self._updates[key] = (answer, definition.ret_type if definition else None)
        job = DoUpdate(id=key, protocol_instance_id=key, name=name, run_validator=True)
        job.input.extend(self._payloads.to_payloads(args))
        self._deliver(WorkflowActivationJob(do_update=job))
        return answer

    def query(self, name: str, *args: object) -> object:
        """Ask the workflow a query at once, while it runs.

        Raises:
            RuntimeError: the workflow has not begun, or is over.
            temporalio.exceptions.FailureError: the query failed.
        """
        if self._instance is None:
            raise RuntimeError("the workflow is not running")
        job = QueryWorkflow(query_id="query", query_type=name, arguments=self._payloads.to_payloads(args))
        answer = self._activate(WorkflowActivationJob(query_workflow=job))[0].respond_to_query
        if answer.HasField("failed"):
            raise self._failures.from_failure(answer.failed, self._payloads)
        definition = self._definition.queries.get(name)
        return self._decode(answer.succeeded.response, definition.ret_type if definition else None)

    async def run(self) -> object:
        """Run the workflow to its end.

        Returns:
            The workflow's result, of the type that its run method is annotated with.

        Raises:
            WorkflowFailedError: the workflow failed.
            RunCancelled: it ended as cancelled.
            StuckError: nothing is left that could happen, or too much did, and it is open.
            WorkflowBugError: its code raised.
            UnsupportedCommandError: it needs a server.
        """
        with quiet():
            try:
                while not self._closed:
                    await self._step()
            finally:
                self._closed = True
                for answer, _ in self._updates.values():
                    answer.cancel()
                self._evict()
        if self._error:
            raise self._error
        return None if self._result is None else self._decode(self._result, self._definition.ret_type)

    def leave(self) -> object:
        """Leave the workflow where it stands, if somebody else has kept the shared agenda going.

        Returns:
            The argument with which it goes on elsewhere; None where it is over.

        Raises:
            WorkflowFailedError: it has failed.
        """
        self._evict()
        if isinstance(self._error, WorkflowFailedError):
            raise self._error
        return None if self._closed else self._argument

    async def _step(self) -> None:
        if not self._steps_left:
            why = f"still open after {self._max_steps} steps; last failure: {self._last_failure or 'none'}"
            raise StuckError(why, self.now)
        self._steps_left -= 1
        due = self._agenda.next()
        if due is None:
            raise StuckError("nothing is left that could happen and the workflow is open", self.now)
        done = due.do()
        if inspect.isawaitable(done):
            await done

    def _begin(self, arguments: Iterable[Payload], attributes: SearchAttributes) -> None:
        name = self._definition.name or ""
        self._info = workflow_info(name, self._workflow_id, self._info, now=self.now, attributes=attributes)
        self._instance = create_instance(self._definition, self._info, self._data_converter)
        job = InitializeWorkflow(workflow_type=self._info.workflow_type, workflow_id=self._workflow_id)
        job.arguments.extend(arguments)
        waiting, self._undelivered = self._undelivered, []
        self._advance(WorkflowActivationJob(initialize_workflow=job))
        for late in waiting:
            self._deliver(late)

    def _deliver(self, job: WorkflowActivationJob) -> None:
        self._agenda.soon(Due(lambda: self._advance(job)))

    def _advance(self, job: WorkflowActivationJob) -> None:
        """Run one workflow task and do what it asks for."""
        if self._instance is None:
            self._undelivered.append(job)
            return
        if job.HasField("cancel_workflow"):
            if self._cancel_reason is not None:
                return
            self._cancel_reason = job.cancel_workflow.reason
        for command in self._activate(job):
            # Of what follows the end of a run a server keeps the answers only.
            if command.HasField("update_response") or not (self._closed or self._instance is None):
                self._obey(command)

    def _activate(self, job: WorkflowActivationJob) -> Sequence[WorkflowCommand]:
        assert self._info  # noqa: S101 - its callers checked
        assert self._instance  # noqa: S101 - as above
        activation = WorkflowActivation(run_id=self._info.run_id, jobs=[job])
        activation.timestamp.FromDatetime(self.now)
        activation.history_length = next(self._numbers)
        activation.continue_as_new_suggested = self._portable
        loop = asyncio.get_running_loop()
        try:
            completion = self._instance.activate(activation)
        finally:
            asyncio._set_running_loop(loop)  # noqa: SLF001 - the instance is a loop of its own and leaves none behind
        if completion.HasField("failed"):
            raise WorkflowBugError(traceback_text(completion.failed.failure))
        return completion.successful.commands

    def _obey(self, command: WorkflowCommand) -> None:
        assert self._info  # noqa: S101 - there was an activation
        match command.WhichOneof("variant"):
            case "start_timer":
                seq = command.start_timer.seq
                # The SDK made a float of the duration and truncated it to nanoseconds.
                nanoseconds = command.start_timer.start_to_fire_timeout.ToNanoseconds()
                delay = timedelta(microseconds=(nanoseconds + 500) // 1000)
                self._timers[seq] = due = Due(lambda: self._fire(seq), owner=self._info.run_id)
                self._agenda.after(delay, Rank.INSIDE, due)
            case "cancel_timer":
                self._timers.pop(command.cancel_timer.seq).called_off = True
            case "schedule_activity" | "schedule_local_activity" as kind:
                self._schedule(getattr(command, kind), local=kind == "schedule_local_activity")
            case "request_cancel_activity" | "request_cancel_local_activity" as kind:
                self._cancel_activity(getattr(command, kind).seq)
            case "update_response":
                self._answer(command.update_response)
            case "complete_workflow_execution":
                self._closed, self._result = True, command.complete_workflow_execution.result
            case "fail_workflow_execution":
                failure = command.fail_workflow_execution.failure
                cause = self._failures.from_failure(failure, self._payloads)
                self._closed, self._error = True, WorkflowFailedError(str(cause))
                self._error.__cause__ = cause
            case "cancel_workflow_execution":
                self._closed, self._error = True, RunCancelled(self._cancel_reason or "")
            case "continue_as_new_workflow_execution":
                self._continue(command.continue_as_new_workflow_execution)
            case "set_patch_marker" | "upsert_workflow_search_attributes" | "modify_workflow_properties":
                pass  # the SDK keeps them for the workflow, nobody else looks
            case kind:
                raise UnsupportedCommandError(f"needs a server: {kind}")

    def _fire(self, seq: int) -> None:
        del self._timers[seq]
        self._advance(WorkflowActivationJob(fire_timer=FireTimer(seq=seq)))

    def _schedule(self, command: ScheduleActivity | ScheduleLocalActivity, *, local: bool) -> None:
        assert self._info  # noqa: S101 - a run scheduled it
        given = command.HasField("retry_policy")
        policy = RetryPolicy.from_proto(command.retry_policy) if given else RetryPolicy()
        info = describe(
            self._info,
            activity_id=command.activity_id,
            name=command.activity_type,
            now=self.now,
            timeouts={
                field.name: value.ToTimedelta()
                for field, value in command.ListFields()
                if field.name.endswith("_timeout")
            },
            policy=policy,
            local=local,
        )
        due = Due(lambda: self._attempt(scheduled), owner=self._info.run_id)
        scheduled = ScheduledActivity(command.seq, due, info, command.arguments, policy)
        scheduled.abandoned = command.cancellation_type == ActivityCancellationType.ABANDON
        self._open[command.seq] = scheduled
        self._agenda.soon(due)

    async def _attempt(self, scheduled: ScheduledActivity) -> None:
        outcome = await self._activities.attempt(scheduled)
        if isinstance(outcome, Payload):
            success = activity_result.Success(result=outcome)
            self._resolve(scheduled, activity_result.ActivityResolution(completed=success))
            return
        self._last_failure = f"{scheduled.info.activity_type}: {outcome.message}"
        end = scheduled.fail(outcome, self.now)
        if end:
            failed = activity_result.Failure(failure=end)
            self._resolve(scheduled, activity_result.ActivityResolution(failed=failed))
        else:
            self._agenda.at(scheduled.info.started_time, Rank.INSIDE, scheduled.due)

    def _cancel_activity(self, seq: int) -> None:
        scheduled = self._open.get(seq)
        if scheduled is None:
            return  # its result is on the way
        # It is between two attempts or before the first, so both ways of waiting for it end here.
        scheduled.due.called_off = not scheduled.abandoned
        cancelled = activity_result.Cancellation(failure=activity_cancelled(scheduled.info))
        self._resolve(scheduled, activity_result.ActivityResolution(cancelled=cancelled))

    def _resolve(self, scheduled: ScheduledActivity, result: activity_result.ActivityResolution) -> None:
        if self._open.pop(scheduled.seq, None):  # or it was abandoned
            job = ResolveActivity(seq=scheduled.seq, result=result, is_local=scheduled.info.is_local)
            act = WorkflowActivationJob(resolve_activity=job)
            self._agenda.soon(Due(lambda: self._advance(act), owner=scheduled.due.owner))

    def _answer(self, response: UpdateResponse) -> None:
        if response.HasField("accepted"):
            return
        answer, result_type = self._updates.pop(response.protocol_instance_id)
        if response.HasField("rejected"):
            answer.set_exception(self._failures.from_failure(response.rejected, self._payloads))
            answer.exception()  # an answer that nobody reads is no error
        else:
            answer.set_result(self._decode(response.completed, result_type))

    def _continue(self, command: ContinueAsNewWorkflowExecution) -> None:
        assert self._info  # noqa: S101 - a run continues
        if command.workflow_type not in {"", self._definition.name}:
            raise UnsupportedCommandError(f"continues as another workflow: {command.workflow_type}")
        attributes = SearchAttributes()
        encode_search_attributes(self._info.typed_search_attributes, attributes)
        if command.HasField("search_attributes"):
            attributes = command.search_attributes
        if command.arguments:
            self._argument = self._payloads.from_payloads(command.arguments, self._definition.arg_types)[0]
        self._agenda.call_off(self._info.run_id)
        self._timers.clear()
        self._open.clear()
        self._cancel_reason = None
        self._evict()
        begin = Due(lambda: self._begin(command.arguments, attributes))
        if command.HasField("backoff_start_interval"):
            self._agenda.after(command.backoff_start_interval.ToTimedelta(), Rank.INSIDE, begin)
        else:
            self._agenda.soon(begin)

    def _evict(self) -> None:
        """Unwind the workflow's coroutines, as a worker does: as garbage they could wake anywhere."""
        if self._instance is None:
            return
        try:
            self._activate(WorkflowActivationJob(remove_from_cache=RemoveFromCache()))
        except RuntimeError as error:
            raise WorkflowBugError(f"a coroutine of the workflow goes on when cancelled: {error}") from error
        finally:
            self._instance = None

    def _decode(self, payload: Payload, result_type: type | None) -> object:
        hints = [result_type] if result_type else None
        return self._payloads.from_payloads([payload], hints)[0]
