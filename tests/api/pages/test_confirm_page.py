"""Double opt-in: the page on which the owner of an address confirms it."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlmodel import Session, select

from activities.providers.trusted import trusted
from activities.storage.links import Claim
from activities.storage.tables import Confirmation, Consent, Customer, InboxEvent
from tests.api.conftest import Server

ADA = {"id": "c1", "first_name": "Ada", "email": "ada@example.com", "phone": "+420601123456"}


async def link_of(api: Server, **changes: object) -> str:
    """Register a customer and return the path of the page that their welcome links to."""
    await api.http.post("/v1/journeys/welcome/activate")
    answer = await api.register(**{**ADA, **changes})
    enrollment = next(row["id"] for row in answer["enrollments"] if row["journey"] == "welcome")
    claim = Claim(answer["customer_id"], enrollment, "email", api.services.links.mark(str(ADA["email"])))
    now = api.services.clock.at(api.clocks.now())
    return api.services.links.path("confirm", claim, now + timedelta(days=7))


def events(api: Server) -> list[str]:
    """Sources of the confirmations in the inbox."""
    wanted = select(InboxEvent.source).where(InboxEvent.type == "subscription.confirmed")
    return api.rows(lambda session: list(session.exec(wanted)))


def evidence(api: Server) -> list[Confirmation]:
    """What is kept of presses."""
    return api.rows(lambda session: list(session.exec(select(Confirmation))))


async def test_opening_the_page_confirms_nothing(api: Server) -> None:
    """A scanner that opens the link confirms nothing; the page shows a masked address."""
    path = await link_of(api)
    for method in ("GET", "HEAD"):
        page = await api.http.request(method, path)
        assert page.status_code == 200
    page = await api.http.get(path)
    assert "Confirm your email address" in page.text
    assert "a•••@example.com" in page.text
    assert "ada@example.com" not in page.text
    assert page.headers["cache-control"] == "no-store"
    early = await api.http.get(f"{path}/done")
    assert (early.status_code, early.headers["location"]) == (303, path)
    assert (events(api), evidence(api)) == ([], [])


async def test_a_press_confirms_and_is_kept_as_evidence(api: Server) -> None:
    """A customer presses the button: time, source, words and hashed IP are kept, and the journeys can hear of it."""
    path = await link_of(api)
    api.relay.told.clear()
    before = api.clocks.now()
    answer = await api.http.post(path)
    assert answer.status_code == 303
    done = await api.http.get(answer.headers["location"])
    assert "Thank you, that is confirmed" in done.text
    assert "/preferences/" in done.text

    [kept] = evidence(api)
    assert before <= kept.confirmed_at <= api.clocks.now()
    assert (kept.source, kept.channel) == ("confirm page", "email")
    assert kept.enrollment_id
    assert len(kept.text_version) == 12
    assert len(kept.ip_hash) == 64
    assert "127.0.0.1" not in str(kept)
    assert "ada@" not in str(kept)
    consent = api.rows(lambda session: session.exec(select(Consent)).one())
    assert (consent.channel, consent.given, consent.source) == ("email", True, "confirm page")
    assert events(api) == ["page"]
    assert kept.enrollment_id in api.relay.told


async def test_a_second_press_changes_nothing(api: Server) -> None:
    """A customer who presses twice is thanked twice and confirmed once."""
    path = await link_of(api)
    await api.http.post(path)
    version = api.rows(lambda session: session.exec(select(Customer.version)).one())
    api.relay.told.clear()
    again = await api.http.post(path)
    assert "Thank you, that is confirmed" in (await api.http.get(again.headers["location"])).text
    assert (len(evidence(api)), events(api), api.relay.told) == (1, ["page"], [])
    assert api.rows(lambda session: session.exec(select(Customer.version)).one()) == version


async def test_who_left_again_is_not_told_to_be_on_the_list(api: Server) -> None:
    """A customer who confirmed and unsubscribed later finds the button again, not the thanks of then."""
    path = await link_of(api)
    await api.http.post(path)
    customer_id = api.rows(lambda session: session.exec(select(Customer.id)).one())
    await api.http.post(api.services.links.path("unsubscribe", Claim(customer_id, "", "email")))
    answer = await api.http.get(f"{path}/done")
    assert (answer.status_code, answer.headers["location"]) == (303, path)


async def test_presses_at_once_confirm_once(api: Server) -> None:
    """A customer whose browser sends the press several times at once is confirmed once."""
    path = await link_of(api)
    answers = await asyncio.gather(*(api.http.post(path) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert (len(evidence(api)), events(api)) == (1, ["page"])


async def test_a_press_takes_back_an_opt_out(api: Server) -> None:
    """A customer who had left email and presses the button wants our news, and gets them."""
    path = await link_of(api, consents={"email": False})
    await api.http.post(path)
    assert api.rows(lambda session: session.exec(select(Consent.given).where(Consent.channel == "email")).one())


@pytest.mark.parametrize("how", ["after a week", "another page", "another address", "erased mark", "cut short"])
async def test_dead_links_confirm_nothing(api: Server, how: str) -> None:
    """A link that has run out, is meant for another page or went to an earlier address gets the neutral page."""
    path = await link_of(api)
    customer_id = api.rows(lambda session: session.exec(select(Customer.id)).one())
    match how:
        case "after a week":
            api.clocks.ahead = timedelta(days=7, minutes=1)
        case "another page":
            path = "/confirm/" + api.services.links.path("profile", Claim(customer_id)).removeprefix("/profile/")
        case "another address":
            api.change(lambda session: _move(session, "ada@elsewhere.example"))
        case "erased mark":
            path = api.services.links.path("confirm", Claim(customer_id))
        case "cut short":
            path = path[:-3]
    for answer in (await api.http.get(path), await api.http.post(path), await api.http.get(f"{path}/done")):
        assert answer.status_code == 404
        assert "This link no longer works" in answer.text
    assert (events(api), evidence(api)) == ([], [])


async def test_a_customer_needs_no_key(api: Server) -> None:
    """A customer confirms from any browser, with a form that sends nothing but the press."""
    path = await link_of(api)
    async with httpx.AsyncClient(base_url=api.url, verify=trusted(), trust_env=False, follow_redirects=True) as browser:
        page = await browser.get(path)
        assert f'action="{path}"' in page.text
        assert "<script" not in page.text
        assert "that is confirmed" in (await browser.post(path, data={})).text


def _move(session: Session, email: str) -> None:
    customer = session.exec(select(Customer)).one()
    customer.email = email
    session.add(customer)
