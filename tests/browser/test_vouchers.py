"""Voucher designs and their codes in a browser."""

from pathlib import Path

from playwright.async_api import Page, expect
from sqlmodel import select

from activities.storage.tables import Voucher, VoucherDesign
from tests.browser.site import NEEDS_CHROMIUM, Site

pytestmark = NEEDS_CHROMIUM

DESIGN = "summer-thanks"


async def test_a_design_is_created_and_filled_with_codes(site: Site, admin: Page, tmp_path: Path) -> None:
    """An admin says what a voucher is worth, types codes in, loads a file, and sees how many there are."""
    told = admin.get_by_role("status")
    await admin.goto(site.address("vouchers"))
    await admin.get_by_role("link", name="New design").click()
    await admin.get_by_label("Name").fill(DESIGN)
    await admin.get_by_label("Worth").fill("£5 off")
    await admin.get_by_label("Cost of a used code").fill("500")
    await admin.get_by_role("button", name="Create").click()
    await expect(told).to_have_text("Created. Load codes before a journey promises them.")
    design = site.server.rows(lambda session: session.get_one(VoucherDesign, DESIGN))
    assert (design.value, design.short, design.valid_days, design.unit_cost) == ("£5 off", "£5 off", 60, 500)

    load = admin.get_by_role("button", name="Load", exact=True)
    await admin.get_by_label("Or type them").fill("SUN-1\nSUN-2\n")
    await load.click()
    await expect(told).to_have_text("2 new codes.")
    file = tmp_path / "codes.txt"
    file.write_text("SUN-2\nSUN-3\n", encoding="utf-8")
    await admin.get_by_label("File").set_input_files(file)
    await load.click()
    await expect(told).to_have_text("1 new codes. 1 were known already.")
    await expect(admin.get_by_role("region", name="Pool")).to_contain_text("3 codes")

    codes = site.server.rows(
        lambda session: session.exec(select(Voucher.code, Voucher.state).where(Voucher.design == DESIGN)).all()
    )
    assert sorted(codes) == [("SUN-1", "free"), ("SUN-2", "free"), ("SUN-3", "free")]
    assert [action for _, action, _ in site.written_down("voucher design", DESIGN)] == [
        "voucher.load",
        "voucher.load",
        "voucher.create",
    ]


async def test_a_design_says_something_else_from_now_on(site: Site, admin: Page) -> None:
    """An admin changes the words that customers read."""
    await admin.goto(site.address("voucher"))
    await admin.get_by_label("What else applies").fill("Not on gift cards.")
    await admin.get_by_role("button", name="Save").click()
    await expect(admin.get_by_role("status")).to_have_text("Changed, from the next message on.")
    design = site.server.rows(lambda session: session.get_one(VoucherDesign, "profile-reward"))
    assert design.terms == "Not on gift cards."
    assert site.written_down("voucher design", "profile-reward")[0][1] == "voucher.change"
