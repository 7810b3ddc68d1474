"""The OpenAPI document: bodies, problem answers and the bearer key, which FastAPI cannot see by itself."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api import bodies

BODIES: tuple[type[BaseModel], ...] = (
    bodies.RegistrationBody,
    bodies.ProfileBody,
    bodies.EventBody,
    bodies.SearchBody,
    bodies.ReasonBody,
    bodies.OptionalReasonBody,
    bodies.JourneyBody,
)
REFERENCE = "#/components/schemas/{model}"
PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "RFC 6901; empty for the whole body"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
PROBLEM_ANSWER = {"content": {"application/problem+json": {"schema": {"$ref": REFERENCE.format(model="Problem")}}}}
PROBLEMS = {
    400: "not JSON, or a malformed Idempotency-Key",
    401: "no valid API key",
    404: "unknown",
    409: "in conflict with what is stored",
    410: "erased",
    413: "larger than 64 KiB",
    415: "not application/json",
    422: "wrong values; each field is named",
    429: "too many requests",
    503: "the database is busy; nothing was stored",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "A repeated request with the same key gets the same answer, for 30 days.",
}


def takes(model: type[BaseModel], *, repeatable: bool = True) -> dict[str, Any]:
    """What a route says about its body.

    Args:
        model: of the body.
        repeatable: whether it honours an Idempotency-Key.
    """
    reference = {"$ref": REFERENCE.format(model=model.__name__)}
    said: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": reference}}}}
    if repeatable:
        said["parameters"] = [IDEMPOTENCY_KEY]
    return said


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers a route may give besides its success."""
    return {status: {"description": PROBLEMS[status], **PROBLEM_ANSWER} for status in (401, 429, 503, *statuses)}


def document(app: FastAPI) -> dict[str, Any]:
    """The document, built once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _, definitions = models_json_schema([(model, "validation") for model in BODIES], ref_template=REFERENCE)
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {}).update({**definitions["$defs"], "Problem": PROBLEM})
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                if path.startswith("/v1/"):
                    operation["security"] = [{"key": []}]
        app.openapi_schema = schema
    return app.openapi_schema
