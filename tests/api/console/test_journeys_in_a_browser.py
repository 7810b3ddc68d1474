"""The pages of journeys in Chromium, by keyboard alone."""

from playwright.async_api import Browser as Chromium
from playwright.async_api import Page

from api.console.frame import COOKIE
from tests.api.conftest import Server
from tests.api.console.conftest import Browser
from tests.api.console.people import JOURNEY, few
from tests.chromium import needs_chromium

pytestmark = needs_chromium("the journeys' pages were")


async def _opened(chromium: Chromium, api: Server, member: Browser) -> Page:
    context = await chromium.new_context(viewport={"width": 1440, "height": 900})
    token = member.http.headers["Cookie"].partition("=")[2]
    await context.add_cookies([{"name": COOKIE, "value": token, "url": api.url}])
    return await context.new_page()


async def test_a_journey_is_paused_and_looked_at_by_keyboard_alone(
    api: Server, admin: Browser, chromium: Chromium
) -> None:
    """Without a mouse one pauses a journey, opens its page and comes from a step of the picture to its people."""
    api.change(few)
    page = await _opened(chromium, api, admin)
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
