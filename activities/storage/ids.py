"""Ids that say nothing about anybody."""

import uuid


def new_id(prefix: str) -> str:
    """A random opaque id, e.g. ``msg_4f0c...``; the prefix tells people what it is an id of."""
    return f"{prefix}_{uuid.uuid4().hex}"
