"""Whose certificates calls trust."""

import ssl
from pathlib import Path

import pytest

from activities.providers.trusted import trusted


def test_certificates_are_asked_for_and_read_once() -> None:
    """A provider whose certificate is another's is not written to, and a call waits for no file."""
    assert trusted() is trusted()
    assert (trusted().verify_mode, trusted().check_hostname) == (ssl.CERT_REQUIRED, True)
    assert trusted().cert_store_stats()["x509_ca"] > 50


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A variable left over from something else does not decide whom a provider's key is sent to."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    trusted.cache_clear()
    assert trusted().cert_store_stats()["x509_ca"] > 50
