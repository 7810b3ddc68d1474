"""Scenario files: what they say, and how a wrong one is refused."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.frequency import FrequencyCap, FrequencyCaps
from worker.rehearsal.durations import parse_duration
from worker.rehearsal.scenario import (
    Cancel,
    Event,
    Happening,
    Hold,
    OptOut,
    ProfileChange,
    ProviderResult,
    Resume,
    Scenario,
    ScenarioError,
    parse_scenario,
    read_scenario,
)

START = datetime(2027, 3, 27, 8, 30, tzinfo=UTC)
LEAST: dict[str, Any] = {
    "start": "2027-03-27T08:30:00Z",
    "customer": {"id": "c1"},
    "trigger": {"type": "account.registered"},
}
FULL = """
{"start": "2027-03-27T08:30:00Z",
 "customer": {"id": "c1", "first_name": "Ada", "email": "ada@example.com", "timezone": "Europe/Prague",
              "consents": {"sms": false, "topics": {"offers": false}},
              "attributes": {"shoe_size": 38}, "loyalty": true},
 "trigger": {"type": "account.registered", "properties": {}},
 "then": [{"after": "P4D", "profile": {"last_name": "Byron", "phone": "+420601123456", "first_name": null}},
          {"after": "P5D", "event": {"type": "service.subscribed", "properties": {"serviceName": "X"}}},
          {"after": "P6D", "opt_out": "email"}, {"after": "PT36H", "hold": "on leave"},
          {"at": "2027-03-29T09:00:00+02:00", "resume": true}, {"after": "P1W", "resume": "back"},
          {"after": "P7D", "cancel": "asked by phone"}],
 "parameters": {"reward": "voucher"}, "arms": {"subject-line": "plain"},
 "vouchers": {"profile-reward": ["SAVE-1", "SAVE-2"]},
 "providers": {"sms": {"result": "rejected"}, "webhook": {"result": "unknown"}},
 "cap": {"messages": 2, "days": 7, "channel": "sms"}, "consent_by_default": false}
"""


def test_a_full_scenario_is_understood() -> None:
    """A marketer's file is read as it was meant, every time of it in UTC."""
    day = timedelta(days=1)
    assert parse_scenario(FULL) == Scenario(
        start=START,
        customer=json.loads(FULL)["customer"],
        trigger=Event("account.registered"),
        then=(
            Happening(
                START + 4 * day,
                ProfileChange({"last_name": "Byron", "phone": "+420601123456", "first_name": None}),
            ),
            Happening(START + 5 * day, Event("service.subscribed", {"serviceName": "X"})),
            Happening(START + 6 * day, OptOut("email")),
            Happening(START + 1.5 * day, Hold("on leave")),
            Happening(datetime(2027, 3, 29, 7, tzinfo=UTC), Resume()),
            Happening(START + 7 * day, Resume("back")),
            Happening(START + 7 * day, Cancel("asked by phone")),
        ),
        parameters={"reward": "voucher"},
        arms={"subject-line": "plain"},
        vouchers={"profile-reward": ("SAVE-1", "SAVE-2")},
        providers={"sms": ProviderResult.REJECTED, "webhook": ProviderResult.UNKNOWN},
        caps=FrequencyCaps((FrequencyCap(2, 7, "sms"),)),
        consent_by_default=False,
    )


def test_the_rest_may_be_missing() -> None:
    """A first scenario takes three keys."""
    assert parse_scenario(json.dumps(LEAST)) == Scenario(START, {"id": "c1"}, Event("account.registered"))


def test_a_scenario_is_found_beside_its_promise() -> None:
    """A developer tries the very file that is the test, without taking it apart."""
    test = {"promise": "All is well.", "outcome": "done", "messages": [], "scenario": LEAST}
    assert parse_scenario(json.dumps(test)) == parse_scenario(json.dumps(LEAST))
    with pytest.raises(ScenarioError, match=r"^scenario\.start: missing$"):
        parse_scenario(json.dumps(test | {"scenario": {"customer": {"id": "c"}, "trigger": {"type": "x"}}}))


WRONG = [
    ({"start": ...}, "start: missing"),
    ({"customer": ...}, "customer: missing"),
    ({"trigger": ...}, "trigger: missing"),
    ({"than": []}, "than: unknown key"),
    ({"start": "2027-03-27T08:30:00"}, "start: an instant needs its offset from UTC"),
    ({"start": "tomorrow"}, "start: not an instant: 'tomorrow'"),
    ({"start": 1}, "start: not an instant: 1"),
    ({"start": "0001-01-01T00:00:00+14:00"}, "start: beyond the calendar"),
    ({"customer": []}, "customer: not an object: []"),
    ({"customer": {}}, "customer: needs an id, an email or a phone"),
    ({"customer": {"first_name": "Ada"}}, "customer: needs an id, an email or a phone"),
    ({"customer": {"id": 7}}, "customer.id: not a text: 7"),
    ({"customer": {"id": " "}}, "customer.id: not a text: ' '"),
    ({"customer": {"id": None}}, "customer.id: not a text: None"),
    ({"customer": {"id": "c", "nickname": "A"}}, "customer.nickname: unknown key"),
    ({"customer": {"id": "c", "consents": {"email": "yes"}}}, "customer.consents.email: neither true nor"),
    ({"customer": {"id": "c", "consents": {"fax": True}}}, "customer.consents.fax: unknown key"),
    ({"customer": {"id": "c", "attributes": 1}}, "customer.attributes: not an object"),
    ({"customer": {"id": "c", "loyalty": 1}}, "customer.loyalty: neither true nor false: 1"),
    ({"trigger": "account.registered"}, "trigger: not an object"),
    ({"trigger": {}}, "trigger.type: missing"),
    ({"trigger": {"type": ""}}, "trigger.type: not a text"),
    ({"trigger": {"type": "x", "properties": []}}, "trigger.properties: not an object"),
    ({"trigger": {"type": "x", "when": 1}}, "trigger.when: unknown key"),
    ({"arms": []}, "arms: not an object: []"),
    ({"arms": {"tone": 1}}, "arms.tone: not a text: 1"),
    ({"then": {}}, "then: not an array: {}"),
    ({"then": [1]}, "then[0]: not an object: 1"),
    ({"then": [{"hold": "x"}]}, "then[0]: needs one of after, at"),
    ({"then": [{"after": "P1D"}]}, "then[0]: needs one of profile, event, opt_out, cancel, hold, resume"),
    (
        {"then": [{"after": "P1D", "at": "2027-04-01T00:00Z", "hold": "x"}]},
        "then[0].at: cannot stand beside after",
    ),
    (
        {"then": [{"after": "P1D", "hold": "x", "cancel": "y"}]},
        "then[0].hold: cannot stand beside cancel",
    ),
    ({"then": [{"after": "P1D", "sms": "x"}]}, "then[0].sms: unknown key"),
    (
        {"then": [{"after": "P1D", "hold": "x"}] * 2 + [{"after": "P4X", "hold": "x"}]},
        "then[2].after: not a duration: 'P4X'",
    ),
    ({"then": [{"after": "-P1D", "hold": "x"}]}, "then[0].after: not a duration: '-P1D'"),
    ({"then": [{"after": 4, "hold": "x"}]}, "then[0].after: not a duration: 4"),
    ({"then": [{"after": "P4000000D", "hold": "x"}]}, "then[0].after: beyond the calendar"),
    ({"then": [{"at": "2027-04-01", "hold": "x"}]}, "then[0].at: an instant needs its offset"),
    ({"then": [{"at": "2027-03-27T08:29:59Z", "hold": "x"}]}, "then[0].at: before start"),
    ({"then": [{"after": "P1D", "hold": ""}]}, "then[0].hold: not a text: ''"),
    ({"then": [{"after": "P1D", "resume": False}]}, "then[0].resume: not a text: False"),
    ({"then": [{"after": "P1D", "cancel": None}]}, "then[0].cancel: not a text: None"),
    ({"then": [{"after": "P1D", "opt_out": "fax"}]}, "then[0].opt_out: not one of email, sms: 'fax'"),
    ({"then": [{"after": "P1D", "event": {"properties": {}}}]}, "then[0].event.type: missing"),
    ({"then": [{"after": "P1D", "profile": {}}]}, "then[0].profile: changes nothing"),
    ({"then": [{"after": "P1D", "profile": {"id": "c2"}}]}, "then[0].profile.id: unknown key"),
    ({"then": [{"after": "P1D", "profile": {"email": 1}}]}, "then[0].profile.email: not a text: 1"),
    ({"customer": {"id": "c", "consents": {"topics": {"new": 1}}}}, "customer.consents.topics.new: neither true nor"),
    ({"cap": 2}, "cap: not an object: 2"),
    ({"cap": {"messages": 2}}, "cap.days: missing"),
    ({"cap": {"messages": "2", "days": 7}}, "cap.messages: not a whole number: '2'"),
    ({"cap": {"messages": True, "days": 7}}, "cap.messages: not a whole number: True"),
    ({"cap": {"messages": 0, "days": 7}}, "cap: a cap allows 1 to 1000 messages, not 0"),
    ({"cap": {"messages": 2, "days": 7, "channel": "fax"}}, "cap.channel: not one of email, sms, "),
    ({"cap": {"messages": 2, "days": 7, "hours": 1}}, "cap.hours: unknown key"),
    ({"consent_by_default": "no"}, "consent_by_default: neither true nor false: 'no'"),
    ({"parameters": []}, "parameters: not an object"),
    ({"vouchers": {"d": "SAVE"}}, "vouchers.d: not an array: 'SAVE'"),
    ({"vouchers": {"d": ["A", 1]}}, "vouchers.d[1]: not a text: 1"),
    ({"vouchers": {"d": ["A", "A"]}}, "vouchers.d[1]: given twice: 'A'"),
    ({"providers": {"fax": {"result": "accepted"}}}, "providers.fax: unknown key"),
    ({"providers": {"sms": "rejected"}}, "providers.sms: not an object"),
    ({"providers": {"sms": {}}}, "providers.sms.result: missing"),
    (
        {"providers": {"sms": {"result": "broken"}}},
        "providers.sms.result: not one of accepted, rejected, unavailable, unknown: 'broken'",
    ),
    ({"providers": {"sms": {"result": ["accepted"]}}}, "providers.sms.result: not one of"),
]


@pytest.mark.parametrize(("change", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_refusal_names_the_key(change: dict[str, Any], message: str) -> None:
    """Whoever wrote a wrong scenario reads which key to mend."""
    document = {key: value for key, value in {**LEAST, **change}.items() if value is not ...}
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(json.dumps(document))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "scenario: not JSON: Expecting value"),
        ("{", "scenario: not JSON"),
        (b"\xff{}", "scenario: not JSON"),
        ("[]", "scenario: not an object: []"),
        ("NaN", "scenario: not JSON: NaN"),
        ('{"start": -Infinity}', "start: not JSON: -Infinity"),
        ('{"parameters": {"days": [1, NaN]}}', "parameters.days[1]: not JSON: NaN"),
        ('{"parameters": {"days": 1e999}}', "parameters.days: too large a number"),
        ('{"parameters": {"days": ' + "9" * 5000 + "}}", "scenario: not JSON: Exceeds the limit"),
        ('{"start": 1, "start": 1}', "start: given twice"),
        ('{"then": [{"after": 1, "hold": 1, "after": 1}]}', "then[0].after: given twice"),
        ('{"parameters": "\\ud800"}', "parameters: half a surrogate pair"),
        ('{"parameters": ' + '{"a":' * 5000 + "1" + "}" * 5001, "scenario: nested too deeply"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_not_json_is_refused(text: str | bytes, message: str) -> None:
    """A file that is broken, or that two programs would read differently, is refused in words."""
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    assert str(caught.value).startswith(message)


def test_a_scenario_is_read_from_a_file(tmp_path: Path) -> None:
    """A scenario file is read; one that is not there is named."""
    file = tmp_path / "scenario.json"
    with pytest.raises(ScenarioError, match=r"cannot read .*scenario\.json: No such file"):
        read_scenario(file)
    file.write_text(FULL, encoding="utf-8")
    assert read_scenario(file) == parse_scenario(FULL)


@pytest.mark.parametrize(
    ("text", "hours"), [("P4D", 96), ("PT36H", 36), ("P1W", 168), ("P1DT1H30M", 25.5), ("PT0S", 0)]
)
def test_durations(text: str, hours: float) -> None:
    """A duration is what ISO 8601 says."""
    assert parse_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "P1M", "P1Y", "1:00:00", "2 days", "3600", "+P1D", "-P1D", "P-1D", "p1d"]
)
def test_no_duration(text: str) -> None:
    """What has no fixed length, or is no ISO 8601, is refused rather than guessed."""
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@given(st.integers(0, 999), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 999_999))
def test_durations_round_trip(days: int, hours: int, minutes: int, seconds: int, micros: int) -> None:
    """Every duration of whole microseconds is read to the microsecond."""
    text = f"P{days}DT{hours}H{minutes}M{seconds}.{micros:06}S"
    expected = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
    assert parse_duration(text) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ENTRY = st.dictionaries(
    st.sampled_from(["after", "at", "profile", "event", "opt_out", "cancel", "hold", "resume"]),
    JSON | st.sampled_from(["P1D", "2027-04-01T00:00:00Z", "email"]),
    max_size=3,
)


@given(
    st.fixed_dictionaries(
        {"start": st.just(LEAST["start"]), "customer": st.just(LEAST["customer"]), "trigger": JSON},
        optional={
            "then": st.lists(ENTRY, max_size=2) | JSON,
            "vouchers": JSON,
            "providers": JSON,
            "cap": JSON,
            "consent_by_default": JSON,
            "parameters": JSON,
        },
    )
    | JSON
)
def test_nothing_but_a_refusal(document: object) -> None:
    """Whatever is in the file, it is understood or refused in words; never a traceback."""
    with suppress(ScenarioError):
        parse_scenario(json.dumps(document))


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.text(min_size=1).filter(str.strip)), max_size=5),
    st.dictionaries(st.text(), st.integers() | st.text(), max_size=3),
)
def test_scenarios_round_trip(holds: list[tuple[int, str]], parameters: dict[str, object]) -> None:
    """Times, order and texts of a scenario come through unchanged, in any script."""
    then = [{"after": f"PT{minutes}M", "hold": reason} for minutes, reason in holds]
    scenario = parse_scenario(json.dumps({**LEAST, "then": then, "parameters": parameters}))
    assert scenario.parameters == parameters
    assert scenario.then == tuple(
        Happening(START + timedelta(minutes=minutes), Hold(reason)) for minutes, reason in holds
    )
