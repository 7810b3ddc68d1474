"""Journeys that do one thing each, for the fault suite: a message on every channel, and a call of either kind."""

from temporalio import workflow

from workflows.journey import (
    EMAIL,
    PUSH,
    SMS,
    Enrollment,
    From,
    Journey,
    On,
    Outcome,
    Parameter,
    Reentry,
    SendWindow,
    Webhook,
)

TEMPLATE = "complete-your-account"
DAYTIME = SendWindow("09:00", "21:00")
URL = "mailbox:calls"
ADDRESS = "where the call goes"
BODY = {"to": From("email")}


@workflow.defn(name="one-email")
class OneEmail(Journey):
    """An email."""

    trigger = On("account.registered")
    reentry = Reentry.NEVER
    send_window = DAYTIME

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        return self.end((await self.send(EMAIL, TEMPLATE)).result.value)


@workflow.defn(name="one-text")
class OneText(Journey):
    """A text."""

    trigger = On("account.registered")
    reentry = Reentry.NEVER
    send_window = DAYTIME

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        return self.end((await self.send(SMS, TEMPLATE)).result.value)


@workflow.defn(name="one-push")
class OnePush(Journey):
    """A push."""

    trigger = On("account.registered")
    reentry = Reentry.NEVER
    send_window = DAYTIME

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        return self.end((await self.send(PUSH, TEMPLATE)).result.value)


@workflow.defn(name="one-kept-call")
class OneKeptCall(Journey):
    """A call to a service that keeps our keys."""

    trigger = On("account.registered")
    reentry = Reentry.NEVER
    url = Parameter(URL, ADDRESS)
    hook = Webhook(url, body=BODY, deduplicates=True)

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        return self.end((await self.call_webhook(self.hook)).result.value)


@workflow.defn(name="one-plain-call")
class OnePlainCall(Journey):
    """A call to a service that promises nothing."""

    trigger = On("account.registered")
    reentry = Reentry.NEVER
    url = Parameter(URL, ADDRESS)
    hook = Webhook(url, body=BODY)

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - Temporal passes it
        return self.end((await self.call_webhook(self.hook)).result.value)


JOURNEYS: dict[str, type[Journey]] = {
    journey.name: journey for journey in (OneEmail, OneText, OnePush, OneKeptCall, OnePlainCall)
}
