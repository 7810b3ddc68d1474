"""Points and a welcome for every new member of the loyalty programme.

A customer signs up at the shop, the shop's software builds the profile here and fires `platform.user.created`. An
economy rule issues points for it, and a message made of the profile and those points goes, at once and signed, to the
client's own messaging provider, which welcomes the customer. What it says is agreed upon with the client:
`docs/contracts/member-welcome.json`.

Where the seed is silent: membership is a service, so a member who wants no marketing gets points and welcome, too; a
welcome goes out even where a cap left no points; a name that is not known is null, and the provider has words without
it. The points stay with the member whatever becomes of the message.
"""

from datetime import timedelta

from temporalio import workflow

from workflows.journey import (
    Cap,
    Earn,
    EconomyRules,
    Enrollment,
    From,
    Goal,
    Journey,
    On,
    Outcome,
    Parameter,
    Reentry,
    Secret,
    Webhook,
)

SIGNED_UP = "platform.user.created"


@workflow.defn(name="member-welcome")
class MemberWelcome(Journey):
    trigger = On(SIGNED_UP)
    reentry = Reentry.NEVER
    ends_on_opt_out = False
    goal = Goal("order.completed", "a first order as a member")

    points = Parameter(250, "how many points joining brings")
    most = Parameter(250, "the most that one customer ever gets for joining")
    provider = Parameter("mailbox:member-welcome", "https address of the messaging provider; the mailbox keeps it all")
    template = Parameter("member-welcome", "which of the provider's templates it uses")
    conversion_window = Parameter(timedelta(days=30), "how long after joining a first order counts")

    economy = EconomyRules(Earn(SIGNED_UP, points, caps=(Cap(most),)))
    welcome = Webhook(
        provider,
        body={
            "type": "member.welcome",
            "timestamp": From("occurred_at"),
            "data": {
                "customer_id": From("customer_id"),
                "first_name": From("first_name"),
                "last_name": From("last_name"),
                "points_issued": From("points.issued"),
                "balance": From("points.balance"),
                "template": From("template"),
            },
        },
        signed_with=Secret("MEMBER_WELCOME"),
        deduplicates=True,
        contract="member-welcome",
    )

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        issued = await self.earn(SIGNED_UP)
        welcomed = await self.call_webhook(self.welcome, hands_over=issued, template=self.template)
        if not welcomed:
            return self.end("not welcomed", welcomed.reason)
        return self.end("welcomed" if issued else "welcomed without points")
