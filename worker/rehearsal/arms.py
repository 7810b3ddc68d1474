"""The arms that a scenario forces, so that each branch behind a split can be rehearsed."""

from collections.abc import Mapping
from typing import Any

from worker.rehearsal.scenario import ScenarioError
from workflows.journey import Journey, Split


def forced(journey: type[Journey], arms: Mapping[str, str]) -> dict[str, Any]:
    """Values of the journey's parameters that leave each named split one arm.

    Args:
        journey: whose splits.
        arms: by split.

    Raises:
        ScenarioError: there is no such split, or no such arm; the message names its key.
    """
    splits = {each.default.split: each for each in journey.parameters().values() if isinstance(each, Split)}
    values = {}
    for name, arm in arms.items():
        if name not in splits:
            raise ScenarioError(f"arms.{name}: {journey.name} splits {', '.join(splits) or 'nothing'}")
        weights = splits[name].default.weights
        if arm not in weights:
            raise ScenarioError(f"arms.{name}: one of {', '.join(weights)}, not {arm!r}")
        values[splits[name].name] = {each: int(each == arm) for each in weights}
    return values
