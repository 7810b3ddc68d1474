"""The customers' pages: server-rendered HTML that works without script and on a phone."""

from fastapi import FastAPI

from api.pages import assets, confirm, preferences, profile, short_links, unsubscribe
from api.pages.frame import DeadLinkPage, Frame
from api.services import Services

CLICKS = "/c"  # the links of emails lead there first


def install(app: FastAPI, services: Services) -> None:
    """Give the application its customers' pages.

    Args:
        app: the application.
        services: what it works with.
    """
    frame = Frame(services)
    app.state.frame = frame
    for page in (profile, unsubscribe, preferences, confirm, short_links, assets):
        app.include_router(page.router, include_in_schema=False)
    for prefix in (*(page.router.prefix for page in (profile, unsubscribe, preferences, confirm, short_links)), CLICKS):
        app.state.error_pages[prefix] = frame.failed
    app.add_exception_handler(DeadLinkPage, frame.dead_link)
