"""How a rehearsed workflow can end other than by returning.

RehearsalError
├── WorkflowFailedError    the workflow ended itself with a failure
├── RunCancelled           it was asked to cancel, and did
├── StuckError             nothing is left that could happen, or it never comes to an end
├── WorkflowBugError       its code raised; on a server the workflow task would be retried until it is fixed
└── UnsupportedCommandError  it asked for something that only a server has
"""

from datetime import datetime


class RehearsalError(Exception):
    """A rehearsed workflow did not return."""


class WorkflowFailedError(RehearsalError):
    """The workflow failed; `__cause__` is the error it ended with, as a client would get it."""


class RunCancelled(RehearsalError):  # noqa: N818 - an ending that was asked for, like asyncio.CancelledError
    """The workflow ended as cancelled.

    Attributes:
        reason: what the canceller gave.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"cancelled: {reason}")
        self.reason = reason


class StuckError(RehearsalError):
    """The workflow is open and will not end.

    Attributes:
        at: the virtual instant at which that was seen, UTC.
    """

    def __init__(self, why: str, at: datetime) -> None:
        super().__init__(f"{why}, at {at.isoformat()}")
        self.at = at


class WorkflowBugError(RehearsalError):
    """Code of the workflow, or its use of an activity, is wrong; the message holds the traceback."""


class UnsupportedCommandError(RehearsalError):
    """The workflow used a child workflow, another workflow or Nexus, which need a server."""
