"""Members of staff, signed in to the console of a running API."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
from sqlmodel import Session

from activities.providers.trusted import trusted
from activities.storage.staff import Role, add_member
from api.console.frame import COOKIE
from tests.api.conftest import Server

PASSWORD = "correct horse battery"
FORM_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')


@dataclass
class Browser:
    """A member's browser, without script.

    Attributes:
        http: keeps the cookie.
        role: of the member.
    """

    http: httpx.AsyncClient
    role: Role

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.http.get(path)

    async def submit(self, page: str, action: str, **fields: str) -> httpx.Response:
        """Open a page and send a form from it."""
        shown = await self.http.get(page)
        found = FORM_TOKEN.search(shown.text)
        assert found is not None, f"{page} has no form: {shown.status_code}"
        return await self.http.post(action, data={"form_token": found.group(1), **fields})


Enter = Callable[[Role], Awaitable[Browser]]


@pytest.fixture
async def enter(api: Server) -> AsyncIterator[Enter]:
    """Sign somebody of that role in."""
    async with AsyncExitStack() as open_browsers:

        async def sign_in(role: Role) -> Browser:
            def transaction(session: Session) -> None:
                add_member(session, role.label, f"Robin {role.label.title()}", role, PASSWORD, api.clocks.now())

            api.change(transaction)
            http = await open_browsers.enter_async_context(
                httpx.AsyncClient(base_url=api.url, timeout=30, verify=trusted(), trust_env=False)
            )
            answer = await http.post("/console/sign-in", data={"login": role.label, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            # The site is https to its visitors, so the cookie is marked as secure; this client speaks http.
            http.headers["Cookie"] = f"{COOKIE}={answer.cookies[COOKIE]}"
            return Browser(http, role)

        yield sign_in


@pytest.fixture
async def support(enter: Enter) -> Browser:
    """A member of support, signed in."""
    return await enter(Role.SUPPORT)


@pytest.fixture
async def admin(enter: Enter) -> Browser:
    """An admin, signed in."""
    return await enter(Role.ADMIN)


@pytest.fixture
async def viewer(enter: Enter) -> Browser:
    """A viewer, signed in."""
    return await enter(Role.VIEWER)
