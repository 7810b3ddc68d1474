"""Imports in the console."""

import asyncio
import time
from typing import Any

from activities.storage import audit
from tests.api.conftest import Server
from tests.api.console.conftest import Browser

LIST = "/console/imports"
SECONDS = 20


async def _send(browser: Browser, name: str, content: bytes) -> Any:
    page = (await browser.get(LIST)).text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]
    return await browser.http.post(LIST, data={"form_token": token}, files={"file": (name, content)})


async def _finished(browser: Browser, address: str) -> str:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        page = (await browser.get(address)).text
        if ">Done</span>" in page:
            return page
        await asyncio.sleep(0.05)
    raise AssertionError("the import did not end")


async def test_support_imports_a_file_and_sees_what_was_wrong(api: Server, support: Browser) -> None:
    """A file goes in, its progress is shown, and each refused line says why."""
    answer = await _send(support, "people.csv", b"email,first_name\nada@example.com,Ada\nnot an email,Eve\n")
    assert answer.status_code == 303
    page = await _finished(support, answer.headers["location"])
    assert "<dt>Rows read</dt><dd>2</dd>" in page
    assert "<dt>New customers</dt><dd>1</dd>" in page
    assert "<dt>Refused</dt><dd>1</dd>" in page
    assert '<th scope="row" class="num">3</th>' in page
    assert "<b>email</b>" in page
    assert "not an email" not in page
    assert "CSV, 1 KB" in (await support.get(LIST)).text
    assert api.rows(lambda session: audit.entries(session, action="import"))[0].action == "import.start"


async def test_a_file_of_another_kind_is_refused(support: Browser) -> None:
    """A file that is none, of another kind, or with unknown columns is refused with the reason."""
    assert "should end with" in (await _send(support, "people.xlsx", b"PK")).text
    unknown = await _send(support, "people.csv", b"e-mail\nada@example.com\n")
    assert unknown.status_code == 422
    assert "e-mail" in unknown.text
    assert "Choose a file first" in (await _send(support, "", b"")).text


async def test_viewers_import_nothing(viewer: Browser) -> None:
    """A viewer has no form, and is refused."""
    assert "Import a file" not in (await viewer.get(LIST)).text
    assert (await viewer.submit(LIST, LIST)).status_code == 403


async def test_a_form_from_elsewhere_imports_nothing(support: Browser) -> None:
    """Another site cannot import in a member's name."""
    answer = await support.http.post(LIST, data={"form_token": "0" * 64}, files={"file": ("a.csv", b"email\n")})
    assert answer.status_code == 403


async def test_no_import_yet(viewer: Browser) -> None:
    """An empty list says what would be there, and a wrong address that there is nothing."""
    assert "No import yet" in (await viewer.get(LIST)).text
    assert (await viewer.get(f"{LIST}/imp_none")).status_code == 404
