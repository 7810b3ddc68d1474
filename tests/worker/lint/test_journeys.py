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

    @workflow.update
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
    assert found(tmp_path, 'await self.say(SMS, "goodbye")') == [(10, "there is no template 'goodbye'")]
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
        ("from datetime import datetime as dt; dt.now()", "datetime.now"),
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


def test_each_arm_of_a_split_needs_its_words(tmp_path: Path) -> None:
    """A developer who forgot the template of one arm is told before half of the customers hear nothing."""
    line = 'arm = await self.split(self.tone); await self.send(EMAIL, f"news-{arm}")'
    file = tmp_path / "odd.py"
    split = '    tone = Split({"plain": 50, "cheerful": 50}, "which does better")\n'
    file.write_text(JOURNEY.format(line=line, words="hello").replace("\n\n", f"\n{split}\n", 1), encoding="utf-8")
    assert [str(finding) for finding in lint_file(file, {"news-plain": {EMAIL}, **TEMPLATES})] == [
        f"{file}:7: there is no template 'news-cheerful'"
    ]


@pytest.mark.parametrize(
    "code",
    [
        "return 1\n{here}",
        "if a:\n    return 1\nelse:\n    return 2\n{here}",
        "match a:\n    case 1:\n        return 1\n    case _:\n        return 2\n{here}",
        "while True:\n    for b in a:\n        break\n{here}",
        "while a:\n    break\n    {here}",
        "if False:\n    {here}",
        "if True:\n    pass\nelse:\n    {here}",
        "while False:\n    {here}",
        "try:\n    return 1\nexcept ValueError:\n    raise\n{here}",
    ],
)
def test_a_step_that_nobody_comes_to_is_found(tmp_path: Path, code: str) -> None:
    """A developer is told the line from which on a customer never comes."""
    text = code.format(here='await self.send(EMAIL, "letter")')
    [(line, what)] = found(tmp_path, text.replace("\n", "\n        "))
    assert line == 6 + next(number for number, each in enumerate(text.splitlines()) if "letter" in each)
    assert what.startswith("no customer comes here: ")


@pytest.mark.parametrize(
    "code",
    [
        "while True:\n    match a:\n        case 1:\n            break\nreturn 1",
        "while True:\n    try:\n        pass\n    except ValueError:\n        break\nreturn 1",
        "while True:\n    with a:\n        break\nreturn 1",
        "try:\n    return 1\nexcept ValueError:\n    pass\nreturn 2",
        "match a:\n    case 1:\n        return 1\nreturn 2",
        "for b in a:\n    return 1\nreturn 2",
    ],
)
def test_a_step_that_somebody_may_come_to_is_left_alone(tmp_path: Path, code: str) -> None:
    """A developer is not told that a step is dead while one way leads to it."""
    assert found(tmp_path, code.replace("\n", "\n        ")) == []


def test_a_method_that_nothing_calls_is_found(tmp_path: Path) -> None:
    """A developer is told of steps that were left behind in a method, also of two that only call each other."""
    file = tmp_path / "odd.py"
    method = "    async def {}(self):\n        await self.{}()\n"
    file.write_text(
        JOURNEY.format(line="return await self.used()", words="hello")
        + method.format("used", "used")
        + method.format("left", "over")
        + method.format("over", "left"),
        encoding="utf-8",
    )
    assert [(finding.line, finding.what.split(":")[0]) for finding in lint_file(file, TEMPLATES)] == [
        (13, "nothing calls left"),
        (15, "nothing calls over"),
    ]


@pytest.mark.parametrize(
    ("call", "sound"),
    [
        ('push = Webhook("https://push.example")', False),
        ('text = Webhook("https://push.example", headers={"X-App": "shop"}, marketing=True)', False),
        ('push = Webhook("https://p.example", headers={"Authorization": Secret("PUSH")})', True),
        ('text = Webhook("https://p.example", signed_with=Secret("PUSH"), marketing=True)', True),
        ('call_centre = Webhook("https://calls.example")', True),
    ],
)
def test_a_push_without_a_token_is_found(tmp_path: Path, call: str, sound: bool) -> None:
    """A developer is told that anyone who learns the address could write to customers."""
    file = tmp_path / "odd.py"
    file.write_text(f'class Odd(Journey):\n    trigger = On("cart.updated")\n    {call}\n', encoding="utf-8")
    expected = (
        [] if sound else [f"{file}:3: {call.partition(' ')[0]} carries no token: give it a header with a Secret, or "]
    )
    assert [str(finding).partition("signed_with")[0] for finding in lint_file(file, {})] == expected


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
