"""`sojourn worker`, `api` and `migrate`: the production processes, each by itself.

They tell what they do on stderr, one plain line each, and nothing about customers.
"""

import asyncio
import logging

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
QUIET = ("httpx", "httpcore", "alembic")  # the first two log addresses of requests; alembic has little to say


def worker() -> None:
    """Run journeys and their activities until SIGTERM or SIGINT."""
    from worker.settings import read_settings
    from worker.worker_process import run_worker

    _log_to_stderr()
    asyncio.run(run_worker(read_settings()))


def api() -> None:
    """Serve the HTTP API and the customers' pages until SIGTERM or SIGINT."""
    from worker.api_process import run_api
    from worker.settings import read_settings

    _log_to_stderr()
    asyncio.run(run_api(read_settings()))


def migrate() -> None:
    """Bring the database to the tables of this version; does nothing where it has them, and waits until it is up."""
    from activities.storage import migrate as migrations
    from worker.patience import patiently
    from worker.settings import read_settings

    _log_to_stderr()
    settings = read_settings(signing=False)
    if not settings.database_url:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)

    def step() -> str | None:
        before = migrations.current(settings.database)
        migrations.migrate(settings.database)
        return before

    before = asyncio.run(patiently(step, settings))
    now = migrations.head()
    what = "has the tables of this version already" if before == now else f"went from {before or 'nothing'} to {now}"
    logging.getLogger(__name__).info("the database %s", what)


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format=LINE)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
