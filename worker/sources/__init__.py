"""Databases of the client's that registrations are imported from: now, or again and again on a Temporal Schedule."""
