"""Rehearsals: real workflow code and real activities, in process and in virtual time."""
