"""Drivers of providers, against real servers on this machine."""
