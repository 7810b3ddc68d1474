"""Everything on one machine: `sojourn dev` and `sojourn demo`."""
