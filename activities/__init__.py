"""What we ask of the world. Contracts stand here at the top; drivers that keep them live in the subfolders.

A contract imports the standard library and temporalio, nothing else: journeys import contracts, so a
journey cannot reach the network, a database or a template by accident.
"""
