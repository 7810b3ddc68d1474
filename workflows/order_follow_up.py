"""Thanks for a winter order, with a loyalty discount for customers who say what they like and how to reach them.

A completed order of something from the winter range, since the range became available, is answered by a thank-you
mail with a special offer: whoever records interests and a preferred channel on the page behind its link gets a code.
That choice arrives as `service.subscribed`, from the page or from the shop's own systems; its `serviceName` says which
of three paths follows: an email, a text, or a push message by webhook. Whoever does not answer within a week gets one
reminder and another week. A cancelled order removes its customer, at any moment. Each order is followed up once.

Where the seed is silent: `LoyaltyProgramme` alone means the stored channel, and email where there is none. A code that
certainly did not get through over the chosen one (no number, refused, opted out, no push) goes by email, failing that
by text: it was earned. Without a code to promise there is no mail. An answer just before the reminder still counts.
"""

from datetime import UTC, datetime, timedelta

from temporalio import workflow

from workflows.journey import (
    EMAIL,
    SMS,
    Enrollment,
    Event,
    From,
    Goal,
    Journey,
    On,
    Outcome,
    Parameter,
    Promise,
    Property,
    Receipt,
    Reentry,
    Reward,
    Secret,
    SendWindow,
    Template,
    Webhook,
)

RANGE_AVAILABLE_FROM = datetime(2026, 11, 1, tzinfo=UTC)
PATHS = {"LoyaltyProgrammeEmail": "email", "LoyaltyProgrammeSMS": "sms", "LoyaltyProgrammePush": "push"}


@workflow.defn(name="order-follow-up")
class OrderFollowUp(Journey):
    category = Parameter("Winter", "what the category of a product in the order contains")
    available_from = Parameter(RANGE_AVAILABLE_FROM, "since when the range is available: earlier orders do not enter")
    send_window = Parameter(SendWindow("09:00", "21:00"), "when messages may go out, on the customer's own clock")
    patience = Parameter(timedelta(days=7), "time to choose interests and a channel, each time we ask")
    voucher = Parameter("loyalty-discount", "design of the voucher")
    thanks_message = Parameter(Template("order-follow-up"), "words of the thanks")
    reminder_message = Parameter(Template("order-reminder"), "words of the reminder")
    discount_message = Parameter(Template("loyalty-discount"), "words that bring the discount")
    push_url = Parameter("mailbox:push", "https address of the push service; the mailbox keeps it all")
    conversion_window = Parameter(timedelta(days=30), "how long after the order a subscription counts")

    trigger = On(
        "order.completed",
        where=Property("products[].category").contains(category) & Property("completedOn").on_or_after(available_from),
    )
    reentry = Reentry.per("orderId")
    topic = "offers"
    exit_on = Event("order.cancelled", where=Property("orderId").same_as_trigger("orderId"))
    subscribed = Event(
        "service.subscribed",
        where=Property("serviceName").one_of(*PATHS, "LoyaltyProgramme"),
        keeps=("serviceName",),
    )
    goal = Goal("service.subscribed", "subscribed to the loyalty programme", where=subscribed.where)
    push = Webhook(
        push_url,
        headers={"Authorization": Secret("PUSH_TOKEN", prefix="Bearer ")},
        body={
            "customerId": From("customer_id"),
            "template": From("template"),
            "token": Secret("PUSH_TOKEN"),
            "code": From("voucher.code"),
            "validUntil": From("voucher.valid_until"),
            "interests": From("attributes.interests"),
            "orderId": From("event.orderId"),
        },
        marketing=True,
    )

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        await self.until_open(self.send_window)
        thanked = await self.ask(self.thanks_message)
        if not thanked:
            return self.end("no voucher left" if thanked.out_of_vouchers else "unreachable")
        answer = await self.wait_for(self.subscribed, within=self.patience, why="time to choose a channel")
        if answer is None:
            await self.until_open(self.send_window)
            if not await self.check(self.subscribed) and not await self.ask(self.reminder_message):
                return self.end("no answer")
            answer = await self.wait_for(self.subscribed, within=self.patience, why="time to act on the reminder")
        if answer is None:
            return self.end("no answer")
        return await self.discount_by(PATHS.get(answer.properties["serviceName"], self.facts.preferred_channel))

    async def ask(self, template: str) -> Receipt:
        """Promise the discount, and ask for interests and a channel."""
        promise = Promise(Reward.VOUCHER, self.patience.total_seconds(), design=self.voucher)
        return await self.send(EMAIL, template, promise=promise)

    async def discount_by(self, chosen: str) -> Outcome:
        """One of three paths, with one code and what fits the stored interests; failing that email, then a text."""
        await self.until_open(self.send_window)
        code = await self.assign_voucher(self.voucher)
        if not code:
            return self.end("no voucher left")
        if chosen == "push" and await self.call_webhook(self.push, hands_over=code, template="loyalty-discount"):
            return self.end("discount by push")
        if chosen == "sms" and await self.send(SMS, self.discount_message, hands_over=code):
            return self.end("discount by sms")
        if await self.send(EMAIL, self.discount_message, hands_over=code):
            return self.end("discount by email")
        if chosen != "sms" and await self.send(SMS, self.discount_message, hands_over=code):
            return self.end("discount by sms")
        return self.end("unreachable")
