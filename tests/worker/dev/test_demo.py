"""`sojourn demo`, to its end."""

import json
import subprocess
import sys
from pathlib import Path

from tests.worker.cli.command import environment
from worker.dev.ends import ENDS


def test_the_demo_shows_every_end_and_leaves_nothing(tmp_path: Path) -> None:
    """A newcomer's first command succeeds within 90 seconds, prints JSON alone, and leaves no file behind."""
    done = subprocess.run(
        [sys.executable, "-m", "worker.cli", "demo", "--json"],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        # A developer's own settings must not reach the demo.
        env=environment(TMPDIR=str(tmp_path), SOJOURN_DATABASE_URL="mysql://production/sojourn"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert sorted(document) == ["customers", "messages", "outcomes"]
    assert {each["shows"] for each in document["customers"]} == {end.name for end in ENDS}
    assert all(each["as_expected"] for each in document["customers"])
    assert document["outcomes"]["cancelled"] == document["outcomes"]["opted out"] == 1
    assert "deferred" in {message["result"] for message in document["messages"]}
    assert list(tmp_path.iterdir()) == []
