"""Who may see histories decrypted: those whom Temporal lets read them."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceResponse
from temporalio.service import RPCError, RPCStatusCode

from worker.history_access import HistoryAccess


class Guarded:
    """A Temporal service with authorization, which the embedded server does not have."""

    namespace = "journeys"

    def __init__(self, *valid: str, away: bool = False) -> None:
        self.workflow_service = self
        self._valid = [f"Bearer {token}" for token in valid]
        self._away = away

    async def describe_namespace(
        self,
        _request: object,
        *,
        metadata: dict[str, str],
        timeout: timedelta,  # noqa: ASYNC109 - Temporal's signature
    ) -> DescribeNamespaceResponse:
        """As Temporal answers."""
        if self._away:
            raise RPCError(f"not within {timeout}", RPCStatusCode.UNAVAILABLE, b"")
        if metadata["authorization"] not in self._valid:
            raise RPCError("Request unauthorized.", RPCStatusCode.PERMISSION_DENIED, b"")
        return DescribeNamespaceResponse()


@pytest.mark.parametrize(
    ("service", "token", "allowed"),
    [
        (Guarded("good"), "good", True),
        (Guarded("good"), "bad", False),
        (Guarded("good", away=True), "good", False),
    ],
    ids=["a user of the namespace", "somebody else", "while Temporal is away"],
)
async def test_temporal_decides(service: Any, token: str, allowed: bool) -> None:
    """Who may read the histories may read them decrypted; nobody else, and nobody while Temporal cannot be asked."""
    assert await HistoryAccess(service).allows(token) == allowed
