"""The page on which customers complete their profile, as a browser without script sees it."""

import re

import httpx

from activities.storage.links import Claim
from tests.api.conftest import Server

NEW = {"id": "c1", "first_name": "Ada", "email": "ada@example.com", "timezone": "Europe/London"}


async def page_of(api: Server, **registration: object) -> str:
    """Register a customer and return the path of their profile page."""
    answer = await api.register(**(registration or NEW))
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
    print(page.text)
