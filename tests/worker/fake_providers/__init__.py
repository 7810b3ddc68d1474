"""The fakes themselves: what tests lean on must not lie."""
