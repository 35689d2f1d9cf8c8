"""Repairs: steps that change what an answer does, or look at which problem it is.

A pass that needs one is never counted as the model's own; every report shows it separately.
"""
