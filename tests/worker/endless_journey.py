"""A journey that hangs, in a file of its own: the sandbox loads it without the tests."""

from temporalio import workflow


@workflow.defn(name="endless")
class Endless:
    """A journey whose code never comes to an end."""

    @workflow.run
    async def run(self) -> None:
        """Spin for ever."""
        while True:
            pass
