"""How journeys are run: each journey file in the SDK's sandbox, what they stand on outside it.

Everything that runs or replays journeys takes its runner from here.
"""

from typing import Any
from weakref import WeakSet

from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

# Pure and deterministic, and checked by tests to be so; loading them anew for each journey costs about
# 20 ms a workflow. `activities` are the contracts; the sandbox proxies of `zoneinfo` do not work (SDK 1.35).
OUTSIDE = ("activities", "workflows.journey", "workflows.send_window")

_PREPARED = WeakSet[type]()


class _WithoutContexts(WorkflowInstance):
    """A workflow whose payloads are not asked where they belong.

    Neither our converter nor our codec looks at it, and no payload of ours is stored outside of Temporal. The SDK would
    ask inside the sandbox, twice for each of some sixty payloads of a journey, on the worker's event loop.
    """

    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance

    def get_serialization_context(self, command_info: object) -> None:  # noqa: ARG002 - the SDK's signature
        return None

    def get_external_store_context(self, command_info: object) -> Any:  # noqa: ARG002 - the SDK's signature
        return None  # heeded only where there is external storage

    def activate(self, act: Any) -> Any:
        return self._instance.activate(act)

    def get_info(self) -> workflow.Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()


class _JourneyRunner(SandboxedWorkflowRunner):
    """Tries each journey in the sandbox once a process, not once a worker or replayer: that takes 20 ms a journey."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _WithoutContexts(super().create_instance(det))

    def prepare_workflow(self, defn: workflow._Definition) -> None:
        if defn.cls not in _PREPARED:
            super().prepare_workflow(defn)
            _PREPARED.add(defn.cls)


def journey_runner() -> WorkflowRunner:
    """The runner for workers and replayers."""
    return _JourneyRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*OUTSIDE))


def bare_runner() -> WorkflowRunner:
    """Without the sandbox; for measurements only."""
    return UnsandboxedWorkflowRunner()
