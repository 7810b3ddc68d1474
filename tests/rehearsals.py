"""Rehearsals of branches, each of them once a process: several tests look at the same ones."""

import workflows
from tests.scenarios import Branch
from worker.rehearsal.rehearse import Rehearsed, rehearse

_REHEARSED: dict[str, Rehearsed] = {}


async def rehearsal_of(branch: Branch) -> Rehearsed:
    """The branch in virtual time; to be looked at, not to be changed."""
    if str(branch) not in _REHEARSED:
        _REHEARSED[str(branch)] = await rehearse(workflows.catalogue()[branch.journey], branch.scenario)
    return _REHEARSED[str(branch)]
