"""One customer in the console: what comes next, what happened, and what staff may do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from activities.channels import Channel
from activities.frequency import FrequencyCap
from activities.storage import audit, trail
from activities.storage.enrolled import end
from activities.storage.facts import OBJECTED
from activities.storage.tables import Customer, Enrollment, Message, Reaction
from activities.timeline import Entry
from api.console.numbers import day
from tests.api.conftest import Server, serving
from tests.api.console.conftest import Browser


async def _ada(api: Server, **fields: Any) -> tuple[str, str]:
    """A customer in one journey: their address in the console, and the enrollment."""
    answer = await api.register(first_name="Ada", email="ada@example.com", timezone="Europe/London", **fields)
    return f"/console/customers/{answer['customer_id']}", answer["enrollments"][0]["id"]


def _send(api: Server, enrollment_id: str, **fields: Any) -> str:
    """A message that went out."""
    now = api.clocks.now()

    def transaction(session: Any) -> None:
        row = session.get_one(Enrollment, enrollment_id)
        values = {
            "id": "msg_1", "enrollment_id": row.id, "customer_id": row.customer_id, "step": "remind-email", "visit": 1,
            "channel": "email", "template": "complete-your-account", "state": "accepted", "message_class": "marketing",
            "first_asked_at": now, "decided_at": now, "subject": "One detail is missing", "text": "Hello Ada",
            "html": '<html><head></head><body><a href="https://shop.example/x">Hello Ada</a></body></html>',
        }  # fmt: skip
        session.add(Message(**values | fields))
        data = {"channel": "email", "template": "complete-your-account", "result": "sent", "message_id": "msg_1"}
        trail.keep(session, row, [Entry(1, now, "message", "remind-email", data)])

    api.change(transaction)
    return "msg_1"


@pytest.mark.parametrize(
    ("caps", "lines"),
    [
        ((), ["Last 7 days 1 marketing message no cap"]),
        (
            (FrequencyCap(4, 14), FrequencyCap(2, 7), FrequencyCap(1, 1, "sms")),
            [
                "Last 14 days 2 marketing messages cap 4",
                "Last 7 days 1 marketing message cap 2",
                "Last 24 hours 0 marketing texts cap 1",
            ],
        ),
    ],
)
async def test_staff_see_how_much_marketing_a_customer_had(
    api: Server, viewer: Browser, caps: Sequence[FrequencyCap], lines: list[str]
) -> None:
    """Beside each cap, or for a week where there is none; what never went does not count."""
    address, enrollment_id = await _ada(api)
    now = api.clocks.now()
    _send(api, enrollment_id)
    _send(api, enrollment_id, id="msg_2", visit=2, first_asked_at=now, decided_at=now - timedelta(days=9))
    _send(api, enrollment_id, id="msg_3", visit=3, state="suppressed")
    _send(api, enrollment_id, id="msg_4", visit=4, message_class="service")
    settings = replace(api.services.settings, frequency_caps=caps)
    async with serving(replace(api.services, settings=settings)) as url:
        page = (await viewer.get(url + address)).text
    told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert [line for line in lines if line in told] == lines


async def test_what_happened_is_told_in_plain_words(api: Server, viewer: Browser) -> None:
    """The timeline says what was sent, what became of it, and what was not sent and why."""
    address, enrollment_id = await _ada(api)
    message_id, now = _send(api, enrollment_id), api.clocks.now()

    def more(session: Any) -> None:
        session.add(Reaction(message_id=message_id, kind="opened", at=now, asked_at=now))
        row = session.get_one(Enrollment, enrollment_id)
        deferred = {"channel": "email", "template": "voucher-offer", "result": "deferred", "message_id": ""}
        deferred |= {"reason": "the send window is closed"}
        checked = {"condition": "complete", "result": False, "missing": ["last_name", "date_of_birth"]}
        later = now + timedelta(days=1)
        wait = {"until": later.isoformat(), "why": "time to act"}
        trail.keep(
            session,
            row,
            [
                Entry(2, now, "check", "complete", checked),
                Entry(3, now, "message", "voucher-offer-email", deferred),
                Entry(4, now, "wait", "time-to-act", wait),
            ],
        )

    api.change(more)
    page = (await viewer.get(address)).text
    for words in (
        "Ada registered",
        "One detail is missing",
        "Opened",
        # "Complete?" in the words of the picture, where there is one
        "omplete? <b>No</b>, last name and date of birth are missing",
        "Nothing sent yet: it was outside the hours for messages",
        "Waits 1 day: time to act",
    ):
        assert words in page, words
    unsent = (await viewer.get(f"{address}?show=unsent")).text
    assert "Nothing sent yet" in unsent
    assert "Ada registered" not in unsent


async def test_what_led_into_a_journey_stands_before_it(api: Server, viewer: Browser) -> None:
    """Read from below, staff see the registration and then the journey that it began."""
    address, _ = await _ada(api)
    page = (await viewer.get(address)).text
    assert 0 < page.index("Entered <b>") < page.index("Ada registered")


async def test_what_comes_next_is_on_the_customers_clock(api: Server, viewer: Browser) -> None:
    """Where Temporal cannot say, the page says so, and whose clock it goes by."""
    address, _ = await _ada(api)
    page = (await viewer.get(address)).text
    assert "Waits to be started" in page
    assert "Watched, not contacted" not in page
    assert "Ada’s clock: London" in page


async def test_the_profile_says_what_is_missing(api: Server, viewer: Browser) -> None:
    """What the journey still asks for is marked, with what is known beside it."""
    address, _ = await _ada(api, last_name="Byron")
    page = (await viewer.get(address)).text
    assert '<dt>Date of birth</dt><dd class="missing">Missing</dd>' in page
    assert "<dt>Last name</dt><dd>Byron</dd>" in page


async def test_a_yes_says_what_it_rests_on(api: Server, viewer: Browser) -> None:
    """Staff read since when and why somebody may be written to; who was never asked has not said yes."""
    address, _ = await _ada(api, consents={"sms": False}, phone="+447911123456", attributes={"simulated": True})
    page = (await viewer.get(address)).text
    today = day(api.clocks.now(), ZoneInfo("Europe/London"))
    for words in (
        f'<dt>Email</dt><dd>Yes <span class="muted">with the registration on {today}</span>',
        f'<dt>Text</dt><dd>No <span class="muted">with the registration on {today}</span>',
        '<dt>Push message</dt><dd>Never asked <span class="muted">there is no app to push to</span>',
        "<dt>Simulated</dt><dd>Yes</dd>",
    ):
        assert words in page, words


async def test_whoever_objected_under_another_name_is_not_said_to_agree(api: Server, viewer: Browser) -> None:
    """An address that its owner wants nothing at says so to staff."""
    now = api.clocks.now()
    api.change(
        lambda session: api.services.reachability.suppress(session, Channel.EMAIL, "ada@example.com", OBJECTED, now)
    )
    address, _ = await _ada(api)
    assert 'No <span class="muted">whoever had this address objected</span>' in (await viewer.get(address)).text


async def test_a_customer_is_taken_along_to_the_rehearsal(api: Server, viewer: Browser) -> None:
    """One link from their page rehearses the journey that they are in, with what is known of them."""
    address, _ = await _ada(api)
    customer_id = address.rpartition("/")[2]
    page = (await viewer.get(address)).text
    link = f"/console/rehearsal?who={customer_id}&amp;journey=data-collection-voucher"
    assert f'<a class="button" href="{link}">Rehearse with Ada</a>' in page
    rehearsal = (await viewer.get(link.replace("&amp;", "&"))).text
    assert f'value="{customer_id}"' in rehearsal
    assert 'value="ada@example.com"' in rehearsal


@pytest.mark.parametrize(("do", "before", "shown"), [
    ("hold", {}, "On hold"),
    ("resume", {"held": True, "hold_reason": "asked", "hold_version": 1}, "Resumed."),
    ("cancel", {}, "is being cancelled: asked by phone"),
])  # fmt: skip
async def test_support_holds_resumes_and_cancels(
    api: Server, support: Browser, do: str, before: Mapping[str, Any], shown: str
) -> None:
    """Each action takes effect at once, is told to the workflow, and is written down with its reason."""
    address, enrollment_id = await _ada(api)

    def prepare(session: Any) -> None:
        row = session.get_one(Enrollment, enrollment_id)
        for name, value in before.items():
            setattr(row, name, value)
        session.add(row)

    api.change(prepare)
    api.relay.told.clear()
    answer = await support.submit(address, f"{address}/journeys/{enrollment_id}", do=do, reason="asked by phone")
    assert answer.headers["location"] == f"{address}?done={do}"
    assert shown.lower() in (await support.get(answer.headers["location"])).text.lower()
    row = api.rows(lambda session: session.get_one(Enrollment, enrollment_id))
    assert (row.held, row.cancel_reason) == (do == "hold", "asked by phone" if do == "cancel" else None)
    assert api.relay.told == [enrollment_id]
    [entry] = api.rows(lambda session: audit.entries(session, subject=("enrollment", enrollment_id)))
    assert (entry.action, entry.why, entry.actor_name) == (f"enrollment.{do}", "asked by phone", "Robin Support")


async def test_holding_needs_a_reason(api: Server, support: Browser) -> None:
    """Without a reason nothing happens, and the field says what is missing."""
    address, enrollment_id = await _ada(api)
    answer = await support.submit(address, f"{address}/journeys/{enrollment_id}", do="hold", reason="  ")
    assert answer.status_code == 422
    assert "Please say why" in answer.text
    assert not api.rows(lambda session: session.get_one(Enrollment, enrollment_id)).held


async def test_a_journey_that_is_over_cannot_be_held(api: Server, support: Browser) -> None:
    """Staff are told how it ended instead."""
    address, enrollment_id = await _ada(api)
    now = api.clocks.now()
    api.change(lambda session: end(session, session.get_one(Enrollment, enrollment_id), "complete", "", now))
    answer = await support.submit(address, f"{address}/journeys/{enrollment_id}", do="hold", reason="asked")
    assert answer.status_code == 409
    assert "This journey is over: complete." in answer.text
    assert "complete" in (await support.get(address)).text


async def test_a_journey_of_somebody_else_is_out_of_reach(api: Server, support: Browser) -> None:
    """An address put together by hand acts on nobody."""
    address, _ = await _ada(api)
    other = await api.register(email="grace@example.com")
    path = f"{address}/journeys/{other['enrollments'][0]['id']}"
    assert (await support.submit(address, path, do="hold", reason="asked")).status_code == 404


async def test_viewers_only_read(api: Server, viewer: Browser) -> None:
    """A viewer has no buttons, and every action is refused."""
    address, enrollment_id = await _ada(api)
    page = (await viewer.get(address)).text
    assert 'name="do"' not in page
    for path in (f"{address}/journeys/{enrollment_id}", f"{address}/export", f"{address}/erase"):
        assert (await viewer.submit(address, path, do="hold", reason="asked", sure="yes")).status_code == 403, path
    assert not api.rows(audit.entries) or "staff.sign-in" in {entry.action for entry in api.rows(audit.entries)}


async def test_an_export_is_a_file_and_written_down(api: Server, support: Browser) -> None:
    """Support downloads all we hold about a person, and the log says who did."""
    address, _ = await _ada(api)
    answer = await support.submit(address, f"{address}/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.json()["profile"]["email"] == "ada@example.com"
    assert api.rows(audit.entries)[0].action == "customer.export"


async def test_an_admin_erases_after_a_second_look(api: Server, admin: Browser) -> None:
    """Erasing asks for a reason and whether one is sure; afterwards the page knows nothing of the person."""
    address, _ = await _ada(api)
    customer_id = address.rpartition("/")[2]
    asked = await admin.submit(f"{address}/erase", f"{address}/erase", reason="asked in writing")
    assert asked.status_code == 422
    assert "sure" in asked.text
    assert (await admin.submit(f"{address}/erase", f"{address}/erase", sure="yes")).status_code == 422
    done = await admin.submit(f"{address}/erase", f"{address}/erase", sure="yes", reason="asked in writing")
    assert done.status_code == 303
    page = (await admin.get(done.headers["location"])).text
    assert re.search(r"\bAda\b|ada@", page) is None
    assert "Erased" in page
    assert api.rows(lambda session: session.get_one(Customer, customer_id)).email is None
    [entry] = api.rows(lambda session: audit.entries(session, subject=("customer", customer_id)))
    assert (entry.action, entry.why) == ("customer.erase", "asked in writing")


async def test_support_cannot_erase(api: Server, support: Browser) -> None:
    """Only an admin may; support sees no button."""
    address, _ = await _ada(api)
    assert "/erase" not in (await support.get(address)).text
    assert (await support.get(f"{address}/erase")).status_code == 403
    assert (await support.submit(address, f"{address}/erase", sure="yes", reason="asked")).status_code == 403


async def test_an_unknown_customer_is_said_to_be(viewer: Browser) -> None:
    """A wrong address is a page that says so."""
    answer = await viewer.get("/console/customers/cus_nobody")
    assert answer.status_code == 404
    assert "no such customer" in answer.text


async def test_names_cannot_bring_markup_along(api: Server, viewer: Browser) -> None:
    """Whatever customers call themselves is shown as text."""
    answer = await api.register(first_name="<script>alert(1)</script>", email="eve@example.com")
    page = (await viewer.get(f"/console/customers/{answer['customer_id']}")).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_a_message_as_it_looked_can_do_nothing(api: Server, viewer: Browser) -> None:
    """The frame of a message has no script, no network and no way out."""
    address, enrollment_id = await _ada(api)
    message_id = _send(api, enrollment_id)
    page = (await viewer.get(address)).text
    assert f'<iframe sandbox src="/console/messages/{message_id}/html"' in page
    preview = await viewer.get(f"/console/messages/{message_id}/html")
    policy = preview.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert '<base target="_blank">' in preview.text
    assert "Hello Ada" in (await viewer.get(f"/console/messages/{message_id}/text")).text
    assert "Hello Ada" in (await viewer.get(f"/console/messages/{message_id}/bubble")).text
    assert (await viewer.http.get(f"/console/messages/{message_id}/html", headers={"Cookie": ""})).status_code == 303
