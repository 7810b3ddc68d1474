"""The welcome journey beyond its scenarios: presses, clicks and retries on the real server."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, select
from temporalio.testing import WorkflowEnvironment

from activities.storage import confirmations, intake
from activities.storage.confirmations import Evidence
from activities.storage.intake import Event
from activities.storage.tables import Customer, Message, ProfileIncrease
from tests.workflows.entered import Entered, entered

SILENCE = "welcome/silence"


async def at_the_customer(journey: Entered, do: Callable[[Session, Customer], object]) -> None:
    """Something a page or a callback does for the customer, and the relay after it."""
    system = journey.system

    def transaction(session: Session) -> None:
        do(session, session.get_one(Customer, system.row(journey.id).customer_id))

    await system.database.write(transaction)
    await system.carry()


async def test_a_press_on_the_page_reaches_the_journey(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A customer presses the button on the page, twice even, and is promoted once, with thanks for confirming."""
    async with entered(server, tmp_path, SILENCE) as journey:
        await journey.forward(days=1)
        now = journey.system.clock.wall(await journey.now())
        evidence = Evidence("hash", "words", "ip", journey.id, "email")
        admission = journey.system.admission
        for _ in range(2):
            await at_the_customer(
                journey, lambda session, customer: confirmations.confirm(session, customer, evidence, admission, now)
            )
        await journey.forward(days=30)
        await journey.end()
        assert journey.ended_as == ("promoted", "")
        assert journey.sent == ["email welcome", "email promo-code"]
        promotion = journey.postbox.delivered[-1]
        assert "Thank you for confirming" in promotion.text
        increases = journey.system.database.read_now(lambda session: session.exec(select(ProfileIncrease.amount)).all())
        assert increases == [100]


async def test_a_click_in_the_welcome_counts_by_parameter(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A customer who followed a link of this very welcome is active; one of somebody else's counts for nobody."""
    async with entered(server, tmp_path, SILENCE, parameters={"interest": "clicked"}) as journey:
        await journey.forward(hours=1)
        now = journey.system.clock.wall(await journey.now())
        welcome = next(row for row in journey.ledger() if row.template == "welcome")

        def click(message_id: str) -> Callable[[Session, Customer], object]:
            event = Event(f"click/{message_id}", "message.clicked", None, {"message_id": message_id}, source="page")
            return lambda session, customer: intake.accept(session, event, customer, journey.system.admission, now)

        await at_the_customer(journey, click("msg_of_somebody_else"))
        await journey.forward(days=3)
        assert journey.sent == ["email welcome", "sms confirm-reminder"]
        await at_the_customer(journey, click(welcome.id))
        await journey.forward(days=30)
        await journey.end()
        assert journey.ended_as == ("promoted", "")


async def test_a_reset_welcomes_nobody_twice(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Staff who reset a finished journey in the Temporal UI send no message, points, code or call again."""
    async with entered(server, tmp_path, SILENCE) as journey:
        await journey.forward(days=1)
        messages, asked = journey.messages, len(journey.postbox.delivered)
        await journey.reset("a fix")
        await journey.forward(hours=1)
        assert journey.messages == messages
        assert len(journey.postbox.delivered) == asked
        rows = journey.system.database.read_now(lambda session: session.exec(select(Message.attempts)).all())
        assert rows == [1]


async def test_a_link_outlives_the_rounds(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Where a marketer makes the pauses longer than a week, the link in the welcome works until they are over."""
    async with entered(server, tmp_path, SILENCE, parameters={"pause": "P6D"}) as journey:
        await journey.forward(hours=1)
        [welcome] = journey.ledger()
        path = next(word for word in welcome.text.split() if "/confirm/" in word).partition("/confirm/")[2]
        start = journey.branch.scenario.start
        claim = journey.system.parts.links.read("confirm", path, start + timedelta(days=12))
        assert claim.enrollment_id == journey.id
