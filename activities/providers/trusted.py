"""Whose certificates are trusted: reading all of certifi's takes longer than many a call, so it is done once."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """The authorities that certifi lists, whatever the environment says; for clients of any number and any loop."""
    return httpx.create_ssl_context(trust_env=False)
