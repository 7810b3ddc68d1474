"""Real databases for the tests of what is stored and what passes the gate."""

from tests.databases import (
    database,
    database_url,
    empty_database_url,
    migrated_file,
    postgres,
    sqlite_database,
    sqlite_url,
)

__all__ = [
    "database",
    "database_url",
    "empty_database_url",
    "migrated_file",
    "postgres",
    "sqlite_database",
    "sqlite_url",
]
