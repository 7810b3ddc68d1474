"""Whether somebody may see histories decrypted: Temporal is asked, which guards them."""

from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

ANSWER_TIMEOUT = timedelta(seconds=2)
NOBODYS_TOKEN = "nobody's"  # noqa: S105 - no secret: what no server that checks tokens lets in


class HistoryAccess:
    """Asks Temporal with a token that its UI has forwarded.

    A server without authorization lets every token in; there a token proves nothing.

    Args:
        client: of Temporal.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def allows(self, token: str) -> bool:
        """Whether the token's owner may read the namespace of the journeys."""
        return await self._is_let_in(token) and not await self._is_let_in(NOBODYS_TOKEN)

    async def _is_let_in(self, token: str) -> bool:
        try:
            await self._client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=self._client.namespace),
                metadata={"authorization": f"Bearer {token}"},
                timeout=ANSWER_TIMEOUT,
            )
        except (RPCError, RuntimeError, ValueError):  # refused, away, or no text for a header
            return False
        return True
