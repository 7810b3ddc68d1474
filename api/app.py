"""The application: routes, error handlers, and the relay and the importer that run beside them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import openapi, pages, problems, tracking
from api.access_log import AccessLog
from api.authentication import Authentication
from api.chores import forgetting_answers, merging_callbacks
from api.console.installation import install as install_console
from api.imports.importer import Importer
from api.imports.rhythm import Rules
from api.routes import (
    channels,
    customers,
    enrollments,
    events,
    hooks,
    imports,
    journey_reports,
    journeys,
    operations,
    privacy,
    registrations,
    stuck,
    timeline,
)
from api.routes.codec import codec_routes
from api.services import Services


def create_app(services: Services) -> FastAPI:
    """Build the application.

    Args:
        services: what it works with; whoever built them closes them after it.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        merging = merging_callbacks(services) if services.callbacks else None
        chores = [each for each in (services.relay, importer, merging) if each is not None]
        chores.append(forgetting_answers(services))
        tasks = [asyncio.create_task(each.run()) for each in chores]
        try:
            yield
        finally:
            for each in chores:
                await each.close()
            await asyncio.gather(*tasks)

    folder = services.settings.imports_folder
    rules = Rules(services.database, services.admission, services.settings.import_per_minute, services.now)
    importer = None if folder is None else Importer(rules, folder)

    docs = services.settings.docs
    app = FastAPI(
        title="Sojourn",
        version="0.1.0",
        description="Registrations, events, customers and their journeys.",
        lifespan=lifespan,
        docs_url="/docs" if docs else None,
        redoc_url=None,
        openapi_url="/openapi.json" if docs else None,
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.importer = importer
    app.state.authentication = Authentication(services)
    problems.install(app)
    for resource in (
        registrations,
        imports,
        events,
        timeline,
        privacy,
        customers,  # after those: a client's id may have slashes in it, so the rest of the address is the id
        enrollments,
        journeys,
        journey_reports,
        hooks,
        channels,
        stuck,
        operations,
    ):
        app.include_router(resource.router)
    pages.install(app, services)
    install_console(app, services)
    app.include_router(tracking.router, include_in_schema=False)
    if services.codec is not None:
        app.router.routes.append(codec_routes(services, services.codec, app.state.authentication))
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign] # FastAPI's documented way
    app.add_middleware(AccessLog)
    return app
