"""The guide for authors of journeys, held to what there is."""

import ast
import re
from inspect import iscoroutinefunction
from pathlib import Path

import pytest

from workflows import journey
from workflows.journey import Journey
from workflows.journey.profile_verbs import ProfileVerbs
from workflows.journey.verbs import Verbs

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "journeys.md").read_text(encoding="utf-8")
CITED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", GUIDE)))


@pytest.mark.parametrize(("file", "test"), CITED)
def test_each_rule_names_a_test_that_there_is(file: str, test: str) -> None:
    """Whoever doubts a rule of the guide finds the test that shows it."""
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = {node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert test in names


def test_the_guide_names_enough() -> None:
    """The search above finds the citations."""
    assert len(CITED) > 20


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"await self\.(\w+)\(", GUIDE))))
def test_each_verb_of_the_guide_exists(verb: str) -> None:
    """A newcomer who copies a line from the guide calls something that there is."""
    assert callable(getattr(Journey, verb))


def test_the_guide_explains_every_verb() -> None:
    """A newcomer learns each verb that a journey has."""
    verbs = {name for name in vars(Verbs) | vars(ProfileVerbs) if iscoroutinefunction(getattr(Verbs, name, None))}
    verbs = {name for name in verbs if not name.startswith("_")}
    assert len(verbs) > 10
    assert verbs <= set(re.findall(r"self\.(\w+)\(", GUIDE))


def test_each_condition_of_the_guide_exists() -> None:
    """A newcomer can import what the guide names."""
    named = set(re.findall(r"\b(ProfileHas|Sent|Delivered|Opened|Clicked|Happened|Promise|Event|Setting)\(", GUIDE))
    assert len(named) == 9
    assert named <= set(journey.__all__)
