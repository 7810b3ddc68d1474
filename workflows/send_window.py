"""When a message may go out, on the customer's own clock."""

# Defined among the contracts because the gate, which may not import workflows, guards the same window.
from activities.send_window import SendWindow

__all__ = ["SendWindow"]
