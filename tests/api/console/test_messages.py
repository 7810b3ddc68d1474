"""All messages in the console: looking for some, and one of them in full."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from activities.gate.attempts import NOT_REPEATED
from activities.storage import message_search
from activities.storage.tables import Enrollment, Message, Reaction
from tests.api.conftest import Server
from tests.api.console.conftest import Browser

LIST = "/console/messages"


async def _enrolled(api: Server) -> str:
    answer = await api.register(first_name="Ada", email="ada@example.com")
    found: str = answer["enrollments"][0]["id"]
    return found


def _add(api: Server, enrollment_id: str, number: int, **fields: Any) -> str:
    """A message, each a minute older than the one before."""
    at = api.clocks.now() - timedelta(minutes=number)

    def transaction(session: Any) -> None:
        row = session.get_one(Enrollment, enrollment_id)
        values = {
            "id": f"msg_{number}", "enrollment_id": row.id, "customer_id": row.customer_id, "journey": row.journey,
            "step": f"step-{number}", "visit": 1, "channel": "email", "template": "complete-your-account",
            "state": "accepted", "message_class": "marketing", "first_asked_at": at, "decided_at": at,
            "subject": f"Subject {number}.", "text": "Hello", "to": "ada@example.com",
            "html": "<html><head></head><body>Hello</body></html>",
        }  # fmt: skip
        session.add(Message(**values | fields))

    api.change(transaction)
    return f"msg_{number}"


def _react(api: Server, message_id: str, kind: str) -> None:
    now = api.clocks.now()

    def transaction(session: Any) -> None:
        asked_at = session.get_one(Message, message_id).first_asked_at
        session.add(Reaction(message_id=message_id, kind=kind, at=now, asked_at=asked_at))

    api.change(transaction)


def _shown(page: str) -> list[int]:
    return [number for number in range(120) if f"Subject {number}." in page]


async def test_the_latest_come_first_page_by_page(api: Server, viewer: Browser) -> None:
    """Every message is on one page, and none on two."""
    enrollment_id = await _enrolled(api)
    for number in range(53):
        _add(api, enrollment_id, number)
    first = (await viewer.get(LIST)).text
    assert _shown(first) == list(range(50))
    assert first.index("Subject 0.") < first.index("Subject 1.")
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert _shown((await viewer.get(older)).text) == [50, 51, 52]


FILTERS: Mapping[str, list[int]] = {
    "channel=sms": [1],
    "template=welcome": [2],
    "result=not-sent": [3],
    "result=refused": [4],
    "result=waiting": [5],
    "result=sent": [0, 1, 2],
    "result=opened": [0, 1],
    "result=opened&channel=sms": [1],
    "result=opened&template=welcome": [],
    "result=nonsense": [0, 1, 2, 3, 4, 5],
    "journey=data-collection-voucher": [0, 1, 2, 3, 4, 5],
    "journey=welcome": [],
    "from=2000-01-01&to=2000-01-02": [],
    "from=2000-01-01": [0, 1, 2, 3, 4, 5],
    "from=soon&before=nonsense": [0, 1, 2, 3, 4, 5],
}


async def test_filters(api: Server, viewer: Browser) -> None:
    """Each filter shows what fits and nothing else; what nobody can mean is left aside."""
    enrollment_id = await _enrolled(api)
    _add(api, enrollment_id, 0)
    _add(api, enrollment_id, 1, channel="sms")
    _add(api, enrollment_id, 2, template="welcome")
    _add(api, enrollment_id, 3, state="suppressed", reason="opted out")
    _add(api, enrollment_id, 4, state="rejected", reason="mailbox full")
    _add(api, enrollment_id, 5, state="retryable", put_off_for="the provider is away")
    for message_id in ("msg_0", "msg_1"):
        _react(api, message_id, "opened")
    for query, expected in FILTERS.items():
        page = await viewer.get(f"{LIST}?{query}")
        assert page.status_code == 200, query
        assert _shown(page.text) == expected, query


async def test_a_rare_filter_says_how_far_it_looked(
    api: Server, viewer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among very many messages a page looks at a part of them, says so, and goes on from there."""
    monkeypatch.setattr(message_search, "LOOKED_THROUGH", 10)
    enrollment_id = await _enrolled(api)
    for number in range(15):
        _add(api, enrollment_id, number, channel="sms" if number in (3, 12) else "email")
    first = (await viewer.get(f"{LIST}?channel=sms")).text
    assert _shown(first) == [3]
    assert "Looked back as far as" in first
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = (await viewer.get(older)).text
    assert _shown(second) == [12]
    assert "Looked back as far as" not in second


async def test_what_became_of_messages_is_found_however_long_ago(
    api: Server, viewer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bounce among very many messages stands on the first page, and pages of them go on one after the other."""
    monkeypatch.setattr(message_search, "LOOKED_THROUGH", 10)
    monkeypatch.setattr(message_search, "PAGE", 2)
    enrollment_id = await _enrolled(api)
    for number in range(40):
        _add(api, enrollment_id, number)
    for number in (39, 20, 30):
        _react(api, f"msg_{number}", "bounced")
    first = (await viewer.get(f"{LIST}?result=bounced")).text
    assert _shown(first) == [20, 30]
    assert "Looked back as far as" not in first
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert _shown((await viewer.get(older)).text) == [39]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "The provider has reported nothing yet"),
        ({"state": "suppressed", "reason": "opted out", "html": "", "text": ""}, "they had opted out"),
        ({"state": "rejected", "reason": "mailbox full"}, "mailbox full"),
        ({"state": "retryable", "put_off_for": "the provider is away"}, "the provider is away"),
        ({"state": "unknown"}, "never sent again"),
        (
            {"state": "unknown", "reason": f"{NOT_REPEATED}opted out"},
            "It may have arrived; it was not repeated, since they had opted out.",
        ),
    ],
)
async def test_one_message_says_what_became_of_it(
    api: Server, viewer: Browser, fields: dict[str, Any], words: str
) -> None:
    """Whatever became of it, the page says it and why."""
    message_id = _add(api, await _enrolled(api), 1, **fields)
    assert words in (await viewer.get(f"{LIST}/{message_id}")).text


async def test_openings_by_people_and_by_machines_stand_apart(api: Server, viewer: Browser) -> None:
    """What a scanner did is not taken for what a customer did."""
    message_id, now = _add(api, await _enrolled(api), 1), api.clocks.now()
    kinds = ("delivered", "opened by machine", "clicked")
    api.change(
        lambda session: session.add_all(
            Reaction(message_id=message_id, kind=kind, at=now, asked_at=now) for kind in kinds
        )
    )
    page = (await viewer.get(f"{LIST}/{message_id}")).text
    for words in ("Delivered", "Opened by a machine", "Clicked"):
        assert f"<dt>{words}</dt>" in page


@pytest.mark.parametrize(("look", "form"), [("phone", "phone"), ("html", "letter"), ("text", "letter")])
async def test_a_message_is_shown_in_three_forms(api: Server, viewer: Browser, look: str, form: str) -> None:
    """As on a phone, as HTML and as text, each in a frame of its own."""
    message_id = _add(api, await _enrolled(api), 1)
    page = (await viewer.get(f"{LIST}/{message_id}?look={look}")).text
    assert f'class="{form}"' in page
    assert "<iframe" in page


async def test_an_unknown_message_is_said_to_be(viewer: Browser) -> None:
    """Neither the page nor the preview of a message that is none breaks."""
    assert (await viewer.get(f"{LIST}/msg_none")).status_code == 404
    assert (await viewer.get(f"{LIST}/msg_none/html")).status_code == 404


@pytest.mark.parametrize("look", ["html", "bubble", "text"])
async def test_a_viewer_sees_no_link_that_opens_a_customers_page(
    api: Server, viewer: Browser, support: Browser, look: str
) -> None:
    """A link in a message is a key to the customer's pages: who may only look does not get it, in no form."""
    code, token = "aB3dE5gH7k", "cus_Zm9vYmFyZm9vYmFyZm9vYg~enr_YmF6~email~.s1gnature-x_Y"
    links = f"https://t.example/l/{code} https://shop.example/profile/{token}"
    html = f'<html><head></head><body><a href="https://shop.example/preferences/{token}">Hello</a></body></html>'
    message_id = _add(api, await _enrolled(api), 1, channel="sms", subject="", text=links, html=html)
    place = f"{LIST}/{message_id}/{look}"
    seen, whole = (await viewer.get(place)).text, (await support.get(place)).text
    assert "s1gnature" in whole
    assert code not in seen
    assert "s1gnature" not in seen
    assert ("/preferences/…" if look == "html" else "/l/…") in seen


async def test_lists_quote_no_links(api: Server, viewer: Browser, support: Browser) -> None:
    """The first words of a text stand in lists, where nobody needs its link."""
    enrollment_id = await _enrolled(api)
    _add(api, enrollment_id, 1, channel="sms", subject="", text="Hi t.example/l/aB3dE5gH7k", html="")
    for browser in (viewer, support):
        for page in (LIST, f"{LIST}/msg_1"):
            shown = (await browser.get(page)).text
            assert "Hi t.example/l/…" in shown
            assert "aB3dE5gH7k" not in shown
