"""What breaks in the night, done on purpose to real processes."""
