"""Candidates executed on the nodes of a Ray cluster."""
