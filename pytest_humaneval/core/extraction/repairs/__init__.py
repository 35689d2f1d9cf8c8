"""Repairs: steps that change what an answer does, or look at which problem it is.

What passes only by them is never the model's own answer; every report shows it apart.
"""
