"""API keys: ``Authorization: Bearer sj_<id>_<secret>``, nowhere else."""

import hashlib
import time

from fastapi import Request

from activities.storage import api_keys
from api.errors import ApiError
from api.rate_limit import RateLimit
from api.services import Services

REMEMBERED_SECONDS = 30.0  # a revoked key is refused within a minute (guarantees C1)
MOST_REMEMBERED = 1000


class Authentication:
    """Tells who is calling, and how often they may.

    Args:
        services: for the database and the limit.
    """

    def __init__(self, services: Services) -> None:
        self._database = services.database
        rate = services.settings.requests_per_second
        self._limit = RateLimit(rate, burst=2 * rate)
        self._known: dict[bytes, tuple[str, float]] = {}

    async def key_id(self, request: Request) -> str:
        """The id of the caller's key.

        Raises:
            ApiError: 401 without a valid key, 429 where it is used too often.
        """
        scheme, _, presented = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not presented:
            raise _unauthorized("Send an API key as Authorization: Bearer KEY.")
        # Only a hash stays in memory, and looking one up tells nothing about keys that are nearly right.
        digest = hashlib.sha256(presented.strip().encode("utf-8", "replace")).digest()
        key_id, until = self._known.get(digest, ("", 0.0))
        if until < time.monotonic():
            key_id = await self._read(presented.strip(), digest)
        self._limit.check(key_id)
        return key_id

    async def _read(self, presented: str, digest: bytes) -> str:
        self._known.pop(digest, None)
        found = await self._database.read(lambda session: api_keys.key_id_of(session, presented))
        if found is None:
            raise _unauthorized("This API key is not valid.")
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[digest] = (found, time.monotonic() + REMEMBERED_SECONDS)
        return found


def _unauthorized(detail: str) -> ApiError:
    return ApiError(401, detail, headers={"WWW-Authenticate": "Bearer"})
