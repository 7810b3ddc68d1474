"""What Alembic runs: the revisions, on the connection and in the transaction that `migrate.py` hands over."""

from alembic import context
from sqlmodel import SQLModel

import activities.storage.tables  # noqa: F401 - registers the tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters a table by copying it
)
context.run_migrations()
