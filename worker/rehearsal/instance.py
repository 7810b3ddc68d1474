"""The SDK's workflow instance, made as its worker makes one."""

import uuid
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.api.common.v1 import Payloads, SearchAttributes
from temporalio.common import MetricMeter, Priority
from temporalio.converter import DataConverter, decode_search_attributes, decode_typed_search_attributes
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails
from temporalio.workflow import _Definition as WorkflowDefinition


def workflow_info(
    workflow_type: str,
    workflow_id: str,
    previous: workflow.Info | None,
    *,
    now: datetime,
    attributes: SearchAttributes,
) -> workflow.Info:
    """What a run can ask for with `workflow.info()`.

    Args:
        workflow_type: the workflow's name.
        workflow_id: its id.
        previous: the run that this one continues, if any; together they fix the run id.
        now: when it begins, UTC.
        attributes: what it is started with.
    """
    run_id = str(uuid.uuid5(uuid.UUID(previous.run_id) if previous else uuid.NAMESPACE_OID, workflow_id))
    return workflow.Info(
        attempt=1,
        continued_run_id=previous.run_id if previous else None,
        cron_schedule=None,
        execution_timeout=None,
        first_execution_run_id=previous.first_execution_run_id if previous else run_id,
        headers={},
        namespace="default",
        original_execution_run_id=run_id,
        parent=None,
        root=None,
        priority=Priority.default,
        raw_memo={},
        retry_policy=None,
        run_id=run_id,
        run_timeout=None,
        search_attributes=decode_search_attributes(attributes),
        start_time=now,
        task_queue="rehearsal",
        task_timeout=timedelta(seconds=10),
        typed_search_attributes=decode_typed_search_attributes(attributes),
        workflow_id=workflow_id,
        workflow_start_time=now,
        workflow_type=workflow_type,
    )


def create_instance(
    definition: WorkflowDefinition, info: workflow.Info, data_converter: DataConverter
) -> WorkflowInstance:
    """An instance that waits for its first activation; its random seed follows from the run id."""
    return UnsandboxedWorkflowRunner().create_instance(
        WorkflowInstanceDetails(
            payload_converter_factory=lambda: data_converter.payload_converter,
            failure_converter_class=data_converter.failure_converter_class,
            interceptor_classes=[],
            defn=definition,
            info=info,
            randomness_seed=random_seed(info.run_id),
            extern_functions={
                "__temporal_get_metric_meter": lambda: MetricMeter.noop,
                "__temporal_assert_local_activity_valid": lambda _name: None,
            },
            disable_eager_activity_execution=True,
            worker_level_failure_exception_types=[],
            patch_activation_callback=None,
            last_completion_result=Payloads(),
            last_failure=None,
        )
    )


def random_seed(run_id: str) -> int:
    """The seed of `workflow.random()`: the run id's first 64 bits."""
    return uuid.UUID(run_id).int >> 64
