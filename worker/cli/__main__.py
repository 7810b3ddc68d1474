"""`python -m worker.cli` is `sojourn`, in the same environment."""

from worker.cli import main

main()
