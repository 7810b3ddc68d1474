"""Templates under extreme values."""

from pathlib import Path

import pytest

from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from worker.lint import render_all

NAME = "odd"


def found(tmp_path: Path, text: str) -> list[tuple[str, int, str]]:
    """What is found in one text message."""
    (tmp_path / f"{NAME}.sms.txt").write_text(text, encoding="utf-8")
    findings = render_all(JinjaRenderer(Brand(), [tmp_path]), tmp_path)
    return [(each.file.name, each.line, each.what) for each in findings]


def test_the_templates_there_are_stand_every_value() -> None:
    """A customer with no name and one with the longest get each message, and no text costs two."""
    assert render_all(JinjaRenderer(Brand())) == []


def test_a_value_that_nothing_gives_is_found_with_its_line(tmp_path: Path) -> None:
    """A developer who misspells a value is told file, line and value."""
    [first, second] = found(tmp_path, "Hello\n{{ frist_name }}\n")
    assert first == (f"{NAME}.sms.txt", 2, "does not render with the fewest values: 'frist_name' is undefined")
    assert second[:2] == first[:2]


def test_a_value_that_may_be_missing_is_found(tmp_path: Path) -> None:
    """A developer who counts on a value that some customers lack is told."""
    [(_, line, what)] = found(tmp_path, "You have\n{{ points + 1 }} points\n")
    assert line == 2
    assert what.startswith("does not render with the fewest values")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a" * 161, "takes 2 segments"),
        ("{{ interest }} {{ order_id }} {{ interest }}", "takes 2 segments with the longest values"),
        ("ř" * 71, "takes 2 segments with the fewest values; a letter outside GSM-7"),
    ],
)
def test_a_text_that_costs_two_is_found(tmp_path: Path, text: str, what: str) -> None:
    """A shop learns before the first text that the longest values make two of it."""
    assert any(what in each[2] for each in found(tmp_path, text))


def test_a_template_that_is_none_is_found(tmp_path: Path) -> None:
    """A forgotten end of a condition is one line, with its place."""
    assert found(tmp_path, "Hello\n{% if points %}\n")[0][:2] == (f"{NAME}.sms.txt", 2)
