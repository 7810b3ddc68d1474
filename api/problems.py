"""Errors as RFC 9457 problem documents, every one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from activities.storage.database import DatabaseBusyError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field.

    Attributes:
        pointer: JSON pointer (RFC 6901) into the body; empty for the body as a whole.
        detail: in plain words, without the value.
    """

    pointer: str
    detail: str


class ApiError(Exception):
    """An answer that is not a success.

    Args:
        status: HTTP status.
        detail: what went wrong with this request.
        title: of this kind of problem; the status's own phrase if not given.
        errors: the fields at fault.
        headers: further response headers.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        title: str = "",
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.title = title or HTTPStatus(status).phrase
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def wrong_fields(errors: Sequence[FieldError]) -> ApiError:
    """The answer to a body with wrong fields: 422, each named."""
    named = ", ".join(dict.fromkeys(error.pointer.lstrip("/") or "the body" for error in errors))
    return ApiError(422, f"Please correct: {named}.", title="Wrong values", errors=errors)


def wrong_field(pointer: str, detail: str) -> ApiError:
    """As `wrong_fields`, for one."""
    return wrong_fields([FieldError(pointer, detail)])


def not_found(what: str) -> ApiError:
    """404."""
    return ApiError(404, f"There is no such {what}.")


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


def busy() -> ApiError:
    """503: nothing was stored, and it is worth trying again."""
    return ApiError(503, "The database is busy; nothing was stored. Please try again.", headers={"Retry-After": "2"})


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
