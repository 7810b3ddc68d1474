"""What is wrong with how a page looks, and for whom it cannot be used."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

BAD = frozenset({"serious", "critical"})
SCROLLS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
# What stands in frames are messages, which have tests of their own.
OPTIONS = {"resultTypes": ["violations"], "iframes": False}


async def faults(page: Page) -> list[str]:
    """What is wrong with a page that is open: sideways scroll, and what axe takes seriously."""
    results = await Axe().run(page, options=OPTIONS)
    return await too_wide(page) + [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in results.response["violations"]
        if each["impact"] in BAD
    ]


async def too_wide(page: Page) -> list[str]:
    """Whether one has to scroll sideways."""
    return ["it scrolls sideways"] if await page.evaluate(SCROLLS) else []
