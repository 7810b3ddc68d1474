"""The processes: what is built from settings, how Temporal is reached, and the command line."""
