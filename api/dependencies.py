"""What routes ask for: the services, the caller's key, the parsed body."""

from typing import Annotated, Any

from fastapi import Depends, Request

from api.authentication import Authentication
from api.request_bodies import json_object
from api.services import Services


def services_of(request: Request) -> Services:
    """The services of the application."""
    found: Services = request.app.state.services
    return found


async def key_id_of(request: Request) -> str:
    """The id of the caller's API key.

    Raises:
        ApiError: 401, 429.
    """
    authentication: Authentication = request.app.state.authentication
    return await authentication.key_id(request)


ServicesDep = Annotated[Services, Depends(services_of)]
KeyDep = Annotated[str, Depends(key_id_of)]
DocumentDep = Annotated[dict[str, Any], Depends(json_object)]
