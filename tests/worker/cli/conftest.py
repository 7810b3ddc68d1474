"""A real database for commands to work on."""

from tests.databases import migrated_file, sqlite_url

__all__ = ["migrated_file", "sqlite_url"]
