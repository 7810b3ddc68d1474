"""Gives the application its console: every page of it."""

from fastapi import FastAPI

from api.console import (
    account,
    assets,
    audit_log,
    customer,
    customers,
    imports,
    journey,
    journey_files,
    journeys,
    members,
    messages,
    operations,
    parameters,
    previews,
    privacy,
    profile_change,
    rehearsal,
    rehearsal_test,
    sign_in,
    steps,
    vouchers,
)
from api.console.frame import HOME, ConsoleFrame, RefusedError, SignedOutError
from api.services import Services


def install(app: FastAPI, services: Services) -> None:
    """Give the application its console.

    Args:
        app: the application.
        services: what it works with.
    """
    frame = ConsoleFrame(services)
    app.state.console = frame
    for page in (
        sign_in,
        journeys,
        parameters,
        journey_files,
        steps,
        journey,
        customers,
        customer,
        privacy,
        profile_change,
        messages,
        previews,
        vouchers,
        imports,
        operations,
        audit_log,
        members,
        rehearsal,
        rehearsal_test,
        account,
        assets,
    ):
        app.include_router(page.router, include_in_schema=False)
    app.state.error_pages[HOME] = frame.failed
    app.add_exception_handler(SignedOutError, frame.signed_out)
    app.add_exception_handler(RefusedError, frame.refused)
