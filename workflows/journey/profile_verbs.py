"""The verbs with which a journey itself changes something about its customer."""

from activities.profile_changes import ChangeAnswer, IncreaseOrder, OptOutOrder
from activities.timeline import Entry
from workflows.journey import calls
from workflows.journey.enrollment import Status
from workflows.journey.limits import NOT_OURS
from workflows.journey.progress import Ended, Progress


class ProfileVerbs(Progress):
    """Changes of the profile, each applied once."""

    async def update_profile(self, field: str, *, increase: float) -> bool:
        """Let a number in the profile grow, once, e.g. ``await self.update_profile("loyalty", increase=100)``.

        The customer's other journeys hear of it as of any change of the profile.

        Args:
            field: name of a custom attribute; one that is not set counts as nought.
            increase: by how much; a negative number lets it shrink.

        Returns:
            Whether it grew: false only where the attribute holds something that is no number.
        """
        if field in NOT_OURS:
            raise calls.JourneyBugError(f"{field} is no number of ours to change")
        step, visit = self._arrive(f"profile-{field}")
        if step not in self._done:
            await self._released()
            self._show(Status(f"Updating the profile: {field}", step))
            order = IncreaseOrder(self.enrollment.id, step, visit, self._next_seq(), field, increase, self._untold())
            answer = await calls.update_profile(order, f"profile: {field} + {increase}")
            self._done[step] = self._applied(order.trail, answer)
        return bool(self._done[step])

    async def opt_out(self, source: str) -> None:
        """Withdraw the customer's consent for every channel, e.g. ``await self.opt_out("call centre")``.

        For an opt-out that reached the journey by another way than a message. Their other journeys hear of it.

        Args:
            source: where the customer said so; staff read it beside the consent.
        """
        step, _ = self._arrive("opt-out")
        if step not in self._done:
            await self._released()
            self._show(Status("Recording the opt-out", step))
            order = OptOutOrder(self.enrollment.id, step, self._next_seq(), source, self._untold())
            answer = await calls.opt_out(order, "opt-out")
            self._done[step] = self._applied(order.trail, answer)

    def _applied(self, told: tuple[Entry, ...], answer: ChangeAnswer) -> bool:
        self._told(told)
        self._merge(answer.facts, self._hold)
        self._raise_if_cancelled()
        if answer.ends:
            raise Ended(answer.refused)
        return not answer.refused
