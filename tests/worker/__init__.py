"""Tests of the composition root and the programs."""
