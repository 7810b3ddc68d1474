"""How the outside reaches us: HTTP, customer pages, provider callbacks."""
