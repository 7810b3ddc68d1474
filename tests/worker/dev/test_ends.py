"""The demo's own check: it fails when something that it must show is missing."""

from typing import Any

import pytest

from worker.dev.cast import CAST
from worker.dev.ends import ENDS, End, Story, complaints

REMINDER, OFFER, REWARD = "complete-your-account", "voucher-offer", "your-voucher"
NOON, NIGHT = "2027-03-30T12:00:00+02:00", "2027-03-30T22:30:00+02:00"


def message(channel: str, template: str, result: str = "sent", local: str = NOON) -> dict[str, Any]:
    """A timeline entry of a message."""
    step = f"{template}-{channel}"
    return {
        "kind": "message",
        "step": step,
        "channel": channel,
        "template": template,
        "result": result,
        "local": local,
    }


def voucher(code: str) -> dict[str, Any]:
    """A timeline entry of a voucher."""
    return {"kind": "voucher", "code": code}


def stories() -> dict[str, Story]:
    """A demo in which everything occurred, by what each story shows."""
    remind, offer, by_text = message("email", REMINDER), message("email", OFFER), message("sms", OFFER)
    entries: dict[str, tuple[str, list[dict[str, Any]]]] = {
        "complete at entry": ("complete at entry", []),
        "complete unprompted": ("complete unprompted", []),
        "complete after the reminder": ("complete after the reminder", [remind]),
        "rewarded by email": ("rewarded by email", [remind, offer, voucher("A"), message("email", REWARD)]),
        "rewarded by text after the email was not enough": (
            "rewarded by sms",
            [remind, offer, by_text, voucher("B"), message("sms", REWARD)],
        ),
        "not complete after email and text": ("not complete", [remind, offer, by_text]),
        "reached by phone only": ("not complete", [message("sms", REMINDER), by_text]),
        "unreachable": ("unreachable", []),
        "no voucher left": ("no voucher left", [remind, message("email", OFFER, "suppressed:no voucher left")]),
        "a message put off until the window opens": (
            "not complete",
            [remind, message("email", OFFER, "deferred", NIGHT), offer],
        ),
        "opted out": ("opted out", [remind]),
        "cancelled": ("cancelled", [remind]),
    }
    return {name: Story(name, outcome, timeline) for name, (outcome, timeline) in entries.items()}


def test_a_demo_that_shows_everything_has_nothing_to_complain_of() -> None:
    """Exit code 0 means that every end was seen."""
    assert complaints(list(stories().values())) == []


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.name)
def test_a_missing_end_is_named(end: End) -> None:
    """Exit code 1 comes with the name of what was not seen."""
    others = [story for name, story in stories().items() if name != end.name]
    assert complaints(others) == [f"missing: {end.name}"]


def test_a_message_at_night_is_a_failure() -> None:
    """The demo fails should a customer be woken."""
    woken = Story("Ada", "not complete", [message("email", REMINDER, local=NIGHT)])
    (found,) = complaints([*stories().values(), woken])
    assert "Ada" in found
    assert NIGHT in found


def test_a_code_given_twice_is_a_failure() -> None:
    """The demo fails should two customers get the same voucher."""
    twice = Story("Ada", "not complete", [voucher("A")])
    assert complaints([*stories().values(), twice]) == ["voucher A was given twice"]


def test_a_journey_without_end_is_a_failure() -> None:
    """The demo fails should a customer wait for ever."""
    assert complaints([*stories().values(), Story("Ada", None, [])]) == ["Ada's journey has not ended"]


def test_the_cast_plays_every_end_once() -> None:
    """Every end has its customer, and there are no more than the demo's speed allows."""
    assert [sample.end for sample in CAST] == [*dict.fromkeys(sample.end for sample in CAST)]
    assert {sample.end.name for sample in CAST} == {end.name for end in ENDS}
    assert len(CAST) <= 12
