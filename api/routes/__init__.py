"""The routes of the JSON API, one resource a file."""
