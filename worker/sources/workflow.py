"""The workflow of an import from a database: one activity, and what Temporal does for it.

It is no journey: it stands for a run of the machine, not for what happens to a customer.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from worker.sources.results import SourceRun

NAME = "import-from-source"
SILENCE = timedelta(minutes=1)  # after which another worker goes on
LONGEST = timedelta(days=1)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5), maximum_attempts=20)


@workflow.defn(name=NAME)
class ImportFromSource:
    """Takes in what has come to be in a database since the last time."""

    @workflow.run
    async def run(self, source: str) -> SourceRun:
        """Read a source to its end.

        Args:
            source: its name; what is read, and how far it was, stands in our database.
        """
        done: SourceRun = await workflow.execute_activity(
            NAME,
            source,
            result_type=SourceRun,
            summary=f"rows of {source}",
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENCE,
            retry_policy=RETRY,
        )
        return done
