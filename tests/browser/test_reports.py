"""What a journey brought, in a browser: the days it is asked for, its arms, and what one takes along."""

import csv
import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from playwright.async_api import Page, expect
from sqlmodel import Session, col, func, select

from activities.storage.tables import Enrollment
from tests.browser.site import JOURNEY, NEEDS_CHROMIUM, Site

pytestmark = NEEDS_CHROMIUM

TODAY = datetime.now(UTC).date()
FIRST, LAST = TODAY - timedelta(days=40), TODAY - timedelta(days=20)


def entered(site: Site, first: date = FIRST, last: date = LAST) -> dict[str, int]:
    """How many entered on some days, by arm."""
    begin, end = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))

    def count(session: Session) -> dict[str, int]:
        numbers = select(Enrollment.arm, func.count()).where(Enrollment.journey == JOURNEY)
        within = numbers.where(col(Enrollment.enrolled_at) >= begin, col(Enrollment.enrolled_at) < end)
        return dict(session.exec(within.group_by(Enrollment.arm)).all())

    return site.server.rows(count)


async def test_a_report_is_about_the_days_one_chooses(site: Site, viewer: Page) -> None:
    """With a first and a last day chosen, the report counts who entered then, in each arm."""
    stored = entered(site)
    assert stored["treated"] > 0
    await viewer.goto(site.address("journey"))
    await viewer.get_by_text("Dates…").click()
    await viewer.get_by_label("First day").fill(FIRST.isoformat())
    await viewer.get_by_label("Last day").fill(LAST.isoformat())
    await viewer.get_by_role("button", name="Show").click()
    everyone = viewer.get_by_role("row", name="All who entered").get_by_role("cell").first
    await expect(everyone).to_have_text(str(stored["treated"]))
    settings = viewer.get_by_role("region", name="Arms and parameters")
    await expect(settings).to_contain_text(f"Held out{stored.get('holdout', 0)} ")
    await viewer.get_by_role("link", name="90 days").click()
    await expect(everyone).to_have_text(str(entered(site, TODAY - timedelta(days=89), TODAY)["treated"]))


@pytest.mark.parametrize("kind", ["CSV", "JSON"])
async def test_a_report_is_taken_along(site: Site, viewer: Page, kind: str) -> None:
    """The menu of a journey gives its report as a file, about the days on the page."""
    stored = entered(site)
    await viewer.goto(f"{site.address('journey')}?from={FIRST}&to={LAST}")
    await viewer.get_by_label("More for this journey").click()
    async with viewer.expect_download() as expected:
        await viewer.get_by_role("link", name=f"Report as {kind}").click()
    download = await expected.value
    assert download.suggested_filename == f"{JOURNEY}_{FIRST}_{LAST}.{kind.lower()}"
    content = (await download.path()).read_text(encoding="utf-8")
    if kind == "JSON":
        arms = {each["arm"]: each["enrolled"] for each in json.loads(content)["arms"]}
        assert arms == stored
    else:
        assert ["report", JOURNEY, "enrolled", str(sum(stored.values()))] in csv.reader(content.splitlines())
