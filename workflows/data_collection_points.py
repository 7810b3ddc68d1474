"""Points, or a voucher, for every new customer who completes their profile.

Registration is brief; this journey collects the rest, with a reward for hesitant customers. It ends whenever
a check finds the profile complete before anything was promised. The first message says what completing the
profile brings; a text repeats it, if a phone is known and was not used. A profile completed in time earns
the reward, over the channel that promised it.

Where the seed is at odds with itself: its title says points, its steps assign a voucher, so the reward is a
parameter. Where it is silent: the wait after the first message is three days, as the first one.
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


@workflow.defn(name="data-collection-points")
class DataCollectionPoints(Journey):
    trigger = On("account.registered")
    reentry = Reentry.NEVER
    topic = "points"

    send_window = Parameter(SendWindow("09:00", "21:00"), "when messages may go out, on the customer's own clock")
    asked_for = Parameter(("first_name", "last_name", "email", "phone", "date_of_birth"), "a complete profile")
    first_wait = Parameter(timedelta(days=3), "time to complete the profile unprompted")
    offer_wait = Parameter(timedelta(days=3), "time to act on the first message")
    last_wait = Parameter(timedelta(days=2), "time to act on the text")
    reward = Parameter(Reward.POINTS, "what a complete profile earns: points or voucher")
    points = Parameter(200, "how many points")
    voucher = Parameter("profile-reward", "design of the voucher")
    points_offer_message = Parameter(Template("points-offer"), "words that promise points")
    voucher_offer_message = Parameter(Template("voucher-offer"), "words that promise a voucher")
    points_message = Parameter(Template("points-added"), "words that tell of the points")
    voucher_message = Parameter(Template("your-voucher"), "words that bring the voucher")

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
        channel, promised = await self.first_offer()
        if channel is None or promised is None:
            return self.end("unreachable")
        outcome = await self.reward_after(channel, promised, self.offer_wait)
        if outcome is None and channel is EMAIL and await self.first_reachable(SMS):
            promised = await self.offer(SMS, self.last_wait)
            outcome = await self.reward_after(SMS, promised, self.last_wait)
        return outcome or self.end("not complete")

    async def first_offer(self) -> tuple[Channel | None, Receipt | None]:
        """Say what completing brings. Email is free, so it is tried first; a refused address counts as none."""
        while channel := await self.first_reachable(EMAIL, SMS):
            promised = await self.offer(channel, self.offer_wait)
            if not promised.address_refused:
                return channel, promised
        return None, None

    async def offer(self, channel: Channel, within: timedelta) -> Receipt:
        """Promise the reward."""
        promise = Promise(self.reward, within.total_seconds(), design=self.voucher, amount=self.points)
        offer = self.points_offer_message if self.reward is Reward.POINTS else self.voucher_offer_message
        return await self.send(channel, offer, promise=promise)

    async def reward_after(self, channel: Channel, promised: Receipt, within: timedelta) -> Outcome | None:
        """Give time, then keep the promise over the same channel."""
        if promised.out_of_vouchers:
            return self.end("no voucher left")
        await self.wait(within, why=f"time to act on the {channel} offer")
        if not await self.check(self.complete):
            return None
        if not promised:
            return self.end("complete without a promise")
        if self.reward is Reward.POINTS:
            template, reward = self.points_message, await self.award_points(self.points)
        else:
            template, reward = self.voucher_message, await self.assign_voucher(self.voucher)
            if not reward:
                return self.end("no voucher left")
        await self.send(channel, template, hands_over=reward)
        return self.end(f"rewarded by {channel}")
