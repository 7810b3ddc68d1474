"""Pixels and click links: what opens and clicks leave behind, and what they never do."""

from datetime import datetime, timedelta

import httpx
import pytest
from sqlmodel import Session, select

from activities.gate.tracking import Tracking
from activities.providers.trusted import trusted
from activities.storage.history import CLICKED, OPENED
from activities.storage.tables import Customer, Enrollment, InboxEvent, Message, TrackedLink
from tests.api.conftest import Server
from tests.readable import readable

SHOP = "https://www.hearthmoor.example/sale?utm=1&colour=red"
ADA = {"id": "c1", "first_name": "Ada", "email": "ada@example.com"}
EMAIL = """<html><body><a href="https://www.hearthmoor.example/sale?utm=1&amp;colour=red" class="b">Shop</a>
<a href="https://shop.example/confirm/abc">Confirm</a> <a href="mailto:help@hearthmoor.example">Help</a>
<a href="https://good.example\\@evil.example">Odd</a></body></html>"""


async def sent_email(api: Server) -> str:
    """Register a customer and store a traced email to them, sent a minute ago; its HTML."""
    await api.http.post("/v1/journeys/welcome/activate")
    await api.register(**ADA)
    api.clocks.ahead = timedelta(minutes=1)

    def transaction(session: Session) -> str:
        row = session.exec(select(Enrollment).where(Enrollment.journey == "welcome")).one()
        message = Message(
            id=f"msg_{'0' * 31}1",
            enrollment_id=row.id,
            customer_id=row.customer_id,
            step="welcome-email",
            visit=1,
            channel="email",
            template="welcome",
            state="accepted",
            message_class="service",
            first_asked_at=row.enrolled_at,
            decided_at=row.enrolled_at,
        )
        session.add(message)
        return Tracking(api.services.links, opens=True, clicks=True).traced(session, message, EMAIL, _now(api))

    return api.change(transaction)


def _now(api: Server) -> datetime:
    return api.services.clock.at(api.clocks.now())


def path_in(body: str, trace: str) -> str:
    """The path of the pixel or of the click link in an email."""
    start = body.index(f"https://shop.example/{trace}/") + len("https://shop.example")
    return body[start : body.index('"', start)]


def traces(api: Server) -> list[tuple[str, bool]]:
    """Types of the events that were kept, and whether a machine made them."""
    wanted = select(InboxEvent).where(InboxEvent.source == "page").order_by(InboxEvent.event_id)
    return api.rows(lambda session: [(row.type, row.properties["machine"]) for row in session.exec(wanted)])


async def test_an_email_carries_traces_only_where_they_belong(api: Server) -> None:
    """What a customer acts with is never wrapped, and no address or name is in a URL."""
    body = await sent_email(api)
    assert body.count("https://shop.example/c/") == 1
    assert body.count("https://shop.example/o/") == 1
    assert 'href="https://shop.example/confirm/abc"' in body
    assert 'href="mailto:help@hearthmoor.example"' in body
    assert "https://good.example\\@evil.example" in body
    assert "hearthmoor.example/sale" not in body
    assert "ada@" not in readable(path_in(body, "c"))
    assert api.rows(lambda session: session.exec(select(TrackedLink.target)).one()) == SHOP


async def test_a_click_is_kept_and_leads_on(api: Server) -> None:
    """A customer who follows a link arrives at the shop, and the journeys can ask for it; twice counts once."""
    path = path_in(await sent_email(api), "c")
    async with httpx.AsyncClient(base_url=api.url, verify=trusted(), trust_env=False) as browser:
        for _ in range(2):
            answer = await browser.get(path)
            assert (answer.status_code, answer.headers["location"]) == (302, SHOP)
            assert answer.headers["referrer-policy"] == "no-referrer"
    assert traces(api) == [(CLICKED, False)]


async def test_a_loaded_pixel_is_kept(api: Server) -> None:
    """An email that is opened loads a pixel, and its opening is an event without anything personal in it."""
    path = path_in(await sent_email(api), "o")
    answer = await api.http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.headers["cache-control"] == "no-store"
    assert traces(api) == [(OPENED, False)]
    kept = api.rows(lambda session: session.exec(select(InboxEvent).where(InboxEvent.type == OPENED)).one())
    assert kept.properties == {
        "message_id": f"msg_{'0' * 31}1", "template": "welcome", "channel": "email", "machine": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "headers", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}]
)
async def test_what_comes_ahead_of_a_person_is_a_machine(api: Server, headers: dict[str, str]) -> None:
    """A prefetch is told apart from a person, who may still come later and then counts."""
    body = await sent_email(api)
    await api.http.get(path_in(body, "c"), headers=headers)
    assert traces(api) == [(CLICKED, True)]
    await api.http.get(path_in(body, "c"))
    assert sorted(traces(api)) == [(CLICKED, False), (CLICKED, True)]


@pytest.mark.parametrize(("seconds", "machine"), [(2, True), (9.5, True), (11, False)])
async def test_what_comes_too_soon_is_a_machine(api: Server, seconds: float, machine: bool) -> None:
    """A scanner opens an email within seconds of its delivery; nobody has read it then."""
    body = await sent_email(api)
    api.clocks.ahead = timedelta(seconds=0)
    sent_at = api.rows(lambda session: session.exec(select(Message.decided_at)).one())
    assert sent_at is not None
    api.clocks.ahead = sent_at + timedelta(seconds=seconds) - api.clocks.now()
    await api.http.get(path_in(body, "o"))
    assert traces(api) == [(OPENED, machine)]


async def test_a_look_at_the_head_leaves_no_trace(api: Server) -> None:
    """A mail program that only asks whether a link works has opened nothing."""
    body = await sent_email(api)
    assert (await api.http.head(path_in(body, "o"))).status_code == 200
    assert (await api.http.head(path_in(body, "c"))).headers["location"] == SHOP
    assert traces(api) == []


@pytest.mark.parametrize("trace", ["o", "c"])
async def test_forged_links_lead_nowhere(api: Server, trace: str) -> None:
    """A link that we have not signed, or signed for something else, leaves no trace and leads nowhere."""
    body = await sent_email(api)
    other = path_in(body, "c" if trace == "o" else "o").split("/")[-1].removesuffix(".gif")
    for token in ("x", other, path_in(body, trace).split("/")[-1].removesuffix(".gif")[:-1] + "~"):
        ending = ".gif" if trace == "o" else ""
        answer = await api.http.get(f"/{trace}/{token}{ending}?url=https://evil.example")
        assert answer.status_code == 404
    assert traces(api) == []


async def test_a_stored_target_is_checked_again(api: Server) -> None:
    """Whatever stands in the database, nobody is sent to an address that is not one of the web."""
    path = path_in(await sent_email(api), "c")

    def spoil(session: Session) -> None:
        link = session.exec(select(TrackedLink)).one()
        link.target = "javascript:alert(1)"
        session.add(link)

    api.change(spoil)
    assert (await api.http.get(path)).status_code == 404


async def test_the_erased_leave_no_trace(api: Server) -> None:
    """Whoever was erased still arrives where the link leads, and nothing is kept of it."""
    body = await sent_email(api)

    def erase(session: Session) -> None:
        customer = session.exec(select(Customer)).one()
        customer.erased_at = api.clocks.now()
        session.add(customer)

    api.change(erase)
    assert (await api.http.get(path_in(body, "c"))).status_code == 302
    assert (await api.http.get(path_in(body, "o"))).status_code == 200
    assert traces(api) == []
