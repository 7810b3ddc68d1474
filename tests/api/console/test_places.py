"""Where customers are: report, table, picture and lists say the same of them."""

import csv
import io
import re

import pytest
from sqlmodel import Session

from tests.api.conftest import Server
from tests.api.console.conftest import Browser
from tests.api.console.people import JOURNEY, population

PAGE, REPORT = f"/console/journeys/{JOURNEY}", f"/v1/journeys/{JOURNEY}/report"
MAIL, WAIT = "complete-your-account-email", "time-to-act-on-the-reminder"
BEFORE = ("complete", "time-to-complete-the-profile-unprompted", "complete#2")
NOBODY = (0, 0, 0, 0)


def written_to(session: Session, result: str, *, then: tuple[str, ...] = (), outcome: str = "") -> None:
    """Ada, about whose first mail the gate has decided; and what her journey has told since."""
    people = population(session)
    ada = people.entry(people.register("Ada"))
    people.walk(ada, *BEFORE, "reachable-by-email")
    people.message(ada, "complete-your-account", result)
    people.walk(ada, *then)
    if outcome:
        people.end(ada, outcome)


async def reported(api: Server) -> dict[str, tuple[int, ...]]:
    """Entered, waiting, left and ended by step; in JSON and in CSV they are the same."""
    steps = (await api.http.get(REPORT)).json()["steps"]
    found = {step["step"]: tuple(step[name] for name in ("entered", "waiting", "left", "ended")) for step in steps}
    lines = csv.DictReader(io.StringIO((await api.http.get(REPORT, params={"format": "csv"})).text))
    table = {(line["item"], line["measure"]): line["value"] for line in lines if line["section"] == "steps"}
    assert {step: int(table[step, "waiting"]) for step in found} == {step: row[1] for step, row in found.items()}
    assert all(entered == waiting + left + ended for entered, waiting, left, ended in found.values())
    assert all(min(row) >= 0 for row in found.values())
    return found


async def on_card(viewer: Browser, kind: str) -> str:
    """What the picture says of the people on a card."""
    found = re.search(rf'aria-label="{kind}[^"]*; ([^";]*)"', (await viewer.get(PAGE)).text)
    assert found is not None
    return found[1]


async def test_who_had_the_mail_is_shown_at_the_wait(api: Server, viewer: Browser) -> None:
    """As soon as a mail is out, its customer stands at the wait in report, CSV, picture and list."""
    api.change(lambda session: written_to(session, "sent"))
    report = await reported(api)
    assert (report[MAIL], report[WAIT]) == ((1, 0, 1, 0), (1, 1, 0, 0))
    assert await on_card(viewer, "Wait: Wait 3 days, time to act on the reminder") == "1 came, 1 here now"
    assert await on_card(viewer, "Message: complete-your-account") == "1 came"
    assert ">Ada</a>" in (await viewer.get(f"{PAGE}/steps/{WAIT}")).text
    assert "Nobody is here now" in (await viewer.get(f"{PAGE}/steps/{MAIL}")).text


async def test_whose_mail_is_deferred_stays_at_it(api: Server, viewer: Browser) -> None:
    """A mail that waits for another moment keeps its customer, in report, CSV, picture and list."""
    api.change(lambda session: written_to(session, "deferred"))
    report = await reported(api)
    assert (report[MAIL], report.get(WAIT, NOBODY)) == ((1, 1, 0, 0), NOBODY)
    assert await on_card(viewer, "Message: complete-your-account") == "1 came, 1 here now"
    assert ">Ada</a>" in (await viewer.get(f"{PAGE}/steps/{MAIL}")).text
    assert "Nobody is here now" in (await viewer.get(f"{PAGE}/steps/{WAIT}")).text


@pytest.mark.parametrize("result", ["unknown", "failed:550", "suppressed:opted out"])
async def test_who_got_no_mail_waits_as_the_code_has_it(api: Server, result: str) -> None:
    """A mail that was not sent, and after which the journey only waits, holds nobody back."""
    api.change(lambda session: written_to(session, result))
    assert (await reported(api))[WAIT] == (1, 1, 0, 0)


async def test_whose_address_was_refused_stays_until_another_way_is_found(api: Server, viewer: Browser) -> None:
    """Where the code may go on in another way, nobody is shown at a wait that may never come."""
    api.change(lambda session: written_to(session, "failed:address refused"))
    report = await reported(api)
    assert (report[MAIL], report.get(WAIT, NOBODY)) == ((1, 1, 0, 0), NOBODY)
    messages = (await api.http.get(REPORT)).json()["messages"]
    assert [(each["planned"], each["failed"], each["pending"]) for each in messages] == [(1, 1, 0)]
    assert ">Ada</a>" in (await viewer.get(f"{PAGE}/steps/{MAIL}")).text


async def test_who_was_offered_no_voucher_is_not_shown_at_the_wait_for_it(api: Server, viewer: Browser) -> None:
    """Where the last code is gone, nobody is shown waiting to use one, in report and list."""

    def change(session: Session) -> None:
        people = population(session)
        ada = people.entry(people.register("Ada"))
        people.walk(ada, *BEFORE, "reachable-by-email")
        people.message(ada, "voucher-offer", "suppressed:no voucher left")

    api.change(change)
    report = await reported(api)
    assert report["voucher-offer-email"] == (1, 1, 0, 0)
    assert "time-to-act-on-the-email-offer" not in report
    assert ">Ada</a>" in (await viewer.get(f"{PAGE}/steps/voucher-offer-email")).text


async def test_nobody_is_counted_twice_when_the_journey_tells_of_the_wait(api: Server) -> None:
    """Once the wait is on record it has been entered by one, and left by one."""
    api.change(lambda session: written_to(session, "sent", then=(WAIT, "complete#3")))
    report = await reported(api)
    assert (report[MAIL], report[WAIT], report["complete#3"]) == ((1, 0, 1, 0), (1, 0, 1, 0), (1, 1, 0, 0))


async def test_what_the_journey_tells_wins_over_the_picture(api: Server) -> None:
    """A journey that began with other code went another way; the wait of now has not seen it."""
    api.change(lambda session: written_to(session, "sent", then=("a-step-of-old",)))
    report = await reported(api)
    assert WAIT not in report
    assert (report[MAIL], report["a-step-of-old"]) == ((1, 0, 1, 0), (1, 1, 0, 0))


@pytest.mark.parametrize("outcome", ["terminated", "timed out", "failed", "lost", "ended"])
async def test_who_is_ended_from_outside_has_ended_at_the_wait(api: Server, outcome: str) -> None:
    """A journey that is ended in Temporal, e.g. terminated, tells nothing more, and has ended where it was shown."""
    api.change(lambda session: written_to(session, "sent", outcome=outcome))
    report = await reported(api)
    assert (report[MAIL], report[WAIT]) == ((1, 0, 1, 0), (1, 0, 0, 1))


async def test_who_opted_out_before_the_mail_has_ended_at_it(api: Server) -> None:
    """A mail that the gate stops for an opt-out from everything is the end, and nobody waited after it."""
    api.change(lambda session: written_to(session, "suppressed:opted out", outcome="opted out"))
    report = await reported(api)
    assert (report[MAIL], report.get(WAIT, NOBODY)) == ((1, 0, 0, 1), NOBODY)


async def test_an_open_window_has_one_number(api: Server, viewer: Browser) -> None:
    """Who came while the window was open is counted there as passed, in the table as in the picture."""

    def change(session: Session) -> None:
        people = population(session)
        for name, window in (("Ada", ()), ("Bob", ()), ("Cyd", ("send-window",))):
            people.walk(people.entry(people.register(name)), *BEFORE, *window, "reachable-by-email")

    api.change(change)
    assert (await reported(api))["send-window"] == (3, 0, 3, 0)
    shown = (await viewer.get(PAGE)).text
    row = re.search(r"Wait for 09–21</a></th>(.*?)</tr>", shown, re.DOTALL)
    assert row is not None
    assert re.findall(r">(\d+)</td>", row[1]) == ["3", "0", "3", "0"]
    assert await on_card(viewer, "Window: Wait for 09–21") == "3 came"
