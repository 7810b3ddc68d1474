"""Temporal: whether it answers, knows what journeys set, and has workers that serve them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from worker.connection import TemporalUnreachableError, connect
from worker.dev.folder import temporal_beside
from worker.doctor.findings import Finding, failed, not_checked, ok, warning
from worker.payload_keys import data_converter
from worker.settings import Settings
from worker.stuck import count_stuck
from workflows.journey import search_attributes

SHORT_RETENTION = timedelta(days=7)
POLL = timedelta(seconds=60)  # a worker that has nothing to do is heard of so often
SKEW = timedelta(seconds=5)
KINDS = {"workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY}


async def examine_temporal(settings: Settings) -> AsyncIterator[Finding]:
    """Temporal, and what is going on in it.

    Args:
        settings: name the task queue.
    """
    try:
        client = await connect(data_converter(settings.encryption), otherwise=temporal_beside(settings))
    except TemporalUnreachableError as error:
        yield failed("temporal", str(error), "Registrations are kept meanwhile; journeys stand still.")
        return
    yield ok("temporal", f"answers at {client.service_client.config.target_host}")
    for look in (_namespace, _search_attributes, _workers, _stuck):
        try:
            async for finding in look(client, settings.task_queue):
                yield finding
        except RPCError as error:
            yield _refused(look.__name__.strip("_").replace("_", " "), error)


def _refused(check: str, error: RPCError) -> Finding:
    if error.status is RPCStatusCode.PERMISSION_DENIED:
        return not_checked(check, "this connection may not look at it")
    return failed(check, error.message, "See TEMPORAL_NAMESPACE and the server's own log.")


async def _namespace(client: Client, _task_queue: str) -> AsyncIterator[Finding]:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    described = await client.workflow_service.describe_namespace(request)
    retention = described.config.workflow_execution_retention_ttl.ToTimedelta()
    said = f"{client.namespace}, whose ended journeys are kept for {retention.total_seconds() / 3600:g} hours"
    if retention < SHORT_RETENTION:
        advice = "Support finds older ones in the timeline alone; raise the namespace's retention."
        yield warning("namespace", said, advice)
    else:
        yield ok("namespace", said)


async def _search_attributes(client: Client, _task_queue: str) -> AsyncIterator[Finding]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    listed = await client.operator_service.list_search_attributes(request)
    missing = sorted({key.name for key in search_attributes.ALL} - set(listed.custom_attributes))
    if missing:
        advice = "A worker registers them when it starts; on Temporal Cloud add them by hand."
        yield failed("search attributes", f"missing: {', '.join(missing)}", advice)
    else:
        yield ok("search attributes", "registered")


async def _workers(client: Client, task_queue: str) -> AsyncIterator[Finding]:
    newest: list[datetime] = []
    for name, kind in KINDS.items():
        pollers = await _pollers(client, task_queue, kind)
        if not pollers:
            advice = "Start `sojourn worker` with the same SOJOURN_TASK_QUEUE."
            yield failed(f"{name} workers", f"none serves task queue {task_queue}", advice)
            continue
        newest += [each.last_access_time.ToDatetime(UTC) for each in pollers]
        yield ok(f"{name} workers", f"{len({each.identity for each in pollers})} on task queue {task_queue}")
    if newest:
        yield _clock(max(newest) - datetime.now(UTC))
    else:
        yield not_checked("clock of Temporal", "it tells its time only by its workers")


async def _pollers(client: Client, task_queue: str, kind: "TaskQueueType.ValueType") -> list[PollerInfo]:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
    )
    return list((await client.workflow_service.describe_task_queue(request)).pollers)


def _clock(ahead: timedelta) -> Finding:
    """From when Temporal last heard of a worker: never in the future, and at most a poll ago."""
    if -POLL - SKEW <= ahead <= SKEW:
        return ok("clock of Temporal", "agrees with this machine's, to a minute")
    said = f"a worker polled {-ahead.total_seconds():.0f} s ago by this machine's clock"
    advice = "Either the workers hang, or the clocks differ: let both machines follow an NTP server."
    return warning("clock of Temporal", said, advice)


async def _stuck(client: Client, task_queue: str) -> AsyncIterator[Finding]:
    number = await count_stuck(client, task_queue)
    if number:
        yield warning("stuck journeys", str(number), "`sojourn stuck` says which and why.")
    else:
        yield ok("stuck journeys", "none")
