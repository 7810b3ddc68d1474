"""`sojourn journeys`: the list."""

import json
from datetime import UTC, datetime
from pathlib import Path

from activities.storage.database import Database
from activities.storage.journey_settings import set_holdout, set_parameters, set_state
from tests.worker.cli.command import sojourn_here


def test_a_fresh_checkout_lists_its_journeys_and_creates_nothing(tmp_path: Path) -> None:
    """A developer sees the journeys before anything was started, and no file appears by looking."""
    folder = tmp_path / "data"
    done = sojourn_here("journeys", "--json", SOJOURN_DATA=str(folder))
    assert done.returncode == 0, done.stderr
    found = {each["name"]: each for each in json.loads(done.stdout)["journeys"]}
    voucher = found["data-collection-voucher"]
    assert (voucher["trigger"], voucher["reentry"], voucher["state"]) == ("account.registered", "never", "active")
    assert (voucher["window"]["opens"], voucher["window"]["closes"]) == ("09:00", "21:00")
    assert "date_of_birth" in voucher["goal"]["attributes"]
    assert found["data-collection-points"]["state"] == "paused"
    assert not folder.exists()


def test_a_running_system_shows_what_staff_have_changed(sqlite_url: str) -> None:
    """A paused journey and another window are shown as they are now, not as they were written."""
    now, database = datetime.now(UTC), Database(sqlite_url, inline=True)
    window = {"opens": "10:00", "closes": "18:00"}
    database.write_now(lambda session: set_state(session, "data-collection-voucher", "paused", now))
    database.write_now(lambda session: set_parameters(session, "data-collection-voucher", {"send_window": window}, now))
    database.write_now(lambda session: set_holdout(session, "data-collection-voucher", 0.125, now))
    database.close()
    done = sojourn_here("journeys", SOJOURN_DATABASE_URL=sqlite_url)
    assert done.returncode == 0, done.stderr
    assert "paused" in done.stdout
    assert "10:00-18:00" in done.stdout
    assert "12.5 %" in done.stdout
    assert "nobody" in done.stdout
