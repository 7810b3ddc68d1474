"""Records the history of each branch: `python -m tests.histories.record [JOURNEY/BRANCH ...]`, all if none is named.

Only for new branches: a history that no longer replays says that customers who are inside would be stuck.
"""

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio.testing import WorkflowEnvironment

from activities.clock import JourneyClock
from tests.histories import path_of
from tests.scenarios import Branch, branches
from tests.system import System, as_scripted, running_system
from tests.temporal import skipping_server
from worker.processes.ending import end_in_order

# What replay does not read: it takes room, or tells of the machine it was recorded on.
LEFT_OUT = {
    "identity",
    "workerVersion",
    "requestId",
    "taskId",
    "meteringMetadata",
    "historySizeBytes",
    "stackTrace",
}


async def live(system: System, branch: Branch) -> str:
    """Live a branch to its end on a server that skips time; the enrollment's id."""
    assert system.environment is not None
    with system.environment.with_time_skipping_disabled():
        enrollment_id = await system.enter(branch)
    at = branch.scenario.start
    for happening in sorted(branch.scenario.then, key=lambda each: each.at):
        if not await system.forward(enrollment_id, happening.at - at):
            break
        at = happening.at
        await system.happen(enrollment_id, happening)
    await system.forward(enrollment_id, timedelta(days=60))
    await system.end(enrollment_id)
    return enrollment_id


async def record(branch: Branch, environment: WorkflowEnvironment, folder: Path) -> dict[str, Any]:
    """The history of one branch, as JSON.

    Raises:
        RuntimeError: the journey came to another end than the branch promises.
    """
    clock = JourneyClock(datetime.now(UTC), branch.scenario.start)
    async with running_system(
        environment.client,
        folder,
        environment=environment,
        clock=clock,
        **as_scripted(branch),
    ) as system:
        enrollment_id = await live(system, branch)
        outcome = system.row(enrollment_id).outcome
        if outcome != branch.outcome:
            raise RuntimeError(f"{branch} came to {outcome!r} instead of {branch.outcome!r}")
        history: dict[str, Any] = without_machine((await system.handle(enrollment_id).fetch_history()).to_json_dict())
        return history


def without_machine(document: Any) -> Any:
    """A document without the fields that tell of a machine."""
    if isinstance(document, dict):
        if document.get("kind") == "TASK_QUEUE_KIND_STICKY":  # named after the machine
            return {"kind": document["kind"]}
        return {key: without_machine(value) for key, value in document.items() if key not in LEFT_OUT}
    if isinstance(document, list):
        return [without_machine(each) for each in document]
    return document


async def main(names: list[str]) -> int:
    """Record and write."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)  # branches with failing providers are meant to fail
    wanted = [branch for branch in branches() if not names or str(branch) in names]
    async with skipping_server() as environment:
        for branch in wanted:
            with TemporaryDirectory() as folder:
                history = await record(branch, environment, Path(folder))
            path = path_of(str(branch))
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(history, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
            print(f"{path.stat().st_size:7} bytes  {branch}")  # noqa: T201 - a program of its own
    return 0 if wanted else 2


if __name__ == "__main__":
    end_in_order()
    sys.exit(asyncio.run(main(sys.argv[1:])))
