"""A request's one transaction: claim of its Idempotency-Key, work and answer, then the relay."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from sqlmodel import Session

from activities.storage import idempotency
from activities.storage.customers import IdentityConflictError
from activities.storage.idempotency import Scope, StoredAnswer
from api.commits import commit
from api.errors import ApiError, FieldError
from api.services import Services

# A structured field string (RFC 8941), as the IETF draft wants it, or the same without its quotes.
IDEMPOTENCY_KEY = re.compile(r'"?(?P<key>[\x21\x23-\x5b\x5d-\x7e]{1,255})"?')


@dataclass(frozen=True)
class Answer:
    """What a transaction came to.

    Attributes:
        status: HTTP status.
        body: JSON.
        tell: enrollments with something new in the outbox.
    """

    status: int
    body: dict[str, Any]
    tell: Sequence[str] = field(default=())


Work = Callable[[Session, datetime], Answer]


async def perform(
    services: Services, request: Request, key_id: str, document: dict[str, Any], work: Work
) -> JSONResponse:
    """Do the work of a POST once for each Idempotency-Key, and answer.

    The claim of the key, the work and the stored answer are one transaction: a crash leaves all or nothing.

    Args:
        services: what the application works with.
        request: for its header and path.
        key_id: of the API key.
        document: the parsed body.
        work: the transaction; it gets the wall-clock instant.

    Raises:
        ApiError: 400 for a malformed key, 409 while the first request is at work, 422 for a reused key.
    """
    scope, now = _scope(request, key_id), services.now()
    fingerprint = _fingerprint(document) if scope else ""

    def transaction(session: Session) -> Answer:
        if scope is None:
            return _conflicts_are_clear(work, session, now)
        stored = idempotency.claim(session, scope, fingerprint, now)
        if stored is not None:
            return Answer(stored.status, stored.body)
        answer = _conflicts_are_clear(work, session, now)
        idempotency.keep(session, scope, StoredAnswer(answer.status, answer.body))
        return answer

    try:
        answer = await commit(services.database, transaction)
    except idempotency.KeyReusedError:
        raise ApiError(422, "This Idempotency-Key was used for another request.") from None
    except idempotency.StillInProgressError:
        raise ApiError(
            409, "The first request with this Idempotency-Key is at work.", headers={"Retry-After": "1"}
        ) from None
    services.tell(answer.tell)
    return JSONResponse(answer.body, answer.status)


def _conflicts_are_clear(work: Work, session: Session, now: datetime) -> Answer:
    try:
        return work(session, now)
    except IdentityConflictError as error:
        raise identity_conflict(error) from None


def identity_conflict(error: IdentityConflictError) -> ApiError:
    """409: an address belongs to someone else."""
    return ApiError(
        409,
        f"{error.detail[:1].upper()}{error.detail[1:]}.",
        errors=[FieldError(f"/{error.field}", error.detail)],
    )


def _scope(request: Request, key_id: str) -> Scope | None:
    header = request.headers.get("idempotency-key")
    if header is None:
        return None
    found = IDEMPOTENCY_KEY.fullmatch(header.strip())
    if found is None:
        raise ApiError(400, "An Idempotency-Key has 1 to 255 visible ASCII characters.")
    return Scope(key_id, f"{request.method} {request.url.path}", found["key"])


def _fingerprint(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
