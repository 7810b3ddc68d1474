"""A journey by the name a person typed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.journey import Journey


def journey_named(name: str) -> "type[Journey]":
    """The journey.

    Raises:
        WrongUseError: there is none of that name; the message lists those there are.
    """
    import workflows
    from worker.cli.errors import WrongUseError

    known = workflows.catalogue()
    if name not in known:
        raise WrongUseError(f"there is no journey {name!r}; there are {', '.join(known)}")
    return known[name]
