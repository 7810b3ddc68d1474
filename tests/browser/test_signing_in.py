"""Signing in to the console and out of it, and what each role finds there."""

import pytest
from playwright.async_api import Page, expect

from activities.storage import audit
from tests.browser.faults import faults
from tests.browser.site import CONSOLE, JOURNEY, NEEDS_CHROMIUM, PASSWORD, Site

pytestmark = NEEDS_CHROMIUM

WANTED = "/console/messages"
NOT_FOR_VIEWERS = {"hold", "new-customer", "change", "erase", "new-voucher", "staff"}


async def sign_in(page: Page, login: str, password: str) -> None:
    """Fill in the form that is open, and send it."""
    await page.get_by_label("Login").fill(login)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def test_a_member_signs_in_and_out(site: Site, stranger: Page) -> None:
    """A link into the console asks who one is, leads on to what it meant, and after signing out asks again."""
    await stranger.goto(site.server.url + WANTED)
    await sign_in(stranger, "support", PASSWORD)
    await stranger.wait_for_url(f"**{WANTED}")
    await expect(stranger.get_by_role("link", name="Robin Support")).to_be_visible()
    latest = site.server.rows(audit.entries)[0]
    assert (latest.actor_name, latest.action) == ("Robin Support", "staff.sign-in")
    await stranger.get_by_role("button", name="Sign out").click()
    await stranger.wait_for_url("**/console/sign-in")
    await stranger.goto(site.server.url + WANTED)
    await expect(stranger.get_by_role("heading", level=1)).to_have_text("Sign in to Sojourn")


async def test_a_wrong_password_opens_nothing(site: Site, stranger: Page) -> None:
    """Whoever mistypes the password is told so, keeps their login, and goes on at the password."""
    await stranger.goto(site.address("sign-in"))
    await sign_in(stranger, "support", "not the password")
    await expect(stranger.get_by_role("alert")).to_contain_text("do not belong together")
    await expect(stranger.get_by_label("Login")).to_have_value("support")
    await expect(stranger.get_by_label("Password")).to_be_focused()
    assert await stranger.context.cookies() == []
    assert await faults(stranger) == []


async def test_a_viewer_finds_nothing_to_press_that_is_not_theirs(site: Site, viewer: Page) -> None:
    """On no page a viewer sees a button or a link to what their role does not allow."""
    buttons, links = set[str](), set[str]()
    for name in CONSOLE.keys() - NOT_FOR_VIEWERS:
        await viewer.goto(site.address(name))
        main = viewer.locator("#main")
        buttons |= set(await main.locator("button:visible").all_inner_texts())
        links |= set(await main.locator("a").evaluate_all("links => links.map(each => each.getAttribute('href'))"))
    assert {each.partition("\n")[0] for each in buttons} == {
        *("Show", "Find", "Save"),  # lists, and their own account
        *("Begin with these", "Add an event", "×", "Rehearse", "Save as scenario"),
    }
    assert CONSOLE["parameters"] in links
    assert links.isdisjoint(site.path(name) for name in NOT_FOR_VIEWERS)


@pytest.mark.parametrize("name", sorted(NOT_FOR_VIEWERS))
async def test_a_viewer_is_refused_with_a_reason(site: Site, viewer: Page, name: str) -> None:
    """Who types the address of a page that is not theirs reads which role it needs."""
    answer = await viewer.goto(site.address(name))
    assert answer is not None
    assert answer.status == 403
    await expect(viewer.get_by_role("alert")).to_contain_text("needs the role")


async def test_a_viewer_cannot_act_past_the_page(site: Site, viewer: Page) -> None:
    """A form that a viewer makes up changes nothing."""
    await viewer.goto(site.address("journey"))
    token = await viewer.locator("[name=form_token]").first.get_attribute("value")
    path = f"{site.address('journey')}/state/pause"
    answer = await viewer.request.post(path, form={"form_token": token or ""})
    assert answer.status == 403
    assert site.setting(JOURNEY).state == "active"
