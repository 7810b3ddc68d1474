"""The page on which customers choose how we may write to them, and about what."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import Session, col, select

from activities.storage import vouchers
from activities.storage.designs import standard_design
from activities.storage.facts import Reachability
from activities.storage.links import Claim
from activities.storage.tables import Consent, Customer, Enrollment, InboxEvent, Message, OutboxItem, TopicConsent
from tests.api.conftest import Server

ADA = {
    "id": "c1",
    "first_name": "Ada",
    "email": "ada@example.com",
    "phone": "+420601123456",
    "timezone": "Europe/London",
}
ORDER = {
    "orderId": "HM-1",
    "completedOn": "2026-11-20T12:00:00Z",
    "total": 68,
    "currency": "GBP",
    "products": [{"sku": "t1", "name": "Throw", "category": "Winter", "price": 68}],
}
DESIGN = "loyalty-discount"


async def page_of(api: Server, **changes: Any) -> str:
    """Register a customer and return the path of their preferences page, as any of our emails has it."""
    answer = await api.register(**{**ADA, **changes})
    return api.services.links.path("preferences", Claim(answer["customer_id"]))


async def offered_page_of(api: Server, **changes: Any) -> tuple[str, str]:
    """The page behind a thank-you mail that promised a code, and the enrollment's id."""
    answer = await api.register(**{**ADA, **changes})
    event = {"event_id": "o1", "type": "order.completed", "customer_id": "c1", "properties": ORDER}
    ordered = (await api.http.post("/v1/events", json=event)).json()
    [enrollment] = [row["id"] for row in ordered["enrollments"] if row["journey"] == "order-follow-up"]
    api.change(lambda session: _promise(session, enrollment))
    return api.services.links.path("preferences", Claim(answer["customer_id"], enrollment)), enrollment


def _promise(session: Session, enrollment_id: str) -> None:
    """What the gate writes when the thank-you mail goes."""
    now = datetime.now(UTC)
    vouchers.load(session, standard_design(DESIGN), ["CODE-1"])
    row = session.get_one(Enrollment, enrollment_id)
    vouchers.reserve(session, DESIGN, enrollment_id, now, "Europe/London")
    session.add(
        Message(
            id="msg_1",
            enrollment_id=enrollment_id,
            customer_id=row.customer_id,
            step="order-follow-up-email",
            visit=1,
            channel="email",
            template="order-follow-up",
            state="accepted",
            message_class="marketing",
            first_asked_at=now,
            decided_at=now,
            promised="voucher",
            promised_design=DESIGN,
            promise_ends=now + timedelta(days=7),
        )
    )


def nonce_in(page: httpx.Response) -> str:
    """The nonce of the form on a page."""
    found = re.search(r'name="nonce" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def ticked_in(page: httpx.Response) -> set[str]:
    """The ids of what is ticked."""
    return {
        found
        for tag in re.findall(r"<input[^>]* checked[^>]*>", page.text)
        for found in re.findall(r' id="([^"]+)"', tag)
    }


def words_of(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<[^>]+>", "", page.text.partition("<body>")[2])
    return re.sub(r"\s+", " ", html.unescape(text))


async def save(api: Server, path: str, **typed: Any) -> httpx.Response:
    """Open the page, fill in the form and send it."""
    nonce = nonce_in(await api.http.get(path))
    return await api.http.post(path, data={"nonce": nonce, **typed})


def customer(api: Server) -> Customer:
    """The one customer."""
    return api.rows(lambda session: session.exec(select(Customer)).one())


def consents(api: Server) -> dict[str, bool]:
    """The decisions stored."""
    return api.rows(lambda session: {row.channel: row.given for row in session.exec(select(Consent))})


def topics(api: Server) -> dict[str, bool]:
    """The decisions stored, by topic."""
    return api.rows(lambda session: {row.topic: row.given for row in session.exec(select(TopicConsent))})


def events(api: Server, type_: str) -> list[dict[str, Any]]:
    """Properties of the events of a type that came from pages."""
    statement = select(InboxEvent).where(InboxEvent.type == type_, InboxEvent.source == "page")
    return api.rows(lambda session: [row.properties for row in session.exec(statement)])


async def test_nothing_is_ticked_that_was_not_chosen(api: Server) -> None:
    """A customer who opens the page for the first time finds ticked only how we may write to them now."""
    page = await api.http.get(await page_of(api))
    assert ticked_in(page) == {"channel_email", "channel_sms"}
    assert "a•••@example.com" in page.text
    assert "the number ending in 456" in page.text
    assert "Where do you like us best?" in page.text
    assert 'class="offer"' not in page.text
    assert events(api, "service.subscribed") == []
    assert customer(api).preferred_channel is None


async def test_only_known_ways_are_offered(api: Server) -> None:
    """A customer without a phone is not asked about texts; a push message needs no address of ours."""
    page = await api.http.get(await page_of(api, phone=None))
    assert set(re.findall(r'name="channel" value="(\w+)"', page.text)) == {"email", "push"}


async def test_the_choice_is_stored_and_said_back(api: Server) -> None:
    """What a customer ticks is stored with their profile, is ticked when they come back, and is read back in words."""
    path = await page_of(api)
    answer = await save(
        api, path, channel=["email", "sms"], preferred="sms", topic=["offers", "points"], interest=["throws", "gifts"]
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{path}/done"
    row = customer(api)
    assert row.preferred_channel == "sms"
    assert row.attributes == {"interests": ["throws", "gifts"]}
    assert consents(api) == {"email": True, "sms": True}
    assert topics(api) == {"offers": True, "new": False, "care": False, "points": True}
    done = words_of(await api.http.get(answer.headers["location"]))
    assert "From now on: offers, vouchers and your loyalty points, by email and text message." in done
    assert "Most of it about throws and blankets and gifts." in done
    assert ticked_in(await api.http.get(path)) == {
        *("channel_email", "channel_sms", "preferred_sms", "topic_offers", "topic_points"),
        *("interest_throws", "interest_gifts"),
    }
    profile = (await api.http.get("/v1/customers/c1")).json()
    assert profile["preferred_channel"] == "sms"
    assert profile["attributes"]["interests"] == ["throws", "gifts"]


@pytest.mark.parametrize(
    ("preferred", "service"),
    [("email", "LoyaltyProgrammeEmail"), ("sms", "LoyaltyProgrammeSMS"), ("push", "LoyaltyProgrammePush")],
)
async def test_the_choice_reaches_the_journey_that_waits(api: Server, preferred: str, service: str) -> None:
    """A customer who answers the thank-you mail is heard by the journey that sent it, with the way they chose."""
    path, enrollment = await offered_page_of(api)
    api.relay.told.clear()
    await save(api, path, channel=["email", "sms", "push"], preferred=preferred)
    assert events(api, "service.subscribed") == [{"serviceName": service}]
    statement = select(OutboxItem).where(OutboxItem.kind == "event", OutboxItem.enrollment_id == enrollment)
    [heard] = api.rows(lambda session: session.exec(statement).all())
    assert heard.payload["listener"] == "subscribed"
    assert heard.payload["properties"] == {"serviceName": service}
    assert enrollment in api.relay.told
    [updated] = events(api, "preferences.updated")
    assert updated["preferred"] == preferred


async def test_the_offer_is_on_the_page_and_kept_in_words(api: Server) -> None:
    """A customer reads what saving brings and until when, and afterwards how and when the code comes."""
    path, _ = await offered_page_of(api)
    page = words_of(await api.http.get(path))
    assert re.search(r"10% off your next order, once you have saved. Open until .+ on \w+day \d+ \w+\.", page)
    assert "Where should the 10% code go?" in page
    answer = await save(api, path, channel=["email", "sms"], preferred="email")
    done = words_of(await api.http.get(answer.headers["location"]))
    assert "Your 10% code follows by email, between 9 am and 9 pm your time." in done


async def test_a_way_that_is_not_ticked_cannot_be_preferred(api: Server) -> None:
    """A customer who prefers texts but did not tick them learns so beside the question; nothing is stored."""
    path = await page_of(api)
    answer = await save(api, path, channel=["email", "push"], preferred="sms", interest="bath")
    assert answer.status_code == 422
    assert "<title>Error: what you hear from us" in answer.text
    assert '<a href="#preferred_sms">Where you like us best: text message is not ticked</a>' in answer.text
    assert "You chose text message, but did not tick it. Tick it above, or choose another way." in words_of(answer)
    assert ticked_in(answer) == {"channel_email", "channel_push", "preferred_sms", "interest_bath"}
    assert consents(api) == {}
    assert (customer(api).preferred_channel, customer(api).attributes) == (None, {})
    assert events(api, "preferences.updated") == []
    again = await api.http.post(path, data={"nonce": nonce_in(answer), "channel": ["email", "sms"], "preferred": "sms"})
    assert again.status_code == 303


async def test_a_code_needs_to_know_where_to_go(api: Server) -> None:
    """With a code promised and several ways ticked, the customer is asked which; of one way there is no question."""
    path, _ = await offered_page_of(api)
    answer = await save(api, path, channel=["email", "sms"])
    assert answer.status_code == 422
    assert "Where the code should go: choose one of the ways you ticked" in words_of(answer)
    assert (await save(api, path, channel=["sms"])).status_code == 303
    assert customer(api).preferred_channel == "sms"
    assert events(api, "service.subscribed") == [{"serviceName": "LoyaltyProgrammeSMS"}]


async def test_leaving_one_topic_keeps_the_others(api: Server) -> None:
    """A customer who unticks one topic goes on hearing of the others, on every channel they had."""
    path = await page_of(api)
    await save(api, path, channel=["email", "sms"], preferred="email", topic=["offers", "new"])
    answer = await save(api, path, channel=["email", "sms"], preferred="email", topic="new")
    assert topics(api) == {"offers": False, "new": True, "care": False, "points": False}
    assert consents(api) == {"email": True, "sms": True}
    assert "From now on: what is new in the shop, by email and text message." in words_of(
        await api.http.get(answer.headers["location"])
    )
    profile = (await api.http.get("/v1/customers/c1")).json()
    assert profile["consents"]["topics"] == {"offers": False, "new": True, "care": False, "points": False}


async def test_topics_that_nobody_touched_are_not_declined(api: Server) -> None:
    """A customer who only says how to write to them hears of everything, until they have ticked a topic."""
    path = await page_of(api)
    answer = await save(api, path, channel=["email"], preferred="email")
    assert topics(api) == {}
    assert "From now on: news and offers by email." in words_of(await api.http.get(answer.headers["location"]))
    await save(api, path, channel=["email"], preferred="email", topic="care")
    answer = await save(api, path, channel=["email"], preferred="email")
    assert set(topics(api).values()) == {False}
    assert "From now on: only news that belongs to none of our topics, by email." in words_of(
        await api.http.get(answer.headers["location"])
    )


async def test_leaving_needs_no_second_thought(api: Server) -> None:
    """A customer who unticks everything hears nothing more, though a preferred way was stored and is still marked."""
    path = await page_of(api)
    await save(api, path, channel=["email", "push"], preferred="push")
    answer = await save(api, path, preferred="push")
    assert answer.status_code == 303
    assert consents(api) == {"email": False, "sms": False, "push": False}
    assert customer(api).preferred_channel is None
    assert "no news and offers." in words_of(await api.http.get(answer.headers["location"]))
    assert events(api, "service.subscribed") == [{"serviceName": "LoyaltyProgrammePush"}]


async def test_who_only_wants_push_has_not_left(api: Server) -> None:
    """A customer who keeps nothing but app notifications stays in the journey that owes them a code."""
    path, _ = await offered_page_of(api)
    await save(api, path, channel=["push"])
    reachability: Reachability = api.services.reachability
    facts = api.rows(lambda session: reachability.facts(session, session.exec(select(Customer)).one()))
    assert (facts.reachable, facts.opted_out, facts.preferred_channel) == ((), False, "push")


async def test_pressing_twice_saves_once(api: Server) -> None:
    """A customer who presses the button twice sees that it is saved, and is heard once."""
    path, _ = await offered_page_of(api)
    typed = {"nonce": nonce_in(await api.http.get(path)), "channel": ["email"], "preferred": "email", "topic": "new"}
    answers = [await api.http.post(path, data=typed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(events(api, "service.subscribed")) == 1


async def test_an_old_page_overwrites_nothing(api: Server) -> None:
    """A page from before another change is shown again with what is stored now."""
    path = await page_of(api)
    old = nonce_in(await api.http.get(path))
    await save(api, path, channel=["email"], preferred="email")
    answer = await api.http.post(path, data={"nonce": old, "channel": ["sms"], "preferred": "sms"})
    assert answer.status_code == 409
    assert "Your account has changed since this page was opened" in answer.text
    assert customer(api).preferred_channel == "email"


async def test_the_same_choice_answers_each_order(api: Server) -> None:
    """A customer who saves the same again for a second order is heard for that one, too."""
    path = await page_of(api)
    for _ in range(2):
        await save(api, path, channel=["email"], preferred="email")
    assert len(events(api, "service.subscribed")) == 2


async def test_what_was_not_on_the_page_is_not_stored(api: Server) -> None:
    """Values made up by hand leave no trace."""
    path = await page_of(api, phone=None)
    answer = await save(
        api, path, channel=["email", "sms", "fax"], preferred="carrier pigeon", topic="<script>", interest=["bath", "x"]
    )
    assert answer.status_code == 303
    assert consents(api) == {"email": True}
    assert customer(api).preferred_channel == "email"
    assert customer(api).attributes == {"interests": ["bath"]}
    assert topics(api) == {}


async def test_a_custom_page_is_no_place_for_markup(api: Server) -> None:
    """A name with markup in it is shown as it is written."""
    page = await api.http.get(await page_of(api, first_name="<b>&"))
    assert "<bdi>&lt;b&gt;&amp;</bdi>" in page.text


async def test_the_page_is_built_for_everybody(api: Server) -> None:
    """Without a script and with a screen reader: each input has a label, each group a legend, each id is there once."""
    path, _ = await offered_page_of(api)
    for page in (await api.http.get(path), await save(api, path, channel=["email", "sms"])):
        ids = re.findall(r' id="([^"]+)"', page.text)
        assert len(ids) == len(set(ids))
        inputs = set(re.findall(r'<input type="(?:checkbox|radio)" id="([^"]+)"', page.text))
        assert inputs == set(re.findall(r'<label for="([^"]+)"', page.text))
        assert page.text.count("<legend>") == page.text.count("<fieldset")
        assert set(re.findall(r'href="#([^"]+)"', page.text)) <= set(ids)
        for described in re.findall(r'aria-describedby="([^"]+)"', page.text):
            assert set(described.split()) <= set(ids)
        assert "<script" not in page.text
        assert "style=" not in page.text


async def test_the_choice_is_not_an_event_of_the_clients(api: Server) -> None:
    """The client's own event ids cannot collide with ours."""
    path = await page_of(api)
    await save(api, path, channel=["email"], preferred="email")
    statement = select(InboxEvent.source).where(col(InboxEvent.type).in_(("service.subscribed", "preferences.updated")))
    assert set(api.rows(lambda session: session.exec(statement).all())) == {"page"}


async def test_the_client_may_store_the_choice_itself(api: Server) -> None:
    """A shop with a preference page of its own sends what was chosen there; what is no channel is refused by name."""
    await page_of(api)
    profile = {"preferred_channel": "push", "attributes": {"interests": ["throws", "gifts"]}}
    answer = (await api.http.patch("/v1/customers/c1", json=profile)).json()
    assert (answer["preferred_channel"], answer["attributes"]["interests"]) == ("push", ["throws", "gifts"])
    for wrong, pointer in (
        ({"preferred_channel": "fax"}, "/preferred_channel"),
        ({"attributes": {"interests": [["throws"]]}}, "/attributes/interests"),
        ({"attributes": {"preferred_channel": "sms"}}, "/attributes/preferred_channel"),
    ):
        refused = await api.http.patch("/v1/customers/c1", json=wrong)
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
