"""A scenario for each end of the new journey."""
