"""One site and one window for all of these tests, in which each sits down as somebody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from activities.storage.staff import Role
from tests.browser.site import Site, open_site

PHONE, DESK, HEIGHT = 360, 1280, 900  # pixels

expect.set_options(timeout=15_000)  # milliseconds; a machine that runs other tests, too, is slow


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> AsyncIterator[Site]:
    """A running site with a small simulated population."""
    async with open_site(tmp_path_factory.mktemp("site"), chromium) as found:
        yield found


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def window(site: Site) -> AsyncIterator[Page]:
    """The one window: a new one takes longer than most pages."""
    async with site.visit() as page:
        yield page


@asynccontextmanager
async def seated(site: Site, window: Page, role: Role | None, width: int = DESK) -> AsyncIterator[Page]:
    """The window as somebody's; their browser must meet nothing that our own policy forbids."""
    said = list[str]()

    def listen(message: ConsoleMessage) -> None:
        said.append(message.text)

    await site.sign_in(window.context, role)
    await window.emulate_media(color_scheme="light")
    await window.set_viewport_size({"width": width, "height": HEIGHT})
    window.on("console", listen)
    yield window
    window.remove_listener("console", listen)
    assert [each for each in said if "Content Security Policy" in each] == []


@pytest.fixture
async def admin(site: Site, window: Page) -> AsyncIterator[Page]:
    """The browser of an admin."""
    async with seated(site, window, Role.ADMIN) as page:
        yield page


@pytest.fixture
async def support(site: Site, window: Page) -> AsyncIterator[Page]:
    """The browser of a member of support."""
    async with seated(site, window, Role.SUPPORT) as page:
        yield page


@pytest.fixture
async def viewer(site: Site, window: Page) -> AsyncIterator[Page]:
    """The browser of a viewer."""
    async with seated(site, window, Role.VIEWER) as page:
        yield page


@pytest.fixture
async def stranger(site: Site, window: Page) -> AsyncIterator[Page]:
    """The phone of somebody who is not signed in."""
    async with seated(site, window, None, PHONE) as page:
        yield page
