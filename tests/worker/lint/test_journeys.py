"""What reading a journey's code finds, and what it leaves alone."""

from pathlib import Path

import pytest

import workflows
from activities.channels import EMAIL, SMS
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from worker.lint import lint_file, lint_journeys

TEMPLATES = {"hello": {EMAIL, SMS}, "letter": {EMAIL}, "points-offer": {EMAIL, SMS}}
JOURNEY = """\
class Odd(Journey):
    trigger = On("cart.updated")
    words = Parameter("{words}", "which words")

    async def run(self, enrollment):
        {line}

    async def say(self, channel, template):
        return await self.send(channel, template)
"""


def found(tmp_path: Path, line: str, words: str = "hello") -> list[tuple[int, str]]:
    """Line and words of what is found in a journey that has one line of its own."""
    file = tmp_path / "odd.py"
    file.write_text(JOURNEY.format(line=line, words=words), encoding="utf-8")
    return [(finding.line, finding.what) for finding in lint_file(file, TEMPLATES)]


@pytest.mark.parametrize(
    "line",
    [
        'await self.send(EMAIL, "letter")',
        'await self.send(channel, "letter")',
        'await self.send(SMS, template="hello")',
        'await self.send(SMS, f"{self.reward}-offer")',
        "await self.send(SMS, self.words)",
        'await self.say(EMAIL, "letter")',
        'await self.check(Sent("hello", SMS))',
        "try: pass\n        except ValueError: pass",
        "self.now",
    ],
)
def test_a_sound_journey_is_left_alone(tmp_path: Path, line: str) -> None:
    """A developer is not told of faults that there are not."""
    assert found(tmp_path, line) == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('await self.send(EMAIL, "goodbye")', "there is no template 'goodbye'"),
        ('await self.send(SMS, "letter")', "template 'letter' is not written for sms"),
        ('await self.send(channel=Channel.SMS, template="letter")', "template 'letter' is not written for sms"),
        ('await self.send(SMS, f"{self.reward}-demand")', "there is no template '...-demand'"),
        ('await self.send(SMS, "hello" if late else "letter")', "template 'letter' is not written for sms"),
        ('await self.check(Opened("goodbye"))', "there is no template 'goodbye'"),
    ],
)
def test_a_message_without_words_is_found(tmp_path: Path, line: str, what: str) -> None:
    """A developer learns before the deploy that a message has no template for its channel."""
    assert found(tmp_path, line) == [(6, what)]


def test_a_template_that_a_variable_names_is_followed(tmp_path: Path) -> None:
    """A name that is assigned, passed to a method or kept in a parameter is checked as well."""
    assert found(tmp_path, 'words, reward = "goodbye", 1; await self.send(SMS, words)')[0][0] == 6
    assert found(tmp_path, 'await self.say(SMS, "goodbye")') == [(9, "there is no template 'goodbye'")]
    assert found(tmp_path, "await self.send(SMS, self.words)", words="goodbye") == [
        (6, "there is no template 'goodbye'")
    ]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("datetime.now(UTC)", "datetime.now"),
        ("datetime.datetime.utcnow()", "datetime.utcnow"),
        ("time.time()", "time.time"),
        ("from time import time", "time.time"),
        ("import random", "random"),
        ("from random import choice", "random"),
        ("uuid.uuid4()", "uuid.uuid4"),
    ],
)
def test_what_changes_on_replay_is_found(tmp_path: Path, line: str, name: str) -> None:
    """A developer is stopped before a clock or chance of a journey's own strands customers."""
    [(where, what)] = found(tmp_path, line)
    assert (where, what.split()[0]) == (6, name)


@pytest.mark.parametrize("caught", ["", " Exception", " BaseException as error", " (ValueError, Exception)"])
def test_an_except_that_catches_everything_is_found(tmp_path: Path, caught: str) -> None:
    """A developer is stopped before a journey swallows its own cancel."""
    [(line, what)] = found(tmp_path, f"try: pass\n        except{caught}: pass")
    assert line == 7
    assert what.startswith("catches everything")


def test_a_journey_without_a_trigger_is_found(tmp_path: Path) -> None:
    """A developer is told which class nobody would ever enter."""
    file = tmp_path / "odd.py"
    file.write_text("import x\n\nclass Odd(Journey):\n    pass\n", encoding="utf-8")
    assert [str(finding) for finding in lint_file(file, {})] == [
        f"{file}:3: Odd has no trigger: nobody would ever enter it"
    ]


def test_a_file_that_is_no_python_is_a_finding(tmp_path: Path) -> None:
    """A developer is told the line instead of being shown a traceback."""
    file = tmp_path / "odd.py"
    file.write_text("class Odd(:\n", encoding="utf-8")
    [finding] = lint_file(file, {})
    assert (finding.line, finding.what.startswith("is no Python")) == (1, True)


def test_the_journeys_there_are_have_no_fault() -> None:
    """Whoever starts from a journey of ours starts from a sound one."""
    folder = Path(workflows.__file__).parent
    assert lint_journeys(folder, JinjaRenderer(Brand()).names()) == []
