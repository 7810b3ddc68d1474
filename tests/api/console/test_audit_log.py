"""The audit log in the console."""

import pytest

from activities.storage import audit
from activities.storage.audit import Actor
from tests.api.conftest import Server
from tests.api.console.conftest import Browser

LOG = "/console/audit"


def _write(api: Server, number: int = 1, **fields: str) -> None:
    given = {"actor": "key_1", "action": "journey.pause", "subject": "welcome", "why": "why"} | fields

    def transaction(session: object) -> None:
        for each in range(number):
            actor, subject = Actor(given["actor"], "Somebody"), ("journey", given["subject"])
            why = f"{given['why']} {each}."
            audit.record(session, actor, given["action"], subject, api.clocks.now(), why=why)  # type: ignore[arg-type] # a session

    api.change(transaction)


async def test_who_did_what_when_and_why(api: Server, viewer: Browser) -> None:
    """Each action stands with all four, the latest first."""
    _write(api, why="too many texts")
    page = (await viewer.get(LOG)).text
    for words in ("Somebody", "Journey: pause", "welcome", "too many texts 0.", "Robin Viewer"):
        assert words in page
    assert page.index("too many texts 0.") < page.rindex("Staff: sign in")


async def test_members_stand_by_their_names(viewer: Browser) -> None:
    """What was done to a member of staff names the member, not an id."""
    assert 'data-label="To">Robin Viewer</td>' in (await viewer.get(LOG)).text


@pytest.mark.parametrize(
    ("query", "words", "absent"),
    [("who=key_1", "one 0.", "two 0."), ("what=channel", "two 0.", "one 0."), ("subject=sms", "two 0.", "one 0.")],
)
async def test_filters(api: Server, viewer: Browser, query: str, words: str, absent: str) -> None:
    """The log can be read by person, by kind of thing, and by thing."""
    _write(api, why="one")
    _write(api, why="two", actor="key_2", action="channel.pause", subject="sms")
    page = (await viewer.get(f"{LOG}?{query}")).text
    assert words in page
    assert absent not in page


async def test_long_logs_have_pages(api: Server, viewer: Browser) -> None:
    """Every action is on one page."""
    _write(api, 120)
    first = (await viewer.get(f"{LOG}?who=key_1")).text
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = (await viewer.get(older)).text
    seen = [number for page in (first, second) for number in range(120) if f"why {number}." in page]
    assert sorted(seen) == list(range(120))


async def test_nothing_fits(viewer: Browser) -> None:
    """An empty answer says so, and a broken page number is the first page."""
    assert "No action fits" in (await viewer.get(f"{LOG}?subject=none")).text
    assert (await viewer.get(f"{LOG}?before=abc")).status_code == 200
