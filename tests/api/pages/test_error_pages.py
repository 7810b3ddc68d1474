"""What goes wrong where customers look is told on a page, not in the words of an API."""

import re

import pytest

from tests.api.conftest import Server
from tests.api.pages.test_profile_page import page_of

MANY = {f"field-{number}": "x" for number in range(500)}


async def test_a_wrong_address_of_the_api_is_a_problem_document(api: Server) -> None:
    """A developer's client reads what it can parse."""
    for path in ("/v1/nope", "/nope", "/consoles"):
        answer = await api.http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_form_that_cannot_be_read_is_told_on_a_page(api: Server) -> None:
    """A customer whose browser sends something odd reads a sentence in the shop's look."""
    path = await page_of(api)
    answer = await api.http.post(path, data=MANY)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "The form cannot be read." in answer.text
    assert "Hearthmoor" in answer.text


@pytest.mark.parametrize("path", ["/profile/x/y/z", "/unsubscribe", "/l"])
async def test_a_customers_address_that_lost_a_piece_is_a_page(api: Server, path: str) -> None:
    """A link that was cut in two leads to a page that says what to do."""
    answer = await api.http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_a_bug_on_a_customers_page_is_told_with_its_reference(
    api: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The customer can tell the shop a reference, under which the log has it; neither quotes them."""
    path = await page_of(api)

    def broken(*_arguments: object) -> None:
        raise RuntimeError("ada@example.com broke it")

    monkeypatch.setattr("api.pages.frame.customers.find", broken)
    answer = await api.http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    reference = re.search(r"Reference: ([0-9a-f]{12})", answer.text)
    assert reference is not None
    assert reference[1] in caplog.text
    assert "ada@" not in answer.text + caplog.text
