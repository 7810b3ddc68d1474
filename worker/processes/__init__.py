"""Running other programs: what `sojourn dev`, `sojourn demo` and the tests start their processes with."""
