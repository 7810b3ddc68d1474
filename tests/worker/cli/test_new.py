"""`sojourn new`: what it writes runs at once, and what it refuses leaves no trace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worker.cli.command import SECONDS, complaint, environment, sojourn_here
from tests.worker.project_copy import copy_project
from worker.scaffold import MESSAGES, SCENARIOS, NotScaffoldedError, scaffold

NAME = "abandoned-cart"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders that a journey's files go into, empty."""
    for folder in ("workflows", MESSAGES, SCENARIOS):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_in(folder: Path) -> set[str]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_new_journey_passes_its_own_scenarios(tmp_path: Path) -> None:
    """A newcomer's first journey comes to each of its ends before a line of it was changed, and is drawn."""
    copy_project(tmp_path)
    scaffold(NAME, tmp_path)

    chosen = f"{NAME} and (each_branch_ends or along_the_lines or every_card)"
    tests = ("tests/workflows/test_branches.py", "tests/worker/diagram/test_against_rehearsals.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests, "-k", chosen],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=tmp_path,
        env=environment(PYTHONPATH=os.fspath(tmp_path)),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(".") >= 5 + 5 + 1  # each scenario rehearsed, and walked along the picture; every card met


def test_it_says_what_was_written_and_what_comes_next(project: Path) -> None:
    """A newcomer is told each file, and how to try, test and record the journey."""
    done = sojourn_here("new", NAME)
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.removeprefix("wrote ") for line in done.stdout.splitlines() if line.startswith("wrote ")} == files_in(
        project
    )
    assert f"sojourn simulate {NAME}" in done.stdout
    assert f"python -m tests.histories.record {NAME}/answered" in done.stdout
    assert len((project / "workflows" / "abandoned_cart.py").read_text(encoding="utf-8").splitlines()) < 40


@pytest.mark.parametrize(
    "name", ["Cart", "abandoned_cart", "-cart", "cart-", "1cart", "../cart", "", "event", "class", "match", "c" * 33]
)
def test_a_bad_name_is_refused(project: Path, name: str) -> None:
    """A name that could be no file, no class or hides a word of the language is refused, and nothing is written."""
    complaint(sojourn_here("new", "--", name), 2)
    assert files_in(project) == set()


def test_a_journey_that_there_is_is_left_alone(project: Path) -> None:
    """Nobody loses a journey to a name chosen twice."""
    assert complaint(sojourn_here("new", "welcome"), 2) == "there is a journey 'welcome' already"
    assert files_in(project) == set()


@pytest.mark.parametrize(
    "taken", [f"workflows/{NAME.replace('-', '_')}.py", f"{MESSAGES}/{NAME}.sms.txt", f"{SCENARIOS}/{NAME}/mine.json"]
)
def test_a_file_that_there_is_is_left_alone(project: Path, taken: str) -> None:
    """One file in the way, and none is written."""
    (project / taken).parent.mkdir(exist_ok=True)
    (project / taken).write_text("mine", encoding="utf-8")
    assert "exists" in complaint(sojourn_here("new", NAME), 2)
    assert files_in(project) == {taken}
    assert (project / taken).read_text(encoding="utf-8") == "mine"


def test_elsewhere_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside the project's folder a developer is told where to go."""
    monkeypatch.chdir(tmp_path)
    assert "run this in the folder of the project" in complaint(sojourn_here("new", NAME), 2)
    assert files_in(tmp_path) == set()


def test_a_disk_that_fails_halfway_leaves_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a file cannot be written, those before it are taken back."""
    opened = Path.open

    def fail(path: Path, *arguments: object, **options: object) -> object:
        if path.name == "first.json" and arguments == ("x",):
            raise OSError(28, "No space left on device", str(path))
        return opened(path, *arguments, **options)  # type: ignore[call-overload] # passed on as it came

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", fail)
        with pytest.raises(OSError, match="No space left"):
            scaffold(NAME, project)
    assert files_in(project) == set()
    assert not (project / SCENARIOS / NAME).exists()


def test_a_folder_without_tests_is_no_project(project: Path) -> None:
    """A copy without its tests gets no journey without tests."""
    (project / SCENARIOS).rmdir()
    with pytest.raises(NotScaffoldedError, match="scenarios is missing"):
        scaffold(NAME, project)
