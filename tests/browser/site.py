"""A running site with people in it, the browser that looks at it, and the pages that it has."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page
from sqlmodel import Session, select

from activities.clock import JourneyClock
from activities.storage import audit, journey_settings, staff
from activities.storage.links import Claim
from activities.storage.staff import Role
from activities.storage.tables import Customer, Enrollment, JourneySetting, Message
from api.console.frame import COOKIE
from tests.api.conftest import Server, running
from tests.chromium import needs_chromium
from worker.dev.population import read_population
from worker.dev.seeding import seed

NEEDS_CHROMIUM = needs_chromium("the pages were")
PATIENCE = 60_000  # milliseconds until a page has come; the first one brings the statistics with it
PEOPLE = 16
PASSWORD = "correct horse battery"
JOURNEY = "data-collection-voucher"

# By name; what stands in braces is an id of somebody or something there.
CONSOLE = {
    "journeys": "/console",
    "journey": f"/console/journeys/{JOURNEY}",
    "every-way": "/console/journeys/welcome?ways=all",
    "step": f"/console/journeys/{JOURNEY}/steps/time-to-complete-the-profile-unprompted",
    "parameters": f"/console/journeys/{JOURNEY}/parameters",
    "hold": f"/console/journeys/{JOURNEY}/hold",
    "customers": "/console/customers",
    "new-customer": "/console/customers/new",
    "customer": "/console/customers/{customer}",
    "newcomer": "/console/customers/{newcomer}",
    "change": "/console/customers/{newcomer}/profile",
    "erase": "/console/customers/{newcomer}/erase",
    "messages": "/console/messages",
    "message": "/console/messages/{message}",
    "vouchers": "/console/vouchers",
    "voucher": "/console/vouchers/profile-reward",
    "new-voucher": "/console/vouchers/new",
    "rehearsal": "/console/rehearsal",
    "stuck": "/console/stuck",
    "providers": "/console/providers",
    "imports": "/console/imports",
    "audit": "/console/audit",
    "staff": "/console/staff",
    "account": "/console/account",
}
CUSTOMERS = {
    "profile": "{profile}",
    "preferences": "{preferences}",
    "confirm": "{confirm}",
    "unsubscribe": "{unsubscribe}",
}
PAGES = {"sign-in": "/console/sign-in", **CONSOLE, **CUSTOMERS}


@dataclass(frozen=True)
class Site:
    """A running site and a browser.

    Attributes:
        server: the API.
        browser: Chromium.
        cookies: of members who are signed in; their login is the name of their role.
        names: what stands for the braces in `PAGES`.
    """

    server: Server
    browser: Browser
    cookies: Mapping[Role, str]
    names: Mapping[str, str]

    def path(self, name: str) -> str:
        """Where a page is, on the site."""
        return PAGES[name].format(**self.names)

    def address(self, name: str) -> str:
        """Where a page is."""
        return self.server.url + self.path(name)

    @asynccontextmanager
    async def visit(
        self, *, dark: bool = False, width: int = 1280, role: Role | None = Role.ADMIN
    ) -> AsyncIterator[Page]:
        """A window of somebody's own.

        Args:
            dark: their theme.
            width: of their screen, pixels.
            role: of the member who is signed in; None for nobody.
        """
        context: BrowserContext = await self.browser.new_context(
            color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900}
        )
        context.set_default_navigation_timeout(PATIENCE)
        try:
            await self.sign_in(context, role)
            yield await context.new_page()
        finally:
            await context.close()

    async def sign_in(self, context: BrowserContext, role: Role | None) -> None:
        """Make windows those of a member of that role, or of nobody."""
        await context.clear_cookies()
        if role is not None:
            await context.add_cookies([{"name": COOKIE, "value": self.cookies[role], "url": self.server.url}])

    def setting(self, journey: str) -> JourneySetting:
        """A journey's state and parameters as they are stored."""
        now = self.server.clocks.now()
        return self.server.rows(lambda session: journey_settings.setting(session, journey, now))

    def written_down(self, kind: str, id_: str) -> list[tuple[str, str, str]]:
        """What the audit log has about something, the latest first: who did what, and why."""
        found = self.server.rows(lambda session: audit.entries(session, subject=(kind, id_)))
        return [(entry.actor_name, entry.action, entry.why) for entry in found]


@asynccontextmanager
async def open_site(folder: Path, browser: Browser) -> AsyncIterator[Site]:
    """A site with a small simulated population, served until the block ends.

    Args:
        folder: for its database.
        browser: Chromium.
    """
    async with running(folder) as server:
        services = server.services
        await seed(
            str(services.database.url),
            read_population(),
            PEOPLE,
            clock=JourneyClock(),
            links=services.links,
            reachability=services.reachability,
            brand=services.brand,  # type: ignore[arg-type] # it is the brand that templates know
            now=datetime.now(UTC),
        )
        cookies = server.change(_members)
        server.change(_nobody_held_out)
        entered = await server.register(first_name="Nell", email="nell@example.com")
        names = server.rows(lambda session: _names(session, server, entered["enrollments"][0]["id"]))
        yield Site(server, browser, cookies, names)


def _members(session: Session) -> dict[Role, str]:
    """One of each role, signed in."""
    now, cookies = datetime.now(UTC), {}
    for role in Role:
        name = f"Robin {role.label.title()}"
        member = staff.add_member(session, role.label, name, role, PASSWORD, now, "Europe/Prague")
        cookies[role] = staff.sign_in(session, member.id, now)
    return cookies


def _nobody_held_out(session: Session) -> None:
    """From now on: whoever registers in a test is to enter."""
    journey_settings.set_holdout(session, JOURNEY, 0.0, datetime.now(UTC))


def _names(session: Session, server: Server, enrollment_id: str) -> dict[str, str]:
    """Somebody who got an email, their message, and somebody who has just entered, with the links that they get."""
    message = session.exec(
        select(Message).where(Message.channel == "email", Message.state == "accepted").order_by(Message.id)
    ).first()
    assert message is not None, "no message went out"
    newcomer = session.get_one(Customer, session.get_one(Enrollment, enrollment_id).customer_id)
    return {
        "message": message.id,
        "customer": message.customer_id,
        "newcomer": newcomer.id,
        **links_of(server, newcomer, enrollment_id),
    }


def links_of(server: Server, customer: Customer, enrollment_id: str) -> dict[str, str]:
    """The paths of a customer's own pages, as the emails of a journey have them."""
    links, until = server.services.links, datetime.now(UTC) + timedelta(days=7)
    id_, mark = customer.id, links.mark(customer.email or "")
    return {
        "profile": links.path("profile", Claim(id_, enrollment_id, "email"), until),
        "preferences": links.path("preferences", Claim(id_)),
        "confirm": links.path("confirm", Claim(id_, enrollment_id, "email", mark), until),
        "unsubscribe": links.path("unsubscribe", Claim(id_, enrollment_id, "email")),
    }
