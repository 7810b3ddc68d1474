"""The page on which customers complete their profile, as a browser without script sees it."""

import html
import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import Session, select

from activities.storage.links import Claim
from activities.storage.tables import Consent, Customer, Enrollment, InboxEvent, Message, VoucherDesign
from tests.api.conftest import Server

ADA = {"id": "c1", "first_name": "Ada", "email": "ada@example.com", "timezone": "Europe/London"}
REST = {
    "last_name": "Byron",
    "phone_country": "CZ",
    "phone": "601 123 456",
    "birth_day": "10",
    "birth_month": "12",
    "birth_year": "1990",
}


async def page_of(api: Server, **changes: Any) -> str:
    """Register a customer and return the path of their profile page."""
    answer = await api.register(**{**ADA, **changes})
    claim = Claim(answer["customer_id"], answer["enrollments"][0]["id"], "email")
    return api.services.links.path("profile", claim)


def nonce_in(page: httpx.Response) -> str:
    """The nonce of the form on a page."""
    found = re.search(r'name="nonce" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def inputs_in(page: httpx.Response) -> set[str]:
    """Names of the inputs on a page."""
    return set(re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', page.text))


def words_of(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<[^>]+>", "", page.text.partition("<body>")[2])
    return re.sub(r"\s+", " ", html.unescape(text))


async def send(api: Server, path: str, typed: dict[str, str]) -> httpx.Response:
    """Open the page, fill in the form and send it."""
    nonce = nonce_in(await api.http.get(path))
    return await api.http.post(path, data={"nonce": nonce, **typed})


def customer(api: Server) -> Customer:
    """The one customer."""
    return api.rows(lambda session: session.exec(select(Customer)).one())


def promise(session: Session, ends_in: timedelta, **changes: Any) -> None:
    """Store a promise of a voucher that was sent."""
    row = session.exec(select(Enrollment)).one()
    session.add(VoucherDesign(name="profile-reward", value="£10 off", minimum="one order of £40 or more"))
    message = {
        "id": "msg_1", "enrollment_id": row.id, "customer_id": row.customer_id, "step": "offer", "visit": 1,
        "channel": "email", "template": "voucher-offer", "state": "accepted", "message_class": "marketing",
        "first_asked_at": row.enrolled_at, "promised": "voucher", "promised_design": "profile-reward",
        "promise_ends": row.enrolled_at + ends_in, **changes,
    }  # fmt: skip
    session.add(Message(**message))


async def test_the_page_asks_for_exactly_what_is_missing(api: Server) -> None:
    """A customer who gave a first name and an email is asked for the other three, and for nothing else."""
    page = await api.http.get(await page_of(api))

    assert page.status_code == 200
    assert inputs_in(page) == {
        "nonce", "last_name", "phone_country", "phone", "text_consent", "birth_day", "birth_month", "birth_year",
    }  # fmt: skip
    assert "Hello <bdi>Ada</bdi>" in page.text
    assert "Three details are missing from your account." in page.text
    assert "ada@example.com" not in page.text
    assert ' value="GB" selected>' in page.text


async def test_the_page_asks_for_custom_attributes(api: Server) -> None:
    """Where a journey wants a custom attribute, the page asks for it in plain words and stores it."""
    await api.http.patch(
        "/v1/journeys/data-collection-voucher", json={"parameters": {"asked_for": ["email", "shoe_size"]}}
    )
    path = await page_of(api)
    page = await api.http.get(path)
    assert inputs_in(page) == {"nonce", "shoe_size"}
    assert "Shoe size" in page.text
    assert "One detail is missing" in page.text

    await send(api, path, {"shoe_size": "38", "last_name": "Byron"})
    assert customer(api).attributes == {"shoe_size": "38"}
    assert customer(api).last_name is None  # not asked for, so not taken


async def test_completing_the_form_tells_the_waiting_journey(api: Server) -> None:
    """A customer fills in everything: it is stored, the journey hears of it, and the page says thank you."""
    path = await page_of(api)
    api.change(lambda session: promise(session, timedelta(days=2)))
    api.relay.told.clear()
    answer = await send(api, path, {**REST, "text_consent": "yes"})

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{path}/done"
    found = customer(api)
    assert (found.last_name, found.phone, found.date_of_birth) == ("Byron", "+420601123456", date(1990, 12, 10))
    consent = api.rows(lambda session: session.exec(select(Consent)).one())
    assert (consent.channel, consent.given, consent.source) == ("sms", True, "profile page")
    assert len(api.relay.told) == 1
    updated = api.rows(
        lambda session: session.exec(select(InboxEvent).where(InboxEvent.type == "profile.updated")).one()
    )
    assert sorted(updated.properties["names"]) == ["date_of_birth", "last_name", "phone"]

    done = await api.http.get(answer.headers["location"])
    assert "Saved. Your account is complete." in done.text
    assert "Your £10 voucher comes by email, between 9 am and 9 pm your time." in words_of(done)
    assert "Your account is complete." in (await api.http.get(path)).text


async def test_a_part_can_be_saved(api: Server) -> None:
    """A customer leaves a field out: the rest is saved, and the page says what is still missing."""
    path = await page_of(api)
    answer = await send(api, path, {"last_name": "Byron", "phone_country": "CZ", "phone": "601123456"})
    done = await api.http.get(answer.headers["location"])

    assert answer.status_code == 303
    assert "Saved. Still missing: date of birth." in words_of(done)
    assert inputs_in(done) == {"nonce", "birth_day", "birth_month", "birth_year"}
    consent = api.rows(lambda session: session.exec(select(Consent)).one())
    assert not consent.given  # "Without a tick we send none."


async def test_mistakes_are_explained(api: Server) -> None:
    """Wrong answers are named in a summary and at their fields; what was typed stays there, and nothing is stored."""
    path = await page_of(api)
    wrong = {**REST, "phone": "601 123", "birth_day": "31", "birth_month": "2"}
    answer = await send(api, path, wrong)

    assert answer.status_code == 422
    assert "<title>Error: complete your account | Hearthmoor</title>" in answer.text
    said = words_of(answer)
    assert "Two answers need another look" in said
    assert "Mobile number: too short for Czechia" in said
    assert "This number is too short for Czechia. One from there looks like 601 123 456." in said
    assert "Date of birth: February has no 31st day" in said
    assert "Three details are missing from your account." in said
    assert 'value="Byron"' in answer.text
    assert '<a href="#phone">' in answer.text
    assert '<a href="#birth_day">' in answer.text
    assert 'value="601 123"' in answer.text
    assert ' value="CZ" selected>' in answer.text
    assert answer.text.count('aria-invalid="true"') == 3
    assert customer(api).last_name is None
    assert customer(api).phone is None


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"birth_day": "1", "birth_month": "", "birth_year": "1990"}, "Please fill in the month, too."),
        ({"birth_day": "1", "birth_month": "", "birth_year": ""}, "the month and year are missing"),
        ({"birth_day": "x", "birth_month": "y", "birth_year": "z"}, "the day, month and year need digits"),
        ({"birth_day": "9" * 5000, "birth_month": "1", "birth_year": "1990"}, "No month has such a day."),
        ({"birth_day": "1", "birth_month": "13", "birth_year": "1990"}, "There are only twelve months."),
        ({"birth_day": "1", "birth_month": "1", "birth_year": "90"}, "year with four digits"),
        ({"birth_day": "1", "birth_month": "1", "birth_year": "2999"}, "This date is still to come."),
        ({"birth_day": "29", "birth_month": "2", "birth_year": "1991"}, "February 1991 has no 29th day."),
        ({"last_name": "B\x00"}, "control characters"),
        ({"phone_country": "CZ", "phone": "call me"}, "does not look like a phone number"),
        ({"phone_country": "XX", "phone": "601123456"}, "No country has this country code."),
    ],
)
async def test_each_mistake_has_its_words(api: Server, typed: dict[str, str], error: str) -> None:
    """A customer reads what is wrong and what helps."""
    answer = await send(api, await page_of(api), typed)
    assert answer.status_code == 422
    assert error in words_of(answer)
    assert "One answer needs another look" in words_of(answer)


async def test_a_leading_plus_wins(api: Server) -> None:
    """A number typed with its country code is taken as such, whatever country is chosen."""
    await send(api, await page_of(api), {"phone_country": "CZ", "phone": "+44 7700 900123"})
    assert customer(api).phone == "+447700900123"


async def test_an_email_of_someone_else_is_explained(api: Server) -> None:
    """A customer who types an address we know from another account is told what helps; nothing moves."""
    await api.register(email="eva@example.com")
    answer = await send(api, await page_of(api, email=None), {"email": "eva@example.com", "last_name": "Byron"})
    assert answer.status_code == 422
    assert "We know this address from another account." in words_of(answer)
    assert (await api.http.get("/v1/customers/c1")).json()["email"] is None


async def test_an_open_promise_is_shown(api: Server) -> None:
    """The page repeats the promise: what, from which sum, until when; after its end, or a cancel, no more."""
    path = await page_of(api)
    api.change(lambda session: promise(session, timedelta(days=2)))
    said = words_of(await api.http.get(path))
    assert re.search(r"£10 off one order of £40 or more, when all three are filled in before .+ \w+day \d+ \w+\.", said)

    api.clocks.ahead = timedelta(days=3)
    assert "£10 off" not in words_of(await api.http.get(path))


async def test_opening_the_page_changes_nothing(api: Server) -> None:
    """Mail scanners may open the link as often as they like."""
    path = await page_of(api)
    before = api.rows(lambda session: session.exec(select(Customer.version)).one())
    for method in ("GET", "HEAD"):
        for page in (path, f"{path}/done"):
            answer = await api.http.request(method, page)
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "script" not in answer.headers["content-security-policy"]
            assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert api.rows(lambda session: session.exec(select(Customer.version)).one()) == before


async def test_a_form_is_good_for_one_change(api: Server) -> None:
    """A form filled in before something else changed is shown again with what was typed; nothing is stored."""
    path = await page_of(api)
    nonce = nonce_in(await api.http.get(path))
    await api.http.patch("/v1/customers/c1", json={"country": "CZ"})
    stale = await api.http.post(path, data={"nonce": nonce, "last_name": "Byron"})

    assert stale.status_code == 409
    assert "has changed since this page was opened" in words_of(stale)
    assert 'value="Byron"' in stale.text
    assert customer(api).last_name is None
    again = await api.http.post(path, data={"nonce": nonce_in(stale), "last_name": "Byron"})
    assert again.status_code == 303


async def test_a_dead_link_is_one_neutral_page(api: Server) -> None:
    """Run out, cut short, made for another page or made up: the customer reads what helps, and no more."""
    path = await page_of(api)
    claim = Claim("cus_1")
    links = api.services.links
    past = links.path("profile", claim, api.clocks.now() - timedelta(minutes=1))
    dead = [
        path[:-2],
        "/profile/x",
        past,
        links.path("profile", claim),
        links.path("unsubscribe", claim).replace("unsubscribe", "profile"),
        path.replace("profile", "unsubscribe"),
        path.replace("profile", "preferences"),
        "/l/2345678923",
        "/l/x",
    ]
    pages = {(answer := await api.http.get(link)).text for link in dead if link}
    assert len(pages) == 1
    assert answer.status_code == 404
    assert "This link no longer works" in answer.text
    assert (await api.http.post(path[:-2], data={"last_name": "B"})).status_code == 404


async def test_nothing_typed_is_no_mistake(api: Server) -> None:
    """A customer who presses save on an empty form is told so kindly."""
    answer = await send(api, await page_of(api), {"phone_country": "GB"})
    assert answer.status_code == 200
    assert "There was nothing to save yet." in words_of(answer)


async def test_names_are_only_words(api: Server) -> None:
    """A name full of markup is shown as it was typed, and does nothing."""
    page = await api.http.get(await page_of(api, first_name="<b>&\"'</b>"))
    assert "<bdi>&lt;b&gt;&amp;&#34;&#39;&lt;/b&gt;</bdi>" in page.text


async def test_a_large_form_is_refused(api: Server) -> None:
    """A form of two megabytes is refused, as any body."""
    answer = await api.http.post(await page_of(api), data={"last_name": "x" * 2_000_000})
    assert answer.status_code == 413


async def test_a_short_link_leads_to_the_page(api: Server) -> None:
    """The link in a text leads to the signed page and changes nothing."""
    path = await page_of(api)
    found = customer(api)
    short = api.change(
        lambda session: api.services.links.shorten(session, path, found.id, api.clocks.now())
    ).removeprefix("https://shop.example")
    for method in ("GET", "HEAD"):
        answer = await api.http.request(method, short)
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        assert answer.headers["cache-control"] == "no-store"


async def test_the_style_sheet_wears_the_shops_colours(api: Server) -> None:
    """The pages' one style sheet carries the colours of the brand."""
    answer = await api.http.get("/assets/pages.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "--brand: #1D5C4D;" in answer.text


async def test_the_tab_wears_the_shops_mark(api: Server) -> None:
    """The page names an icon with the shop's letter in its colour, and what browsers ask for by themselves is there."""
    assert (
        '<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">'
        in (await api.http.get(await page_of(api))).text
    )
    brand = api.services.brand
    for path in ("/assets/icon.svg", "/favicon.ico"):
        answer = await api.http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        assert f'fill="{brand.colour}"' in answer.text
        assert f">{brand.logo_mark}</text>" in answer.text
