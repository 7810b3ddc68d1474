"""How emails look in Chromium: nothing wider than the screen, every word readable."""

import re
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from activities.channels import EMAIL
from activities.templates.brand import Brand
from activities.templates.contrast import contrast
from activities.templates.renderer import JinjaRenderer
from tests.chromium import needs_chromium

from .samples import each_email, longest, usual

WIDTHS = (320, 390, 768, 1280)

pytestmark = needs_chromium("the look of the emails was")
each_direction = pytest.mark.parametrize("direction", ["ltr", "rtl"])

TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const sticking_out = [...document.body.querySelectorAll("*")].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && (box.left < -0.5 || box.right > width + 0.5);
  });
  const seen = sticking_out.map(element => element.outerHTML.slice(0, 120));
  const scrolls = document.documentElement.scrollWidth > width;
  return scrolls ? [...seen, "the page scrolls sideways"] : seen;
}"""

WORDS = """() => {
  const hex = colour => "#" + colour.match(/[\\d.]+/g).slice(0, 3)
    .map(part => Number(part).toString(16).padStart(2, "0")).join("");
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.checkVisibility() === false) continue;
    let ground = element;
    while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
    const ink = getComputedStyle(element).color;
    found.push([walker.currentNode.data, hex(ink), hex(getComputedStyle(ground).backgroundColor)]);
  }
  return found;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A browser page without a network."""
    context = await chromium.new_context(offline=True)
    yield await context.new_page()
    await context.close()


@cache
def renderer(brand: Brand) -> JinjaRenderer:
    """One a brand: it prepares every template once."""
    return JinjaRenderer(brand)


def email(template: str, values: dict[str, Any], direction: str = "ltr") -> str:
    return renderer(Brand(dir=direction)).render(template, EMAIL, values).html


async def what_sticks_out(page: Page, html: str) -> dict[str, list[str]]:
    found = {}
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.set_content(html)
        for width in WIDTHS:  # an email has no script: in a window that is made wider it looks as in one that is wide
            await page.set_viewport_size({"width": width, "height": 800})
            if sticking_out := await page.evaluate(TOO_WIDE):
                found[f"{scheme} {width}"] = sticking_out
    return found


@each_direction
@each_email
async def test_nothing_is_wider_than_the_screen(page: Page, template: str, direction: str) -> None:
    """A customer never has to scroll sideways, on any screen, with the longest values."""
    assert await what_sticks_out(page, email(template, longest(template), direction)) == {}
    assert await what_sticks_out(page, email(template, usual(template, first_name="ليلى"), direction)) == {}


@each_email
async def test_it_fits_without_its_styles(page: Page, template: str) -> None:
    """A customer whose mail program drops the style element still gets an email that fits the screen."""
    html = re.sub(r"<style>.*?</style>", "", email(template, longest(template)), flags=re.DOTALL)
    assert await what_sticks_out(page, html) == {}


@pytest.mark.parametrize(
    "brand", [Brand(), Brand(colour="#FFD400", on_colour="#000000", dark="#5A1F7A", dark_on="#FFFFFF")]
)
@each_email
async def test_every_word_can_be_read_in_both_schemes(page: Page, template: str, brand: Brand) -> None:
    """A customer can read every word by day and by night, whatever the shop's colours."""
    html = renderer(brand).render(template, EMAIL, usual(template)).html
    for dark in (False, True):
        await page.emulate_media(color_scheme="dark" if dark else "light")
        await page.set_content(html)
        words = await page.evaluate(WORDS)
        assert len(words) > 8
        assert [word for word in words if contrast(word[1], word[2]) < 4.5] == []
