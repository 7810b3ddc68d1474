"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: its name.
        state: how it stands.
        what: what was found.
        advice: what to do; empty where there is nothing to do.
    """

    check: str
    state: State
    what: str
    advice: str = ""


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, what)


def warning(check: str, what: str, advice: str) -> Finding:
    """The system runs, but somebody should look at it."""
    return Finding(check, State.WARNING, what, advice)


def failed(check: str, what: str, advice: str) -> Finding:
    """Journeys cannot run, or messages cannot leave."""
    return Finding(check, State.FAILED, what, advice)


def not_checked(check: str, why: str) -> Finding:
    """Nobody can say."""
    return Finding(check, State.NOT_CHECKED, why)
