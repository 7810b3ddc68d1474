"""What every gate says of attempts: one that is still under way, and one whose end is known."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.messages import Result
from activities.storage.ledger import State


@dataclass(frozen=True)
class NotYet:
    """Another attempt may still be under way."""

    retry_after: timedelta

    def as_error(self) -> ApplicationError:
        """What makes Temporal ask again then."""
        return try_again("another attempt may still be under way", self.retry_after, kind="InFlight")


def try_again(why: str, after: timedelta | None, *, kind: str = "Retry") -> ApplicationError:
    """The error that makes Temporal ask again, without an alarm in the logs: this is daily business.

    Args:
        why: staff read it in the Temporal UI.
        after: wall time to wait; Temporal's own pace if None.
        kind: type of the error.
    """
    return ApplicationError(why, type=kind, next_retry_delay=after, category=ApplicationErrorCategory.BENIGN)


STORED_RESULT = {
    State.ACCEPTED: Result.SENT,
    State.REJECTED: Result.FAILED,
    State.UNKNOWN: Result.UNKNOWN,
    State.SUPPRESSED: Result.SUPPRESSED,
    State.CANCELLED: Result.SUPPRESSED,
}
"""What the journey is told of a settled row, however often it asks (guarantees A4)."""
