"""DNS of the domain that emails come from: without SPF and DMARC, mailboxes turn them away."""

from collections.abc import Iterator
from email.utils import parseaddr

import dns.resolver

from worker.doctor.findings import Finding, not_checked, ok, warning
from worker.settings import Settings

PATIENCE = 5.0  # seconds for one answer


def examine_dns(settings: Settings, resolver: dns.resolver.Resolver | None = None) -> Iterator[Finding]:
    """The records of the sender's domain.

    Args:
        settings: name the sender.
        resolver: to ask; the system's if not given.
    """
    sender = settings.smtp_sender if settings.email_provider == "smtp" else settings.email_sender
    domain = parseaddr(sender)[1].rpartition("@")[2]
    if not domain:
        yield not_checked("DNS of the sender", "no sender is set")
        return
    try:
        asked = resolver or dns.resolver.Resolver()
        yield _mail_servers(asked, domain)
        yield _text_record(asked, "SPF", domain, "v=spf1", "Publish the TXT record that your provider names.")
        yield _text_record(asked, "DMARC", f"_dmarc.{domain}", "v=DMARC1", 'Publish at least "v=DMARC1; p=none".')
    except dns.resolver.NXDOMAIN:
        said = f"this machine's name server knows no {domain}"
        yield warning(
            "DNS of the sender", said, "Is the sender's address right, and does this machine see the world's DNS?"
        )
    except (dns.resolver.NoNameservers, dns.resolver.LifetimeTimeout, dns.resolver.NoResolverConfiguration):
        yield not_checked("DNS of the sender", f"no name server answers about {domain}")


def _text_record(resolver: dns.resolver.Resolver, check: str, name: str, start: str, advice: str) -> Finding:
    found = [text for text in _texts(resolver, name) if text.lower().startswith(start.lower())]
    if len(found) == 1:
        return ok(check, f"{name}: {found[0]}")
    if found:
        return warning(check, f"{name} has {len(found)} of them, so none counts", "Merge them into one.")
    return warning(check, f"{name} has none", advice)


def _texts(resolver: dns.resolver.Resolver, name: str) -> list[str]:
    try:
        answer = resolver.resolve(name, "TXT", lifetime=PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    return [b"".join(each.strings).decode("ascii", "replace") for each in answer]


def _mail_servers(resolver: dns.resolver.Resolver, domain: str) -> Finding:
    try:
        answer = resolver.resolve(domain, "MX", lifetime=PATIENCE)
    except dns.resolver.NoAnswer:
        return warning("MX", f"{domain} takes no mail", "Replies and bounces are lost; let the domain take mail.")
    return ok("MX", ", ".join(sorted(str(each.exchange).rstrip(".") for each in answer)))
