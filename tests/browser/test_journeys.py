"""What admins do to a journey in a browser: its state, its parameters."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import DESK, HEIGHT, PHONE
from tests.browser.site import JOURNEY, NEEDS_CHROMIUM, PASSWORD, Site

pytestmark = NEEDS_CHROMIUM

FOCUSED = "() => document.activeElement.ariaLabel || document.activeElement.innerText || document.activeElement.id"
MOST_STOPS = 60  # of the tab key on one page


async def tab_to(page: Page, name: str) -> None:
    """Go on from stop to stop with the keyboard until that one."""
    passed = []
    while (focused := str(await page.evaluate(FOCUSED)).strip()) != name:
        passed.append(focused)
        assert len(passed) < MOST_STOPS, f"no stop is called {name!r}: {passed}"
        await page.keyboard.press("Tab")


async def test_a_journey_is_activated_and_paused_from_the_list(site: Site, admin: Page) -> None:
    """One press in the list, and a journey takes people in; another, and it takes nobody."""
    told = admin.get_by_role("status")
    await admin.goto(site.address("journeys"))
    await admin.get_by_role("button", name="Activate welcome").click()
    await expect(told).to_have_text("welcome is active: it takes people in, and those inside go on.")
    assert site.setting("welcome").state == "active"
    await admin.get_by_role("button", name="Pause welcome").click()
    await expect(told).to_have_text("welcome is paused: it takes nobody in, and those inside go on.")
    assert site.setting("welcome").state == "paused"
    await expect(admin.get_by_role("button", name="Activate welcome")).to_be_visible()
    assert site.written_down("journey", "welcome")[:2] == [
        ("Robin Admin", "journey.pause", ""),
        ("Robin Admin", "journey.activate", ""),
    ]


async def test_a_journeys_people_are_one_press_from_temporal(site: Site, viewer: Page) -> None:
    """The menu of a journey leads to its running workflows in the Temporal UI."""
    await viewer.goto(site.address("journeys"))
    await viewer.get_by_label(f"More for {JOURNEY}").click()
    link = viewer.get_by_role("link", name="Open in the Temporal UI")
    await expect(link).to_have_attribute("href", re.compile(f"^http://127.0.0.1:8233/.*{JOURNEY}.*Running"))


async def test_a_journey_is_held_with_the_keyboard_alone(site: Site, stranger: Page) -> None:
    """Without a mouse an admin signs in, holds everyone inside a journey, and says why."""
    await stranger.set_viewport_size({"width": DESK, "height": HEIGHT})
    await stranger.goto(site.address("journeys"))
    await tab_to(stranger, "login")  # where the page begins
    await stranger.keyboard.type("admin")
    await stranger.keyboard.press("Tab")
    await stranger.keyboard.type(PASSWORD)
    await stranger.keyboard.press("Enter")
    await stranger.wait_for_url(site.address("journeys"))
    await tab_to(stranger, "More for member-welcome")
    await stranger.keyboard.press("Enter")
    await tab_to(stranger, "Hold everyone inside…")
    await stranger.keyboard.press("Enter")
    await stranger.wait_for_url("**/hold")
    await tab_to(stranger, "why")
    await stranger.keyboard.type("their points are wrong")
    await tab_to(stranger, "Hold everyone inside")
    await stranger.keyboard.press("Enter")
    await expect(stranger.get_by_role("status")).to_contain_text("member-welcome is on hold")
    assert site.setting("member-welcome").state == "held"
    (entry,) = site.written_down("journey", "member-welcome")
    assert entry == ("Robin Admin", "journey.hold", "their points are wrong")


async def test_a_journey_on_hold_goes_on(site: Site, admin: Page) -> None:
    """From the page of a journey on hold its people are let go on."""
    await admin.goto(f"{site.server.url}/console/journeys/order-follow-up/hold")
    await admin.get_by_label("Reason, for the audit log").fill("prices changed")
    await admin.get_by_role("button", name="Hold everyone inside").click()
    await admin.get_by_role("button", name="Let go on").click()
    await expect(admin.get_by_role("status")).to_contain_text("order-follow-up is active")
    assert site.setting("order-follow-up").state == "active"
    assert [entry[1:] for entry in site.written_down("journey", "order-follow-up")] == [
        ("journey.activate", ""),
        ("journey.hold", "prices changed"),
    ]


async def test_a_goal_is_named_once_wherever_it_is_read(site: Site, viewer: Page) -> None:
    """On a phone the label of a journey's card names its goal, at a desk the cell does; never both."""
    for width, shown in ((PHONE, False), (DESK, True)):
        await viewer.set_viewport_size({"width": width, "height": HEIGHT})
        await viewer.goto(site.address("journeys"))
        goals = viewer.locator("td .on-desk")
        assert await goals.count() > 0
        assert [await each.is_visible() for each in await goals.all()] == [shown] * await goals.count()


async def test_a_parameter_is_changed_and_the_log_says_by_whom(site: Site, admin: Page) -> None:
    """A wait is changed by its name, and the audit log tells who did it, when, why, and what it was before."""
    name = "data-collection-points"
    await admin.goto(f"{site.server.url}/console/journeys/{name}/parameters")
    await admin.get_by_label("First wait").fill("5")
    await admin.get_by_label("Why?").fill("people need more time")
    await admin.get_by_role("button", name="Change, for those who enter from now on").click()
    await expect(admin.get_by_role("status")).to_have_text(f"Changed, for those who enter {name} from now on.")
    assert site.setting(name).parameters == {"first_wait": "P5D"}
    await admin.get_by_role("link", name="Audit log").click()
    row = admin.get_by_role("row").filter(has=admin.get_by_role("link", name=name))
    await expect(row.get_by_role("cell")).to_contain_text(
        ["Robin Admin", "first wait: ", name, "people need more time"]
    )
    (when,) = await row.locator("time").evaluate_all("times => times.map(each => each.dateTime)")
    assert when == site.setting(name).changed_at.isoformat()


async def test_a_parameter_that_cannot_be_right_stays_as_it_was(site: Site, admin: Page) -> None:
    """A share held out of 100 percent is refused beside its field."""
    before = site.setting(JOURNEY)
    await admin.goto(site.address("parameters"))
    await admin.get_by_label("Held out, percent").fill("100")
    await admin.get_by_role("button", name="Change, for those who enter from now on").click()
    await expect(admin.get_by_role("alert")).to_contain_text("Nothing was changed: 1 value is not right.")
    await expect(admin.get_by_label("Held out, percent")).to_have_value("100")
    assert site.setting(JOURNEY) == before
