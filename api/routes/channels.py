"""The channels: who delivers, what keeps messages back, and how staff pause and resume them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlmodel import Session

from activities.storage import audit, provider_states
from activities.storage.channel_states import ChannelState, channel_states
from api.bodies import OptionalReasonBody, ReasonBody, read
from api.dependencies import DocumentDep, KeyDep, ServicesDep
from api.errors import not_found
from api.openapi import problems, takes
from api.services import Services
from api.transactions import Answer, perform

router = APIRouter(prefix="/v1/channels", tags=["operations"])

Act = Callable[[Session, str, datetime], bool]


class ChannelAnswer(BaseModel):
    """A channel: open, held (it ends by itself) or paused (until somebody resumes it)."""

    channel: str
    provider: str
    state: str
    since: str | None
    until: str | None
    reason: str
    waiting: dict[str, int]


class ChannelsAnswer(BaseModel):
    """All channels, and after them the systems of journeys' webhooks that are kept back."""

    channels: list[ChannelAnswer]


@router.get("", response_model=ChannelsAnswer, responses=problems())
async def read_channels(services: ServicesDep, _key_id: KeyDep) -> JSONResponse:
    """All channels: who delivers, whether it may, and how many messages wait for what."""
    now = services.now()
    found = await services.database.read(lambda session: channel_states(session, services.providers, now))
    return JSONResponse({"channels": [each.document() for each in found]})


@router.post(
    "/{channel}/pause",
    response_model=ChannelAnswer,
    responses=problems(400, 404, 409, 413, 415, 422),
    openapi_extra=takes(ReasonBody),
)
async def pause(
    channel: str, request: Request, services: ServicesDep, key_id: KeyDep, document: DocumentDep
) -> JSONResponse:
    """Let nothing go over a channel; its messages are kept, and leave after it is resumed."""
    reason = read(ReasonBody, document, services.now()).reason

    def act(session: Session, provider: str, now: datetime) -> bool:
        return provider_states.pause(session, provider, reason, now)

    return await _act(services, request, key_id, document, channel, act, "channel.pause", reason)


@router.post(
    "/{channel}/resume",
    response_model=ChannelAnswer,
    responses=problems(400, 404, 409, 413, 415, 422),
    openapi_extra=takes(OptionalReasonBody),
)
async def resume(
    channel: str, request: Request, services: ServicesDep, key_id: KeyDep, document: DocumentDep
) -> JSONResponse:
    """Let messages go again; those that were kept follow within half an hour, inside their customers' windows."""
    reason = read(OptionalReasonBody, document, services.now()).reason
    return await _act(services, request, key_id, document, channel, provider_states.resume, "channel.resume", reason)


async def _act(
    services: Services,
    request: Request,
    key_id: str,
    document: dict[str, Any],
    channel: str,
    act: Act,
    action: str,
    reason: str,
) -> JSONResponse:
    def work(session: Session, now: datetime) -> Answer:
        known = _by_name(session, services, now)
        if channel not in known:
            raise not_found("channel")
        if act(session, known[channel].provider, now):
            audit.record(session, audit.Actor(key_id, "API key"), action, ("channel", channel), now, why=reason)
        session.flush()
        return Answer(200, _by_name(session, services, now)[channel].document())

    return await perform(services, request, key_id, document, work)


def _by_name(session: Session, services: Services, now: datetime) -> dict[str, ChannelState]:
    return {each.channel: each for each in channel_states(session, services.providers, now)}
