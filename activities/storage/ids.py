"""Ids that say nothing about anybody."""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_SECRET = secrets.SystemRandom()
_repeatable: ContextVar[random.Random | None] = ContextVar("repeatable", default=None)


def new_id(prefix: str) -> str:
    """A random opaque id, e.g. ``msg_4f0c...``; the prefix tells people what it is an id of."""
    return f"{prefix}_{_chance().getrandbits(128):032x}"


def new_code(alphabet: str, length: int) -> str:
    """Random characters of an alphabet."""
    return "".join(_chance().choices(alphabet, k=length))


@contextmanager
def repeatable_ids(seed: int) -> Iterator[None]:
    """Within this block the same ids come in the same order: for rehearsals, which must repeat to the byte."""
    token = _repeatable.set(random.Random(seed))  # noqa: S311 - no secret: nothing made here leaves the rehearsal
    try:
        yield
    finally:
        _repeatable.reset(token)


def _chance() -> random.Random:
    return _repeatable.get() or _SECRET
