"""A Chromium for the tests that look at pages and emails: one for the whole session, and windows of their own in it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def needs_chromium(unchecked: str) -> list[pytest.MarkDecorator]:
    """Marks of a file whose tests need one.

    Args:
        unchecked: what nobody has looked at where there is none.
    """
    reason = f"NO CHROMIUM FOUND: {unchecked} NOT CHECKED"
    return [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=reason)]


@asynccontextmanager
async def launched() -> "AsyncIterator[Browser]":
    """A Chromium that runs until the block ends."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture(scope="session")
async def chromium() -> "AsyncIterator[Browser]":
    """The one: starting another takes longer than most tests."""
    async with launched() as browser:
        yield browser
