"""A journey for tests: a loop, moments on the customer's clock, and points."""

from datetime import timedelta

from temporalio import workflow

from workflows.journey import EMAIL, Enrollment, Journey, On, Outcome, Parameter, ProfileHas, SendWindow


@workflow.defn(name="three-reminders")
class ThreeReminders(Journey):
    """Reminds three times, whatever happens, and thanks twice."""

    trigger = On("account.registered")
    send_window = SendWindow("09:00", "21:00")
    complete = ProfileHas("first_name", "last_name")
    goal = complete
    pause = Parameter(timedelta(hours=4), "time to act on a reminder")
    moments = Parameter(True, "whether it waits for moments on the clock, too")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        reminded = 0
        while reminded < 3:
            await self.until_open(self.send_window)
            await self.send(EMAIL, "complete-your-account")
            await self.wait(self.pause, why="time to act")
            reminded += 1
        if self.moments:
            await self.wait_until(date="2027-01-01", time="10:00", why="a day gone by")
            await self.wait_until(weekday=0, time="10:00", why="monday morning")
            await self.wait_until(time="09:30", why="the next morning")
            await self.wait_until(date="2027-10-31", time="02:30", why="an hour that comes twice")
        await self.award_points(50)
        await self.award_points(25)
        return self.end("reminded")
