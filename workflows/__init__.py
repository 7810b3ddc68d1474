"""What happens to a customer: one journey a file, found by itself.

`catalogue()` imports every module of this package and lists the journeys it finds, so a new journey is a
new file and nothing else.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.journey import Journey


def catalogue() -> dict[str, type["Journey"]]:
    """Every journey by its name, in the order of the names.

    Raises:
        ValueError: two journeys share a name.
    """
    from workflows.journey import Journey

    found: dict[str, type[Journey]] = {}
    for file in pkgutil.iter_modules(__path__, f"{__name__}."):
        module = importlib.import_module(file.name)
        # Not `Journey.__subclasses__()`: the sandbox imports each file anew, and adds a class each time.
        for journey in vars(module).values():
            if not (isinstance(journey, type) and issubclass(journey, Journey) and journey.__module__ == file.name):
                continue
            if journey.name in found:
                other = found[journey.name].__module__
                raise ValueError(f"{file.name} and {other} both name a journey {journey.name!r}")
            found[journey.name] = journey
    return dict(sorted(found.items()))
