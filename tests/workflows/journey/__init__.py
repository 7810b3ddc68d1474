"""Tests of the language that journeys are written in."""
