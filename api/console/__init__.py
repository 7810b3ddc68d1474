"""The console: for staff, in the browser, server-rendered, without content from other hosts."""

from fastapi import FastAPI

from api.console import assets, customer, customers, journeys, messages, previews, privacy, sign_in
from api.console.frame import ConsoleFrame, RefusedError, SignedOutError
from api.services import Services


def install(app: FastAPI, services: Services) -> None:
    """Give the application its console.

    Args:
        app: the application.
        services: what it works with.
    """
    frame = ConsoleFrame(services)
    app.state.console = frame
    for page in (sign_in, journeys, customers, customer, privacy, messages, previews, assets):
        app.include_router(page.router, include_in_schema=False)
    app.add_exception_handler(SignedOutError, frame.signed_out)
    app.add_exception_handler(RefusedError, frame.refused)
