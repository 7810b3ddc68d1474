"""Which addresses a click may be sent on to (guarantees E3)."""

from urllib.parse import urlsplit, urlunsplit

SCHEMES = ("http", "https")


def is_safe_target(url: str) -> bool:
    """Whether browsers and we read the same host in an address, and it is one of the web.

    The address is parsed once, built again and compared, so what a parser drops or a browser repairs is refused:
    control characters, spaces, backslashes, user names, a missing scheme.

    Args:
        url: absolute.
    """
    if not url.isascii() or any(ord(character) <= 32 or character in "\\\x7f" for character in url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in SCHEMES or not host or "@" in parts.netloc:
        return False
    return urlunsplit(parts) == url
