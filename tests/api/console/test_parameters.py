"""A journey's parameters in the console."""

import re
from typing import Any

import pytest
from sqlmodel import Session

from activities.storage import audit, journey_settings, vouchers
from activities.storage.designs import standard_design
from tests.api.conftest import Server
from tests.api.console.conftest import Browser
from tests.api.console.people import JOURNEY, population

PAGE = f"/console/journeys/{JOURNEY}/parameters"
INPUT = re.compile(r'<input[^>]*? name="([^"]+)"(?: inputmode="\w+")?(?: value="([^"]*)")?([^>]*)>')
SELECT = re.compile(
    r'<select[^>]*? name="([^"]+)"(?:(?!</select>).)*?<option(?: value="([^"]*)")? selected>([^<]*)<', re.DOTALL
)


def _filled_in(page: str) -> dict[str, str]:
    """What a browser would send if nothing were changed."""
    fields = {name: value for name, value, rest in INPUT.findall(page) if "checkbox" not in rest}
    checked = re.findall(r'<input type="checkbox" name="([^"]+)" checked', page)
    fields = {name: value for name, value in fields.items() if name.partition(".")[2] not in DAYS}
    chosen = {name: value or label for name, value, label in SELECT.findall(page)}
    return {**fields, **chosen, **dict.fromkeys(checked, "on")}


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


async def _send(browser: Browser, page: str = PAGE, **changes: str) -> Any:
    fields = _filled_in((await browser.get(page)).text)
    for name in [name for name in fields if changes.get(name.replace(".", "_")) == ""]:
        del fields[name]
    sent = {name.replace("__", "."): value for name, value in changes.items() if value}
    return await browser.submit(page, page, **{**fields, **sent})


def _row(api: Server, name: str = JOURNEY) -> Any:
    return api.rows(lambda session: journey_settings.setting(session, name, api.clocks.now()))


async def test_a_change_is_for_those_who_enter_from_then_on(api: Server, admin: Browser) -> None:
    """A changed wait reaches the next customer and not the one inside; the audit log has old and new."""

    def enter(session: Session) -> Any:
        people = population(session)
        return people.entry(people.register(f"Ada{len(_row(api).parameters)}")).parameters["first_wait"]

    before = api.change(enter)
    answer = await _send(admin, first_wait="36", first_wait__unit="hours", why="people need less time")
    assert answer.status_code == 303, answer.text
    assert "Changed" in (await admin.get(answer.headers["location"])).text
    assert _row(api).parameters == {"first_wait": "P1DT12H"}
    assert (before, api.change(enter)) == ("P3D", "P1DT12H")
    (entry,) = api.rows(lambda session: audit.entries(session, subject=("journey", JOURNEY)))
    assert entry.action == "journey.parameters"
    assert entry.why == "people need less time"
    assert entry.details == {"first_wait": {"from": "3 days", "to": "1 day 12 hours"}}


async def test_what_was_not_changed_stays_as_the_code_has_it(api: Server, admin: Browser) -> None:
    """Sending the form as it is changes nothing, and writes nothing down."""
    assert (await _send(admin)).status_code == 303
    assert _row(api).parameters == {}
    assert api.rows(lambda session: audit.entries(session, subject=("journey", JOURNEY))) == []


async def test_the_default_takes_an_override_back(api: Server, admin: Browser) -> None:
    """A value set back to the code's own follows the code again."""
    await _send(admin, first_wait="5")
    assert _row(api).parameters == {"first_wait": "P5D"}
    await _send(admin, first_wait="3")
    assert _row(api).parameters == {}


async def test_a_window_and_the_share_held_out(api: Server, admin: Browser) -> None:
    """Hours, days and the share of people left alone are changed on the same page."""
    await _send(admin, send_window__opens="10:00", send_window_Sun="", holdout="12.5")
    row = _row(api)
    assert row.parameters["send_window"] == {"opens": "10:00", "closes": "21:00", "days": [0, 1, 2, 3, 4, 5]}
    assert row.holdout == 0.125
    actions = api.rows(lambda session: [each.action for each in audit.entries(session, subject=("journey", JOURNEY))])
    assert sorted(actions) == ["journey.holdout", "journey.parameters"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("first_wait", "0", "Must be longer than nothing."),
        ("first_wait", "99999999999999", "Must not be longer than 3650 days."),
        ("first_wait", "soon", "A whole number of days, hours, minutes or seconds is needed."),
        ("holdout", "100", "A share from 0 to 90 percent is needed."),
        ("holdout", "much", "A share from 0 to 90 percent is needed."),
        ("asked_for", " , ", "Not a list of names: []."),
        ("send_window__closes", "09:00", "Closes: must differ from opens, both are 09:00."),
    ],
)
async def test_a_wrong_value_is_named_and_nothing_is_changed(
    api: Server, admin: Browser, field: str, value: str, said: str
) -> None:
    """A value that cannot be right is refused beside its field, with what was typed still there."""
    answer = await _send(admin, **{field: value, "voucher": "another-design"})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="another-design"' in answer.text
    assert _row(api).parameters == {}


async def test_two_admins_do_not_undo_each_others_changes(api: Server, admin: Browser) -> None:
    """A form that was opened before somebody else's change is not taken over it."""
    fields = _filled_in((await admin.get(PAGE)).text)

    def change(session: Session) -> None:
        journey_settings.set_parameters(session, JOURNEY, {"first_wait": "P9D"}, api.clocks.now())

    api.change(change)
    answer = await admin.submit(PAGE, PAGE, **{**fields, "promise_wait": "4"})
    assert answer.status_code == 409
    assert "Somebody changed" in answer.text
    assert _row(api).parameters == {"first_wait": "P9D"}


async def test_others_read_and_do_not_change(api: Server, support: Browser) -> None:
    """Support sees what is set, without the button, and a form of their own making is refused."""
    page = await support.get(PAGE)
    assert "Only admins change parameters" in page.text
    assert "from now on</button>" not in page.text
    assert (await support.submit(PAGE, PAGE, first_wait="1")).status_code == 403
    assert _row(api).parameters == {}


@pytest.mark.parametrize("name", ["welcome", "order-follow-up", "member-welcome", "data-collection-points"])
async def test_every_journey_has_a_form_that_changes_nothing_by_itself(api: Server, admin: Browser, name: str) -> None:
    """Each kind of parameter comes back from the form as it went into it."""
    page = f"/console/journeys/{name}/parameters"
    answer = await _send(admin, page)
    assert answer.status_code == 303, answer.text
    assert _row(api, name).parameters == {}


async def test_other_words_are_chosen_from_a_list(api: Server, admin: Browser) -> None:
    """A marketer chooses the reminder's words by a readable name, and the audit log says from which to which."""
    page = (await admin.get(PAGE)).text
    assert 'value="complete-your-account--short">complete your account: short</option>' in page
    assert 'value="complete-your-account" selected>complete your account</option>' in page
    assert "There is only one so far. A variant would be named voucher-offer--short." in page
    answer = await _send(admin, reminder_message="complete-your-account--short")
    assert answer.status_code == 303, answer.text
    assert _row(api).parameters == {"reminder_message": "complete-your-account--short"}
    assert 'value="complete-your-account--short" selected' in (await admin.get(PAGE)).text
    (entry,) = api.rows(lambda session: audit.entries(session, subject=("journey", JOURNEY)))
    assert entry.details == {
        "reminder_message": {"from": "complete your account", "to": "complete your account: short"}
    }


async def test_words_that_there_are_not_are_refused(api: Server, admin: Browser) -> None:
    """A form of somebody's own making cannot choose words that nobody has written."""
    answer = await _send(admin, reminder_message="complete-your-account--lost")
    assert answer.status_code == 422
    assert "One of complete-your-account, complete-your-account--short, not " in answer.text
    assert _row(api).parameters == {}


async def test_a_design_is_chosen_with_its_stock_in_view(api: Server, admin: Browser) -> None:
    """A marketer sees how many codes each design has left, and is told where a new one has none yet."""

    def load(session: Session) -> None:
        vouchers.load(session, standard_design("summer-thanks"), ["SUMMER-1", "SUMMER-2"])

    api.change(load)
    page = (await admin.get(PAGE)).text
    assert '<option value="summer-thanks">2 codes free</option>' in page
    filled = await _send(admin, voucher="summer-thanks")
    assert "Changed, for those who enter" in (told := (await admin.get(filled.headers["location"])).text)
    assert "No code of" not in told
    assert "summer-thanks: 2 codes free." in (await admin.get(PAGE)).text
    empty = await _send(admin, voucher="autumn-thanks")
    assert "No code of autumn-thanks is free" in (await admin.get(empty.headers["location"])).text
    assert _row(api).parameters == {"voucher": "autumn-thanks"}
    assert "autumn-thanks: no such design yet." in (await admin.get(PAGE)).text
