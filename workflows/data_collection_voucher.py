"""A voucher for every new customer who completes their profile.

Registration is brief; this journey collects the rest. It ends whenever a check finds the profile complete.
Otherwise the customer hears: please complete your account; complete it and get a voucher; the same once more
by text, if a phone is known. A profile completed in time earns the voucher, over the channel that promised it.

Where the seed is silent: a customer with a phone only gets the reminder and the promise by text, and no third
text; a reward follows only a promise that was sent; without a voucher in stock nothing is promised.
"""

from datetime import timedelta

from temporalio import workflow

from workflows.journey import (
    EMAIL,
    SMS,
    Channel,
    Enrollment,
    Journey,
    On,
    Outcome,
    Parameter,
    ProfileHas,
    Promise,
    Receipt,
    Reentry,
    Reward,
    SendWindow,
    Template,
)


@workflow.defn(name="data-collection-voucher")
class DataCollectionVoucher(Journey):
    trigger = On("account.registered")
    reentry = Reentry.NEVER
    topic = "offers"

    send_window = Parameter(SendWindow("09:00", "21:00"), "when messages may go out, on the customer's own clock")
    asked_for = Parameter(("first_name", "last_name", "email", "phone", "date_of_birth"), "a complete profile")
    first_wait = Parameter(timedelta(days=3), "time to complete the profile unprompted")
    reminder_wait = Parameter(timedelta(days=3), "time to act on the reminder")
    promise_wait = Parameter(timedelta(days=2), "time to earn the voucher")
    voucher = Parameter("profile-reward", "design of the voucher")
    reminder_message = Parameter(Template("complete-your-account"), "words of the reminder")
    offer_message = Parameter(Template("voucher-offer"), "words that promise the voucher")
    reward_message = Parameter(Template("your-voucher"), "words that bring the voucher")

    complete = ProfileHas(asked_for)
    goal = complete
    conversion_window = Parameter(timedelta(days=30), "how long after the registration a complete profile counts")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        if await self.check(self.complete):
            return self.end("complete at entry")
        await self.wait(self.first_wait, why="time to complete the profile unprompted")
        if await self.check(self.complete):
            return self.end("complete unprompted")

        await self.until_open(self.send_window)
        channel, reminder = await self.remind()
        if channel is None:
            return self.end("unreachable")
        await self.wait(self.reminder_wait, why="time to act on the reminder")
        if await self.check(self.complete):
            return self.end("complete after the reminder" if reminder else "complete unprompted")

        outcome = await self.offer(channel)
        if outcome is None and channel is EMAIL and await self.first_reachable(SMS):
            outcome = await self.offer(SMS)
        return outcome or self.end("not complete")

    async def remind(self) -> tuple[Channel | None, Receipt | None]:
        """Ask for the rest. Email is free, so it is tried first; an address refused for good counts as none."""
        while channel := await self.first_reachable(EMAIL, SMS):
            reminder = await self.send(channel, self.reminder_message)
            if not reminder.address_refused:
                return channel, reminder
        return None, None

    async def offer(self, channel: Channel) -> Outcome | None:
        """Promise a voucher, give time, and keep the promise over the same channel."""
        promised = await self.promise_voucher(channel)
        if promised.out_of_vouchers:
            return self.end("no voucher left")
        await self.wait(self.promise_wait, why=f"time to act on the {channel} offer")
        if not await self.check(self.complete):
            return None
        if not promised:
            return self.end("complete without a promise")
        voucher = await self.assign_voucher(self.voucher)
        if not voucher:
            return self.end("no voucher left")
        await self.send(channel, self.reward_message, hands_over=voucher)
        return self.end(f"rewarded by {channel}")

    async def promise_voucher(self, channel: Channel) -> Receipt:
        promise = Promise(Reward.VOUCHER, self.promise_wait.total_seconds(), design=self.voucher)
        return await self.send(channel, self.offer_message, promise=promise)
