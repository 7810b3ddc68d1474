"""What stands in the way, in a browser: providers, stuck journeys, and files that are imported."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from activities.storage import customers, provider_states
from activities.storage.tables import Import
from tests.api.conftest import serving
from tests.browser.conftest import HEIGHT, PHONE
from tests.browser.faults import faults
from tests.browser.site import JOURNEY, NEEDS_CHROMIUM, Site
from tests.system import until

pytestmark = NEEDS_CHROMIUM


async def test_a_provider_is_paused_and_resumed(site: Site, admin: Page) -> None:
    """A pause needs a reason, which every page then tells; after resuming nothing is left of it."""
    panel = admin.get_by_role("region", name="Text")
    await admin.goto(site.address("providers"))
    await panel.get_by_role("button", name="Pause").click()
    await expect(panel.get_by_text("Please say why")).to_be_visible()
    await panel.get_by_label("Reason").fill("their key expired")
    await panel.get_by_role("button", name="Pause").click()
    await expect(admin.get_by_role("status")).to_have_text("Paused. Messages wait, none is lost.")
    await expect(panel).to_contain_text("their key expired")
    assert site.server.rows(provider_states.all_states)["carrier"].paused_since is not None
    await panel.get_by_role("button", name="Resume").click()
    await expect(admin.get_by_role("status")).to_contain_text("Resumed.")
    assert site.server.rows(provider_states.all_states)["carrier"].paused_since is None
    assert site.written_down("channel", "sms") == [
        ("Robin Admin", "channel.resume", ""),
        ("Robin Admin", "channel.pause", "their key expired"),
    ]


async def test_what_is_stuck_and_why(site: Site, viewer: Page) -> None:
    """Staff see who stands still, since when and why, and where the Temporal UI shows it."""
    answer = await site.server.register(first_name="Ida", email="ida@example.com")
    (entered,) = answer["enrollments"]
    reason = "KeyError: 'voucher'\n" + "  at a place with a very long name that does not fit on a phone" * 4

    async def stuck() -> Sequence[Mapping[str, Any]]:
        return [{**entered, "since": "2026-11-22T10:00:00Z", "attempts": 7, "reason": reason}]

    await viewer.set_viewport_size({"width": PHONE, "height": HEIGHT})
    async with serving(dataclasses.replace(site.server.services, stuck=stuck)) as url:
        await viewer.goto(f"{url}/console/stuck")
        await expect(viewer.get_by_role("heading", level=2)).to_have_text(f"1 in {JOURNEY}")
        await expect(viewer.get_by_role("region", name="Reason")).to_contain_text("KeyError: 'voucher'")
        row = viewer.get_by_role("row").last
        await expect(row).to_contain_text("Sun 22 Nov 2026, 11:00")  # in Prague
        in_temporal = row.get_by_role("link", name="in the Temporal UI")
        await expect(in_temporal).to_have_attribute("href", re.compile(f"workflows/.*{entered['id']}$"))
        assert await faults(viewer) == []
        await row.get_by_role("link", name=answer["customer_id"]).click()
        await expect(viewer.get_by_role("heading", level=1)).to_have_text("Ida")


async def test_a_file_is_imported_and_its_progress_shown(site: Site, support: Page, tmp_path: Path) -> None:
    """A file goes in, is read to its end, and each line that could not be taken says why."""
    file = tmp_path / "people.csv"
    file.write_text("email,first_name\nuna@example.com,Una\nnot an email,Eve\n", encoding="utf-8")
    await support.goto(site.address("imports"))
    await support.get_by_label("CSV or NDJSON").set_input_files(file)
    await support.get_by_role("button", name="Import").click()
    await support.wait_for_url("**/imports/imp_*")
    import_id = support.url.rpartition("/")[2]
    await until(
        lambda: site.server.rows(lambda session: session.get_one(Import, import_id).state) == "done",
        what="the end of the import",
    )
    await support.reload()
    await expect(support.get_by_role("img", name="100 % read")).to_be_visible()
    far = support.get_by_role("region", name="How far it is")
    await expect(far.get_by_role("definition")).to_have_text(["2", "1", "0", "1"])
    await expect(support.get_by_role("row").last).to_contain_text("3email")
    assert await faults(support) == []
    (una,) = site.server.rows(lambda session: customers.with_email(session, "una@example.com"))
    assert una.source == "import"
    assert site.written_down("import", import_id) == [("Robin Support", "import.start", "")]
    await support.locator(".crumb").get_by_role("link").click()
    await expect(support.get_by_role("row").last).to_contain_text("100 %")


async def test_an_import_under_way_says_how_far_it_is(site: Site, viewer: Page) -> None:
    """While a file is read, the list and its own page show the share that was read so far."""
    now = site.server.clocks.now()
    half = Import(id="imp_half", sha256="0", size=2048, format="csv", state="running", position=1024, created_at=now)
    half.owner, half.lease_until = "another process", now + timedelta(days=1)
    site.server.change(lambda session: session.add(half))
    await viewer.goto(site.address("imports"))
    await viewer.get_by_role("link", name="CSV, 2 KB").click()
    await expect(viewer.get_by_role("heading", level=1)).to_have_text("CSV file of 2 KB")
    await expect(viewer.get_by_role("img", name="50 % read")).to_be_visible()
    await expect(viewer.get_by_role("link", name="Look again")).to_be_visible()
    assert await faults(viewer) == []
