"""Where callbacks of providers arrive, as storage and gate tests need it."""

from datetime import datetime

import workflows
from activities.clock import JourneyClock
from activities.storage.facts import Reachability
from activities.storage.intake import Admission
from activities.storage.message_reports import Reception


def reception_at(now: datetime, reachability: Reachability) -> Reception:
    """In a system with all journeys, whose journey clock is the wall clock.

    Args:
        now: wall-clock instant, UTC.
        reachability: the suppression list.
    """
    return Reception(reachability, Admission(workflows.catalogue(), JourneyClock()), now)
