"""The pages of journeys in Chromium: nothing sticks out, and people with a screen reader or a keyboard can use them."""

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, async_playwright

from api.console.frame import COOKIE
from tests.api.conftest import Server
from tests.api.console.conftest import Browser
from tests.api.console.people import JOURNEY, arms, few

CHROMIUM = shutil.which("chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
PATHS = (
    "/console",
    f"/console/journeys/{JOURNEY}",
    f"/console/journeys/{JOURNEY}/parameters",
    f"/console/journeys/{JOURNEY}/steps/time-to-complete-the-profile-unprompted",
    f"/console/journeys/{JOURNEY}/hold",
    "/console/journeys/welcome?ways=all",
)
SERIOUS = {"serious", "critical"}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM FOUND: the journeys' pages were NOT CHECKED"),
]


@pytest_asyncio.fixture(scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    """One browser for all pages."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


async def _opened(chromium: Chromium, api: Server, member: Browser, scheme: str, width: int) -> Page:
    dark = scheme == "dark"
    context = await chromium.new_context(
        color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900}
    )
    token = member.http.headers["Cookie"].partition("=")[2]
    await context.add_cookies([{"name": COOKIE, "value": token, "url": api.url}])
    return await context.new_page()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
async def test_pages_fit_the_screen_and_can_be_read_by_everyone(
    api: Server, admin: Browser, chromium: Chromium, scheme: str, width: int
) -> None:
    """On a phone and on a desk, in light and dark, nothing sticks out and axe finds nothing serious."""
    api.change(few)
    api.change(arms)
    page = await _opened(chromium, api, admin, scheme, width)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in PATHS:
        await page.goto(api.url + path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = (await Axe().run(page)).response["violations"]
        serious = [
            (each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found if each["impact"] in SERIOUS
        ]
        assert not serious, (path, serious)
    assert not complaints
    await page.context.close()


async def test_a_journey_is_paused_and_looked_at_by_keyboard_alone(
    api: Server, admin: Browser, chromium: Chromium
) -> None:
    """Without a mouse one pauses a journey, opens its page and comes from a step of the picture to its people."""
    api.change(few)
    page = await _opened(chromium, api, admin, "light", 1440)
    await page.goto(f"{api.url}/console")
    await page.get_by_role("button", name=f"Pause {JOURNEY}").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("status").wait_for()
    assert f"{JOURNEY} is paused" in await page.get_by_role("status").inner_text()
    await page.get_by_role("link", name=JOURNEY, exact=True).focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Did it work?").wait_for()
    await page.locator("svg.diagram a[href$='unprompted']").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Bob", exact=True).wait_for()
    await page.context.close()
