"""What every gate says of attempts: one that is still under way, and one whose end is known."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.exceptions import ApplicationError

from activities.messages import Result
from activities.storage.ledger import State


@dataclass(frozen=True)
class NotYet:
    """Another attempt may still be under way."""

    retry_after: timedelta

    def as_error(self) -> ApplicationError:
        """What makes Temporal ask again then."""
        return ApplicationError(
            "another attempt may still be under way", type="InFlight", next_retry_delay=self.retry_after
        )


STORED_RESULT = {
    State.ACCEPTED: Result.SENT,
    State.REJECTED: Result.FAILED,
    State.UNKNOWN: Result.UNKNOWN,
    State.SUPPRESSED: Result.SUPPRESSED,
    State.CANCELLED: Result.SUPPRESSED,
}
"""What the journey is told of a settled row, however often it asks (guarantees A4)."""
