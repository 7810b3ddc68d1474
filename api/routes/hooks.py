"""What providers tell us later. Who may tell is shown by a signature, not by a key of ours."""

import logging
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.callbacks import (
    Callback,
    CallbackRefusedError,
    Incoming,
    UnreadableCallbackError,
    UnsignedCallbackError,
)
from activities.storage import callbacks
from activities.storage.callbacks import Taken
from activities.storage.message_reports import Reception
from api.commits import commit
from api.dependencies import ServicesDep
from api.errors import ApiError, not_found
from api.request_bodies import read_limited
from api.services import Services

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1/hooks", include_in_schema=False)

LARGEST_BODY = 1024 * 1024  # SendGrid sends batches of up to 768 KB
BATCH = 25  # callbacks a transaction: a large batch holds up no other writer for long
NOTHING = b""  # Twilio would send a body on to the customer


@router.post("/{provider}")
async def hook(provider: str, request: Request, services: ServicesDep) -> Response:
    """Take callbacks in: 200 once they are stored, and for repetitions; nothing is stored of what is refused."""
    parser = services.callbacks.get(provider)
    if parser is None:
        raise not_found("hook")
    incoming = Incoming(
        await read_limited(request, LARGEST_BODY),
        {name.lower(): value for name, value in request.headers.items()},
        _public_url(services, request),
        services.now(),
    )
    try:
        found = parser.parse(incoming)
    except CallbackRefusedError as error:
        log.warning("a callback of %s was refused: %s", provider, error)
        raise _refusal(error) from None
    for start in range(0, len(found), BATCH):
        await _take(services, found[start : start + BATCH])
    return Response(NOTHING, 200)


async def _take(services: Services, batch: Sequence[Callback]) -> None:
    reception = Reception(services.reachability, services.admission, services.now())
    more_stop_words = services.settings.sms_stop_words

    def transaction(session: Session) -> list[Taken]:
        return [callbacks.take(session, reception, callback, more_stop_words) for callback in batch]

    taken = await commit(services.database, transaction)
    services.tell([id_ for each in taken for id_ in each.tell])
    for callback, each in zip(batch, taken, strict=True):
        if each.asks_for_help and services.answer_text is not None:
            await services.answer_text(callback)


def _public_url(services: Services, request: Request) -> str:
    """What the provider called and, it may be, signed; a proxy may have called us by another name."""
    query = request.url.query
    return f"{services.settings.public_url}{request.url.path}" + (f"?{query}" if query else "")


def _refusal(error: CallbackRefusedError) -> ApiError:
    if isinstance(error, UnreadableCallbackError):
        return ApiError(400, str(error))
    if isinstance(error, UnsignedCallbackError):
        return ApiError(401, str(error), headers={"WWW-Authenticate": "Basic"})
    return ApiError(403, str(error))
