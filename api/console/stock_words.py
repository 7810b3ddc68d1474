"""How long a pool of voucher codes lasts, in the words that every page has for it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from activities.storage.voucher_pools import Pool


def stock_words(pool: Pool, now: datetime, zone: ZoneInfo) -> str:
    """How long a pool lasts, in a sentence.

    Args:
        pool: which.
        now: journey instant, UTC.
        zone: of the reader, whose days they are.
    """
    free = f"{pool.free:,} free"
    if not pool.free:
        return "None is free: nothing is promised until codes are loaded."
    if pool.lasts is None:
        return f"{free}, none used of late."
    pace = f"{pool.a_day:,.0f} a day" if pool.a_day >= 1 else "less than one a day"
    end = (now + pool.lasts).astimezone(zone)
    if pool.lasts > timedelta(days=90):
        return f"{free}, {pace}: enough for more than three months."
    when = f"{end:%A}" if pool.lasts < timedelta(days=6) else f"{end.day} {end:%B}"
    return f"{free}, {pace}: enough until about {when}."
