"""The history of the tables, one Alembic revision a change. `activities/storage/migrate.py` runs it."""
