"""`sojourn check`: what it says, how it ends, and how long it takes."""

from pathlib import Path

import pytest

from tests.worker.cli.command import sojourn_here
from worker.lint import Finding


@pytest.fixture
def unset(tmp_path: Path) -> dict[str, str]:
    """Settings that name no database there is."""
    return {"SOJOURN_DATA": str(tmp_path / "none")}


def test_a_sound_project_passes(unset: dict[str, str]) -> None:
    """A developer who changed nothing wrong may deploy: journeys, templates and all histories are looked at."""
    done = sojourn_here("check", **unset)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("Nothing found: ")
    assert " 0 histories" not in done.stdout
    assert done.stderr == ""


def test_without_histories_it_says_so(unset: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer in another folder does not take a check without histories for a whole one."""
    monkeypatch.chdir(tmp_path)
    done = sojourn_here("check", **unset)
    assert done.returncode == 0
    assert done.stderr == "There are no histories in tests/histories to replay.\n"
    assert done.stdout.endswith(" 0 histories replayed.\n")


def test_each_finding_is_a_line_that_an_editor_opens(
    unset: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A developer, or a build, gets FILE:LINE: WHAT and exit code 1."""
    monkeypatch.chdir(tmp_path)
    wrong = Finding(tmp_path / "workflows" / "odd.py", 7, "there is no\ntemplate 'goodbye'")
    monkeypatch.setattr("worker.lint.lint_journeys", lambda *_: [wrong])
    done = sojourn_here("check", **unset)
    assert (done.returncode, done.stdout) == (1, "workflows/odd.py:7: there is no template 'goodbye'\n")


def test_a_journey_that_cannot_be_imported_is_a_finding(unset: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer whose journey breaks at import is told so in one line."""

    def broken() -> None:
        raise TypeError("Odd: trigger must be On(...)")

    monkeypatch.setattr("workflows.catalogue", broken)
    done = sojourn_here("check", **unset)
    assert (done.returncode, done.stdout) == (
        1,
        "workflows:1: a journey cannot be imported: TypeError: Odd: trigger must be On(...)\n",
    )
