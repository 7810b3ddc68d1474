"""The house style, as far as a program can see it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import workflows

ROOT = Path(__file__).parent.parent
LONGEST_JOURNEY = 120  # lines; whoever needs more has two journeys, or lacks a verb

# Each would answer something else when a journey is replayed.
NOT_DETERMINISTIC = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "monotonic", "perf_counter", "sleep", "localtime", "gmtime"},
    "uuid": {"uuid1", "uuid4"},
    "os": {"urandom", "environ", "getenv"},
}
NEVER_IMPORTED = {"random", "secrets", "threading", "socket", "subprocess"}

# A full stop, and another sentence after it. "e.g. " and "9 a.m. " go on in lower case.
SECOND_SENTENCE = re.compile(r"[.!?][\"')]?\s+[A-Z]")

TEST_FILES = sorted((ROOT / "tests").rglob("test_*.py"))
WORKFLOW_FILES = sorted((ROOT / "workflows").rglob("*.py"))


def relative(path: Path) -> str:
    """A path as a developer sees it."""
    return path.relative_to(ROOT).as_posix()


def promises_in(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The tests of a file, those in classes included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


@pytest.mark.parametrize("path", TEST_FILES, ids=relative)
def test_each_test_states_its_promise(path: Path) -> None:
    """Whoever reads a test learns from one sentence what it promises."""
    wrong = []
    for test in promises_in(path):
        told = ast.get_docstring(test) or ""
        if not told.endswith((".", "!", "?")) or "\n\n" in told or SECOND_SENTENCE.search(told):
            wrong.append(f"{relative(path)}:{test.lineno} {test.name}: {told!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", WORKFLOW_FILES, ids=relative)
def test_journeys_ask_nothing_that_changes_on_replay(path: Path) -> None:
    """A journey decides the same when it is replayed: it has no clock and no chance of its own."""
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").rpartition(".")[2]
            names = {(node.module or "").partition(".")[0]} | {
                f"{module}.{alias.name}" for alias in node.names if alias.name in NOT_DETERMINISTIC.get(module, ())
            }
        elif isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            names = {f"{owner}.{node.attr}"} if node.attr in NOT_DETERMINISTIC.get(owner, ()) else set()
        else:
            continue
        wrong += [f"{relative(path)}:{node.lineno} {name}" for name in names if name in NEVER_IMPORTED or "." in name]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", workflows.catalogue())
def test_a_journey_fits_on_two_screens(name: str) -> None:
    """A newcomer reads a whole journey in one go."""
    path = ROOT / Path(*workflows.catalogue()[name].__module__.split(".")).with_suffix(".py")
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_JOURNEY
