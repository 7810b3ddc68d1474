"""A welcome for every new customer, and a promotion for those who confirm their address.

The welcome email carries the link that confirms the address (double opt-in). After a pause, whoever has confirmed it
or, by parameter, opened or clicked the welcome is given loyalty points in the profile and a promo code, by email. For
the others: was an SMS sent? If not, they get one, the same pause, and the condition again; if so, the call centre is
told, once, and the result of its call decides. Nobody is greeted twice.

Where the seed is silent: no phone, or a text that failed, counts as tried, so nobody goes round for ever. The result
`confirmed` takes the confirmed path, `refused` opts the customer out, and anything else, or silence, ends the journey,
except for those who confirmed by themselves meanwhile. Who cannot be reached by email has nothing to confirm. A pending
opt-in holds back this journey's own promotion and nothing else.
"""

from datetime import timedelta
from enum import StrEnum

from temporalio import workflow

from workflows.journey import (
    EMAIL,
    SMS,
    ByParameter,
    Clicked,
    Enrollment,
    Event,
    From,
    Goal,
    Happened,
    Journey,
    On,
    Opened,
    Outcome,
    Parameter,
    Property,
    Reentry,
    SendWindow,
    Sent,
    Setting,
    Template,
    Webhook,
)

Source = StrEnum("Source", ["ANY", "MANUAL", "API", "IMPORT"])  # how a profile was captured
Interest = StrEnum("Interest", ["CONFIRMED", "OPENED", "CLICKED"])  # what tells an active recipient
CONTACT_DATA = ("customer_id", "first_name", "last_name", "phone", "email")


@workflow.defn(name="welcome")
class Welcome(Journey):
    source = Parameter(Source.ANY, "which new profiles come in: any, or those made by manual, api or import")
    interest = Parameter(Interest.CONFIRMED, "what makes active: confirmed, or the welcome opened or clicked")
    pause = Parameter(timedelta(days=2), "time to open a message and to confirm")
    send_window = Parameter(SendWindow("09:00", "21:00"), "when the promotion may go out, on the customer's own clock")
    loyalty_field = Parameter("loyalty", "number in the profile that grows for active recipients")
    loyalty_points = Parameter(100, "by how much")
    voucher = Parameter("welcome-promo", "design of the promo code")
    welcome_message = Parameter(Template("welcome"), "words of the welcome")
    reminder_message = Parameter(Template("confirm-reminder"), "words of the text that reminds")
    promotion_message = Parameter(Template("promo-code"), "words that bring the promo code")
    call_wait = Parameter(timedelta(days=7), "time for the call centre to call")
    call_centre_url = Parameter("mailbox:call-centre", "https address of the call centre; the mailbox keeps it all")
    conversion_window = Parameter(timedelta(days=30), "how long after the profile's creation a first order counts")

    trigger = On("profile.created", where=Setting(source).equals(Source.ANY) | Property("source").equals(source))
    reentry = Reentry.NEVER
    goal = Goal("order.completed", "a first order")
    topic = "offers"

    active = ByParameter(
        interest,
        confirmed=Happened("subscription.confirmed"),
        opened=Opened(welcome_message),
        clicked=Clicked(welcome_message),
    )
    reminded = Sent(reminder_message, SMS)
    called = Event("call.completed", keeps=("result",))
    call_centre = Webhook(
        call_centre_url,
        body={"reason": "address not confirmed", **{name: From(name) for name in CONTACT_DATA}},
    )

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        if not await self.first_reachable(EMAIL):
            return self.end("unreachable")
        await self.send(EMAIL, self.welcome_message, confirms_within=2 * self.pause)
        await self.wait(self.pause, why="time to open the welcome")
        while not await self.check(self.active):
            if await self.check(self.reminded):
                return await self.after_a_call()
            if not await self.send(SMS, self.reminder_message, confirms_within=self.pause):
                return await self.after_a_call()
            await self.wait(self.pause, why="time to act on the text")
        return await self.promote()

    async def promote(self) -> Outcome:
        """For active recipients."""
        await self.update_profile(self.loyalty_field, increase=self.loyalty_points)
        await self.until_open(self.send_window)
        code = await self.assign_voucher(self.voucher)
        if not code:
            return self.end("no promo code left")
        promoted = await self.send(EMAIL, self.promotion_message, hands_over=code)
        return self.end("promoted" if promoted else "not promoted", promoted.reason)

    async def after_a_call(self) -> Outcome:
        """Hand over to the call centre; what follows depends on the result of its call."""
        told = await self.call_webhook(self.call_centre)
        call = await self.wait_for(self.called, within=self.call_wait, why="a call") if told else None
        result = call.properties.get("result") if call else "silence"
        if result == "refused":
            await self.opt_out("call centre")
            return self.end("refused by phone")
        if result == "confirmed" or await self.check(self.active):
            return await self.promote()
        return self.end("not confirmed")
