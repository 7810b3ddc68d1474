"""Every page in a browser: readable in both themes, on every screen, by a screen reader; and what people do there."""

import pytest

from tests.browser.site import CHROMIUM, PAGES, Site, faults

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM FOUND: the pages were NOT CHECKED"),
]


@pytest.mark.parametrize(("dark", "width"), [(False, 360), (True, 1600)])
async def test_every_page_can_be_used_by_everybody(site: Site, dark: bool, width: int) -> None:
    """Nobody has to scroll sideways, and axe finds nothing serious, on any page."""
    found = {}
    async with site.visit(dark=dark, width=width) as page:
        for name in PAGES:
            answer = await page.goto(site.address(name))
            assert answer is not None
            assert answer.status == 200, name
            if wrong := await faults(page):
                found[name] = wrong
    assert found == {}


async def test_the_check_sees_what_is_wrong(site: Site) -> None:
    """A picture without words and a box that is too wide do not slip through."""
    async with site.visit() as page:
        await page.set_content('<main><h1>A page</h1><img src="data:,"><div style="width:3000px">wide</div></main>')
        found = await faults(page)
    assert "it scrolls sideways" in found
    assert any(each.startswith("image-alt") for each in found)


async def test_a_rehearsal_is_put_together_with_the_keyboard_and_the_mouse(site: Site) -> None:
    """A member adds an event, rehearses, and finds the message that it leads to."""
    async with site.visit() as page:
        await page.goto(site.address("rehearsal"))
        await page.fill("[name='then.0.after']", "10")
        await page.select_option("[name='then.0.what']", "profile")
        await page.fill("[name='then.0.details']", "last name = Byron\ndate of birth = 1990-12-10")
        await page.click("button.primary")
        assert "Rewarded by SMS" in await page.inner_text(".result-head")
        assert await faults(page) == []


async def test_support_holds_a_customers_journey(site: Site) -> None:
    """A hold with its reason is one form away from the customer's page."""
    async with site.visit() as page:
        await page.goto(site.address("customer"))
        await page.fill("input[name=reason] >> nth=0", "asked by phone")
        await page.click("button[value=hold] >> nth=0")
        assert "On hold" in await page.inner_text("[role=status]")
        await page.click("button[value=resume] >> nth=0")
        assert "Resumed" in await page.inner_text("[role=status]")


async def test_a_member_asks_for_the_weekly_summary(site: Site) -> None:
    """The account is where the name stands, and the summary is one field."""
    async with site.visit() as page:
        await page.goto(site.address("journeys"))
        await page.click(".who a")
        await page.fill("#to", "robin@example.com")
        await page.click("text=Save")
        assert "next Monday" in await page.inner_text("[role=status]")


async def test_a_customer_confirms_chooses_and_leaves(site: Site) -> None:
    """A customer opts in, saves their choices, completes the profile and unsubscribes, each on a page they can use."""
    async with site.visit(width=360, signed_in=False) as page:
        for name, button in (
            ("confirm", "Yes, confirm"),
            ("preferences", "Save my choices"),
            ("unsubscribe", "Unsubscribe"),
        ):
            await page.goto(site.address(name))
            async with page.expect_navigation():
                await page.click(f"button:has-text('{button}')")
            assert await faults(page) == [], name
        await page.goto(site.address("profile"))
        for field, value in {
            "last_name": "Byron",
            "phone": "+420601123456",
            "birth_day": "10",
            "birth_month": "12",
            "birth_year": "1990",
        }.items():
            if await page.locator(f"[name={field}]").count():
                if await page.locator(f"select[name={field}]").count():
                    await page.select_option(f"[name={field}]", value)
                else:
                    await page.fill(f"[name={field}]", value)
        async with page.expect_navigation():
            await page.click("form button[type=submit]")
        assert await faults(page) == []
