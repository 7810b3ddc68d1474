"""What a mail server says of a mailbox is remembered like a provider's report: no callback will bring it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import Session, select
from temporalio.exceptions import ApplicationError

from activities.channels import EMAIL, SMS, Channel
from activities.gate.gate import UNAVAILABLE, MessageGate
from activities.gate.pacing import Pacing
from activities.messages import GateAnswer, Result, SendOrder
from activities.providers.smtp import SmtpProvider
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.places import ADDRESS_REFUSED
from activities.storage.soft_bounces import SOFT_BOUNCES
from activities.storage.tables import Suppression
from tests.activities.gate.desk import LIMITS, WORDING, PlainRenderer
from tests.activities.providers.mail_server import MailServer, a_mail_server
from tests.activities.storage.rows import NOON, add_customer, add_enrollment

LIMIT = 2
FULL = "452 4.2.2 mailbox full"
HALF_AN_HOUR = timedelta(minutes=30)


class Office:
    """A customer in three journeys, and a mail server that the gate really talks to."""

    def __init__(self, database: Database, server: MailServer) -> None:
        self.database = database
        self.server = server
        self.now = NOON
        reachability = Reachability("secret", soft_bounces=LIMIT)
        smtp = SmtpProvider(host="127.0.0.1", port=server.port, tls="none", sender="shop@example.com")
        self.gate = MessageGate(
            database, dict.fromkeys(Channel, smtp), PlainRenderer(), WORDING, reachability, pacing=Pacing()
        )

        def enter(session: Session) -> list[SendOrder]:
            customer = add_customer(session)
            ids = [add_enrollment(session, customer).id for _ in range(3)]
            return [SendOrder(each, "reminder", 1, 1, EMAIL, "reminder") for each in ids]

        self.orders = database.write_now(enter)

    async def ask(self, number: int) -> GateAnswer:
        """Send the email of a journey."""
        return await self.gate.send(self.orders[number], lambda: self.now)

    async def give_up(self, number: int) -> GateAnswer:
        """Send it for as long as we have patience."""
        with pytest.raises(ApplicationError, match=r"4\.2\.2"):
            await self.ask(number)
        self.now += LIMITS.patience + timedelta(days=1)
        return await self.ask(number)

    @property
    def reasons(self) -> list[str]:
        """Why addresses are not used."""
        return self.database.read_now(lambda session: [row.reason for row in session.exec(select(Suppression))])


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """With a server that takes everything at first."""
    async with a_mail_server() as server:
        yield Office(database, server)


async def test_an_address_without_a_mailbox_is_never_written_to_again(office: Office) -> None:
    """A customer whose mailbox does not exist is tried once, in one journey; the others hear of it and may text."""
    office.server.recipient = "550 5.1.1 no such user"
    answer = await office.ask(0)
    assert (answer.result, answer.reason, answer.facts.reachable) == (Result.FAILED, ADDRESS_REFUSED, (SMS,))
    assert office.reasons == [ADDRESS_REFUSED]
    assert (await office.ask(1)).result is Result.SUPPRESSED
    assert office.server.connections == 1


async def test_a_mailbox_that_stays_full_is_given_up_after_a_while(office: Office) -> None:
    """A customer whose mailbox is full for weeks is written to no more, and their journeys may text."""
    office.server.recipient = FULL
    first = await office.give_up(0)
    assert (first.result, first.reason, EMAIL in first.facts.reachable) == (Result.FAILED, UNAVAILABLE, True)
    second = await office.give_up(1)
    assert (second.result, second.facts.reachable) == (Result.FAILED, (SMS,))
    assert office.reasons == [SOFT_BOUNCES]
    assert (await office.ask(2)).result is Result.SUPPRESSED


async def test_a_mailbox_that_is_emptied_gets_what_waited(office: Office) -> None:
    """A customer who makes room within two days gets the email, and nothing is held against their address."""
    office.server.recipient = FULL
    with pytest.raises(ApplicationError) as waits:
        await office.ask(0)
    assert waits.value.next_retry_delay == HALF_AN_HOUR
    office.server.recipient = "250 2.1.5 fine"
    office.now += HALF_AN_HOUR
    assert (await office.ask(0)).result is Result.SENT
    assert office.reasons == []


async def test_a_server_that_is_busy_is_no_fault_of_the_mailbox(office: Office) -> None:
    """Whoever could not be written to since the server was busy for days is written to again."""
    office.server.recipient = "451 4.3.2 busy"
    for number in range(LIMIT):
        with pytest.raises(ApplicationError):
            await office.ask(number)
        office.now += LIMITS.patience + timedelta(days=1)
        assert (await office.ask(number)).reason == UNAVAILABLE
    assert office.reasons == []
