"""What goes wrong where staff look is told on a page, not in the words of an API."""

import re

import pytest

from tests.api.console.conftest import Browser


@pytest.mark.parametrize("path", ["/console/nope", "/console/journeys/welcome/steps/nope", "/console/assets/nope"])
async def test_a_wrong_address_of_the_console_is_a_page(viewer: Browser, path: str) -> None:
    """Staff who mistype an address read so in the console's look, with a way back."""
    answer = await viewer.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<a href="/console">To the journeys</a>' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_bug_in_the_console_is_told_with_its_reference(
    viewer: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Staff tell whoever runs it a reference, under which the log has it."""

    def broken(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("api.console.customer.customers.find", broken)
    answer = await viewer.get("/console/customers/cus_1")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    reference = re.search(r"Reference: ([0-9a-f]{12})", answer.text)
    assert reference is not None
    assert reference[1] in caplog.text
