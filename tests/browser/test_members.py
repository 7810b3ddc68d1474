"""Staff looking after staff, and after their own account, in a browser."""

from playwright.async_api import Page, expect
from sqlmodel import select

from activities.storage import staff
from activities.storage.tables import StaffMember
from tests.browser.site import NEEDS_CHROMIUM, PASSWORD, Site
from tests.browser.test_signing_in import sign_in

pytestmark = NEEDS_CHROMIUM


def member(site: Site, login: str) -> StaffMember:
    """A member as stored now."""
    return site.server.rows(lambda session: session.exec(select(StaffMember).where(StaffMember.login == login)).one())


async def test_an_admin_adds_a_member(site: Site, admin: Page) -> None:
    """Whoever is added can sign in, and finds what their role allows."""
    await admin.goto(site.address("staff"))
    add = admin.get_by_role("region", name="Add a member")
    await add.get_by_label("Login").fill("kim")
    await add.get_by_label("Name").fill("Kim Sample")
    await add.get_by_label("Role").select_option("Support")
    await add.get_by_label("First password").fill(PASSWORD)
    await add.get_by_role("button", name="Add").click()
    await expect(admin.get_by_role("status")).to_contain_text("Added.")
    kim = member(site, "kim")
    assert (kim.name, kim.role) == ("Kim Sample", "support")
    assert site.written_down("staff", kim.id) == [("Robin Admin", "staff.add", "")]
    async with site.visit(role=None) as page:
        await page.goto(site.address("customers"))
        await sign_in(page, "kim", PASSWORD)
        await expect(page.get_by_role("link", name="New customer")).to_be_visible()


async def test_an_admin_changes_a_role_and_disables(site: Site, admin: Page) -> None:
    """Another role is one choice away, and so is letting somebody in no more, and in again."""
    now = site.server.clocks.now()
    lee = site.server.change(
        lambda session: staff.add_member(session, "lee", "Lee Sample", staff.Role.VIEWER, PASSWORD, now).id
    )
    told = admin.get_by_role("status")
    await admin.goto(site.address("staff"))
    await admin.get_by_label("Role of Lee Sample").select_option("Admin")
    await admin.get_by_role("button", name="Set the role of Lee Sample").click()
    await expect(told).to_contain_text("The role is changed")
    assert member(site, "lee").role == "admin"
    await admin.get_by_role("button", name="Disable Lee Sample").click()
    await expect(told).to_have_text("Disabled. They are signed out everywhere.")
    assert member(site, "lee").disabled_at is not None
    await admin.get_by_role("row", name="Lee Sample").get_by_role("button", name="Let in again").click()
    await expect(told).to_have_text("They may sign in again.")
    assert member(site, "lee").disabled_at is None
    assert [action for _, action, _ in site.written_down("staff", lee)] == [
        "staff.enable",
        "staff.disable",
        "staff.role",
    ]


async def test_a_member_asks_for_the_weekly_summary(site: Site, support: Page) -> None:
    """The account is where the name stands; the summary is one field, and a wrong address is told there."""
    await support.goto(site.address("messages"))
    await support.get_by_role("link", name="Robin Support").click()
    to = support.get_by_label("Send it to")
    await to.fill("robin at example")
    await support.get_by_role("button", name="Save").click()
    await expect(to).to_have_attribute("aria-invalid", "true")
    assert member(site, "support").summary_to == ""
    await to.fill("robin@example.com")
    await support.get_by_role("button", name="Save").click()
    await expect(support.get_by_role("status")).to_contain_text("next Monday")
    assert member(site, "support").summary_to == "robin@example.com"
