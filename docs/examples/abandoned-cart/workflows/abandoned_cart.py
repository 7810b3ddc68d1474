"""A reminder for customers who left a cart behind, and a code for those who need more than that.

A cart nobody has touched for four hours is abandoned. Its customer gets an email, in one of two tones, to see which
brings more of them back; a day later a text with a code. Whoever orders, whatever they order, hears nothing more.

Where the description was silent: a cart of less than £20 is left alone; a change of the cart starts the four hours
anew; whoever cannot be emailed gets the text without the day's wait.
"""

from datetime import timedelta

from temporalio import workflow

from workflows.journey import (
    EMAIL,
    SMS,
    Enrollment,
    Event,
    Goal,
    Journey,
    On,
    Outcome,
    Parameter,
    Property,
    Reentry,
    SendWindow,
    Split,
)


@workflow.defn(name="abandoned-cart")
class AbandonedCart(Journey):
    worth = Parameter(20, "what a cart must be worth")
    send_window = Parameter(SendWindow("09:00", "21:00"), "when messages may go out, on the customer's own clock")
    patience = Parameter(timedelta(hours=4), "time to come back unprompted")
    email_wait = Parameter(timedelta(days=1), "time to act on the email")
    voucher = Parameter("five-pounds-off", "design of the voucher in the text")

    trigger = On("cart.updated", where=Property("total").at_least(worth))
    reentry = Reentry.per("cartId")
    goal = Goal("order.completed", "an order")
    exit_on = Event("order.completed")
    updated = Event("cart.updated", where=Property("cartId").same_as_trigger("cartId"))
    tone = Split({"plain": 50, "cheerful": 50}, "which email brings more customers back")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        while await self.wait_for(self.updated, within=self.patience, why="time to come back unprompted"):
            pass  # still shopping

        await self.until_open(self.send_window)
        if await self.first_reachable(EMAIL):
            tone = await self.split(self.tone)
            if await self.send(EMAIL, f"cart-{tone}"):
                await self.wait(self.email_wait, why="time to act on the email")

        if not await self.first_reachable(SMS):
            return self.end("no phone")
        await self.until_open(self.send_window)
        code = await self.assign_voucher(self.voucher)
        if not code:
            return self.end("no code left")
        texted = await self.send(SMS, "cart-code", hands_over=code)
        return self.end("code sent" if texted else "code not sent", texted.reason)
