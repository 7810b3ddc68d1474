"""Errors as RFC 9457 problem documents, every one of them; where people look, as pages."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from activities.storage.database import DatabaseBusyError
from api.errors import ApiError, busy

MEDIA_TYPE = "application/problem+json"
ErrorPage = Callable[[ApiError], Response]


def problem(error: ApiError) -> JSONResponse:
    """The response for an error."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }
    if error.errors:
        body["errors"] = [{"pointer": item.pointer, "detail": item.detail} for item in error.errors]
    return JSONResponse(body, error.status, error.headers, MEDIA_TYPE)


def answer(request: Request, error: ApiError) -> Response:
    """The response for an error: a page below an address that people look at, a problem document elsewhere."""
    pages: dict[str, ErrorPage] = request.app.state.error_pages
    path = request.url.path
    for prefix, page in pages.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            found = page(error)
            found.headers.update(error.headers)
            return found
    return problem(error)


def install(app: FastAPI) -> None:
    """Give the application its error handlers. Who has pages adds theirs to `app.state.error_pages`, by prefix."""
    app.state.error_pages = {}

    @app.exception_handler(ApiError)
    async def _api_error(request: Request, error: ApiError) -> Response:
        return answer(request, error)

    @app.exception_handler(DatabaseBusyError)
    async def _busy(request: Request, _error: DatabaseBusyError) -> Response:
        return answer(request, busy())

    @app.exception_handler(HTTPException)
    async def _http_error(request: Request, error: HTTPException) -> Response:
        detail = {
            404: "There is nothing at this address.",
            405: "This address does not take that method.",
        }.get(error.status_code, HTTPStatus(error.status_code).phrase)
        return answer(request, ApiError(error.status_code, detail, headers=error.headers))
