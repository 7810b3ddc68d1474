"""What can be wrong with a request, free of any framework: rehearsals and imports refuse values by the same rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus


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


def busy() -> ApiError:
    """503: nothing was stored, and it is worth trying again."""
    return ApiError(503, "The database is busy; nothing was stored. Please try again.", headers={"Retry-After": "2"})


def pointer(parent: str, part: str | int) -> str:
    """A JSON pointer one level deeper (RFC 6901)."""
    return f"{parent}/{str(part).replace('~', '~0').replace('/', '~1')}"
