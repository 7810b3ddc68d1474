"""`sojourn simulate`: what it prints, and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.worker.cli.command import complaint, sojourn, sojourn_here

SCENARIO = {
    "start": "2027-03-27T08:30:00Z",
    "customer": {"id": "c1", "first_name": "Žofie", "email": "zofie@example.com", "timezone": "Europe/Prague"},
    "trigger": {"type": "account.registered", "properties": {}},
}
VOUCHER = "data-collection-voucher"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A scenario file."""
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(SCENARIO), encoding="utf-8")
    return path


def test_a_repeated_simulation_is_the_same_to_the_byte(scenario: Path) -> None:
    """Two rehearsals of one scenario can be compared with `cmp`, from a file or from a pipe."""
    from_file = sojourn_here("simulate", VOUCHER, "--scenario", scenario, "--json")
    from_pipe = sojourn("simulate", VOUCHER, "--scenario", "-", "--json", stdin=scenario.read_text(encoding="utf-8"))
    assert from_file.returncode == from_pipe.returncode == 0
    assert from_file.stdout == from_pipe.stdout
    document = json.loads(from_file.stdout)
    assert list(document) == ["journey", "entered", "outcome", "reason", "started_at", "ended_at", "timeline"]
    assert document["outcome"] == "not complete"
    assert from_file.stdout == json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    assert "Hello Žofie" in from_file.stdout


def test_a_person_reads_a_timeline(scenario: Path) -> None:
    """Without --json a developer reads days, the customer's own clock, and the messages as they are sent."""
    done = sojourn_here("simulate", VOUCHER, "--scenario", scenario)
    assert done.returncode == 0
    assert "day   3  Tue 30 Mar 10:30  Sent the email 'complete-your-account'." in done.stdout
    assert "Subject: Three details are missing from your account" in done.stdout
    assert done.stdout.rstrip().endswith("The journey ended: not complete.")
    assert "   \n" not in done.stdout  # nothing is padded to the width of a terminal


def test_a_trigger_of_another_kind_lets_nobody_in() -> None:
    """A customer whom the trigger does not let in is no failure: exit 0, entered false."""
    other = SCENARIO | {"trigger": {"type": "order.completed"}}
    done = sojourn_here("simulate", VOUCHER, "--scenario", "-", "--json", stdin=json.dumps(other))
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["entered"], found["outcome"], found["timeline"]) == (False, None, [])


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"start": "soon"}, "start"),
        ({"start": "9999-12-30T10:00:00Z"}, "start"),
        ({"start": "0001-01-01T00:00:00Z"}, "start"),
        ({"custommer": {}}, "custommer"),
        ({"then": [{"after": "P1D"}]}, "then[0]"),
        ({"then": [{"after": "P1D", "profile": {"date_of_birth": "1990-02-30"}}]}, "then[0].profile.date_of_birth"),
        ({"customer": {"id": "c1", "timezone": "Mars/Olympus"}}, "customer.timezone"),
        ({"parameters": {"patience": "P1D"}}, "parameters"),
    ],
)
def test_a_refused_scenario_names_the_key(wrong: dict[str, object], key: str) -> None:
    """Whoever mistypes a scenario reads which key is wrong, in one line."""
    done = sojourn_here("simulate", VOUCHER, "--scenario", "-", "--json", stdin=json.dumps(SCENARIO | wrong))
    assert key in complaint(done, 2)


def test_an_unknown_journey_is_answered_with_the_known_ones(scenario: Path) -> None:
    """Whoever mistypes the name of a journey sees which there are."""
    said = complaint(sojourn_here("simulate", "data-colection", "--scenario", scenario), 2)
    assert "data-colection" in said
    assert VOUCHER in said


def test_an_unreadable_scenario_is_named(tmp_path: Path) -> None:
    """Whoever mistypes the name of a file reads which one is missing."""
    missing = tmp_path / "missing.json"
    assert str(missing) in complaint(sojourn_here("simulate", VOUCHER, "--scenario", missing), 2)
