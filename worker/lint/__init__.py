"""What can be found wrong with journeys, templates and recorded histories before a deploy finds it."""

from worker.lint.findings import Finding
from worker.lint.histories import replay
from worker.lint.journeys import lint_file, lint_journeys
from worker.lint.left_behind import left_behind
from worker.lint.messages import render_all
from worker.lint.variants import chosen_and_gone, unfit_variants
from worker.lint.webhooks import missing_settings

__all__ = [
    "Finding",
    "chosen_and_gone",
    "left_behind",
    "lint_file",
    "lint_journeys",
    "missing_settings",
    "render_all",
    "replay",
    "unfit_variants",
]
