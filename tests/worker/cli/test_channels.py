"""`sojourn channels`: staff see what keeps messages back, and end it."""

import json
from datetime import UTC, datetime

from activities.storage import provider_states
from activities.storage.database import Database
from tests.worker.cli.command import complaint, sojourn_here


def test_a_channel_is_paused_and_resumed(sqlite_url: str) -> None:
    """Staff pause texts with a reason that everybody sees, and let them go again."""
    paused = sojourn_here("channels", "pause", "sms", "--reason", "wrong sender", SOJOURN_DATABASE_URL=sqlite_url)
    assert (paused.returncode, paused.stdout) == (0, "sms is paused.\n"), paused.stderr
    state = {each["channel"]: each for each in _listed(sqlite_url)}
    assert (state["sms"]["state"], state["sms"]["reason"]) == ("paused", "wrong sender")
    assert "wrong sender" in sojourn_here("channels", SOJOURN_DATABASE_URL=sqlite_url).stdout
    resumed = sojourn_here("channels", "resume", "sms", SOJOURN_DATABASE_URL=sqlite_url)
    assert resumed.stdout == "sms is open again.\n"
    assert {each["state"] for each in _listed(sqlite_url)} == {"open"}


def test_a_webhook_that_broke_is_listed_beside_the_channels(sqlite_url: str) -> None:
    """The client's own system is resumed by its name, as a channel is."""
    database = Database(sqlite_url, inline=True)
    database.write_now(lambda session: provider_states.pause(session, "webhook:crm.example", "401", datetime.now(UTC)))
    database.close()
    assert _listed(sqlite_url)[-1]["channel"] == "webhook:crm.example"
    resumed = sojourn_here("channels", "resume", "webhook:crm.example", SOJOURN_DATABASE_URL=sqlite_url)
    assert resumed.stdout == "webhook:crm.example is open again.\n"


def test_a_misspelt_channel_is_refused(sqlite_url: str) -> None:
    """Nobody believes a channel to be paused that does not exist."""
    done = sojourn_here("channels", "pause", "emial", "--reason", "typo", SOJOURN_DATABASE_URL=sqlite_url)
    assert "emial" in complaint(done, 2)


def _listed(url: str) -> list[dict[str, str]]:
    done = sojourn_here("channels", "--json", SOJOURN_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, str]] = json.loads(done.stdout)["channels"]
    return found
