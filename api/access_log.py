"""The outermost layer: logs each request by its route, never by its address, and answers for bugs."""

import logging
import time
import traceback
import uuid

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError
from api.problems import answer

access = logging.getLogger("sojourn.access")
errors = logging.getLogger("sojourn.errors")


class AccessLog:
    """ASGI middleware. Addresses hold tokens and the client's ids, so only route templates are logged.

    Args:
        app: the application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        begun = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told, and gets no stack
            reference = uuid.uuid4().hex[:12]
            # The message of an exception may quote a customer; its class and the places in the code do not.
            places = [f"  {at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
            errors.error("%s %s\n%s", reference, type(error).__name__, "\n".join(places))
            if status == 0:
                detail = f"Something broke on our side. Reference: {reference}"
                await answer(Request(scope), ApiError(500, detail))(scope, receive, noting)
        finally:
            route = scope.get("route")
            template = getattr(route, "path_format", "-")
            spent = (time.perf_counter() - begun) * 1000
            access.info("%s %s %d %.1f ms", scope["method"], template, status, spent)
