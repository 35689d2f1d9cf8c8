"""The tests; packages and not loose files, so that helpers are imported by their full name."""
