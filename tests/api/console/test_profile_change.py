"""Staff change a customer's profile in the console."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from activities.providers.trusted import trusted
from activities.storage import audit
from activities.storage.tables import Customer
from tests.api.conftest import Server, serving
from tests.api.console.conftest import Browser

BEFORE = {"first_name": "Ada", "email": "ada@example.com", "country": "GB", "phone": "+447400123456"}


async def _ada(api: Server, **fields: Any) -> tuple[str, str]:
    """A customer: their address in the console, and their enrollment."""
    answer = await api.register(**BEFORE, **fields)
    return f"/console/customers/{answer['customer_id']}", answer["enrollments"][0]["id"]


def _stored(api: Server, address: str) -> Customer:
    return api.rows(lambda session: session.get_one(Customer, address.rpartition("/")[2]))


async def _save(browser: Browser, address: str, customer: Customer, **typed: str) -> Any:
    form = {**BEFORE, "version": str(customer.version), "reason": "told us on the phone", **typed}
    return await browser.submit(f"{address}/profile", f"{address}/profile", **form)


async def test_support_changes_a_profile(api: Server, support: Browser) -> None:
    """What differs is stored as the API would, the journeys hear of it, and the log says who, which fields and why."""
    address, enrollment_id = await _ada(api)
    assert f'href="{address}/profile"' in (await support.get(address)).text
    api.relay.told.clear()
    answer = await _save(
        support, address, _stored(api, address), last_name="Byron", date_of_birth="1990-12-10", phone="07400 123457"
    )
    assert answer.headers["location"] == f"{address}?done=changed"
    stored = _stored(api, address)
    assert (stored.last_name, stored.date_of_birth, stored.phone) == ("Byron", date(1990, 12, 10), "+447400123457")
    assert api.relay.told == [enrollment_id]
    [entry] = api.rows(lambda session: audit.entries(session, subject=("customer", stored.id)))
    assert (entry.action, entry.why, entry.actor_name) == ("customer.change", "told us on the phone", "Robin Support")
    assert sorted(entry.details["fields"]) == ["date_of_birth", "last_name", "phone"]
    page = (await support.get(answer.headers["location"])).text
    assert "Robin Support changed the profile" in page
    assert "told us on the phone" in page


async def test_what_support_empties_is_forgotten(api: Server, support: Browser) -> None:
    """An emptied field is cleared, and the zone follows the phone again."""
    address, _ = await _ada(api, last_name="Byron", timezone="Europe/Prague")
    form = (await support.get(f"{address}/profile")).text
    assert 'name="timezone" value="Europe/Prague"' in form
    await _save(support, address, _stored(api, address), last_name="", timezone="")
    stored = _stored(api, address)
    assert (stored.last_name, stored.timezone, stored.timezone_source) == (None, "Europe/London", "phone")


@pytest.mark.parametrize(("typed", "told"), [
    ({"email": "ada at example"}, 'id="email-error"'),
    ({"date_of_birth": "2999-01-01"}, 'id="date_of_birth-error"'),
    ({"phone": "12"}, 'id="phone-error"'),
    ({"last_name": "Byron", "reason": " "}, "Please say why"),
    ({"email": "grace@example.com"}, "This email belongs to another customer."),
])  # fmt: skip
async def test_what_is_wrong_is_shown_at_its_field(
    api: Server, support: Browser, typed: dict[str, str], told: str
) -> None:
    """Staff read what to correct; nothing is stored, and what they typed stays."""
    address, _ = await _ada(api)
    await api.register(email="grace@example.com")
    before = _stored(api, address)
    answer = await _save(support, address, before, locale="en-GB", **typed)
    assert answer.status_code in {409, 422}
    assert told in answer.text
    assert 'value="en-GB"' in answer.text
    assert _stored(api, address).version == before.version


async def test_a_form_that_was_left_open_overwrites_nothing(api: Server, support: Browser) -> None:
    """Who saves what they opened before somebody else saved is shown what it says now."""
    address, _ = await _ada(api)
    old = _stored(api, address)
    await _save(support, address, old, last_name="Byron")
    late = await _save(support, address, old, last_name="")
    assert late.status_code == 409
    assert "has changed since you opened it" in late.text
    assert 'value="Byron"' in late.text
    assert 'value="told us on the phone"' in late.text
    assert _stored(api, address).last_name == "Byron"


async def test_a_mistake_in_a_form_that_was_left_open_overwrites_nothing_either(api: Server, support: Browser) -> None:
    """Who mistypes something in a form that is out of date corrects it in what the profile says now."""
    address, _ = await _ada(api)
    old = _stored(api, address)
    await _save(support, address, old, last_name="Byron")
    late = await _save(support, address, old, last_name="", email="ada at example")
    assert late.status_code == 409
    assert "has changed since you opened it" in late.text
    assert 'value="Byron"' in late.text


async def test_of_staff_who_save_at_the_same_moment_one_is_first(api: Server, support: Browser) -> None:
    """Whoever is later by a blink is shown what the other one has stored, and why they wrote stays."""
    address, _ = await _ada(api)
    opened = _stored(api, address)
    names = ("Byron", "King", "Lovelace", "Noel")
    answers = await asyncio.gather(*(_save(support, address, opened, last_name=name) for name in names))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            assert f'value="{_stored(api, address).last_name}"' in answer.text
            assert 'value="told us on the phone"' in answer.text
    assert len(api.rows(lambda session: audit.entries(session, action="customer"))) == 1


async def test_without_phone_and_country_a_customer_is_where_the_shop_is(api: Server, support: Browser) -> None:
    """Whose phone and country are emptied is written to on the clock that the settings name."""
    address, _ = await _ada(api)
    services = replace(api.services, settings=replace(api.services.settings, default_timezone="Europe/Helsinki"))
    async with (
        serving(services) as url,
        httpx.AsyncClient(base_url=url, headers=support.http.headers, verify=trusted(), trust_env=False) as http,
    ):
        await _save(Browser(http, support.role), address, _stored(api, address), phone="", country="")
    stored = _stored(api, address)
    assert (stored.timezone, stored.timezone_source) == ("Europe/Helsinki", "default")


async def test_nobody_has_no_profile_to_change(support: Browser) -> None:
    """An address of a customer whom we do not know leads nowhere."""
    assert (await support.get("/console/customers/cus_nobody/profile")).status_code == 404


async def test_a_form_sent_as_it_was_changes_nothing(api: Server, support: Browser) -> None:
    """Saving without a change, blanks apart, leaves no trace in the log and says so."""
    address, _ = await _ada(api)
    answer = await _save(support, address, _stored(api, address), first_name=" Ada", last_name=" ")
    assert "Nothing was changed." in (await support.get(answer.headers["location"])).text
    assert not api.rows(lambda session: audit.entries(session, action="customer"))


async def test_viewers_change_no_profile(api: Server, viewer: Browser) -> None:
    """Who may only look sees no link, and the form is refused."""
    address, _ = await _ada(api)
    assert f"{address}/profile" not in (await viewer.get(address)).text
    assert (await viewer.get(f"{address}/profile")).status_code == 403
    assert (await viewer.submit(address, f"{address}/profile", first_name="Eve", reason="x")).status_code == 403
