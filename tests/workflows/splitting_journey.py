# ruff: noqa: ARG002 - `run` takes the enrollment because Temporal passes it
"""A journey that does nothing but split."""

from temporalio import workflow

from workflows.journey import Enrollment, Journey, On, Outcome, Split


@workflow.defn(name="toy-splitting")
class Splitting(Journey):
    """Asks the same split twice, with time between, and another one."""

    trigger = On("toy.began")
    subject_line = Split({"plain": 50, "cheerful": 50}, "which subject does better")
    reminder = Split({"yes": 50, "no": 50}, "whether a reminder does good")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """End as the arms say."""
        first = await self.split(self.subject_line)
        await self.wait(days=1, why="time to read")
        again = await self.split(self.subject_line)
        return self.end(f"{first} {again} {await self.split(self.reminder)}")
