"""What a fake provider is told to do wrong: rules in order, and seeded chance beside them."""

import random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CallbackRule(_Model):
    """A callback that follows a delivery.

    Attributes:
        event: name of `core.Event`.
        after: seconds from the delivery.
        times: how often the very same callback is posted.
        first: it is posted, and answered, before the request is.
        forged: its signature is wrong.
    """

    event: str = "delivered"
    after: float = Field(0, ge=0)
    times: int = Field(1, ge=1)
    first: bool = False
    forged: bool = False


class Rule(_Model):
    """What happens to a request.

    Attributes:
        do: `accept` as the real one; `answer` with `status`, `body`, `headers`; `hang` for `seconds`, then accept if
            `processed` and cut the connection if not; `reset` the connection (RST); `garbage`, an answer that is no
            HTTP.
        processed: whether the message is delivered all the same; `accept` always does.
        times: how many requests it is for; 0 for all that come.
        seconds: waited before whatever is done, be it accepting.
        recipient: only requests for this recipient.
        path: only requests that begin with it. Without one a rule is for what delivers, not for tokens and look-ups.
        retry_after: the header of that name.
        callbacks: beside those of the script; only if the message was delivered.
    """

    do: Literal["accept", "answer", "hang", "reset", "garbage"] = "accept"
    processed: bool = False
    times: int = Field(1, ge=0)
    recipient: str = ""
    path: str = ""
    status: int = Field(200, ge=100, le=599)
    body: Any = ""
    headers: dict[str, str] = Field(default_factory=dict)
    retry_after: str = ""
    seconds: float = Field(0, ge=0)
    callbacks: tuple[CallbackRule, ...] = ()

    @property
    def delivers(self) -> bool:
        """Whether the message goes out."""
        return self.processed or self.do == "accept"


class Chaos(_Model):
    """Chance: the nth request meets the same fate in every run with the same seed.

    Attributes:
        seed: of the chance.
        probability: that a request meets one of the rules; which one is chance too. Their `times` do not count.
        rules: what may happen.
    """

    seed: int
    probability: float = Field(ge=0, le=1)
    rules: tuple[Rule, ...] = Field(min_length=1)


class Script(_Model):
    """All that one provider is told.

    Attributes:
        rules: the first that fits a request is for it, and is used up after its `times`.
        chaos: for requests that no rule is for.
        callbacks: after each delivery.
    """

    rules: tuple[Rule, ...] = ()
    chaos: Chaos | None = None
    callbacks: tuple[CallbackRule, ...] = ()


ACCEPT = Rule()


class Player:
    """Follows a script.

    Args:
        script: what to do.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self._left = [rule.times for rule in script.rules]
        self._drawn = 0

    def next(self, path: str, recipient: str | None) -> Rule:
        """What happens to the request that has just come.

        Args:
            path: of the request.
            recipient: None where it delivers nothing.
        """
        for index, rule in enumerate(self.script.rules):
            spent = rule.times and not self._left[index]
            if not spent and _fits(rule, path, recipient):
                self._left[index] -= 1
                return rule
        return ACCEPT if recipient is None else self._by_chance()

    def _by_chance(self) -> Rule:
        chaos = self.script.chaos
        if chaos is None:
            return ACCEPT
        self._drawn += 1
        # A generator for each request: what it meets does not hang on how many draws the former ones took.
        chance = random.Random(f"{chaos.seed}/{self._drawn}")  # noqa: S311 # repeatable on purpose
        return chance.choice(chaos.rules) if chance.random() < chaos.probability else ACCEPT


def _fits(rule: Rule, path: str, recipient: str | None) -> bool:
    if rule.recipient and rule.recipient != recipient:
        return False
    return path.startswith(rule.path) if rule.path else recipient is not None
