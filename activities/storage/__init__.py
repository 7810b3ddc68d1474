"""The database: SQLModel tables and the transactions over them, the same code on SQLite and PostgreSQL."""
