"""`sojourn diagram`: what it prints, and what it refuses."""

import json

import pytest

from tests.worker.cli.command import complaint, sojourn_here
from worker.diagram import UndrawableError

NAME = "member-welcome"


def test_a_journey_is_drawn_as_mermaid_unless_asked_otherwise() -> None:
    """A developer pastes what the command prints into a page that shows Mermaid."""
    done = sojourn_here("diagram", NAME)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("flowchart TD\n")
    assert done.stdout == sojourn_here("diagram", NAME, "--format", "mermaid").stdout


def test_a_journey_is_drawn_as_svg() -> None:
    """A developer gets a file that a browser shows."""
    done = sojourn_here("diagram", NAME, "--format", "svg")
    assert done.returncode == 0
    assert done.stdout.startswith("<svg ")
    assert done.stdout.endswith("</svg>\n")


def test_a_journey_is_drawn_as_data() -> None:
    """A program reads the steps and the lines between them."""
    done = sojourn_here("diagram", NAME, "--format", "json")
    assert done.returncode == 0
    picture = json.loads(done.stdout)
    assert list(picture) == ["journey", "title", "nodes", "edges"]
    assert picture["journey"] == NAME
    assert {edge["from"] for edge in picture["edges"]} <= {node["id"] for node in picture["nodes"]}


def test_an_unknown_journey_is_wrong_use() -> None:
    """A typing error is answered by the names there are."""
    assert complaint(sojourn_here("diagram", "nowhere"), 2).startswith("there is no journey 'nowhere'; there are ")


def test_code_that_cannot_be_followed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer is told file and line instead of being shown a wrong picture."""

    def refuse(_journey: object) -> None:
        raise UndrawableError("workflows/odd.py", 7, "while True")

    monkeypatch.setattr("worker.diagram.draw", refuse)
    assert complaint(sojourn_here("diagram", NAME), 1) == f"{NAME} cannot be drawn: odd.py, line 7: while True"
