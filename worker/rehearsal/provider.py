"""A provider that answers what the scenario says."""

from activities.delivery import Accepted, Ambiguous, Deduplication, Delivery, Refused, Unavailable, Verdict
from worker.rehearsal.scenario import ProviderResult


class RehearsedProvider:
    """Delivers nothing.

    Args:
        result: its answer to every message.
    """

    name = "rehearsal"
    deduplication = Deduplication.NONE  # so that an unclear answer stays unclear, as with most providers

    def __init__(self, result: ProviderResult) -> None:
        self._result = result

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Answer."""
        match self._result:
            case ProviderResult.ACCEPTED:
                return Accepted(delivery.key)
            case ProviderResult.REJECTED:
                return Refused("the scenario says so", address=True)
            case ProviderResult.UNAVAILABLE:
                return Unavailable("the scenario says so", retry_after=3600)
            case ProviderResult.UNKNOWN:
                return Ambiguous("the scenario says so")

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 - the contract's signature
        """It remembers nothing."""
        return None
