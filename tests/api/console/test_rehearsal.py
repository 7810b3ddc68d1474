"""The rehearsal in the console: the real journey, an invented course of events, and nothing sent."""

import html
import json
import re
from typing import Any

import pytest
from sqlmodel import Session, func, select

from activities.channels import EMAIL
from activities.delivery import Refused
from activities.storage.tables import AuditEntry, Customer, Enrollment, Message
from tests.api.conftest import Server
from tests.api.console.conftest import Browser
from tests.readable import readable

PAGE = "/console/rehearsal"
ADA = {
    "journey": "data-collection-voucher",
    "date": "2027-03-27",
    "time": "21:30",
    "timezone": "Europe/Prague",
    "first_name": "Ada",
    "email": "ada@example.com",
    "phone": "+420601123456",
    "consent_email": "on",
    "consent_sms": "on",
    "rows": "2",
}
THEN = {"then.0.after": "10", "then.0.unit": "days", "then.0.what": "profile"}
DETAILS = {"then.0.details": "last name = Byron\ndate of birth = 1990-12-10"}


async def defaults(browser: Browser) -> dict[str, str]:
    """What stands in the form for its parameters and pools."""
    shown = (await browser.get(f"{PAGE}?journey=data-collection-voucher")).text
    inputs = {
        found["name"]: html.unescape(found["value"])
        for found in re.finditer(r'<input[^>]* name="(?P<name>(?:p|pool):[^"]+)"[^>]*value="(?P<value>[^"]*)"', shown)
    }
    selected = r'<select id="(?P<name>p:[^"]+)".*?<option(?: value="(?P<value>[^"]*)")? selected>(?P<label>[^<]*)'
    chosen = re.finditer(selected, shown)
    days = dict.fromkeys(re.findall(r'name="(p:send_window\.\w{3})" checked', shown), "on")
    return inputs | {found["name"]: found["value"] or found["label"] for found in chosen} | days


async def rehearse(browser: Browser, **fields: str) -> tuple[int, str, str]:
    """Send the form and read the page it leads to: its status, its words and its address."""
    sent = {**ADA, **await defaults(browser), **fields}
    answer = await browser.submit(PAGE, PAGE, do="rehearse", **sent)
    assert answer.status_code == 303, answer.text
    page = await browser.get(answer.headers["location"])
    return page.status_code, html.unescape(page.text), answer.headers["location"]


def stored(session: Session, table: Any) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


async def test_a_viewer_sees_at_once_what_would_happen(viewer: Browser, api: Server) -> None:
    """Whoever opens the page sees an example rehearsed to its end, and nothing of it is stored."""
    page = await viewer.get(PAGE)
    assert page.status_code == 200
    assert "Nothing is sent, nothing is counted" in page.text
    assert "Not complete" in page.text
    numbers = api.rows(lambda session: [stored(session, table) for table in (Customer, Enrollment, Message)])
    assert numbers == [0, 0, 0]


async def test_what_happens_then_changes_the_end(viewer: Browser) -> None:
    """A change of the profile on the tenth day leads to the voucher by text, in the customer's own hours."""
    status, page, _ = await rehearse(viewer, **THEN, **DETAILS)
    assert status == 200
    assert "Rewarded by SMS" in page
    assert "2 emails, 2 texts" in page
    assert "The clocks go forward meanwhile; these are 72 hours." in page
    assert "Ada’s profile changes: last name and date of birth" in page
    assert "Wednesday 7 April 2027" in page


@pytest.mark.parametrize(
    ("what", "details", "said"),
    [
        ("cancel", "asked by phone", "Staff cancel the journey: asked by phone"),
        ("hold", "asked by phone", "Staff hold the journey: asked by phone"),
        ("opt_out_email", "", "Ada opts out of emails"),
        ("event", "order.completed\norderId = A-1", "The event “order.completed” comes in"),
    ],
)
async def test_everything_that_a_scenario_knows_can_happen(viewer: Browser, what: str, details: str, said: str) -> None:
    """Staff can try an event, an opt-out, a hold and a cancel."""
    row = {"then.0.after": "4", "then.0.unit": "days", "then.0.what": what, "then.0.details": details}
    status, page, _ = await rehearse(viewer, **row)
    assert status == 200
    assert said in page


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        ({"email": "nonsense"}, "email", "email"),
        ({"attributes": "sizes = [38, 39]"}, "attributes", "list of strings"),
        ({"attributes": "= gold"}, "attributes", "name = value: = gold"),
        ({"timezone": "Mars/Base"}, "timezone", "time zone"),
        ({"date": "soon"}, "date", "2027-03-27"),
        ({"date": "0044-03-15"}, "date", "years 1900 to 8999"),
        ({"date": "0001-01-01", "time": "00:00"}, "time", "21:30"),
        ({"trigger": "{"}, "trigger", "JSON"),
        ({"trigger": "[]"}, "trigger", "JSON"),
        ({"trigger": '{"total": NaN}'}, "trigger", "JSON"),
        ({"then.0.after": "x", "then.0.what": "profile"}, "then.0.after", "whole number"),
        ({"then.0.after": "²", "then.0.what": "opt_out_sms"}, "then.0.after", "whole number"),
        ({"then.1.after": "9" * 6, "then.1.what": "opt_out_sms", "date": "8000-01-01"}, "then.1.after", "calendar"),
        ({"then.1.after": "1", "then.1.what": "hold"}, "then.1.details", "reason"),
        ({"then.1.after": "1", "then.1.what": "event"}, "then.1.details", "type, such as"),
        ({"then.1.after": "1", "then.1.what": "profile"}, "then.1.details", "What changes"),
        ({"then.1.after": "1", "then.1.what": "profile", "then.1.details": "Byron"}, "then.1.details", ": Byron"),
        ({"then.1.after": "1", "then.1.what": "profile", "then.1.details": "phone = 12"}, "then.1.details", "number"),
        ({"p:first_wait": "-1"}, "p:first_wait", "A whole number"),
        ({"p:first_wait": "²"}, "p:first_wait", "A whole number"),
        ({"pool:voucher": "many"}, "pool:voucher", "whole number"),
        ({"pool:voucher": "²"}, "pool:voucher", "whole number"),
        ({"pool:voucher": "1001"}, "pool:voucher", "up to 1,000"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(
    viewer: Browser, fields: dict[str, str], place: str, said: str
) -> None:
    """A wrong value is named where it was typed, and what else was typed stays."""
    status, page, _ = await rehearse(viewer, **fields)
    assert status == 422
    error = re.search(rf'id="{re.escape(place)}-e(?:rror)?">([^<]*)<', page)
    assert error is not None, page[:200]
    assert said in error.group(1)
    assert not error.group(1).endswith("..")
    assert 'value="Ada"' in page


async def test_parameters_and_stock_can_be_tried(viewer: Browser) -> None:
    """A marketer sees what a shorter wait, and an empty pool, would mean."""
    status, page, _ = await rehearse(viewer, **{"p:first_wait": "1", "p:first_wait.unit": "days", "pool:voucher": "0"})
    assert status == 200
    assert "Waits 1 day" in page
    assert "no voucher left" in page.lower()


async def test_rows_come_and_go_without_script(viewer: Browser) -> None:
    """One more row is one press away, and so is one less; what stands in the others stays."""
    sent = {**ADA, **THEN, **DETAILS, "then.1.what": "resume", "then.1.after": "3"}
    more = await viewer.submit(PAGE, PAGE, do="add", **sent)
    assert 'name="then.2.after"' in (await viewer.get(more.headers["location"])).text
    less = await viewer.submit(PAGE, PAGE, do="remove.0", **sent)
    page = (await viewer.get(less.headers["location"])).text
    assert 'name="then.1.after"' not in page
    assert 'name="then.0.after" inputmode="numeric" value="3"' in page
    odd = await viewer.submit(PAGE, PAGE, do="remove.²", **sent)
    assert 'name="then.1.after"' in (await viewer.get(odd.headers["location"])).text


async def test_a_real_customer_is_where_it_begins(viewer: Browser, api: Server) -> None:
    """A rehearsal can begin with what we know of a real customer, and leaves them alone."""
    known = await api.register(id="shop-7", first_name="Zoë", email="zoe@example.com", attributes={"tier": "gold"})
    page = html.unescape((await viewer.get(f"{PAGE}?who=shop-7&journey=data-collection-voucher")).text)
    assert 'value="zoe@example.com"' in page
    assert "tier = gold" in page
    assert "Zoë registers" in page
    assert (await viewer.get(f"{PAGE}?who={known['customer_id']}")).status_code == 200
    assert (await viewer.get(f"{PAGE}?who=nobody")).status_code == 404


async def test_it_can_be_taken_along_as_a_scenario(viewer: Browser) -> None:
    """What was put together in the browser runs with `sojourn simulate`, too."""
    answer = await viewer.submit(PAGE, PAGE, do="scenario", **ADA, **THEN, **DETAILS, **await defaults(viewer))
    assert answer.headers["content-disposition"] == 'attachment; filename="data-collection-voucher.json"'
    scenario = json.loads(answer.text)
    assert scenario["start"] == "2027-03-27T20:30:00Z"
    assert scenario["then"] == [{"after": "P10D", "profile": {"last_name": "Byron", "date_of_birth": "1990-12-10"}}]


async def test_a_scenario_says_all_that_was_put_together(viewer: Browser) -> None:
    """A developer who takes a rehearsal along finds in the file all that a marketer typed, and nothing made up."""
    happens = [
        (
            "1",
            "hours",
            "profile",
            "phone = +420601123457\nshoe size = 38\nvip = true\ntier = gold\nlast name = 7\nfax =",
        ),
        ("20", "minutes", "event", "order.completed\norderId = A-1\n\ntotal = 39.5"),
        ("2", "days", "opt_out_sms", ""),
        ("3", "days", "", "is left out"),
        ("3", "days", "hold", "on leave"),
        ("4", "days", "resume", "back again"),
        ("5", "days", "resume", ""),
    ]
    parts = ("after", "unit", "what", "details")
    rows = {
        f"then.{row}.{part}": text for row, each in enumerate(happens) for part, text in zip(parts, each, strict=True)
    }
    typed = {**ADA, **await defaults(viewer), **rows, "rows": str(len(happens))}
    typed |= {"consent_sms": "", "attributes": "tier = gold\nvip = true", "trigger": '{"campaign": "spring"}'}
    typed |= {
        "provider:email": "accepted",
        "provider:sms": "unavailable",
        "provider:webhook": "unknown",
        "provider:push": "rejected",
    }
    typed |= {"pool:voucher": "2", "time": "21:30+05:00"}
    scenario = json.loads((await viewer.submit(PAGE, PAGE, do="scenario", **typed)).text)
    assert scenario["start"] == "2027-03-27T20:30:00Z"
    assert scenario["customer"] == {
        "id": "example",
        "first_name": "Ada",
        "email": "ada@example.com",
        "phone": "+420601123456",
        "timezone": "Europe/Prague",
        "attributes": {"tier": "gold", "vip": True},
        "consents": {"email": True, "sms": False},
    }
    assert scenario["trigger"]["properties"] == {"campaign": "spring"}
    others = {"shoe_size": 38, "vip": True, "tier": "gold", "fax": None}
    assert scenario["then"] == [
        {"after": "PT1H", "profile": {"phone": "+420601123457", "last_name": "7", "attributes": others}},
        {"after": "PT20M", "event": {"type": "order.completed", "properties": {"orderId": "A-1", "total": 39.5}}},
        {"after": "P2D", "opt_out": "sms"},
        {"after": "P3D", "hold": "on leave"},
        {"after": "P4D", "resume": "back again"},
        {"after": "P5D", "resume": True},
    ]
    results = {"sms": "unavailable", "push": "rejected", "webhook": "unknown"}
    assert scenario["providers"] == {channel: {"result": result} for channel, result in results.items()}
    assert [len(codes) for codes in scenario["vouchers"].values()] == [2]


@pytest.mark.parametrize(
    "wrong", [{"email": "nonsense"}, {"trigger": '{"total": NaN}'}, {"trigger": r'{"a": "\ud800"}'}]
)
async def test_what_could_not_be_rehearsed_is_no_scenario(viewer: Browser, wrong: dict[str, str]) -> None:
    """Instead of a file that `sojourn simulate` refuses, a marketer gets the form back with what is wrong in it."""
    answer = await viewer.submit(PAGE, PAGE, do="scenario", **{**ADA, **await defaults(viewer), **wrong})
    assert answer.status_code == 303
    page = await viewer.get(answer.headers["location"])
    assert page.status_code == 422
    assert f'id="{next(iter(wrong))}-error"' in page.text


async def test_a_customer_who_is_unknown_but_for_the_event_is_rehearsed(viewer: Browser) -> None:
    """A marketer sees what becomes of somebody of whom there is neither an id nor an address."""
    status, page, _ = await rehearse(viewer, email="", phone="")
    assert status == 200
    assert "Unreachable" in page


@pytest.mark.parametrize(("rows", "shown"), [("0", 1), ("99", 12), ("²", 1), ("9" * 5000, 1), ("none", 1)])
async def test_a_form_has_as_many_rows_as_one_can_read(viewer: Browser, rows: str, shown: int) -> None:
    """Whatever a form says of its rows, there is one for what happens then, and never more than twelve."""
    _, page, _ = await rehearse(viewer, rows=rows)
    assert len(re.findall(r'name="then\.\d+\.after"', page)) == shown
    assert ("Add an event" in page) == (shown < 12)


async def test_the_address_of_a_page_says_nothing_of_a_customer(viewer: Browser) -> None:
    """Nobody who reads an address in a log or a history learns a name or an email from it."""
    _, _, address = await rehearse(viewer)
    assert "ada@" not in readable(address)
    assert (await viewer.get(f"{address[:-4]}AAAA")).status_code == 404


async def test_messages_are_shut_off(viewer: Browser) -> None:
    """A message stands in a frame that can do nothing."""
    _, page, _ = await rehearse(viewer)
    source = re.search(r'sandbox loading="lazy" src="([^"]+)"', page)
    assert source is not None
    frame = await viewer.get(source.group(1))
    assert "Hearthmoor" in frame.text
    assert frame.headers["content-security-policy"].startswith("sandbox;")
    assert (await viewer.get(re.sub(r"n=\d+$", "n=99", source.group(1)))).status_code == 404


async def test_support_sends_a_test_to_themselves(support: Browser, api: Server) -> None:
    """A test is marked, goes through the provider, is written down without the address, and counts nowhere."""
    _, page, address = await rehearse(support)
    sealed = re.search(r'name="s" value="([^"]+)"', page)
    assert sealed is not None
    answer = await support.submit(address, f"{PAGE}/test", s=sealed.group(1), to="robin@example.com", which="all")
    assert answer.status_code == 303
    assert "2 test messages handed to the provider" in (await support.get(answer.headers["location"])).text
    assert [(each.to, each.subject[:7]) for each in api.tests.kept] == [("robin@example.com", "[Test] ")] * 2
    written = api.rows(
        lambda session: session.exec(select(AuditEntry).where(AuditEntry.action == "rehearsal.test")).all()
    )
    assert len(written) == 2
    assert "robin@" not in str([row.model_dump() for row in written])
    assert api.rows(lambda session: stored(session, Message)) == 0


async def test_texts_go_to_a_phone(support: Browser, api: Server) -> None:
    """To a phone go the texts, marked in their words."""
    _, page, address = await rehearse(support)
    sealed = re.search(r'name="s" value="([^"]+)"', page)
    assert sealed is not None
    await support.submit(address, f"{PAGE}/test", s=sealed.group(1), to="+420601999888", which="all")
    assert [(each.to, each.text[:7]) for each in api.tests.kept] == [("+420601999888", "[Test] ")]


async def test_a_test_that_cannot_go_says_why(support: Browser, api: Server) -> None:
    """A wrong address, a suppressed one and a provider's refusal are each told at the field."""
    _, page, address = await rehearse(support)
    sealed = re.search(r'name="s" value="([^"]+)"', page)
    assert sealed is not None

    async def told(to: str) -> tuple[int, str]:
        answer = await support.submit(address, f"{PAGE}/test", s=sealed.group(1), to=to, which="all")
        error = re.search(r'id="to-error">([^<]*)<', answer.text)
        return answer.status_code, html.unescape(error.group(1)) if error else ""

    assert (await told("nobody"))[0] == 422
    suppress = api.services.reachability.suppress
    api.change(lambda session: suppress(session, EMAIL, "gone@example.com", "complaint", api.clocks.now()))
    assert await told("gone@example.com") == (422, "This address is never used again: complaint.")
    assert api.tests.kept == []
    api.tests.answer = Refused("the sender is not verified")
    assert await told("robin@example.com") == (
        502,
        "0 of 2 went out. Then the provider said: the sender is not verified",
    )


async def test_a_viewer_sends_nothing(viewer: Browser, api: Server) -> None:
    """A viewer may rehearse, but has no way to send."""
    _, page, address = await rehearse(viewer)
    assert "Send test" not in page
    sealed = address.partition("s=")[2]
    answer = await viewer.submit(address, f"{PAGE}/test", s=sealed, to="robin@example.com", which="all")
    assert answer.status_code == 403
    assert api.tests.kept == []


async def test_other_words_are_rehearsed_before_they_are_chosen(viewer: Browser) -> None:
    """A marketer reads a message in the words of a variant without choosing it for anybody."""
    _, page, _ = await rehearse(viewer, **{"p:reminder_message": "complete-your-account--short"})
    assert "details to go" in page
    assert "missing from your account" not in page
