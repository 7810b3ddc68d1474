"""Tests of what `sojourn check` finds."""
