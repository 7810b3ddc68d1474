"""Errors as RFC 9457 problem documents, every one of them."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from activities.storage.database import DatabaseBusyError
from api.errors import ApiError, busy

MEDIA_TYPE = "application/problem+json"


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


def install(app: FastAPI) -> None:
    """Give the application its error handlers."""

    @app.exception_handler(ApiError)
    async def _api_error(_request: Request, error: ApiError) -> JSONResponse:
        return problem(error)

    @app.exception_handler(DatabaseBusyError)
    async def _busy(_request: Request, _error: DatabaseBusyError) -> JSONResponse:
        return problem(busy())

    @app.exception_handler(HTTPException)
    async def _http_error(_request: Request, error: HTTPException) -> JSONResponse:
        detail = {
            404: "There is nothing at this address.",
            405: "This address does not take that method.",
        }.get(error.status_code, HTTPStatus(error.status_code).phrase)
        return problem(ApiError(error.status_code, detail, headers=error.headers))
