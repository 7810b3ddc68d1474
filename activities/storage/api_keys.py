"""Keys of the HTTP API: shown once, kept as hashes."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlmodel import Session, col, select

from activities.storage.tables import ApiKey

PREFIX = "sj"
SECRET_BYTES = 32


def create_key(session: Session, name: str, now: datetime) -> str:
    """Create a key.

    Args:
        session: a writing transaction.
        name: whose it is, for people.
        now: wall-clock instant, UTC.

    Returns:
        The key itself, ``sj_<id>_<secret>``; it cannot be read again.
    """
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES)
    session.add(ApiKey(id=key_id, name=name, secret_hash=_hash(secret), created_at=now))
    return f"{PREFIX}_{key_id}_{secret}"


def list_keys(session: Session) -> list[ApiKey]:
    """All keys, revoked ones included, the oldest first."""
    return list(session.exec(select(ApiKey).order_by(col(ApiKey.created_at), col(ApiKey.id))))


def revoke_key(session: Session, key_id: str, now: datetime) -> bool:
    """Revoke a key; the API refuses it within a minute.

    Returns:
        Whether there is such a key.
    """
    key = session.get(ApiKey, key_id)
    if key is None:
        return False
    key.revoked_at = key.revoked_at or now
    session.add(key)
    return True


def key_id_of(session: Session, presented: str) -> str | None:
    """The id of a key that is valid, or None.

    Args:
        session: any transaction.
        presented: what the caller sent.
    """
    prefix, _, rest = presented.partition("_")
    key_id, _, secret = rest.partition("_")
    if prefix != PREFIX or not key_id or not secret or not presented.isascii():
        return None
    key = session.get(ApiKey, key_id)
    if key is None or key.revoked_at is not None:
        return None
    return key.id if hmac.compare_digest(key.secret_hash, _hash(secret)) else None


def _hash(secret: str) -> str:
    # 256 random bits need no slow hash (guarantees C1).
    return hashlib.sha256(secret.encode()).hexdigest()
