"""The HTML report: one self-contained file that needs no network and runs nothing that a model wrote."""
