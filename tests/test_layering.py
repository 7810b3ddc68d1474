"""Who may import whom: the rule of the four folders, executed."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("workflows", "activities", "api", "worker")
STANDARD = frozenset(sys.stdlib_module_names) | {"temporalio"}
DRIVERS = ("gate", "providers", "storage", "templates")

# What a fresh interpreter may not have loaded once it knows all journeys: nothing that does I/O, nothing slow.
HEAVY = ("httpx", "sqlalchemy", "sqlmodel", "jinja2", "fastapi", "pydantic")

LIST_LOADED = """
import json, sys
import workflows
assert workflows.catalogue()
print(json.dumps(sorted(sys.modules)))
"""


@dataclass(frozen=True)
class Import:
    """One import statement of ours.

    Attributes:
        file: that has it, relative to the project.
        line: where.
        module: imported, with its dots.
    """

    file: Path
    line: int
    module: str

    @property
    def top(self) -> str:
        """The package it comes from."""
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def imports_of(folder: str) -> Iterator[Import]:
    """Every import in a folder, those inside functions and those for type checkers included."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(path.relative_to(ROOT), node.lineno, alias.name)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno}: relative imports hide from this test"
                module = node.module or ""
                for alias in node.names:
                    # `from activities import storage` imports a module, `from activities.facts import Facts` does not.
                    inner = f"{module}.{alias.name}"
                    yield Import(path.relative_to(ROOT), node.lineno, inner if is_module(inner) else module)


def is_module(dotted: str) -> bool:
    """Whether a dotted name is a module or a package of ours."""
    path = ROOT.joinpath(*dotted.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def is_contract(module: str) -> bool:
    """Whether a module is a contract: `activities` itself, or a file at its top."""
    parts = module.split(".")
    return parts[0] == "activities" and (len(parts) == 1 or parts[1] not in DRIVERS)


def is_contract_file(file: Path) -> bool:
    """Whether a file is a contract."""
    return file.parent == Path("activities")


def test_journeys_import_nothing_but_contracts() -> None:
    """A developer who writes a journey cannot reach a database or a network by accident."""
    wrong = [
        each
        for each in imports_of("workflows")
        if each.top not in STANDARD and each.top != "workflows" and not is_contract(each.module)
    ]
    assert not wrong, "\n".join(map(str, wrong))


def test_contracts_import_only_each_other() -> None:
    """A contract can be read by a newcomer without opening a driver or a library."""
    wrong = [
        each
        for each in imports_of("activities")
        if is_contract_file(each.file) and each.top not in STANDARD and not is_contract(each.module)
    ]
    assert not wrong, "\n".join(map(str, wrong))


def test_drivers_know_contracts_and_the_gate_the_storage() -> None:
    """A provider can be exchanged without a look at the database, and no driver reaches up into the house."""
    wrong = []
    for each in imports_of("activities"):
        if is_contract_file(each.file) or each.top not in FOLDERS:
            continue
        own = each.file.parts[1]
        allowed = {own, *({"storage"} if own == "gate" else ())}
        if each.top != "activities" or not (is_contract(each.module) or each.module.split(".")[1] in allowed):
            wrong.append(each)
    assert not wrong, "\n".join(map(str, wrong))


def test_the_api_reaches_drivers_only_by_injection() -> None:
    """The API knows journeys, contracts and the storage; which provider delivers is decided elsewhere."""
    wrong = [
        each
        for each in imports_of("api")
        if each.top == "worker"
        or (each.top == "activities" and not is_contract(each.module) and each.module.split(".")[1] != "storage")
    ]
    assert not wrong, "\n".join(map(str, wrong))


def test_nobody_imports_the_composition_root() -> None:
    """Whoever reads `worker` has seen every place where the house is put together."""
    wrong = [
        each
        for folder in FOLDERS
        if folder != "worker"
        for each in imports_of(folder)
        if each.top in {"worker", "tests"}
    ]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Names of the modules that a fresh interpreter has loaded once it knows all journeys."""
    listed = subprocess.run(
        [sys.executable, "-c", LIST_LOADED], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    return set(json.loads(listed.stdout))


@pytest.mark.parametrize("library", HEAVY)
def test_journeys_load_without_a_library_that_does_io(library: str, loaded: set[str]) -> None:
    """Importing every journey in a fresh interpreter loads no web framework, database or template engine."""
    assert library not in loaded


def test_journeys_load_without_a_driver(loaded: set[str]) -> None:
    """Importing every journey in a fresh interpreter loads none of our own drivers either."""
    ours = {name for name in loaded if name.startswith("activities.")}
    assert {name for name in ours if not is_contract(name)} == set()
    assert "api" not in loaded
    assert "worker" not in loaded
