"""Splits: customers parted by lot, so that one way can be compared with another."""

from collections.abc import Mapping
from dataclasses import replace

from temporalio import workflow

from activities.arms import Arms, arm_of
from workflows.journey.parameters import Parameter
from workflows.journey.progress import Progress


class Split(Parameter[Arms]):
    """The arms of a split; an attribute of the journey's class, and a parameter.

        subject_line = Split({"plain": 50, "cheerful": 50}, "which subject brings more customers back")

    Its weights may be changed as data: one of 0 closes an arm to those who enter from then on.

    Args:
        weights: by arm, in any unit.
        purpose: what is to be found out, in a few words for staff.

    Raises:
        ValueError: fewer than two arms, an arm's name that is not like ``plain`` or ``two-lines``, or a wrong weight.
    """

    def __init__(self, weights: Mapping[str, float], purpose: str) -> None:
        super().__init__(Arms("", dict(weights)), purpose)

    def __set_name__(self, owner: type, name: str) -> None:
        super().__init__(replace(self.default, split=name.replace("_", "-")), self.purpose)
        super().__set_name__(owner, name)


class SplitVerb(Progress):
    """The verb that goes with a split."""

    async def split(self, arms: Arms) -> str:
        """Part customers by lot, for good, e.g. ``arm = await self.split(self.subject_line)``.

        It costs no activity. A customer is in the same arm whenever they enter, as long as the weights stay; the arms
        of two splits, and of two journeys, have nothing to do with each other.

        Args:
            arms: one of the journey's own splits.

        Returns:
            The arm's name, e.g. ``cheerful``; also on the timeline, where reports compare what became of each arm.
        """
        step, _ = self._arrive(f"split-{arms.split}")
        if step not in self._done:
            # A journey's holdout is drawn under another name: who is held out must say nothing about the arms.
            experiment = f"{workflow.info().workflow_type}/split/{arms.split}"
            self._done[step] = arm_of(self.enrollment.customer_id, experiment, arms.weights)
            self._note("split", step, split=arms.split, arm=self._done[step])
        return str(self._done[step])
