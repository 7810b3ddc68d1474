"""Promises, each kept by a test: a mirror of the four folders, with scenarios and recorded histories beside them."""
