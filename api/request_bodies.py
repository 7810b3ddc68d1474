"""Request bodies: read within limits."""

from typing import Any

from fastapi import Request

from api.errors import ApiError, wrong_field
from api.json_body import LARGEST_BODY, parse

LARGEST_DISCARDED = 8 * 1024 * 1024  # read and thrown away, so that the sender gets to see the answer


async def json_object(request: Request) -> dict[str, Any]:
    """The request's body as a JSON object.

    Raises:
        ApiError: 413, 415, 400 where it is not JSON, 422 where a place in it is wrong.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        raise ApiError(415, "Send the body as application/json.")
    document = parse(await read_limited(request))
    if not isinstance(document, dict):
        raise wrong_field("", "the body must be a JSON object")
    return document


async def read_limited(request: Request, largest: int = LARGEST_BODY) -> bytes:
    """The body, counted while it streams in.

    Args:
        request: whose.
        largest: bytes that are taken.

    Raises:
        ApiError: 413, it is larger.
    """
    body = bytearray()
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received <= largest:
            body += chunk
        elif received > LARGEST_DISCARDED:
            break
    if received > largest:
        raise ApiError(413, f"The body is larger than {largest // 1024} KiB.", headers={"Connection": "close"})
    return bytes(body)
