"""Signing in to the console."""

from datetime import timedelta

import httpx
import pytest

from activities.providers.trusted import trusted
from activities.storage import audit, staff
from activities.storage.staff import Role
from tests.api.conftest import Server
from tests.api.console.conftest import PASSWORD, Browser


def _add(api: Server, role: Role = Role.VIEWER) -> None:
    api.change(lambda session: staff.add_member(session, "robin", "Robin", role, PASSWORD, api.clocks.now()))


async def _try(api: Server, login: str, password: str, wanted: str = "/console") -> httpx.Response:
    async with httpx.AsyncClient(base_url=api.url, verify=trusted(), trust_env=False) as http:
        return await http.post("/console/sign-in", data={"login": login, "password": password, "next": wanted})


async def test_who_is_not_signed_in_comes_to_the_page_and_back(api: Server) -> None:
    """A link into the console asks to sign in first, and then leads where it was meant to."""
    _add(api)
    async with httpx.AsyncClient(base_url=api.url, verify=trusted(), trust_env=False) as http:
        sent_away = await http.get("/console")
    assert sent_away.status_code == 303
    assert sent_away.headers["location"] == "/console/sign-in?next=/console"
    answer = await _try(api, "Robin ", PASSWORD, "/console/journeys/welcome")
    assert answer.headers["location"] == "/console/journeys/welcome"


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/console//evil", "/v1/journeys"])
async def test_nobody_is_led_elsewhere(api: Server, wanted: str) -> None:
    """A link that somebody prepared cannot use our page to lead staff to another site."""
    _add(api)
    assert (await _try(api, "robin", PASSWORD, wanted)).headers["location"] == "/console"


@pytest.mark.parametrize(("login", "password"), [("robin", "wrong"), ("nobody", PASSWORD), ("", "")])
async def test_a_wrong_login_and_a_wrong_password_look_the_same(api: Server, login: str, password: str) -> None:
    """Nobody can find out who has an account."""
    _add(api)
    answer = await _try(api, login, password)
    assert answer.status_code == 403
    assert "do not belong together" in answer.text
    assert "set-cookie" not in answer.headers


async def test_the_cookie_is_for_the_console_alone(api: Server) -> None:
    """No script can read the cookie, no other site can use it, and no other page is sent it."""
    _add(api)
    cookie = (await _try(api, "robin", PASSWORD)).headers["set-cookie"]
    assert {"HttpOnly", "Path=/console", "SameSite=lax", "Secure"} <= set(cookie.split("; "))


async def test_signing_in_is_written_down(api: Server) -> None:
    """The audit log tells who signed in."""
    _add(api)
    await _try(api, "robin", PASSWORD)
    entries = api.rows(audit.entries)
    assert [(entry.actor_name, entry.action) for entry in entries] == [("Robin", "staff.sign-in")]


async def test_signing_out_ends_the_session(support: Browser) -> None:
    """After signing out the same cookie opens nothing."""
    assert (await support.submit("/console", "/console/sign-out")).status_code == 303
    assert (await support.get("/console")).headers["location"].startswith("/console/sign-in")


async def test_a_session_ends_after_a_working_day(api: Server, support: Browser) -> None:
    """A forgotten browser is signed out after twelve hours."""
    api.clocks.ahead = timedelta(hours=12, minutes=1)
    assert (await support.get("/console")).status_code == 303


async def test_a_disabled_member_is_out_at_once(api: Server, support: Browser) -> None:
    """Who leaves the company can neither go on nor come back."""
    api.change(lambda session: staff.disable(session, "support", api.clocks.now()))
    assert (await support.get("/console")).status_code == 303
    assert (await _try(api, "support", PASSWORD)).status_code == 403


async def test_a_form_from_elsewhere_is_refused(support: Browser) -> None:
    """Another site cannot act in a member's name."""
    answer = await support.http.post("/console/sign-out", data={"form_token": "0" * 64})
    assert answer.status_code == 403
    assert (await support.get("/console")).status_code == 200
