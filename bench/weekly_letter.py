"""A journey with many messages: those of the product send four at most, and the population is to have five for each."""

from datetime import timedelta

from temporalio import workflow

from workflows.journey import EMAIL, Enrollment, Journey, On, Outcome, Parameter, ProfileHas, SendWindow

LETTERS = 12


@workflow.defn(name="weekly-letter")
class WeeklyLetter(Journey):
    """Writes every week, whatever happens."""

    trigger = On("account.registered")
    send_window = SendWindow("09:00", "21:00")
    complete = ProfileHas("first_name", "last_name")
    goal = complete
    pause = Parameter(timedelta(days=7), "time between two letters")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        """Write and wait."""
        written = 0
        while written < LETTERS:
            await self.until_open(self.send_window)
            await self.send(EMAIL, "complete-your-account")
            await self.wait(self.pause, why="a week")
            written += 1
        return self.end("told everything")
