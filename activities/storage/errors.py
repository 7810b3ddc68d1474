"""What can be wrong with a database before the first transaction."""


class DatabaseUnusableError(RuntimeError):
    """The database cannot be opened as it is set. The message says in plain words what to do, without secrets."""


class DatabaseAwayError(DatabaseUnusableError):
    """The database cannot be opened for the time being: it is locked, or its server is not up yet."""
