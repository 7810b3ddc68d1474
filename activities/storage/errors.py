"""What can be wrong with a database before the first transaction."""


class DatabaseUnusableError(RuntimeError):
    """The database cannot be opened as it is set. The message says in plain words what to do, without secrets."""
