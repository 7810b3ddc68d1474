"""A running API with people in it, the pages that it has, and what is wrong with how a page looks."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from sqlmodel import Session, col, select

from activities.clock import JourneyClock
from activities.storage import staff
from activities.storage.links import Claim
from activities.storage.tables import Customer, Enrollment, Message
from api.console.frame import COOKIE
from tests.api.conftest import Server, running
from worker.dev.population import read_population
from worker.dev.seeding import seed

CHROMIUM = shutil.which("chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
PEOPLE = 24
PASSWORD = "correct horse battery"
BAD = frozenset({"serious", "critical"})
SCROLLS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"

# By name; what stands in braces is an id of somebody or something there.
CONSOLE = {
    "journeys": "/console",
    "journey": "/console/journeys/data-collection-voucher",
    "parameters": "/console/journeys/data-collection-voucher/parameters",
    "hold": "/console/journeys/data-collection-voucher/hold",
    "customers": "/console/customers",
    "new-customer": "/console/customers/new",
    "customer": "/console/customers/{customer}",
    "erase": "/console/customers/{customer}/erase",
    "messages": "/console/messages",
    "message": "/console/messages/{message}",
    "vouchers": "/console/vouchers",
    "voucher": "/console/vouchers/profile-reward",
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
        cookie: of an admin who is signed in.
        names: what stands for the braces in `PAGES`.
    """

    server: Server
    browser: Browser
    cookie: str
    names: dict[str, str]

    def address(self, name: str) -> str:
        """Where a page is."""
        return self.server.url + PAGES[name].format(**self.names)

    @asynccontextmanager
    async def visit(self, *, dark: bool = False, width: int = 1280, signed_in: bool = True) -> AsyncIterator[Page]:
        """A page of somebody's own.

        Args:
            dark: their theme.
            width: of their screen, pixels.
            signed_in: as an admin.
        """
        context: BrowserContext = await self.browser.new_context(
            color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900}
        )
        try:
            if signed_in:  # the site is https to its visitors, so its own cookie would be marked as secure
                await context.add_cookies([{"name": COOKIE, "value": self.cookie, "url": self.server.url}])
            yield await context.new_page()
        finally:
            await context.close()


@asynccontextmanager
async def open_site(folder: Path) -> AsyncIterator[Site]:
    """A site with a small simulated population, served until the block ends.

    Args:
        folder: for its database.
    """
    async with running(folder) as server, async_playwright() as playwright:
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
        cookie, names = server.change(lambda session: _found(session, server))
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield Site(server, browser, cookie, names)
        finally:
            await browser.close()


def _found(session: Session, server: Server) -> tuple[str, dict[str, str]]:
    now = datetime.now(UTC)
    member = staff.add_member(session, "robin", "Robin Sample", staff.Role.ADMIN, PASSWORD, now, "Europe/Prague")
    inside = select(Enrollment).where(Enrollment.journey == "data-collection-voucher", Enrollment.state != "ended")
    incomplete = (
        select(Customer)
        .join(Enrollment)
        .where(col(Enrollment.id).in_(inside.with_only_columns(col(Enrollment.id))), col(Customer.email).is_not(None))
    )
    customer = session.exec(incomplete.order_by(Customer.id)).first()
    message = session.exec(select(Message).where(Message.channel == "email").order_by(Message.id)).first()
    assert customer is not None, "nobody is inside"
    assert message is not None, "no message went out"
    enrollment = session.exec(inside.where(Enrollment.customer_id == customer.id)).one()
    links, until = server.services.links, now + timedelta(days=7)
    mark = links.mark(customer.email or "")
    return staff.sign_in(session, member.id, now), {
        "customer": customer.id,
        "message": message.id,
        "profile": links.path("profile", Claim(customer.id, enrollment.id, "email"), until),
        "preferences": links.path("preferences", Claim(customer.id)),
        "confirm": links.path("confirm", Claim(customer.id, enrollment.id, "email", mark), until),
        "unsubscribe": links.path("unsubscribe", Claim(customer.id, "", "email")),
    }


async def faults(page: Page) -> list[str]:
    """What is wrong with a page that is open: sideways scroll, and what axe takes seriously."""
    found = ["it scrolls sideways"] if await page.evaluate(SCROLLS) else []
    results = await Axe().run(page)
    return found + [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in results.response["violations"]
        if each["impact"] in BAD
    ]
