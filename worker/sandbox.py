"""How journeys are run: each journey file in the SDK's sandbox, what they stand on outside it.

Everything that runs or replays journeys takes its runner from here.
"""

from weakref import WeakSet

from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

# Pure and deterministic, and checked by tests to be so; loading them anew for each journey costs about
# 20 ms a workflow. `activities` are the contracts; the sandbox proxies of `zoneinfo` do not work (SDK 1.35).
OUTSIDE = ("activities", "workflows.journey", "workflows.send_window")

_PREPARED = WeakSet[type]()


class _JourneyRunner(SandboxedWorkflowRunner):
    """Tries each journey in the sandbox once a process, not once a worker or replayer: that takes 20 ms a journey."""

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
