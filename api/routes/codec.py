"""`/codec`: decrypts payloads for the Temporal UI and encrypts what staff type there, by its codec server protocol.

The UI in the browser posts here from another origin, so only its own may read the answers. Who asks must show an API
key, or a token with which Temporal lets them read the histories anyway.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from google.protobuf.json_format import MessageToDict, Parse, ParseError
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Route
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from api.authentication import Authentication
from api.errors import ApiError
from api.request_bodies import read_limited
from api.services import Services

log = logging.getLogger(__name__)

LARGEST_BODY = 8 * 1024 * 1024  # Temporal keeps no payload of more than 2 MiB
HEADERS = ("Authorization", "Authorization-Extras", "Content-Type", "X-Namespace")  # that the UI sends

Conversion = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]


def codec_routes(services: Services, codec: PayloadCodec, authentication: Authentication) -> Mount:
    """The routes under `/codec`.

    Args:
        services: what the application works with.
        codec: encrypts and decrypts; a payload that it cannot read is a RuntimeError whose message says why.
        authentication: of the API.
    """

    async def caller(request: Request) -> str:
        if services.settings.codec_open:
            return "anyone"
        try:
            return await authentication.key_id(request)
        except ApiError as refused:
            token = request.headers.get("authorization", "").partition(" ")[2]
            may_read = services.may_read_histories
            if refused.status != 401 or not token or may_read is None or not await may_read(token):
                raise
            return "a user of the Temporal UI"

    def route(name: str, convert: Conversion) -> Route:
        async def answer(request: Request) -> Response:
            who = await caller(request)
            given = _payloads(await read_limited(request, LARGEST_BODY))
            try:
                converted = await convert(given)
            except RuntimeError as error:
                raise ApiError(422, f"{error}.", title="Unreadable payload") from None
            log.info("%s of %d payloads for %s", name, len(given), who)
            return JSONResponse({"payloads": [MessageToDict(payload) for payload in converted]})

        return Route(f"/{name}", answer, methods=["POST"])

    origin = "{0.scheme}://{0.netloc}".format(urlsplit(services.settings.ui_url))
    only_the_ui = Middleware(
        CORSMiddleware,
        allow_origins=[origin] if services.settings.ui_url else [],
        allow_methods=["POST"],
        allow_headers=HEADERS,
        allow_credentials=True,
    )
    return Mount(
        "/codec", routes=[route("decode", codec.decode), route("encode", codec.encode)], middleware=[only_the_ui]
    )


def _payloads(body: bytes) -> list[Payload]:
    try:
        return list(Parse(body, Payloads(), ignore_unknown_fields=True).payloads)
    except (ParseError, UnicodeDecodeError):
        raise ApiError(
            400, 'The body is not {"payloads": [...]} as Temporal writes them.', title="Broken JSON"
        ) from None
