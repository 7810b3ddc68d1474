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

    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    found: dict[str, type[Journey]] = {}
    for journey in Journey.__subclasses__():
        # Tests and scaffolds define journeys of their own; only those of this package are the product's.
        if journey.__module__.partition(".")[0] != __name__:
            continue
        if (other := found.setdefault(journey.name, journey)) is not journey:
            raise ValueError(f"{journey.__module__} and {other.__module__} both name their journey {journey.name!r}")
    return dict(sorted(found.items()))
