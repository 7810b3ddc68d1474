"""Leaving: one press, effective at once, undo offered."""

import re

import httpx
import pytest
from sqlmodel import select

from activities.channels import EMAIL, SMS, Channel
from activities.providers.trusted import trusted
from activities.storage.links import Claim, unsubscribe_claim
from activities.storage.tables import Consent, InboxEvent, OutboxItem
from tests.api.conftest import Server

ADA = {"id": "c1", "first_name": "Ada", "email": "ada@example.com", "phone": "+420601123456"}


async def link_of(api: Server, channel: Channel | None = EMAIL) -> str:
    """Register a customer and return the path of their unsubscribe page."""
    answer = await api.register(**ADA)
    enrollment = answer["enrollments"][0]["id"]
    claim = (
        Claim(answer["customer_id"])
        if channel is None
        else unsubscribe_claim(answer["customer_id"], enrollment, channel)
    )
    return api.services.links.path("unsubscribe", claim)


def consents(api: Server) -> dict[str, bool]:
    """The decisions stored."""
    return api.rows(lambda session: {row.channel: row.given for row in session.exec(select(Consent))})


def nonce_in(page: httpx.Response) -> str:
    """The nonce on a page."""
    found = re.search(r'name="nonce" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def test_opening_the_page_stops_nothing(api: Server) -> None:
    """A scanner that opens the link unsubscribes nobody; the page shows a masked address."""
    path = await link_of(api)
    for method in ("GET", "HEAD"):
        page = await api.http.request(method, path)
        assert page.status_code == 200
    page = await api.http.get(path)
    assert "a•••@example.com" in page.text
    assert "ada@example.com" not in page.text
    assert consents(api) == {}


@pytest.mark.parametrize("as_files", [False, True])
async def test_a_mail_program_unsubscribes_by_itself(api: Server, as_files: bool) -> None:
    """The button of a mail program (RFC 8058), form or multipart: 200, no redirect, at once, repeatable."""
    path = await link_of(api)
    field = {"List-Unsubscribe": "One-Click"}
    async with httpx.AsyncClient(base_url=api.url, verify=trusted(), trust_env=False) as stranger:
        for _ in range(2):
            if as_files:
                answer = await stranger.post(path, files={name: (None, value) for name, value in field.items()})
            else:
                answer = await stranger.post(path, data=field)
            assert answer.status_code == 200
    assert consents(api) == {"email": False}
    kinds = api.rows(lambda session: [row.kind for row in session.exec(select(OutboxItem))])
    assert sorted(kinds) == ["facts", "start"]
    events = api.rows(lambda session: [(row.type, row.source) for row in session.exec(select(InboxEvent))])
    assert events.count(("consent.withdrawn", "page")) == 1
    assert len(api.relay.told) == 2  # the start, and the change


async def test_one_press_is_enough(api: Server) -> None:
    """A customer presses the button and reads that it is done."""
    path = await link_of(api, SMS)
    answer = await api.http.post(path)
    assert answer.status_code == 303
    assert consents(api) == {"sms": False}
    done = await api.http.get(answer.headers["location"])
    assert "You are unsubscribed" in done.text
    assert "the number ending in 456" in done.text


async def test_a_press_can_be_undone(api: Server) -> None:
    """A customer who pressed by mistake takes it back; an old page cannot."""
    path = await link_of(api)
    done = await api.http.get((await api.http.post(path)).headers["location"])
    undone = await api.http.post(path, data={"do": "undo", "nonce": nonce_in(done)})
    assert consents(api) == {"email": True}
    assert "That is undone" in (await api.http.get(undone.headers["location"])).text

    await api.http.post(path)
    stale = await api.http.post(path, data={"do": "undo", "nonce": nonce_in(done)})
    assert stale.headers["location"] == f"{path}/done"
    assert consents(api) == {"email": False}


async def test_a_reason_is_optional(api: Server) -> None:
    """A customer says why afterwards; what is not one of the reasons is not kept."""
    path = await link_of(api)
    await api.http.post(path)
    for reason in ("many", "<script>"):
        answer = await api.http.post(path, data={"do": "reason", "reason": reason})
        assert "Thank you for telling us." in (await api.http.get(answer.headers["location"])).text
    assert api.rows(lambda session: session.exec(select(Consent.reason)).one()) == "many"


async def test_everything_can_be_left_at_once(api: Server) -> None:
    """Reached from the preferences, the page stops every channel and says so."""
    path = await link_of(api, None)
    assert "all news and offers" in (await api.http.get(path)).text
    await api.http.post(path)
    assert consents(api) == {"email": False, "sms": False, "push": False}


async def test_channels_can_be_chosen(api: Server) -> None:
    """On the preferences page a customer keeps email and drops texts, and reads back what holds."""
    registered = await api.register(**ADA)
    path = api.services.links.path("preferences", Claim(registered["customer_id"]))
    page = await api.http.get(path)
    assert page.text.count(" checked>") == 2
    answer = await api.http.post(path, data={"nonce": nonce_in(page), "channel": "email"})
    assert answer.status_code == 303
    assert consents(api) == {"email": True, "sms": False}
    assert "news and offers by email." in (await api.http.get(answer.headers["location"])).text

    stale = await api.http.post(path, data={"nonce": nonce_in(page)})
    assert stale.status_code == 409
    assert consents(api) == {"email": True, "sms": False}
