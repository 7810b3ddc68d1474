"""The list of journeys, and their states."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from activities.storage import audit, journey_settings, provider_states, vouchers
from activities.storage.designs import standard_design
from tests.api.conftest import Server
from tests.api.console.conftest import Browser
from tests.api.console.people import JOURNEY, arms, few, population

PAGE = "/console"


def _state(api: Server) -> str:
    return api.rows(lambda session: journey_settings.setting(session, JOURNEY, api.clocks.now()).state)


async def test_the_list_shows_every_journey_with_its_state_and_numbers(api: Server, viewer: Browser) -> None:
    """A marketer sees which journeys run, how many people are in each and how many entered."""
    api.change(few)
    shown = await viewer.get(PAGE)
    assert shown.status_code == 200
    for name in api.services.catalogue:
        assert f">{name}</a>" in shown.text
    assert "1 person is in a journey now" in shown.text
    assert 'is-paused">Paused' in shown.text
    assert "Nobody entered in these 30 days" in shown.text


async def test_a_journey_that_works_says_so_with_its_interval(api: Server, viewer: Browser) -> None:
    """Against people held out, the list says in words whether a journey works, and how sure that is."""
    api.change(arms)
    shown = await viewer.get(PAGE)
    assert '<span class="sure">It works</span>' in shown.text
    assert "50.0 %" in shown.text
    assert "×5.00" in shown.text


async def test_only_the_days_asked_for_count(api: Server, viewer: Browser) -> None:
    """Who entered before the days on show is not among those who entered."""
    api.change(lambda session: population(session, days_ago=20).register("Ada"))
    assert "Entered a day" in (await viewer.get(f"{PAGE}?days=30")).text
    assert "Entered a day" not in (await viewer.get(f"{PAGE}?days=7")).text


@pytest.mark.parametrize("query", ["days=8", "days=x", "from=2027-03-09&to=2027-03-01", "from=soon&to=later"])
async def test_days_that_make_no_sense_are_answered_with_the_usual_ones(viewer: Browser, query: str) -> None:
    """A mistyped address shows the last 30 days and says so."""
    shown = await viewer.get(f"{PAGE}?{query}")
    assert shown.status_code == 200
    assert "the last 30" in shown.text


async def test_nothing_is_said_of_trouble_where_there_is_none(api: Server, viewer: Browser) -> None:
    """The strip of what needs attention is absent while nothing does."""

    def fill(session: Session) -> None:
        for name in ("profile-reward", "loyalty-discount", "welcome-promo"):
            vouchers.load(session, standard_design(name), [f"{name}-1"])

    api.change(fill)
    shown = (await viewer.get(PAGE)).text
    assert "Needs attention" not in shown
    assert 'class="tally"' not in shown


async def test_a_paused_channel_is_told_on_every_page(api: Server, viewer: Browser) -> None:
    """A channel that takes no messages stands first on the list, and as a number in the navigation."""

    def pause(session: object) -> None:
        provider_states.pause(session, "carrier", "the key is refused", api.clocks.now())  # type: ignore[arg-type] # a session

    api.change(pause)
    api.clocks.ahead = timedelta(minutes=1)
    shown = (await viewer.get(PAGE)).text
    assert "SMS is paused" in shown
    assert "The key is refused." in shown
    assert (
        '<span class="tally">1<span class="visually-hidden"> paused'
        in (await viewer.get(f"{PAGE}/journeys/welcome")).text
    )
    api.clocks.ahead = timedelta(minutes=2)


async def test_an_empty_pool_is_told(api: Server, viewer: Browser) -> None:
    """A voucher pool that is used up needs a person, since without stock nothing is promised."""

    def use_up(session: object) -> None:
        people = population(session)  # type: ignore[arg-type] # a session
        people.stock("ONE-1")
        people.voucher(people.entry(people.register("Ada")))

    api.change(use_up)
    assert "Voucher pool “profile-reward” is empty" in (await viewer.get(PAGE)).text


async def test_a_design_that_never_had_a_code_is_told(api: Server, viewer: Browser) -> None:
    """A mistyped design, or a pool that nobody filled, is told while a journey that would promise it is active."""
    told = "No codes were ever loaded for “no-such-design”"
    api.change(lambda session: population(session).stock("ONE-1"))
    assert "“profile-reward”" not in (await viewer.get(PAGE)).text
    await api.http.patch(f"/v1/journeys/{JOURNEY}", json={"parameters": {"voucher": "no-such-design"}})
    assert told in (await viewer.get(PAGE)).text
    await api.http.post(f"/v1/journeys/{JOURNEY}/pause")
    assert told not in (await viewer.get(PAGE)).text


async def test_an_admin_pauses_and_activates(api: Server, admin: Browser) -> None:
    """A journey is paused from the list and active again at the next press; both stand in the audit log."""
    paused = await admin.submit(PAGE, f"{PAGE}/journeys/{JOURNEY}/state/pause", back="list")
    assert paused.status_code == 303
    assert paused.headers["location"].startswith("/console?done=")
    assert f"{JOURNEY} is paused" in (await admin.get(paused.headers["location"])).text
    assert _state(api) == "paused"
    await admin.submit(PAGE, f"{PAGE}/journeys/{JOURNEY}/state/activate")
    assert _state(api) == "active"
    actions = api.rows(lambda session: [entry.action for entry in audit.entries(session, subject=("journey", JOURNEY))])
    assert actions == ["journey.activate", "journey.pause"]


async def test_a_hold_needs_a_reason_and_holds_everyone_inside(api: Server, admin: Browser) -> None:
    """Holding a whole journey asks why; then those inside wait, and the reason stands in the audit log."""
    api.change(few)
    page, action = f"{PAGE}/journeys/{JOURNEY}/hold", f"{PAGE}/journeys/{JOURNEY}/state/hold"
    refused = await admin.submit(page, action, why="  ")
    assert refused.status_code == 422
    assert "needs a reason" in refused.text
    assert _state(api) == "active"
    await admin.submit(page, action, why="wrong price in the offer")
    assert _state(api) == "held"
    assert len(api.relay.told) == 1
    (entry,) = api.rows(lambda session: audit.entries(session, subject=("journey", JOURNEY)))
    assert (entry.why, entry.details) == ("wrong price in the offer", {"people": 1})


@pytest.mark.parametrize("action", ["pause", "activate", "hold"])
async def test_others_may_look_and_not_touch(api: Server, support: Browser, action: str) -> None:
    """Support sees the journeys, without the buttons, and a form of their own making is refused."""
    assert "state/pause" not in (await support.get(PAGE)).text
    refused = await support.submit(PAGE, f"{PAGE}/journeys/{JOURNEY}/state/{action}", why="because")
    assert refused.status_code == 403
    assert _state(api) == "active"


async def test_what_does_not_exist_is_not_done(admin: Browser) -> None:
    """An unknown journey and an unknown action are answered with a page that says so."""
    assert (await admin.submit(PAGE, f"{PAGE}/journeys/nope/state/pause")).status_code == 404
    assert (await admin.submit(PAGE, f"{PAGE}/journeys/{JOURNEY}/state/explode")).status_code == 404
