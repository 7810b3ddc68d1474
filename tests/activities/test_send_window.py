"""The send window on ordinary days: what it accepts, when it opens and when it shuts."""

from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Any

import pytest
from temporalio.converter import DataConverter

from activities.send_window import EVERY_DAY, SendWindow

DAYTIME = SendWindow("09:00", "21:00")
NIGHT = SendWindow("22:00", "06:00")
PRAGUE = "Europe/Prague"


def utc(text: str) -> datetime:
    """An instant from "2026-06-01 09:00", UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "at", "opens"),
    [
        pytest.param(DAYTIME, "2026-06-01 06:59:59.999999", "2026-06-01 07:00", id="just before it opens"),
        pytest.param(DAYTIME, "2026-06-01 07:00", "2026-06-01 07:00", id="the moment it opens"),
        pytest.param(DAYTIME, "2026-06-01 12:34:56.7", "2026-06-01 12:34:56.7", id="in the middle"),
        pytest.param(DAYTIME, "2026-06-01 18:59:59.999999", "2026-06-01 18:59:59.999999", id="just before it shuts"),
        pytest.param(DAYTIME, "2026-06-01 19:00", "2026-06-02 07:00", id="the moment it shuts"),
        pytest.param(NIGHT, "2026-06-01 12:00", "2026-06-01 20:00", id="night, by day"),
        pytest.param(NIGHT, "2026-06-01 23:30", "2026-06-01 23:30", id="night, past midnight"),
        pytest.param(NIGHT, "2026-06-02 04:00", "2026-06-02 20:00", id="night, the moment it shuts"),
        pytest.param(SendWindow("09:00", "00:00"), "2026-06-01 21:59", "2026-06-01 21:59", id="until midnight"),
        pytest.param(SendWindow("09:00", "00:00"), "2026-06-01 22:00", "2026-06-02 07:00", id="at midnight"),
        pytest.param(SendWindow("00:00", "23:59:59"), "2026-06-01 21:59:59", "2026-06-01 22:00", id="to the second"),
        pytest.param(SendWindow("09:00", "21:00", ["mon"]), "2026-06-01 19:00", "2026-06-08 07:00", id="mondays"),
        pytest.param(SendWindow("09:00", "21:00", ["sun"]), "2026-06-01 19:00", "2026-06-07 07:00", id="sundays"),
        # 2026-06-05 is a Friday: its night lasts into Saturday, and Saturday has none.
        pytest.param(SendWindow("22:00", "06:00", ["fri"]), "2026-06-05 23:00", "2026-06-05 23:00", id="its own night"),
        pytest.param(SendWindow("22:00", "06:00", ["fri"]), "2026-06-04 23:00", "2026-06-05 20:00", id="other's night"),
        pytest.param(SendWindow("22:00", "06:00", ["fri"]), "2026-06-06 20:00", "2026-06-12 20:00", id="next week"),
        pytest.param(SendWindow("22:00", "06:00", ["sun"]), "2026-06-08 00:00", "2026-06-08 00:00", id="sunday night"),
    ],
)
def test_a_message_waits_for_the_customers_hours(window: SendWindow, at: str, opens: str) -> None:
    """A message goes out at once inside the customer's hours and otherwise the moment they begin."""
    assert window.next_open(utc(at), PRAGUE) == utc(opens)
    assert window.is_open(utc(at), PRAGUE) is (at == opens)


@pytest.mark.parametrize(
    ("window", "at", "shuts"),
    [
        (DAYTIME, "2026-06-01 07:00", "2026-06-01 19:00"),
        (DAYTIME, "2026-06-01 18:59:59", "2026-06-01 19:00"),
        (NIGHT, "2026-06-01 20:00", "2026-06-02 04:00"),
        (NIGHT, "2026-06-02 03:00", "2026-06-02 04:00"),
        (SendWindow("09:00", "00:00"), "2026-06-01 12:00", "2026-06-01 22:00"),
    ],
)
def test_the_gate_knows_until_when_it_may_send(window: SendWindow, at: str, shuts: str) -> None:
    """An SMS gets a validity that ends when the customer's hours do."""
    assert window.closes_at(utc(at), PRAGUE) == utc(shuts)


def test_a_shut_window_has_no_closing_time() -> None:
    """Asking when a shut window shuts is a mistake that says so."""
    with pytest.raises(ValueError, match="09:00-21:00 is not open at 2026-06-01 03:00"):
        DAYTIME.closes_at(utc("2026-06-01 03:00"), PRAGUE)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-7, minutes=-30)), timezone(timedelta(hours=14))])
def test_any_clock_may_ask_and_utc_answers(zone: tzinfo) -> None:
    """It makes no difference in which time zone the caller writes the instant."""
    opens = DAYTIME.next_open(utc("2026-06-01 03:00").astimezone(zone), PRAGUE)
    assert opens == utc("2026-06-01 07:00")
    assert opens.tzinfo is UTC


def test_a_window_reads_as_the_developer_wrote_it() -> None:
    """Text or time, names or numbers: the same hours are the same window."""
    window = SendWindow(time(9), time(21, 0, 30), days=("Sunday", "fri", 0, "MON"))
    assert window == SendWindow("09:00:00", "21:00:30", days=[0, 4, 6])
    assert (window.opens, window.closes, window.days) == ("09:00", "21:00:30", (0, 4, 6))
    assert DAYTIME.days == EVERY_DAY
    assert hash(window) == hash(SendWindow("09:00", "21:00:30", days=[0, 4, 6]))


@pytest.mark.parametrize(
    ("window", "hours"),
    [(DAYTIME, 12), (NIGHT, 8), (SendWindow("09:00", "00:00"), 15), (SendWindow("00:00", "09:00"), 9)],
)
def test_length_is_that_of_an_ordinary_day(window: SendWindow, hours: int) -> None:
    """A fast journey clock is slowed down so that even the shortest window can be met."""
    assert window.length == timedelta(hours=hours)


@pytest.mark.parametrize("window", [DAYTIME, SendWindow("22:00:30", "02:00", days=["fri", "sat"])])
async def test_a_window_survives_a_workflow_history(window: SendWindow) -> None:
    """A window given to a workflow comes back equal after the trip through Temporal's JSON."""
    payloads = await DataConverter.default.encode([window])
    assert await DataConverter.default.decode(payloads, [SendWindow]) == [window]


@pytest.mark.parametrize(
    "nonsense",
    [
        *("", "9:00", "0900", "09", "24:00", "09:60", "09:00+02:00", "09:00:00.5", "nine"),
        *(9, None, time(9, microsecond=1), time(9, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("field", ["opens", "closes"])
def test_a_time_that_is_none_is_refused_by_name(field: str, nonsense: Any) -> None:
    """A typo in a journey's hours stops the import with the field and the value."""
    hours = {"opens": "08:00", "closes": "20:00", field: nonsense}
    with pytest.raises(ValueError, match=f"^{field}: .* is not a time of day"):
        SendWindow(**hours)


@pytest.mark.parametrize("days", [[], "mon", ["mo"], [7], [-1], [True], [1.5], [None], [[]]])
def test_days_that_are_none_are_refused(days: Any) -> None:
    """A window that would never open, or whose days nobody can read, stops the import."""
    with pytest.raises(ValueError, match=r"^days: "):
        SendWindow("09:00", "21:00", days)


@pytest.mark.parametrize(("opens", "closes"), [("09:00", "09:00"), ("00:00", "00:00:00"), (time(9), "09:00")])
def test_a_window_without_length_is_refused(opens: str | time, closes: str | time) -> None:
    """Nobody has to guess whether 09:00 to 09:00 means all day or never."""
    with pytest.raises(ValueError, match=r"^closes: must differ from opens"):
        SendWindow(opens, closes)


@pytest.mark.parametrize("ask", [DAYTIME.next_open, DAYTIME.is_open, DAYTIME.closes_at])
def test_questions_without_a_zone_are_refused(ask: Any) -> None:
    """A naive datetime or an unknown zone is an error, never a silent guess."""
    naive = datetime(2026, 6, 1, 12)  # noqa: DTZ001 the mistake under test
    with pytest.raises(ValueError, match="naive"):
        ask(naive, PRAGUE)
    for zone in ("Europe/Atlantis", "", "Europe", "../Prague", "/Europe/Prague"):
        with pytest.raises(ValueError, match=f"zone: '{zone}' is not an IANA time zone"):
            ask(utc("2026-06-01 12:00"), zone)
