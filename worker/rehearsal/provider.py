"""Providers that answer what the scenario says."""

from activities.delivery import Accepted, Ambiguous, Deduplication, Delivery, Refused, Unavailable, Verdict
from activities.webhooks import Call
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
        return _answer(self._result, delivery.key)

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 - the contract's signature
        """It remembers nothing."""
        return None


class RehearsedWebhooks:
    """Calls nobody.

    Args:
        result: the answer to every call.
    """

    name = "rehearsal"

    def __init__(self, result: ProviderResult) -> None:
        self._result = result

    async def call(self, call: Call) -> Verdict:
        """Answer."""
        return _answer(self._result, call.key)


def _answer(result: ProviderResult, key: str) -> Verdict:
    match result:
        case ProviderResult.ACCEPTED:
            return Accepted(key)
        case ProviderResult.REJECTED:
            return Refused("the scenario says so", address=True)
        case ProviderResult.UNAVAILABLE:
            return Unavailable("the scenario says so", retry_after=3600)
        case ProviderResult.UNKNOWN:
            return Ambiguous("the scenario says so")
