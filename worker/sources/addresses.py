"""Where the client's databases are: read from the environment, kept nowhere else."""

import os
import re

from worker.settings import SOURCE_PREFIX, WrongSettingError

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)


def setting_of(name: str) -> str:
    """The setting that has the URL of a database, such as `SOJOURN_SOURCE_CRM` for `crm`."""
    return SOURCE_PREFIX + name.upper().replace("-", "_")


def url_of(name: str) -> str:
    """The URL of a database by its name.

    Raises:
        WrongSettingError: its setting is missing.
    """
    url = os.environ.get(setting_of(name), "").strip()
    if not url:
        raise WrongSettingError(f"{setting_of(name)}: missing; it is to have the URL of the database {name}")
    return url
