"""Every page in a browser: readable in both themes, on every screen, by a screen reader."""

from typing import Literal

import pytest
from playwright.async_api import Page

from tests.browser.conftest import HEIGHT, PHONE
from tests.browser.faults import faults, too_wide
from tests.browser.site import NEEDS_CHROMIUM, PAGES, Site

pytestmark = NEEDS_CHROMIUM

WALL = 1600  # pixels
LOOKS: tuple[tuple[Literal["light", "dark"], int, int], ...] = (("light", PHONE, WALL), ("dark", WALL, PHONE))


@pytest.mark.parametrize(("name", "place"), [(name, place) for place, name in enumerate(PAGES)], ids=PAGES)
async def test_a_page_can_be_used_by_everybody(site: Site, admin: Page, name: str, place: int) -> None:
    """Nobody scrolls sideways on a phone or a wide screen, and axe finds nothing serious."""
    theme, width, other_width = LOOKS[place % len(LOOKS)]  # axe is slow: every second page is looked at by night
    await admin.emulate_media(color_scheme=theme)
    await admin.set_viewport_size({"width": width, "height": HEIGHT})
    answer = await admin.goto(site.address(name))
    assert answer is not None
    assert answer.status == 200
    assert await faults(admin) == []
    await admin.set_viewport_size({"width": other_width, "height": HEIGHT})
    assert await too_wide(admin) == []


async def test_the_check_sees_what_is_wrong(stranger: Page) -> None:
    """A picture without words, grey letters and a box that is too wide do not slip through."""
    await stranger.goto("about:blank")
    await stranger.set_content(
        '<html lang="en"><title>A page</title><style>p { color: #eee; background: #fff } div { width: 3000px }</style>'
        '<main><h1>A page</h1><img src="data:,"><p>Grey</p><div>Wide</div></main></html>'
    )
    found = await faults(stranger)
    assert [each.partition(":")[0] for each in found] == ["it scrolls sideways", "color-contrast", "image-alt"]
