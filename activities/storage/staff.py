"""Staff: members with a role and a password, and the browsers they are signed in with."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import IntEnum

from sqlmodel import Session, col, delete, select

from activities.storage.ids import new_id
from activities.storage.tables import StaffMember, StaffSession

SESSION_SPAN = timedelta(hours=12)
PASSWORD_LENGTH = 12  # characters at least (NIST SP 800-63B asks for 8 and no rules about their kinds)
# OWASP's password storage cheat sheet: scrypt with n=2^15, r=8, p=3 is one of its equal choices (32 MiB).
_COST, _BLOCK, _PARALLEL, _MEMORY = 2**15, 8, 3, 64 * 1024 * 1024


class Role(IntEnum):
    """What a member may do; each role includes those before it."""

    VIEWER = 1  # reads
    SUPPORT = 2  # holds, resumes, cancels, creates customers, exports
    ADMIN = 3  # journeys, parameters, vouchers, providers, erasure, staff

    @classmethod
    def named(cls, name: str) -> "Role":
        """The role of a name such as ``support``.

        Raises:
            ValueError: there is none; the message lists them.
        """
        try:
            return cls[name.upper()]
        except KeyError:
            raise ValueError(f"no role {name!r}; there are {', '.join(each.label for each in cls)}") from None

    @property
    def label(self) -> str:
        """Its name in lower case."""
        return self.name.lower()


def add_member(
    session: Session, login: str, name: str, role: Role, password: str, now: datetime, timezone: str = "UTC"
) -> StaffMember:
    """Add a member.

    Args:
        session: a writing transaction.
        login: what they sign in with.
        name: as others read it; the login if empty.
        role: what they may do.
        password: at least 12 characters.
        now: wall-clock instant, UTC.
        timezone: IANA name in which the console shows them times.

    Raises:
        ValueError: the login is taken or empty, or the password too short.
    """
    return store_member(session, login, name, role, hashed(password), now, timezone)


def store_member(
    session: Session, login: str, name: str, role: Role, password_hash: str, now: datetime, timezone: str
) -> StaffMember:
    """As `add_member`, with a password that was `hashed` outside the transaction.

    Raises:
        ValueError: the login is taken or empty.
    """
    login = login.strip().casefold()
    if not login:
        raise ValueError("a member needs a login")
    if _member(session, login) is not None:
        raise ValueError(f"there is a member {login} already")
    member = StaffMember(
        id=new_id("stf"),
        login=login,
        name=name.strip() or login,
        role=role.label,
        password_hash=password_hash,
        timezone=timezone,
        created_at=now,
    )
    session.add(member)
    session.flush()
    return member


def set_password(session: Session, login: str, password: str) -> None:
    """Give a member another password, and sign them out everywhere.

    Raises:
        LookupError: there is no such member.
        ValueError: the password is too short.
    """
    member = _known(session, login)
    member.password_hash = hashed(password)
    session.add(member)
    session.exec(delete(StaffSession).where(col(StaffSession.staff_id) == member.id))


def disable(session: Session, login: str, now: datetime) -> None:
    """Let a member in no more, and sign them out everywhere.

    Raises:
        LookupError: there is no such member.
    """
    member = _known(session, login)
    member.disabled_at = member.disabled_at or now
    session.add(member)
    session.exec(delete(StaffSession).where(col(StaffSession.staff_id) == member.id))


def members(session: Session) -> list[StaffMember]:
    """All members by login, disabled ones included."""
    return list(session.exec(select(StaffMember).order_by(col(StaffMember.login))))


def find(session: Session, login: str) -> StaffMember | None:
    """The member with that login, as typed; None if there is none."""
    return _member(session, login.strip().casefold())


def admits(member: StaffMember | None, password: str) -> bool:
    """Whether that password lets that member in. Slow on purpose: keep it out of transactions and event loops.

    Args:
        member: None for a login that does not exist; it takes as long, so that the time tells nobody.
        password: as typed.
    """
    good = _is_password(password, member.password_hash if member else _NOBODY)
    return good and member is not None and member.disabled_at is None


def hashed(password: str) -> str:
    """A password as it is stored. Slow on purpose: keep it out of transactions and event loops.

    Raises:
        ValueError: it is too short.
    """
    if len(password) < PASSWORD_LENGTH:
        raise ValueError(f"a password has at least {PASSWORD_LENGTH} characters")
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


def sign_in(session: Session, staff_id: str, now: datetime) -> str:
    """Open a session for a browser, after `admits`.

    Args:
        session: a writing transaction.
        staff_id: whose.
        now: wall-clock instant, UTC.

    Returns:
        The cookie's value; only a hash of it is kept.
    """
    session.exec(delete(StaffSession).where(col(StaffSession.expires_at) <= now))
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(token_hash=_digest(token), staff_id=staff_id, created_at=now, expires_at=now + SESSION_SPAN)
    )
    return token


def signed_in(session: Session, token: str, now: datetime) -> StaffMember | None:
    """Whose cookie it is; None for an unknown or expired one, and for a member who was disabled."""
    found = session.exec(
        select(StaffMember)
        .join(StaffSession)
        .where(col(StaffSession.token_hash) == _digest(token), col(StaffSession.expires_at) > now)
    ).first()
    return None if found is None or found.disabled_at is not None else found


def sign_out(session: Session, token: str) -> None:
    """Close the session of a cookie."""
    session.exec(delete(StaffSession).where(col(StaffSession.token_hash) == _digest(token)))


def _member(session: Session, login: str) -> StaffMember | None:
    return session.exec(select(StaffMember).where(StaffMember.login == login)).first()


def _known(session: Session, login: str) -> StaffMember:
    member = _member(session, login.strip().casefold())
    if member is None:
        raise LookupError(f"there is no member {login}")
    return member


def _digest(token: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _is_password(password: str, stored: str) -> bool:
    _, salt, expected = stored.split("$")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)), bytes.fromhex(expected))


def _scrypt(password: str, salt: bytes) -> bytes:
    text = password.encode("utf-8", "replace")
    return hashlib.scrypt(text, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, maxmem=_MEMORY)


_NOBODY = f"scrypt${'00' * 16}${'00' * 64}"
