"""Recorded histories replayed as a check before a deploy."""

from pathlib import Path

import pytest

import workflows
from tests.histories import path_of
from tests.worker.lint.patched_journey import DayOfRest
from tests.workflows.changed_journeys import BREAKING
from worker.lint import replay

REWARDED = path_of("data-collection-voucher/rewarded-by-sms")
OTHER = path_of("member-welcome/accepted")


async def test_a_change_that_would_strand_customers_is_found(capfd: pytest.CaptureFixture[str]) -> None:
    """A developer is told in one line which recorded path a change has broken, and the sound ones are passed over."""
    journeys = {**workflows.catalogue(), "data-collection-voucher": BREAKING[0]}
    [finding] = await replay(journeys, [REWARDED, OTHER])
    assert (finding.file, finding.line) == (REWARDED, 1)
    assert finding.what.startswith("does not replay: ")
    assert "Failure {" not in finding.what
    assert capfd.readouterr() == ("", "")


async def test_a_journey_renamed_while_customers_are_inside_is_found() -> None:
    """A developer who renames a running journey is told that nobody would carry on those inside."""
    journeys = {name: each for name, each in workflows.catalogue().items() if name != "member-welcome"}
    [finding] = await replay(journeys, [REWARDED, *sorted(OTHER.parent.glob("*.json"))])
    assert finding.file.parent == OTHER.parent
    assert "there is no journey 'member-welcome' any more" in finding.what


async def test_a_file_that_is_no_history_is_found(tmp_path: Path) -> None:
    """A damaged recording is named, and the others are replayed."""
    broken = [tmp_path / name for name in ("cut.json", "other.json", "empty.json")]
    for file, text in zip(broken, ('{"events": [', '{"events": 1}', "{}"), strict=True):
        file.write_text(text, encoding="utf-8")
    findings = await replay(workflows.catalogue(), [*broken, OTHER])
    assert [finding.file for finding in findings] == broken


async def test_a_patched_change_lets_those_inside_finish_as_they_began() -> None:
    """A developer may add a step behind `workflow.patched`: every recorded customer still goes their own way."""
    journeys = {**workflows.catalogue(), "data-collection-voucher": DayOfRest}
    files = sorted(REWARDED.parent.glob("*.json"))
    assert await replay(journeys, files) == []
