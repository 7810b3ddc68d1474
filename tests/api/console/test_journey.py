"""The page of one journey, its people and its files."""

import csv
import io
import re
import sys
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import Session

from activities.gate.pacing import REASONS
from activities.storage import journey_settings
from activities.storage.inside import people_at, put_off
from activities.storage.tables import Enrollment, Message
from api.console.journey_view import BY_PROVIDER
from tests.api.conftest import Server
from tests.api.console.conftest import Browser
from tests.api.console.people import JOURNEY, arms, few, population

PAGE = f"/console/journeys/{JOURNEY}"
SVG = "{http://www.w3.org/2000/svg}"


async def test_it_answers_whether_the_journey_works(api: Server, viewer: Browser) -> None:
    """The first panel says in words what the journey brings against people left alone, with both rates."""
    api.change(arms)
    shown = (await viewer.get(PAGE)).text
    assert '<span class="yes">Yes,</span> ×5.00' in shown
    assert "five times as often as" in shown
    assert "40 of 80" in shown
    assert "8 of 80" in shown
    assert "160 of 160 still have time" in shown


async def test_a_lift_from_few_people_is_called_barely_settled(api: Server, viewer: Browser) -> None:
    """Where the interval leaves out chance, but the sample is small for such a difference, both stand there."""
    api.change(lambda session: arms(session, 100, (3, 5)))
    shown = (await viewer.get(PAGE)).text
    assert '<span class="yes">Yes,</span> ×1.70' in shown
    assert "<dt>Enough people?</dt><dd>Barely<" in shown


async def test_ends_at_the_goal_are_explained(api: Server, viewer: Browser) -> None:
    """Colours are explained where there are some; a journey whose goal comes later has none to explain."""
    api.change(few)
    assert "Coloured: the goal was reached there." in (await viewer.get(PAGE)).text

    def welcomed(session: Session) -> None:
        people = population(session)
        people.event(people.register("Ida"), "platform.user.created")
        people.end(people.entry(people.customer("Ida"), "member-welcome"), "welcomed")

    api.change(welcomed)
    shown = (await viewer.get("/console/journeys/member-welcome")).text
    assert "<span>Welcomed</span>" in shown
    assert "Coloured" not in shown


async def test_a_step_that_is_passed_again_is_told_from_the_first_time(api: Server, viewer: Browser) -> None:
    """Of two lines about one card the second says that it is another visit; two cards of one name need no number."""

    def often(session: Session) -> None:
        people = population(session)
        people.walk(people.entry(people.register("Ida")), "complete", "complete#2", "complete#98", "complete#99")

    api.change(often)
    names = re.findall(r">(Profile complete\?[^<]*)</a></th>", (await viewer.get(PAGE)).text)
    assert names == ["Profile complete?"] * 3 + ["Profile complete? (visit 2)"]


async def test_without_a_holdout_it_claims_nothing(api: Server, viewer: Browser) -> None:
    """Where nobody is held out the page says that nobody can tell, whatever the rate."""
    api.change(few)
    shown = (await viewer.get(PAGE)).text
    assert "Not measured" in shown
    assert "Yes," not in shown


async def test_the_picture_has_the_numbers_of_the_report(api: Server, viewer: Browser) -> None:
    """Cards show who is there now, lines how many passed, and the text beside it the same numbers."""
    api.change(few)
    shown = (await viewer.get(PAGE)).text
    assert (
        'aria-label="Check: Profile complete?, first name, last name, email, phone, date of birth: yes 1, no 2; 3 came"'
        in shown
    )
    assert re.search(r'aria-label="Wait: Wait 3 days[^"]*2 came, 1 here now"', shown)
    assert f'<a href="{PAGE}/steps/complete"' in shown
    row = re.search(r"Wait 3 days</a></th>(.*?)</tr>", shown, re.DOTALL)
    assert row is not None
    assert re.findall(r">(\d+)</td>", row[1]) == ["2", "1", "1", "0"]


async def test_failures_are_drawn_where_they_happened(api: Server, viewer: Browser) -> None:
    """A way that nobody took for want of a failure is left out, until somebody asks for it."""
    api.change(few)
    shown = (await viewer.get(PAGE)).text
    assert "failures that happened to nobody are not drawn" in shown
    assert "no voucher left" not in shown
    assert "no voucher left" in (await viewer.get(f"{PAGE}?ways=all")).text


async def test_a_changed_wait_stands_in_the_picture(api: Server, viewer: Browser) -> None:
    """The picture shows the waits as they are set now, not as the code has them."""

    def change(session: Session) -> None:
        journey_settings.set_parameters(session, JOURNEY, {"first_wait": "P5D"}, api.clocks.now())

    api.change(change)
    assert "Wait 5 days" in (await viewer.get(PAGE)).text


@pytest.mark.parametrize("name", ["welcome", "order-follow-up", "member-welcome", "data-collection-points"])
async def test_every_journey_has_its_page(viewer: Browser, name: str) -> None:
    """Each journey has a page with its picture before anybody entered it."""
    shown = await viewer.get(f"/console/journeys/{name}?ways=all")
    assert shown.status_code == 200
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="diagram"' in shown.text
    assert "Nobody yet" in shown.text
    assert "No message yet" in shown.text


async def test_an_unknown_journey_has_none(viewer: Browser) -> None:
    """A mistyped name leads to a page that says so."""
    assert (await viewer.get("/console/journeys/nope")).status_code == 404


async def test_a_step_leads_to_its_people(api: Server, viewer: Browser) -> None:
    """Behind a card stand those who are there now, each with a link to their page."""
    api.change(few)
    shown = (await viewer.get(f"{PAGE}/steps/time-to-complete-the-profile-unprompted")).text
    assert "1 person is here now" in shown
    assert ">Bob</a>" in shown
    assert ">Eve</a>" not in shown
    assert "Nobody is here now" in (await viewer.get(f"{PAGE}/steps/send-window")).text


async def test_who_has_not_begun_stands_at_the_start(api: Server, viewer: Browser) -> None:
    """Whoever has entered and come to no step yet is found behind the first card."""
    api.change(lambda session: population(session).register("Ada"))
    assert ">Ada</a>" in (await viewer.get(f"{PAGE}/steps/start")).text


def test_people_come_a_page_at_a_time(api: Server) -> None:
    """However many stand at a step, a page reads no more of them than it shows, and none twice."""

    def crowd(session: Session) -> None:
        people = population(session)
        for number in range(5):
            people.register(f"Customer{number}")

    api.change(crowd)
    first = api.rows(lambda session: people_at(session, JOURNEY, ["start"], limit=3))
    then = api.rows(lambda session: people_at(session, JOURNEY, ["start"], after=first[-1].enrollment_id, limit=3))
    assert [len(first), len(then)] == [3, 2]
    assert len({each.enrollment_id for each in [*first, *then]}) == 5


def test_a_message_that_waits_is_counted_where_its_customer_stands(api: Server) -> None:
    """Of those who wait for a provider the page knows how many, and where."""

    def put_one_off(session: Session) -> None:
        people = population(session)
        entry = people.entry(people.register("Ada"))
        message = session.get_one(Message, people.message(entry, "complete-your-account", "deferred"))
        message.state, message.put_off_for = "claimed", "the channel is paused"
        session.add(message)
        session.add(session.get_one(Enrollment, entry.id))

    api.change(put_one_off)
    found = api.rows(lambda session: put_off(session, JOURNEY))
    assert found == {("complete-your-account-email", "the channel is paused"): 1}


def test_every_reason_of_a_providers_pace_is_known() -> None:
    """What the gate says when a provider keeps a message back is shown in amber, whichever of its reasons it is."""
    assert all(reason.startswith(BY_PROVIDER) for reason in REASONS)


async def test_the_report_can_be_taken_along(api: Server, viewer: Browser) -> None:
    """The numbers of the page come as CSV and as JSON, for the same days."""
    api.change(few)
    text = await viewer.get(f"{PAGE}/report.csv?days=7")
    assert "attachment" in text.headers["content-disposition"]
    rows = {
        (row["section"], row["item"], row["measure"]): row["value"] for row in csv.DictReader(io.StringIO(text.text))
    }
    assert rows["report", JOURNEY, "enrolled"] == "3"
    assert (await viewer.get(f"{PAGE}/report.json")).json()["enrolled"] == 3


async def test_the_picture_can_be_taken_along(api: Server, viewer: Browser) -> None:
    """The picture comes as SVG that stands alone, and as PNG, both with the numbers."""
    api.change(few)
    answer = await viewer.get(f"{PAGE}/picture.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    root = ET.fromstring(answer.text)  # noqa: S314 - our own
    style = root.findtext(f"{SVG}style") or ""
    assert "prefers-color-scheme: dark" in style
    assert "var(" not in style
    assert not root.findall(f".//{SVG}a")
    image = await viewer.get(f"{PAGE}/picture.png")
    assert image.content.startswith(b"\x89PNG")
    assert "resvg_py" not in sys.modules, "the painter stops everything in its process: it needs one of its own"


@pytest.mark.parametrize(("file", "media_type", "kept"), [
    ("report.csv", "text/csv; charset=utf-8", "no-store"),
    ("report.json", "application/json", "no-store"),
    ("picture.svg", "image/svg+xml", "no-store"),
    ("picture.png", "image/png", "private, no-cache"),
])  # fmt: skip
async def test_a_file_says_what_it_is(viewer: Browser, file: str, media_type: str, kept: str) -> None:
    """Whoever finds a file among their downloads reads in its name the journey and the days it is of."""
    answer = await viewer.get(f"{PAGE}/{file}?from=2026-01-05&to=2026-02-01")
    name = f"{JOURNEY}_2026-01-05_2026-02-01.{file.rpartition('.')[2]}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == kept
    assert (await viewer.get(f"/console/journeys/nobodys/{file}")).status_code == 404


async def test_a_report_is_of_the_days_that_were_chosen(api: Server, viewer: Browser) -> None:
    """Who entered on other days is in neither file."""
    api.change(few)
    days = "from=2026-01-05&to=2026-02-01"
    assert f"report,{JOURNEY},enrolled,0" in (await viewer.get(f"{PAGE}/report.csv?{days}")).text
    assert (await viewer.get(f"{PAGE}/report.json?{days}")).json()["enrolled"] == 0


async def test_a_picture_is_light_or_dark_as_its_reader_likes_it(viewer: Browser) -> None:
    """The colours of a picture that was taken along differ by night, and no failure is drawn that nobody had."""
    text = (await viewer.get(f"{PAGE}/picture.svg")).text
    light, _, dark = (ET.fromstring(text).findtext(f"{SVG}style") or "").partition("@media")  # noqa: S314 - our own
    colours = re.compile(r"#[0-9a-f]{3,6}")
    assert colours.search(dark)
    assert colours.findall(light) != colours.findall(dark)
    assert "no voucher left" not in text


async def test_without_its_library_there_is_no_png(viewer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installed the small core is told what to install for pictures as PNG."""
    monkeypatch.setattr("api.console.journey_files.find_spec", lambda _name: None)
    refused = await viewer.http.get(f"{PAGE}/picture.png")
    assert refused.status_code == 501
    assert "sojourn[pictures]" in refused.text


async def test_a_picture_that_has_not_changed_is_not_painted_again(api: Server, viewer: Browser) -> None:
    """Whoever asks again for the PNG waits for nothing while its numbers are the same, and gets new ones at once."""
    api.change(few)
    tag = (await viewer.get(f"{PAGE}/picture.png")).headers["etag"]
    again = await viewer.http.get(f"{PAGE}/picture.png", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await api.register(id="one more", first_name="Ida", email="ida@example.com")
    changed = await viewer.http.get(f"{PAGE}/picture.png", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
