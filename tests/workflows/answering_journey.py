"""A journey for tests: it asks about an order, waits for the answer, and hands a code over for it."""

from datetime import timedelta

from temporalio import workflow

from workflows.journey import (
    EMAIL,
    SMS,
    Enrollment,
    Event,
    Journey,
    On,
    Outcome,
    Parameter,
    ProfileHas,
    Promise,
    Property,
    Reentry,
    Reward,
)


@workflow.defn(name="order-answer")
class OrderAnswer(Journey):
    """One path for whoever answers in time, another one for whoever does not."""

    trigger = On("order.completed")
    reentry = Reentry.per("orderId")
    exit_on = Event("order.cancelled", where=Property("orderId").same_as_trigger("orderId"))
    answered = Event("order.answered", where=Property("orderId").same_as_trigger("orderId"), keeps=("word",))
    goal = ProfileHas("first_name", "last_name")

    patience = Parameter(timedelta(days=1), "time to answer")
    voucher = Parameter("loyalty-discount", "design of the voucher")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        promise = Promise(Reward.VOUCHER, self.patience.total_seconds(), design=self.voucher)
        await self.send(EMAIL, "order-reminder", promise=promise)
        answer = await self.wait_for(self.answered, within=self.patience, why="time to answer")
        if answer is None:
            await self.send(EMAIL, "complete-your-account")
            return self.end("no answer")
        code = await self.assign_voucher(self.voucher)
        await self.send(EMAIL, "loyalty-discount", hands_over=code)
        return self.end("answered", answer.properties.get("word", ""))


@workflow.defn(name="order-race")
class OrderRace(Journey):
    """Nothing but a wait, and a message on either path: for many at once."""

    trigger = On("order.completed")
    answered = Event("order.answered", where=Property("orderId").same_as_trigger("orderId"))
    patience = Parameter(timedelta(days=1), "time to answer")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        answer = await self.wait_for(self.answered, within=self.patience, why="time to answer")
        await self.send(SMS if answer else EMAIL, "complete-your-account")
        return self.end("answered" if answer else "no answer")


@workflow.defn(name="second-order")
class SecondOrder(Journey):
    """What customers do decides: after a first order, wait for a second one, and write only if none comes.

    An example of a step on behaviour (seed 3: "one which responds to your customers' behavior and purchase
    activity"): `wait_for` is the wait and the check in one. It listens for the very event that enrolled the customer,
    with another order's id, so the order that began it does not count.
    """

    trigger = On("order.completed", where=Property("total").at_least(20))
    reentry = Reentry.per("orderId")
    exit_on = Event("order.cancelled", where=Property("orderId").same_as_trigger("orderId"))
    ordered_again = Event(
        "order.completed", where=~Property("orderId").same_as_trigger("orderId") & Property("total").at_least(20)
    )
    goal = ProfileHas("first_name", "last_name")

    patience = Parameter(timedelta(days=14), "time to order again unprompted")
    thinking_time = Parameter(timedelta(days=7), "time to order after we wrote")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        if await self.wait_for(self.ordered_again, within=self.patience, why="time to order again"):
            return self.end("ordered unprompted")
        await self.send(EMAIL, "complete-your-account")
        if await self.wait_for(self.ordered_again, within=self.thinking_time, why="time to order after we wrote"):
            return self.end("ordered after we wrote")
        return self.end("did not order")


@workflow.defn(name="preferred-way")
class PreferredWay(Journey):
    """Writes where the customer likes it best."""

    trigger = On("account.registered")
    goal = ProfileHas("last_name")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        channel = await self.first_reachable(EMAIL, SMS, prefer_stored=True)
        if channel is None:
            return self.end("unreachable")
        await self.send(channel, "complete-your-account")
        return self.end(f"by {channel}")
