"""`sojourn report`: did it work, on the command line."""

import csv
import json

import pytest

from activities.storage.database import Database
from tests.activities.storage.reports.populations import DESIGN, JOURNEY, Population
from tests.worker.cli.command import complaint, sojourn_here


@pytest.fixture
def populated(sqlite_url: str) -> str:
    """The URL of a system in which one of two customers converted, and another was held out."""
    database = Database(sqlite_url, inline=True)

    def transaction(people: Population) -> None:
        people.stock("SAVE-1")
        for name in ("ada", "bea"):
            row = people.entry(people.register(name))
            people.message(row, "voucher-offer", "sent", promised=DESIGN)
            people.record(row, ("split", "split-tone", {"split": "tone", "arm": "warm" if name == "ada" else "plain"}))
            if name == "ada":
                people.complete(people.customer("ada"))
                people.end(row, "rewarded by email")
        people.hold_out(0.999999)
        people.register("cyd")

    database.write_now(lambda session: transaction(Population(session)))
    database.close()
    return sqlite_url


def test_a_report_reads_in_one_look(populated: str) -> None:
    """A developer sees arms, lift, steps, messages, vouchers and splits in the terminal."""
    done = sojourn_here("report", JOURNEY, SOJOURN_DATABASE_URL=populated)

    assert done.returncode == 0, done.stderr
    assert "treated against holdout: +50.0%" in done.stdout
    assert "this may be chance" in done.stdout
    for word in ("voucher-offer-email", "rewarded by email", DESIGN, "warm against plain"):
        assert word in done.stdout


def test_a_report_can_go_elsewhere(populated: str) -> None:
    """The same numbers come as JSON and as CSV."""
    document = json.loads(sojourn_here("report", JOURNEY, "--json", SOJOURN_DATABASE_URL=populated).stdout)
    assert (document["enrolled"], document["converted"]) == (3, 1)

    table = sojourn_here("report", JOURNEY, "--csv", SOJOURN_DATABASE_URL=populated).stdout
    numbers = {(row["item"], row["measure"]): row["value"] for row in csv.DictReader(table.splitlines())}
    assert numbers["holdout", "enrolled"] == "1"
    assert numbers["tone / warm", "rate"] == "1.0"
    assert numbers["start / voucher-offer-email", "count"] == "2"


def test_who_had_the_message_is_shown_at_the_wait(sqlite_url: str) -> None:
    """The terminal says, as the console does, that a customer whose offer is out waits for it to be taken."""
    database = Database(sqlite_url, inline=True)

    def transaction(people: Population) -> None:
        people.message(people.entry(people.register("ada")), "voucher-offer", "sent")

    database.write_now(lambda session: transaction(Population(session)))
    database.close()
    document = json.loads(sojourn_here("report", JOURNEY, "--json", SOJOURN_DATABASE_URL=sqlite_url).stdout)
    waiting = {step["step"]: step["waiting"] for step in document["steps"]}
    assert waiting == {"start": 0, "voucher-offer-email": 0, "time-to-act-on-the-email-offer": 1}


def test_a_report_can_be_of_some_days(populated: str) -> None:
    """Days bound the report."""
    done = sojourn_here("report", JOURNEY, "--json", "--to", "2020-12-31", SOJOURN_DATABASE_URL=populated)
    assert json.loads(done.stdout)["enrolled"] == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("nothing",), "nothing"),
        ((JOURNEY, "--json", "--csv"), "--csv"),
        ((JOURNEY, "--from", "2026-12-01", "--to", "2026-11-30"), "--to"),
    ],
)
def test_a_wrong_question_is_told(populated: str, arguments: tuple[str, ...], named: str) -> None:
    """Whoever mistypes reads what is wrong, in one line, and the shell knows."""
    assert named in complaint(sojourn_here("report", *arguments, SOJOURN_DATABASE_URL=populated), 2)
