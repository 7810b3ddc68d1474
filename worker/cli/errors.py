"""What can go wrong that is not a fault of the program: one plain line instead of a traceback."""

from dataclasses import dataclass

FAILED = 1
WRONG_USE = 2

_EXTRAS = {"psycopg": "postgres", "aiosmtplib": "smtp"}


class WrongUseError(Exception):
    """The command was given something it cannot use; the message names it."""


class FailedError(Exception):
    """The command could not do its work; the message says why."""


@dataclass(frozen=True)
class Told:
    """How a command ended.

    Attributes:
        message: for people, on stderr.
        exit_code: for the shell.
    """

    message: str
    exit_code: int


def explain(error: Exception) -> Told | None:
    """What to tell of an error; None where only a traceback helps.

    Args:
        error: that ended a command.
    """
    from temporalio.service import RPCError

    from activities.storage.database import DatabaseBusyError
    from activities.storage.errors import DatabaseUnusableError
    from worker.connection import TemporalUnreachableError
    from worker.dev.folder import FolderInUseError, FolderUnusableError
    from worker.dev.stage import DemoError
    from worker.processes.child import ChildDiedError, ChildNotReadyError
    from worker.processes.ports import PortInUseError
    from worker.processes.temporal_server import TemporalNotFoundError, TemporalNotReadyError
    from worker.rehearsal.errors import RehearsalError
    from worker.rehearsal.scenario import ScenarioError
    from worker.settings import WrongSettingError

    match error:
        case WrongUseError() | ScenarioError():
            return Told(str(error), WRONG_USE)
        case (
            FailedError()
            | DemoError()
            | FolderInUseError()
            | FolderUnusableError()
            | WrongSettingError()
            | DatabaseUnusableError()
            | DatabaseBusyError()
            | TemporalUnreachableError()
            | TemporalNotFoundError()
            | TemporalNotReadyError()
            | PortInUseError()
            | ChildDiedError()
            | ChildNotReadyError()
            | RehearsalError()
        ):
            return Told(str(error), FAILED)
        case ModuleNotFoundError(name=name) if name in _EXTRAS:
            return Told(f"{name} is not installed; install sojourn[{_EXTRAS[name]}]", FAILED)
        case OSError(filename=filename, strerror=strerror) if filename:
            return Told(f"cannot use {filename}: {strerror}", FAILED)
        case OSError():
            return Told(str(error), FAILED)
        case RPCError():
            return Told(f"Temporal refused: {error.message}", FAILED)
        case _:
            return None
